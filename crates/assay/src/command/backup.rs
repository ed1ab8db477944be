//! `assay backup`: full copies are taken by the server; places are read and checked without one.

use std::{path::Path, process::ExitCode, time::Instant};

use anyhow::Context as _;
use assay_answer::{Location, Place, Verified};
use assay_api::{BackupPoint, BackupRequest, BackupsResponse};
use assay_server::backup_point;
use serde_json::json;

use super::{Context, connected};
use crate::{
    cli::BackupCommand,
    connect::Connection,
    output::{json as print, line, note, told},
};

pub(crate) async fn run(context: Context, command: BackupCommand) -> anyhow::Result<ExitCode> {
    match command {
        BackupCommand::Run { to } => take(context, to).await?,
        BackupCommand::List { from: None } if Connection::find(&context.config).await.is_some() => {
            list_served(&context).await?;
        }
        BackupCommand::List { from } => {
            let Some(from) = from.or_else(|| context.config.backup.to.clone()) else {
                line(
                    "No backups are set up: backup.to names the folder or bucket that they go to.",
                );
                return Ok(ExitCode::SUCCESS);
            };
            let points = place(&context, &from)?.points().map_err(told)?;
            let points = points.into_iter().map(backup_point).collect::<Vec<_>>();
            if context.json {
                print(&json!({ "backups": points }))?;
            } else {
                points.iter().for_each(tell);
            }
        }
        BackupCommand::Verify { from, keys, scratch } => {
            return verify(&context, &from, keys.keys.as_deref(), scratch.as_deref());
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens a place with the key of the configuration.
pub(super) fn place(context: &Context, from: &Location) -> anyhow::Result<Place> {
    Place::open(from, &context.config.backup).map_err(told)
}

async fn take(mut context: Context, to: Option<Location>) -> anyhow::Result<()> {
    let to = match to {
        Some(to) => Some(to.absolute()?),
        None => context.config.backup.to.clone(),
    };
    // A server inside this process obeys whoever started it; one that runs has settings of its own.
    context.config.backup.folders.extend(to.clone());
    let in_json = context.json;
    connected(&context, async |connection| {
        let to = to.as_ref().map(|to| to.to_string());
        let taken: BackupPoint = connection.post("/v1/backups", &BackupRequest { to }).await?;
        if in_json {
            return print(&taken);
        }
        tell(&taken);
        Ok(())
    })
    .await
}

async fn list_served(context: &Context) -> anyhow::Result<()> {
    let in_json = context.json;
    connected(context, async |connection| {
        let listed: BackupsResponse = connection.get("/v1/backups").await?;
        if in_json {
            return print(&listed);
        }
        let Some(to) = &listed.to else {
            line("No backups are set up: backup.to names the folder or bucket that they go to.");
            return Ok(());
        };
        listed.backups.iter().for_each(tell);
        let sealed = if listed.sealed { "sealed" } else { "in clear: backup.key_file seals them" };
        let until = listed.until.as_ref().map_or_else(
            || "nothing is kept yet".to_owned(),
            |until| format!("everything up to {until} is kept"),
        );
        line(&format!("{to}: {until}, {sealed}"));
        if let Some(error) = &listed.error {
            line(&format!("the last attempt failed: {error}"));
        }
        Ok(())
    })
    .await
}

fn tell(point: &BackupPoint) {
    let BackupPoint { name, from, until, steps, files, bytes, .. } = point;
    line(&format!("{name}  {from} to {until}  {steps} steps, {files} files, {bytes} bytes"));
}

fn verify(
    context: &Context,
    from: &Location,
    keys: Option<&Path>,
    scratch: Option<&Path>,
) -> anyhow::Result<ExitCode> {
    let place = place(context, from)?;
    let began = Instant::now();
    let parent = scratch.map_or_else(std::env::temp_dir, Path::to_owned);
    let folder = parent.join(format!("assay-verify-{}", std::process::id()));
    let encryption = &context.config.encryption;
    let verified = assay_answer::verify(&place, &folder, encryption, keys).map_err(told);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            note(&format!("`{}` was not removed: {error}", folder.display()));
        }
        _ => {}
    }
    let verified = verified.with_context(|| format!("`{from}` does not hold"));
    let Verified { checked, restored, databases, tenants, versions, faults } = match verified {
        Ok(verified) => verified,
        // Told as it stands, with its hint.
        Err(error) => {
            return Err(error.downcast::<crate::output::Told>().map_or_else(|it| it, Into::into));
        }
    };
    let is_sound = faults.is_empty();
    if context.json {
        print(&json!({
            "sound": is_sound, "manifests": checked.manifests, "objects": checked.objects,
            "bytes": checked.bytes, "files": restored.files, "databases": databases,
            "tenants": tenants, "versions": versions, "faults": faults,
            "seconds": began.elapsed().as_secs_f64(), "sealed": place.is_sealed(),
        }))?;
    } else {
        line(&format!(
            "{} manifests and {} objects ({} bytes) are what was written",
            checked.manifests, checked.objects, checked.bytes
        ));
        line(&format!(
            "restored {} files; checked {databases} databases, {tenants} tenants, the originals of \
             {versions} versions in {:.1} s",
            restored.files,
            began.elapsed().as_secs_f64()
        ));
        faults.iter().for_each(|fault| line(&format!("FAULT {fault}")));
        if is_sound {
            line("The backup restores.");
        }
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
