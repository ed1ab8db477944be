//! Durable tasks: showing, watching, making, cancelling and replaying them; draining the workers.

use assay_answer::{JobListing, TaskOrder, TaskState};
use assay_api::{
    ErrorBody, TaskDetailResponse, TaskDrainResponse, TaskListParams, TaskListResponse,
    TaskReplayRequest, TaskReplayResponse, TaskRequest, TaskResponse,
};
use axum::{
    Json,
    extract::{Path, Query, WebSocketUpgrade},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use serde_json::json;

use super::{
    socket,
    states::{self, task_id},
};
use crate::{auth::Acting, failure::Failure, present};

/// Tasks of a page when the caller does not say how many, and at most.
const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;
/// Longest time for a run: a week.
const TIMEOUT_SECONDS_MAX: u32 = 604_800;
const ATTEMPTS_MAX: u32 = 100;
/// The header of an idempotency key.
const KEY: &str = "idempotency-key";

/// List tasks, those made last first.
#[utoipa::path(
    get, path = "/v1/tasks", tag = "tasks", params(TaskListParams),
    responses(
        (status = 200, body = TaskListResponse),
        (status = 400, body = ErrorBody, description = "unknown state, limit out of range, `after` is not an id"),
    )
)]
pub(super) async fn list(
    app: Acting,
    Query(params): Query<TaskListParams>,
) -> Result<Json<TaskListResponse>, Failure> {
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {LIMIT_MAX}")));
    }
    let states = params.state.as_deref().map(task_state).transpose()?;
    let after = params.after.map(|after| {
        after
            .parse()
            .map_err(|_| Failure::bad_request(format!("`{after}` is not the id of a task")))
    });
    let listing = JobListing {
        states: states.into_iter().collect(),
        kind: params.kind,
        queue: params.queue,
        after: after.transpose()?,
        limit,
    };
    let jobs = app.engine.jobs(&app.scope(), listing).await?;
    let tasks: Vec<TaskResponse> = jobs.into_iter().map(present::task).collect();
    let next = (tasks.len() == limit as usize).then(|| tasks.last().map(|task| task.id.clone()));
    Ok(Json(TaskListResponse { tasks, next: next.flatten() }))
}

/// The state that a word names.
pub(super) fn task_state(word: &str) -> Result<TaskState, Failure> {
    word.parse().map_err(|_| {
        let word: String = word.chars().take(64).collect();
        Failure::bad_request(format!("there is no task state `{word}`"))
            .hint("the states are ready, delayed, running, done, dead, parked, cancelled")
    })
}

/// Make a task. With the header `Idempotency-Key`, the same request again gives the same task.
#[utoipa::path(
    post, path = "/v1/tasks", tag = "tasks", request_body = TaskRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "any text that is new for each task")),
    responses(
        (status = 202, body = TaskResponse),
        (status = 400, body = ErrorBody, description = "a kind that cannot be asked for, a payload that does not fit it, a limit out of range"),
        (status = 404, body = ErrorBody, description = "what the payload names is not there"),
        (status = 409, body = ErrorBody, description = "the key was used for a task with another payload"),
    )
)]
pub(super) async fn create(
    app: Acting,
    headers: HeaderMap,
    Json(request): Json<TaskRequest>,
) -> Result<(StatusCode, Json<TaskResponse>), Failure> {
    let within = |what: &str, value: Option<u32>, max: u32| match value {
        Some(value) if !(1..=max).contains(&value) => {
            Err(Failure::bad_request(format!("{what} {value} is not 1 to {max}")))
        }
        _ => Ok(()),
    };
    within("timeout_seconds", request.timeout_seconds, TIMEOUT_SECONDS_MAX)?;
    within("attempts_max", request.attempts_max, ATTEMPTS_MAX)?;
    let key = headers.get(KEY).map(|key| {
        let key = key.to_str().map(str::to_owned);
        key.map_err(|_| Failure::bad_request("the idempotency key is not plain text"))
    });
    let order = TaskOrder {
        kind: request.kind,
        payload: request.payload.unwrap_or_else(|| json!({})),
        priority: request.priority,
        run_at_ms: request.run_at.as_deref().map(present::moment).transpose()?,
        timeout_ms: request.timeout_seconds.map(|seconds| seconds.saturating_mul(1_000)),
        attempts_max: request.attempts_max,
        key: key.transpose()?,
    };
    let job = app.engine.order_task(&app.scope(), order).await?;
    Ok((StatusCode::ACCEPTED, Json(present::task(job))))
}

