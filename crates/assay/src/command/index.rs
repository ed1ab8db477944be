//! `assay index`.

use std::process::ExitCode;

use assay_core::TenantScope;
use serde_json::json;

use super::Context;
use crate::{
    cli::IndexCommand,
    output::{json as print, line, told},
    wiring,
};

pub(crate) async fn run(context: Context, args: IndexCommand) -> anyhow::Result<ExitCode> {
    let engine = wiring::open_engine(&context.config)?;
    let scope = TenantScope::built_in();
    let outcome = match args {
        IndexCommand::Rebuild => {
            let passages = engine.rebuild_index(&scope).await.map_err(told)?;
            if context.json {
                print(&json!({ "passages": passages }))?;
            } else {
                line(&format!("The index was made again from the records: {passages} passages."));
            }
            ExitCode::SUCCESS
        }
        IndexCommand::Check => {
            engine.settle(&scope).await.map_err(told)?;
            let (recorded, indexed, same) = engine.compare_index(&scope).await.map_err(told)?;
            if context.json {
                print(&json!({ "recorded": recorded, "indexed": indexed, "same": same }))?;
            } else if same {
                line(&format!("The index holds the {recorded} passages of the records."));
            } else {
                line(&format!("The index differs: {indexed} passages instead of {recorded}."));
                line("Make it again with `assay index rebuild`.");
            }
            if same { ExitCode::SUCCESS } else { ExitCode::from(1) }
        }
    };
    tokio::task::spawn_blocking(move || engine.close(std::time::Duration::from_secs(5))).await?;
    Ok(outcome)
}
