//! `assay tasks`.

mod schedule;
mod webhook;

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

use assay_api::{
    TaskDetailResponse, TaskDrainResponse, TaskListResponse, TaskReplayRequest, TaskReplayResponse,
    TaskRequest, TaskResponse,
};
use assay_core::ErrorCode;
use serde_json::{Value, json as value};

use super::{Context, connected};
use crate::{
    cli::{Replay, TaskRun, Tasks},
    connect::{Connection, segment},
    output::{Told, json, line},
};

/// Time between two looks at what still runs.
const LOOK: Duration = Duration::from_millis(200);
/// Not everything ended in time.
const UNFINISHED: u8 = 6;

pub(crate) async fn run(context: Context, args: Tasks) -> anyhow::Result<ExitCode> {
    let as_json = context.json;
    connected(&context, async |connection| match &args {
        Tasks::List { state, kind, queue, after, limit } => {
            let filters = [("state", state), ("kind", kind), ("queue", queue), ("after", after)];
            list(connection, &filters, *limit, as_json).await
        }
        Tasks::Show { task } => {
            let path = format!("/v1/tasks/{}", segment(task));
            tell_all(&connection.get(&path).await?, as_json)
        }
        Tasks::Run(order) => make(connection, order, as_json).await,
        Tasks::Cancel { task } => act(connection, task, "cancel", as_json).await,
        Tasks::Retry { task } => act(connection, task, "retry", as_json).await,
        Tasks::Replay(what) => replay(connection, what, as_json).await,
        Tasks::Drain { wait } => drain(connection, Duration::from_secs(*wait), as_json).await,
        Tasks::Resume => {
            let load = connection.post("/v1/tasks/resume", &value!({})).await?;
            tell_load(&load, as_json)
        }
        Tasks::Schedule(args) => schedule::run(connection, args, as_json).await,
        Tasks::Webhook(args) => webhook::run(connection, args, as_json).await,
    })
    .await
}

async fn list(
    connection: &Connection,
    filters: &[(&str, &Option<String>)],
    limit: u32,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let mut path = format!("/v1/tasks?limit={limit}");
    for (key, value) in filters {
        if let Some(value) = value {
            path.push_str(&format!("&{key}={}", segment(value)));
        }
    }
    let page: TaskListResponse = connection.get(&path).await?;
    if as_json {
        json(&page)?;
        return Ok(ExitCode::SUCCESS);
    }
    for task in &page.tasks {
        line(&format!("{}  {}  {}", task.id, task.changed_at, standing(task)));
    }
    match page.next {
        Some(next) => line(&format!("more: --after {next}")),
        None if page.tasks.is_empty() => line("no tasks"),
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn make(connection: &Connection, order: &TaskRun, as_json: bool) -> anyhow::Result<ExitCode> {
    let request = TaskRequest {
        kind: order.kind.clone(),
        payload: Some(payload(&order.payload)?),
        priority: order.priority,
        run_at: order.at.clone(),
        timeout_seconds: order.timeout,
        attempts_max: None,
    };
    let key = order.key.as_deref().map(|key| ("idempotency-key", key));
    let headers: Vec<_> = key.into_iter().collect();
    tell(&connection.post_with("/v1/tasks", &request, &headers).await?, as_json)
}

/// A payload as it was typed.
fn payload(text: &str) -> anyhow::Result<Value> {
    Ok(serde_json::from_str(text).map_err(|error| {
        Told::new(ErrorCode::BadRequest, format!("the payload is no JSON: {error}"))
            .hint("as in --payload '{\"source\": \"ID\"}'")
    })?)
}

async fn act(
    connection: &Connection,
    task: &str,
    verb: &str,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    let path = format!("/v1/tasks/{}/{verb}", segment(task));
    tell(&connection.post(&path, &value!({})).await?, as_json)
}

async fn replay(connection: &Connection, what: &Replay, as_json: bool) -> anyhow::Result<ExitCode> {
    if let Some(task) = &what.task {
        return act(connection, task, "retry", as_json).await;
    }
    let request = TaskReplayRequest { kind: what.kind.clone() };
    let done: TaskReplayResponse = connection.post("/v1/tasks/replay", &request).await?;
    if as_json {
        json(&done)?;
    } else {
        line(&format!("{} tasks begin anew", done.replayed));
    }
    Ok(ExitCode::SUCCESS)
}

/// Drains, and waits until nothing runs; asking again changes nothing.
async fn drain(connection: &Connection, wait: Duration, as_json: bool) -> anyhow::Result<ExitCode> {
    let until = Instant::now() + wait;
    loop {
        let load: TaskDrainResponse = connection.post("/v1/tasks/drain", &value!({})).await?;
        if load.running == 0 || Instant::now() >= until {
            tell_load(&load, as_json)?;
            let is_done = load.running == 0;
            return Ok(if is_done { ExitCode::SUCCESS } else { ExitCode::from(UNFINISHED) });
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn tell_load(load: &TaskDrainResponse, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        json(load)?;
    } else {
        let taken = if load.draining { "no further tasks are taken" } else { "tasks are taken" };
        line(&format!("{taken}; {} run", load.running));
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(task: &TaskResponse, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        json(task)?;
    } else {
        line(&format!("{}  {}", task.id, standing(task)));
    }
    Ok(ExitCode::SUCCESS)
}

fn tell_all(found: &TaskDetailResponse, as_json: bool) -> anyhow::Result<ExitCode> {
    if as_json {
        json(found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let task = &found.task;
    line(&format!("{}  {}", task.id, standing(task)));
    let timeout = task.timeout_seconds.map(|seconds| format!("{seconds} s"));
    let rows = [
        ("queue", Some(task.queue.clone())),
        ("priority", Some(task.priority.to_string())),
        ("attempts", Some(format!("{} of {}", task.attempts, task.attempts_max))),
        ("timeout", timeout),
        ("made", Some(task.created_at.clone())),
        ("run at", Some(task.run_at.clone())),
        ("ended", task.ended_at.clone()),
        ("result", task.result.as_ref().map(Value::to_string)),
    ];
    for (key, value) in rows {
        if let Some(value) = value {
            line(&format!("  {key:9} {value}"));
        }
    }
    for step in &found.steps {
        let at = step.at.as_deref().unwrap_or("-");
        line(&format!("  step      {at}  {}", step.name));
    }
    for failure in &found.failures {
        line(&format!("  failed    {}  run {}: {}", failure.at, failure.run, failure.reason));
    }
    Ok(ExitCode::SUCCESS)
}

/// What a task is and where it stands.
fn standing(task: &TaskResponse) -> String {
    let mut text = format!("{}: {}", task.kind, task.state);
    if let Some(progress) = task.progress.as_ref().filter(|_| task.state == "running") {
        text.push_str(&format!(", {} {}", progress.message, progress.done));
    }
    if let Some(reason) = &task.stalled_reason {
        text.push_str(&format!(", stalled: {reason}"));
    }
    if let Some(error) = &task.error {
        text.push_str(&format!(", {error}"));
    }
    text
}
