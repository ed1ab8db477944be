//! `assay health`: what a container or a service manager asks the server of this data folder.

use std::process::ExitCode;

use assay_api::ReadyResponse;

use super::Context;
use crate::{
    connect::Connection,
    output::{json, line, note},
};

/// Those who ask know two answers: 0 and 1.
const UNHEALTHY: u8 = 1;

pub(crate) async fn run(context: Context) -> anyhow::Result<ExitCode> {
    let Some(server) = Connection::find(&context.config).await else {
        note(&format!(
            "no server answers for {}: start one with `assay serve`, or name its data folder with \
             --data-dir",
            context.config.data().display()
        ));
        return Ok(ExitCode::from(UNHEALTHY));
    };
    // A part that is needed failed, when this is an error.
    match server.get::<ReadyResponse>("/health/ready").await {
        Ok(ready) if context.json => json(&ready)?,
        Ok(ready) => line(&ready.status),
        Err(error) => {
            note(&format!("not ready: {error:#}"));
            return Ok(ExitCode::from(UNHEALTHY));
        }
    }
    Ok(ExitCode::SUCCESS)
}
