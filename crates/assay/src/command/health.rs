//! `assay health`: what a container or a service manager asks the server of this data folder.

use std::process::ExitCode;

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
    let ready = match server.ready().await {
        Ok(ready) => ready,
        Err(error) => {
            note(&format!("not ready: {error:#}"));
            return Ok(ExitCode::from(UNHEALTHY));
        }
    };
    if context.json {
        json(&ready)?;
    } else {
        line(&ready.status);
    }
    let failed = ready.dependencies.iter().filter(|part| part.status == "failed");
    let mut code = ExitCode::SUCCESS;
    for part in failed {
        note(&format!("{}: {}", part.name, part.error_message.as_deref().unwrap_or("failed")));
        code = ExitCode::from(UNHEALTHY);
    }
    Ok(code)
}
