//! `assay migrate`.

use std::process::ExitCode;

use assay_core::Secret;
use serde_json::json;

use super::Context;
use crate::{
    cli::Migrate,
    output::{json as print, line, told},
};

pub(crate) fn run(context: Context, args: Migrate) -> anyhow::Result<ExitCode> {
    let mut settings = context.config.database;
    settings.url = args.database.map(Secret::new).or(settings.url);
    let applied = assay_answer::migrate(&settings, &args.grant_to).map_err(told)?;
    if context.json {
        print(&json!({ "applied": applied, "role": args.grant_to }))?;
        return Ok(ExitCode::SUCCESS);
    }
    for step in &applied {
        line(&format!("applied {step}"));
    }
    let role = &args.grant_to;
    line(&format!("The tables are up to date; the role `{role}` may read and write their rows."));
    Ok(ExitCode::SUCCESS)
}
