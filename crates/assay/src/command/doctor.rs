//! `assay doctor`: is this machine, and is this data folder, fit for use?

mod bundle;

use std::{io::Write, path::Path, process::ExitCode};

use assay_vault::{Vault, VaultError};
use serde::Serialize;

use super::{Context, connected, encryption::NOT_ENCRYPTED};
use crate::{
    cli::Doctor,
    output::{json, line},
};

/// One look at one thing.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    fit: bool,
    detail: String,
    hint: Option<String>,
}

impl Finding {
    fn new(what: &str, outcome: Result<String, (String, &str)>) -> Self {
        let what = what.to_owned();
        match outcome {
            Ok(detail) => Self { what, fit: true, detail, hint: None },
            Err((detail, hint)) => Self { what, fit: false, detail, hint: Some(hint.to_owned()) },
        }
    }
}

pub(crate) async fn run(context: Context, args: Doctor) -> anyhow::Result<ExitCode> {
    let data = context.config.data();
    let mut findings = vec![
        Finding::new("data folder", writable(&data)),
        Finding::new("embedding model", model(&context)),
        Finding::new("encryption", encryption(&context)),
        Finding::new("python for fetching models", python()),
    ];
    match connected(&context, async |server| server.ready().await).await {
        Ok(ready) => findings.extend(ready.dependencies.into_iter().map(|part| Finding {
            what: part.name,
            fit: part.status != "failed",
            detail: part.status,
            hint: part.error_message,
        })),
        Err(error) => findings.push(Finding {
            what: "start".to_owned(),
            fit: false,
            detail: format!("{error:#}"),
            hint: error.downcast_ref::<crate::output::Told>().and_then(|told| told.hint.clone()),
        }),
    }
    let fit = findings.iter().all(|finding| finding.fit);
    if let Some(file) = &args.bundle {
        let parts = bundle::write(&context, &findings, &args.log, file).await?;
        if context.json {
            json(&serde_json::json!({ "file": file, "parts": parts, "fit": fit }))?;
        } else {
            line(&format!("{} has {}", file.display(), parts.join(", ")));
        }
        return Ok(ExitCode::SUCCESS);
    }
    if context.json {
        json(&findings)?;
    } else {
        for finding in &findings {
            let mark = if finding.fit { "ok  " } else { "FAIL" };
            line(&format!("{mark} {}: {}", finding.what, finding.detail));
            if let Some(hint) = &finding.hint {
                line(&format!("     {hint}"));
            }
        }
    }
    Ok(if fit { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn writable(data: &Path) -> Result<String, (String, &'static str)> {
    let try_write = || -> std::io::Result<()> {
        assay_answer::make_data_folder(data)?;
        let path = data.join(".doctor");
        let mut file = std::fs::File::create(&path)?;
        file.write_all(b"x")?;
        file.sync_all()?;
        std::fs::remove_file(&path)
    };
    match try_write() {
        Ok(()) => Ok(format!("{} can be written", data.display())),
        Err(error) => Err((
            format!("{} cannot be written: {error}", data.display()),
            "give another --data-dir, free space, or mend the permissions",
        )),
    }
}

fn model(context: &Context) -> Result<String, (String, &'static str)> {
    let name = &context.config.embedding.model;
    if context.config.embedding.endpoint.is_some() {
        return Ok("an endpoint is configured".to_owned());
    }
    if name.is_empty() {
        return Ok("none is configured: search runs on keywords".to_owned());
    }
    let folder = context.config.models();
    match assay_models::verify(&folder.join(name)) {
        Ok(()) => Ok(format!("{name} is whole")),
        Err(error) => Err((
            format!("{name}: {}", assay_core::ErrorChain(&error)),
            "fetch it with `assay models pull`",
        )),
    }
}

fn encryption(context: &Context) -> Result<String, (String, &'static str)> {
    let open = || {
        let vault = Vault::open(&context.config.data(), &context.config.encryption)?;
        if vault.is_on() { Ok(Some(vault.states()?.len())) } else { Ok(None) }
    };
    match open() {
        Ok(Some(keys)) => Ok(format!("data at rest is encrypted, with {keys} data keys")),
        // A laptop whose disk is encrypted needs no more.
        Ok(None) => Ok(NOT_ENCRYPTED.to_owned()),
        Err(error) => {
            let error: VaultError = error;
            Err((assay_core::ErrorChain(&error).to_string(), "docs/howto/encryption.md"))
        }
    }
}

fn python() -> Result<String, (String, &'static str)> {
    let found = std::process::Command::new("python3").args(["-m", "pip", "--version"]).output();
    match found {
        Ok(output) if output.status.success() => {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        _ => Err(("python3 with pip is missing".to_owned(), "apt-get install python3-pip")),
    }
}
