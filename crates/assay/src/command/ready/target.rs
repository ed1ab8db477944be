//! The deployment that is examined, and a run against it.

use std::path::PathBuf;

use assay_ready::{
    Blast, Deployment, ReadyError, Run,
    run::{Given, perform},
};
use sha2::{Digest, Sha256};

use super::{Room, now, own::Program, transport::Http};
use crate::{
    cli::{ReadyAllow, ReadyCheck},
    command::{Context, variables},
    config::effective,
    connect::Connection,
};

/// The variable with a key of a second tenant.
const OTHER_KEY: &str = "ASSAY_OTHER_API_KEY";
/// The variable with the key that is shown.
pub(in crate::command) const KEY: &str = "ASSAY_API_KEY";

/// Asks everything and keeps the run.
pub(super) fn examine(
    context: &Context,
    room: &Room,
    args: &ReadyCheck,
    handle: &tokio::runtime::Handle,
) -> anyhow::Result<Run> {
    let profile = room.catalogue.profile(&args.profile)?;
    let said = room.said()?;
    let http = Http::trusting(handle.clone(), args.target.ca.as_deref())?;
    let url = address(context, args.target.url.as_deref(), handle)?;
    // The settings that are read here are those of the server when it is the one of this data folder,
    // or when the command line says whose they are.
    let is_ours = args.target.url.is_none() || context.given.is_named();
    let config = is_ours.then(|| settings(context));
    let docs = args.target.docs.clone();
    let docs = docs.or_else(|| Some(PathBuf::from("docs")).filter(|it| it.is_dir()));
    let key = variable(KEY);
    let program =
        Program::new(context, &room.folder, &http, &url, key.clone(), docs.clone(), is_ours);
    let deployment = Deployment {
        url,
        transport: &http,
        own: &program,
        config,
        data: is_ours.then(|| context.config.data()),
        docs,
        prometheus: args.target.prometheus.clone(),
        traces: args.target.traces.clone(),
        key,
        other_key: variable(OTHER_KEY),
        allow: match args.target.allow {
            ReadyAllow::None => Blast::None,
            ReadyAllow::Low => Blast::Low,
            ReadyAllow::High => Blast::High,
        },
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let given = Given {
        catalogue: &room.catalogue,
        profile,
        said: &said,
        folder: room.folder.path(),
        now: now(),
        build: build(),
        previous: room.folder.newest_head(),
    };
    let (run, artefacts) = perform(&given, &deployment)?;
    room.folder.save(&run, &artefacts)?;
    Ok(room.folder.load(&run.id)?)
}

/// The settings that a server started here has.
pub(in crate::command) fn settings(context: &Context) -> serde_json::Value {
    effective(context.given.file(), variables())
}

/// Where the deployment is.
pub(in crate::command) fn address(
    context: &Context,
    given: Option<&str>,
    handle: &tokio::runtime::Handle,
) -> anyhow::Result<String> {
    if let Some(url) = given {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(ReadyError::bad("--url", format!("`{url}` is no HTTP URL")).into());
        }
        return Ok(url.trim_end_matches('/').to_owned());
    }
    let found = handle.block_on(Connection::find(&context.config));
    let url = found.as_ref().and_then(Connection::lasting).map(str::to_owned);
    url.ok_or_else(|| {
        let url = format!("the server of {}", context.config.data().display());
        ReadyError::Unreachable { url, why: "none is running".to_owned() }.into()
    })
}

/// The SHA-256 of this program's file: which build it is.
pub(super) fn build() -> String {
    use std::{fmt::Write as _, io::Read as _};
    let mut hash = Sha256::new();
    let mut part = vec![0; 1 << 16];
    if let Ok(mut file) = std::env::current_exe().and_then(std::fs::File::open) {
        while let Ok(read @ 1..) = file.read(&mut part) {
            hash.update(part.get(..read).unwrap_or_default());
        }
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A variable that is not empty.
#[expect(clippy::disallowed_methods, reason = "the binary is what reads the environment")]
pub(in crate::command) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
}
