//! The states of a task as they follow each other. A job is a task that has to do with documents: both
//! are watched in the same way and shown differently.

use std::{convert::Infallible, sync::Arc, time::Duration};

use assay_answer::{AnswerError, Job};
use assay_core::TaskId;
use axum::response::{
    IntoResponse, Response, Sse,
    sse::{Event, KeepAlive},
};
use futures_util::{Stream, StreamExt};
use serde::Serialize;

use crate::{auth::Acting, failure::Failure};

/// A comment goes out this often while a watched task does not change.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is not an id names nothing: the same answer as for an unknown one.
pub(super) fn task_id(noun: &str, id: &str) -> Result<TaskId, Failure> {
    id.parse().map_err(|_| Failure::not_found(noun, id))
}

/// The states of the task that `id` names, now and at each change; `noun` is what the caller calls it.
pub(super) async fn of(
    app: &Acting,
    noun: &str,
    id: &str,
) -> Result<impl Stream<Item = Result<Job, AnswerError>> + Send + use<>, Failure> {
    let task = task_id(noun, id)?;
    let found = app.engine.job(&app.scope(), task, Duration::ZERO).await?;
    found.ok_or_else(|| Failure::not_found(noun, id))?;
    Ok(from_now(app, task))
}

/// As [`of`], of a task that is known to be there.
pub(super) fn from_now(
    app: &Acting,
    task: TaskId,
) -> impl Stream<Item = Result<Job, AnswerError>> + Send + use<> {
    Arc::clone(&app.engine).watch_job(app.scope(), task)
}

/// An event for each state.
pub(super) fn events<T: Serialize + 'static>(
    states: impl Stream<Item = Result<Job, AnswerError>> + Send + 'static,
    shown: fn(Job) -> T,
) -> Response {
    let frames = states.map(move |state| {
        let event = match state {
            Ok(job) => Event::default().json_data(shown(job)),
            Err(error) => Event::default().event("error").json_data(Failure::from(error).message),
        };
        // These types hold nothing that JSON cannot carry.
        Ok::<_, Infallible>(event.unwrap_or_default())
    });
    Sse::new(frames).keep_alive(KeepAlive::new().interval(HEARTBEAT)).into_response()
}
