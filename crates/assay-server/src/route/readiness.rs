//! Runs of readiness that were kept in the data folder. They are made by `assay ready check`: the
//! server shows them and changes nothing.

use assay_api::{
    ErrorBody, ReadinessDiffParams, ReadinessDiffResponse, ReadinessRunListParams,
    ReadinessRunListResponse, ReadinessRunResponse, ReadinessUnreadable,
};
use assay_core::ErrorCode;
use assay_ready::{Folder, ReadyError, Run, report};
use axum::{
    Json,
    extract::{Path, Query},
};

use crate::{auth::Acting, failure::Failure, present};

/// Runs of a page when the caller does not say how many, and at most.
const LIMIT_DEFAULT: usize = 20;
const LIMIT_MAX: usize = 50;
/// Earlier runs that a run is shown with.
const HISTORY: usize = 20;
/// Kept runs that are looked through for those.
const HISTORY_READ: usize = 40;
/// Bytes of a run that is read; those of a whole checklist have less than one million.
const RUN_BYTES_MAX: u64 = 16 << 20;
/// Characters of the name of a run.
const NAME_CHARS_MAX: usize = 64;

/// List the kept runs of readiness, the newest first.
#[utoipa::path(
    get, path = "/v1/readiness/runs", tag = "operation", params(ReadinessRunListParams),
    responses(
        (status = 200, body = ReadinessRunListResponse),
        (status = 400, body = ErrorBody, description = "`limit` cannot be one"),
    )
)]
pub(super) async fn list(
    app: Acting,
    Query(params): Query<ReadinessRunListParams>,
) -> Result<Json<ReadinessRunListResponse>, Failure> {
    let limit = params.limit.map_or(LIMIT_DEFAULT, |limit| limit as usize);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {LIMIT_MAX}")));
    }
    reading(&app, move |folder| {
        let mut ids = names(folder);
        if let Some(before) = params.before {
            ids.retain(|id| *id < before);
        }
        let next = ids.get(limit - 1).filter(|_| ids.len() > limit).cloned();
        ids.truncate(limit);
        let (mut runs, mut unreadable) = (Vec::new(), Vec::new());
        for id in ids {
            match load(folder, &id) {
                Ok(run) => runs.push(present::readiness_run(&run)),
                Err(why) => unreadable.push(ReadinessUnreadable { id, why }),
            }
        }
        Ok(Json(ReadinessRunListResponse { runs, unreadable, next }))
    })
    .await
}

/// Show a run of readiness: what came of each check, what was seen and wanted, and how it was in
/// earlier runs. `latest` is the newest.
#[utoipa::path(
    get, path = "/v1/readiness/runs/{id}", tag = "operation",
    params(("id" = String, Path, description = "the run, or `latest`")),
    responses((status = 200, body = ReadinessRunResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<ReadinessRunResponse>, Failure> {
    reading(&app, move |folder| {
        let run = find(folder, &id)?;
        let verified = folder.verify(&run.id).map_err(|error| broken(&run.id, told(&error)))?;
        let earlier = names(folder).into_iter().filter(|id| *id < run.id).take(HISTORY_READ);
        let history: Vec<Run> = earlier
            .filter_map(|id| load(folder, &id).ok())
            .filter(|earlier| earlier.profile == run.profile)
            .take(HISTORY)
            .collect();
        Ok(Json(present::readiness(&run, &history, verified)))
    })
    .await
}

/// Say what changed between two runs of readiness: verdicts that flipped, checks that came and went,
/// numbers that moved by more than a fifth.
#[utoipa::path(
    get, path = "/v1/readiness/runs/{id}/diff", tag = "operation",
    params(("id" = String, Path, description = "the later run, or `latest`"), ReadinessDiffParams),
    responses((status = 200, body = ReadinessDiffResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn diff(
    app: Acting,
    Path(id): Path<String>,
    Query(params): Query<ReadinessDiffParams>,
) -> Result<Json<ReadinessDiffResponse>, Failure> {
    reading(&app, move |folder| {
        let (from, to) = (find(folder, &params.from)?, find(folder, &id)?);
        let changes = report::changes(&from, &to);
        Ok(Json(present::readiness_diff(&from, &to, changes)))
    })
    .await
}

/// Reads from the folder of runs, away from the threads that serve.
async fn reading<T: Send + 'static>(
    app: &Acting,
    read: impl FnOnce(&Folder) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let folder = app.readiness.get().cloned().ok_or_else(|| {
        Failure::new(ErrorCode::Unavailable, "this server was not told where runs are kept")
    })?;
    tokio::task::spawn_blocking(move || read(&folder)).await.map_err(|error| {
        Failure::new(ErrorCode::Internal, format!("the reading did not end: {error}"))
    })?
}

/// The names of the kept runs, the newest first. What is called otherwise is none.
fn names(folder: &Folder) -> Vec<String> {
    let is_name = |id: &String| {
        id.len() <= NAME_CHARS_MAX && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    folder.runs().into_iter().rev().filter(is_name).collect()
}

/// A run by its name. It is looked for among those that are there, so that no name leads elsewhere.
fn find(folder: &Folder, id: &str) -> Result<Run, Failure> {
    let known = names(folder).into_iter().find(|name| id == "latest" || name == id);
    let known = known.ok_or_else(|| {
        Failure::not_found("run", id).hint("make one on this machine with `assay ready check`")
    })?;
    load(folder, &known).map_err(|why| broken(&known, why))
}

fn load(folder: &Folder, id: &str) -> Result<Run, String> {
    let file = std::fs::metadata(folder.run_path(id).join("run.json"));
    let bytes = file.map_err(|error| format!("run.json: {error}"))?.len();
    if bytes > RUN_BYTES_MAX {
        return Err(format!("run.json has {bytes} bytes, and {RUN_BYTES_MAX} are read at most"));
    }
    folder.load(id).map_err(|error| told(&error))
}

/// What went wrong in a line.
fn told(error: &ReadyError) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn broken(id: &str, why: String) -> Failure {
    Failure::new(ErrorCode::Internal, format!("the run `{id}` cannot be read: {why}"))
        .hint("`assay ready verify` says what was changed; a new run replaces it")
}
