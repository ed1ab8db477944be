//! `assay index`.

use std::process::ExitCode;

use assay_core::{PassageId, TenantScope};
use serde_json::json;

use super::Context;
use crate::{
    cli::IndexCommand,
    output::{json as print, line, told},
    wiring,
};

/// Differences that are named.
const SHOWN: usize = 10;

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
            let found = engine.compare_index(&scope).await.map_err(told)?;
            let (recorded, indexed, same) = (found.recorded, found.indexed, found.is_same());
            if context.json {
                let few = |ids: &[PassageId]| -> Vec<String> {
                    ids.iter().take(SHOWN).map(ToString::to_string).collect()
                };
                let (missing, extra) = (few(&found.missing), few(&found.extra));
                print(&json!({ "recorded": recorded, "indexed": indexed, "same": same,
                               "missing": missing, "extra": extra }))?;
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
