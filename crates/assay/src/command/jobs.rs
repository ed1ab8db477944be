//! `assay jobs`.

use std::process::ExitCode;

use assay_api::{JobListResponse, JobResponse};

use super::{Context, connected};
use crate::{
    cli::Jobs,
    connect::Connection,
    output::{json, line},
};

pub(crate) async fn run(context: Context, args: Jobs) -> anyhow::Result<ExitCode> {
    connected(&context, async |connection| match &args {
        Jobs::List { state, kind, after, limit } => {
            let query = Query { state, kind, after, limit: *limit };
            list(connection, &query, context.json).await
        }
        Jobs::Show { job } => {
            tell(&connection.get(&format!("/v1/jobs/{job}")).await?, context.json)
        }
        Jobs::Watch { job } => watch(connection, job, context.json).await,
        Jobs::Cancel { job } => act(connection, job, "cancel", context.json).await,
        Jobs::Retry { job } => act(connection, job, "retry", context.json).await,
    })
    .await
}

/// Which jobs to list.
struct Query<'a> {
    state: &'a Option<String>,
    kind: &'a Option<String>,
    after: &'a Option<String>,
    limit: u32,
}

async fn list(
    connection: &Connection,
    query: &Query<'_>,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let mut path = format!("/v1/jobs?limit={}", query.limit);
    let filters = [("state", query.state), ("kind", query.kind), ("after", query.after)];
    for (key, value) in filters {
        if let Some(value) = value {
            path.push_str(&format!("&{key}={}", encoded(value)));
        }
    }
    let page: JobListResponse = connection.get(&path).await?;
    if as_json {
        json(&page)?;
        return Ok(ExitCode::SUCCESS);
    }
    for job in &page.jobs {
        line(&format!("{}  {}  {}", job.id, job.changed_at, one_line(job)));
    }
    match page.next {
        Some(next) => line(&format!("more: --after {next}")),
        None if page.jobs.is_empty() => line("no jobs"),
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn act(
    connection: &Connection,
    job: &str,
    verb: &str,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let nothing = serde_json::json!({});
    tell(&connection.post(&format!("/v1/jobs/{job}/{verb}"), &nothing).await?, as_json)
}

async fn watch(connection: &Connection, job: &str, as_json: bool) -> anyhow::Result<ExitCode> {
    let show = |job: &JobResponse| {
        if !as_json {
            line(&one_line(job));
        } else if let Ok(text) = serde_json::to_string(job) {
            line(&text);
        }
    };
    let ended = connection.watch(job, show).await?;
    Ok(if ended.state == "done" { ExitCode::SUCCESS } else { ExitCode::from(6) })
}

fn tell(job: &JobResponse, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        json(job)?;
        return Ok(ExitCode::SUCCESS);
    }
    line(&one_line(job));
    let document = job.document.as_ref().map(|document| document.id.clone());
    let rows = [
        ("job", Some(job.id.clone())),
        ("document", document),
        ("attempts", Some(job.attempts.to_string())),
        ("accepted", Some(job.created_at.clone())),
        ("changed", Some(job.changed_at.clone())),
        ("next try", job.retry_at.clone()),
        ("hint", job.hint.clone()),
    ];
    for (key, value) in rows {
        if let Some(value) = value {
            line(&format!("  {key:9} {value}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The file and where it stands, with what is in the way.
fn one_line(job: &JobResponse) -> String {
    let name = job.document.as_ref().map_or(job.kind.as_str(), |document| &document.name);
    format!("{name}: {}", standing(job))
}

/// Where a job stands, with what is in the way.
pub(super) fn standing(job: &JobResponse) -> String {
    let progress = job.progress.as_ref().filter(|_| job.state == "running");
    let mut text = progress.map_or_else(|| job.step.clone(), |progress| progress.message.clone());
    if let Some(reason) = &job.stalled_reason {
        text.push_str(&format!(", stalled: {reason}"));
    }
    if let Some(error) = &job.error {
        text.push_str(&format!(", {error}"));
    }
    text
}

/// A value in a query of an address.
fn encoded(value: &str) -> String {
    value.bytes().map(percent).collect()
}

fn percent(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}
