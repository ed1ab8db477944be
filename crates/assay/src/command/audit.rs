//! `assay audit`.

use std::{path::Path, process::ExitCode};

use assay_api::AuditResponse;
use assay_core::ErrorCode;
use assay_identity::audit::{Checkpoint, verify};
use serde_json::json;

use super::{Context, connected};
use crate::{
    cli::AuditCommand,
    output::{Told, json as print, line, note, part, write_file},
};

pub(crate) async fn run(context: Context, args: AuditCommand) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    match args {
        AuditCommand::Verify { file, key, checkpoint } => {
            return check(in_json, &file, key.as_deref(), checkpoint.as_deref());
        }
        AuditCommand::List { after, limit } => {
            connected(&context, async |connection| {
                let path = format!("/v1/audit?after={after}&limit={limit}");
                let listed: AuditResponse = connection.get(&path).await?;
                if in_json {
                    return print(&listed);
                }
                for it in &listed.entries {
                    line(&format!(
                        "{:>6}  {}  {:<18} {:<7} {}  {} {}  {}",
                        it.seq, it.at, it.action, it.outcome, it.object, it.actor, it.via, it.from
                    ));
                }
                Ok(())
            })
            .await?;
        }
        AuditCommand::Export { out } => {
            connected(&context, async |connection| {
                let bytes = connection.bytes("/v1/audit/export").await?;
                let text = String::from_utf8_lossy(&bytes);
                match &out {
                    Some(file) => write_file(file, &text),
                    None => {
                        part(&text);
                        Ok(())
                    }
                }
            })
            .await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Checks an export; nothing but the files is needed.
fn check(
    in_json: bool,
    file: &Path,
    key: Option<&str>,
    earlier: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let text = read(file)?;
    let known = earlier.map(first_checkpoint).transpose()?;
    match verify(&text, key, known.as_ref()) {
        Ok(sound) => {
            let newest = sound.newest;
            if in_json {
                print(&json!({
                    "sound": true, "tenant": sound.tenant, "entries": sound.entries,
                    "checkpoint": newest,
                }))?;
            } else {
                line(&format!(
                    "Sound: {} entries of tenant {}, signed at {} by {}",
                    sound.entries, sound.tenant, newest.at, newest.key
                ));
                if key.is_none() {
                    note("The key is the one that the file brings: compare it, or give --key.");
                }
                note("Keep the first line of the file elsewhere: a later export must continue it.");
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => {
            if in_json {
                print(&json!({ "sound": false, "line": fault.line, "what": fault.what }))?;
            } else {
                line(&format!("NOT SOUND: {fault}"));
            }
            Ok(ExitCode::from(1))
        }
    }
}

fn first_checkpoint(file: &Path) -> anyhow::Result<Checkpoint> {
    let text = read(file)?;
    serde_json::from_str(text.lines().next().unwrap_or_default()).map_err(|error| {
        let message = format!("`{}` does not begin with a checkpoint: {error}", file.display());
        Told::new(ErrorCode::BadRequest, message).into()
    })
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", file.display());
        Told::new(ErrorCode::BadRequest, message).into()
    })
}