/// Show a task with its finished steps and its failures.
#[utoipa::path(
    get, path = "/v1/tasks/{id}", tag = "tasks",
    params(("id" = String, Path, description = "the task")),
    responses((status = 200, body = TaskDetailResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<TaskDetailResponse>, Failure> {
    let found = app.engine.task(&app.scope(), task_id("task", &id)?).await?;
    let (job, history) = found.ok_or_else(|| Failure::not_found("task", &id))?;
    Ok(Json(present::task_detail(job, history)))
}

/// Follow a task: an event with it now and at each change, at most five a second, until it has ended.
#[utoipa::path(
    get, path = "/v1/tasks/{id}/events", tag = "tasks",
    params(("id" = String, Path, description = "the task")),
    responses(
        (status = 200, description = "events that each hold the task", content_type = "text/event-stream", body = String),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn events(app: Acting, Path(id): Path<String>) -> Result<Response, Failure> {
    Ok(states::events(states::of(&app, "task", &id).await?, present::task))
}

/// Follow a task over WebSocket: a message with it now and at each change, at most five a second, until
/// it has ended. Its close codes are those of `GET /v1/jobs/{id}/ws`.
#[utoipa::path(
    get, path = "/v1/tasks/{id}/ws", tag = "tasks",
    params(("id" = String, Path, description = "the task")),
    responses(
        (status = 101, description = "messages that each hold the task, as `GET /v1/tasks` shows it"),
        (status = 400, body = ErrorBody, description = "the request does not ask for a WebSocket"),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "256 of the tenant or 1,024 of all are open"),
    )
)]
pub(super) async fn follow(
    app: Acting,
    Path(id): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let states = states::of(&app, "task", &id).await?;
    socket::follow(&app, upgrade, states, present::task)
}

/// Cancel a task: at once when it waits, also for a replay after it failed; at its next step when it
/// runs.
#[utoipa::path(
    post, path = "/v1/tasks/{id}/cancel", tag = "tasks",
    params(("id" = String, Path, description = "the task")),
    responses(
        (status = 200, body = TaskResponse),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "it is done"),
    )
)]
pub(super) async fn cancel(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<TaskResponse>, Failure> {
    let job = app.engine.cancel_job(&app.scope(), task_id("task", &id)?).await?;
    Ok(Json(present::task(job)))
}

/// Run a task now that waits after a failure, or begin one anew that is dead, parked or cancelled:
/// from the step where it ended.
#[utoipa::path(
    post, path = "/v1/tasks/{id}/retry", tag = "tasks",
    params(("id" = String, Path, description = "the task")),
    responses(
        (status = 200, body = TaskResponse),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "it is ready, runs or is done, or a newer version replaced its document's"),
    )
)]
pub(super) async fn retry(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<TaskResponse>, Failure> {
    let job = app.engine.retry_task(&app.scope(), task_id("task", &id)?).await?;
    Ok(Json(present::task(job)))
}

/// Replay all dead letters of the tenant, or those of a kind; ten thousand at most in one call.
#[utoipa::path(
    post, path = "/v1/tasks/replay", tag = "tasks", request_body = TaskReplayRequest,
    responses((status = 200, body = TaskReplayResponse))
)]
pub(super) async fn replay(
    app: Acting,
    Json(request): Json<TaskReplayRequest>,
) -> Result<Json<TaskReplayResponse>, Failure> {
    let replayed = app.engine.replay_tasks(&app.scope(), request.kind).await?;
    Ok(Json(TaskReplayResponse { replayed }))
}

/// Take no further tasks, those of all tenants, until they are resumed or the server starts anew. What
/// runs goes on; what comes in is kept.
#[utoipa::path(
    post, path = "/v1/tasks/drain", tag = "tasks",
    responses((status = 200, body = TaskDrainResponse))
)]
pub(super) async fn drain(app: Acting) -> Result<Json<TaskDrainResponse>, Failure> {
    app.engine.drain_tasks(true);
    load(&app).await
}

/// Take tasks again after a drain.
#[utoipa::path(
    post, path = "/v1/tasks/resume", tag = "tasks",
    responses((status = 200, body = TaskDrainResponse))
)]
pub(super) async fn resume(app: Acting) -> Result<Json<TaskDrainResponse>, Failure> {
    app.engine.drain_tasks(false);
    load(&app).await
}

async fn load(app: &Acting) -> Result<Json<TaskDrainResponse>, Failure> {
    let (draining, running) = app.engine.drain_state().await?;
    Ok(Json(TaskDrainResponse { draining, running }))
}
