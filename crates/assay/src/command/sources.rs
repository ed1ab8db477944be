//! `assay sources`.

use std::process::ExitCode;

use assay_api::{
    JobResponse, SourceListResponse, SourceRequest, SourceResponse, SourceRunResponse,
};
use assay_core::ErrorCode;
use serde_json::{Value, json};

use super::{Context, connected};
use crate::{
    cli::Sources,
    connect::Connection,
    output::{Told, json as print, line},
};

pub(crate) async fn run(context: Context, args: Sources) -> anyhow::Result<ExitCode> {
    connected(&context, async |connection| match args {
        Sources::Add { name, settings, every, collection } => {
            let request = SourceRequest {
                name,
                collection: Some(collection),
                every_seconds: every,
                settings: read_settings(&settings)?,
            };
            let made: SourceResponse = connection.post("/v1/sources", &request).await?;
            shown(&context, &made)
        }
        Sources::List => {
            let sources: SourceListResponse = connection.get("/v1/sources").await?;
            if context.json {
                return print(&sources);
            }
            sources.sources.iter().for_each(tell);
            Ok(())
        }
        Sources::Run { name } => {
            let id = named(connection, &name).await?.id;
            let begun: SourceRunResponse =
                connection.post(&format!("/v1/sources/{id}/run"), &json!({})).await?;
            loop {
                let path = format!("/v1/jobs/{}?wait_ms=20000", begun.job_id);
                let job: JobResponse = connection.get(&path).await?;
                if !matches!(job.state.as_str(), "queued" | "running") {
                    break;
                }
            }
            shown(&context, &named(connection, &name).await?)
        }
        Sources::Remove { name } => {
            let id = named(connection, &name).await?.id;
            connection.delete(&format!("/v1/sources/{id}")).await?;
            if context.json { print(&json!({ "removed": name })) } else { Ok(()) }
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

async fn named(connection: &Connection, name: &str) -> anyhow::Result<SourceResponse> {
    let sources: SourceListResponse = connection.get("/v1/sources").await?;
    let found = sources.sources.into_iter().find(|source| source.name == name);
    found.ok_or_else(|| {
        Told::new(ErrorCode::NotFound, format!("there is no source `{name}`"))
            .hint("`assay sources list` shows them")
            .into()
    })
}

pub(super) fn read_settings(text: &str) -> anyhow::Result<Value> {
    let text = match text.strip_prefix('@') {
        Some(file) => std::fs::read_to_string(file).map_err(|error| {
            Told::new(ErrorCode::BadRequest, format!("`{file}` cannot be read: {error}"))
        })?,
        None => text.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| {
        Told::new(ErrorCode::BadRequest, format!("the settings are not JSON: {error}"))
            .hint("write one object between single quotes, or `@FILE`")
            .into()
    })
}

fn shown(context: &Context, source: &SourceResponse) -> anyhow::Result<()> {
    if context.json {
        return print(source);
    }
    tell(source);
    Ok(())
}

fn tell(source: &SourceResponse) {
    let kind = source.settings["kind"].as_str().unwrap_or_default();
    let every =
        source.every_seconds.map_or_else(|| "on demand".to_owned(), |s| format!("every {s} s"));
    line(&format!("{}  {kind}, {every}, to {}", source.name, source.collection));
    let Some(last) = &source.last_run else {
        return line("  no run has ended yet");
    };
    let count = |field: &str| last[field].as_u64().unwrap_or_default();
    line(&format!(
        "  last run: {} seen, {} taken, {} removed, {} problems",
        count("seen"),
        count("taken"),
        count("removed"),
        count("problem_count")
    ));
    if let Some(error) = last["error"].as_str() {
        line(&format!("  failed: {error}"));
    }
    for problem in last["problems"].as_array().into_iter().flatten() {
        let text = |field: &str| problem[field].as_str().unwrap_or_default().to_owned();
        line(&format!("  {}: {}", text("item"), text("reason")));
    }
}
