//! Backups of the installation.

use assay_answer::{Location, Summary};
use assay_api::{BackupPoint, BackupRequest, BackupsResponse, ErrorBody};
use assay_core::timestamp;
use axum::{Json, http::StatusCode};

use crate::{auth::Acting, failure::Failure};

/// List the backups, and say up to which moment everything is kept.
#[utoipa::path(
    get, path = "/v1/backups", tag = "operation",
    responses(
        (status = 200, body = BackupsResponse),
        (status = 400, body = ErrorBody, description = "the rows are on a Postgres server"),
    )
)]
pub(super) async fn list(app: Acting) -> Result<Json<BackupsResponse>, Failure> {
    let (points, shipping) = app.engine.list_backups().await?;
    let now_ms = app.engine.now_ms();
    Ok(Json(BackupsResponse {
        to: shipping.to.map(|to| to.to_string()),
        sealed: shipping.is_sealed,
        until: shipping.until_ms.map(|until| timestamp(until).to_string()),
        lag_seconds: shipping.until_ms.map(|until| (now_ms - until).max(0) as f64 / 1e3),
        error: shipping.error,
        keep_days: shipping.keep_days,
        backups: points.into_iter().map(backup_point).collect(),
    }))
}

/// Take a full copy of the whole installation now, while it serves.
#[utoipa::path(
    post, path = "/v1/backups", tag = "operation", request_body = BackupRequest,
    responses(
        (status = 201, body = BackupPoint),
        (status = 400, body = ErrorBody, description = "the rows are on a Postgres server; the folder holds something else, or backups sealed with another key"),
        (status = 403, body = ErrorBody, description = "no setting names the folder"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<BackupRequest>,
) -> Result<(StatusCode, Json<BackupPoint>), Failure> {
    let to = request.to.map(|to| to.parse::<Location>()).transpose();
    let to = to.map_err(|invalid| Failure::bad_request(invalid.to_string()))?;
    let taken = app.engine.take_backup(to).await?;
    Ok((StatusCode::CREATED, Json(backup_point(taken))))
}

/// A point as the API and the command line show it.
#[must_use]
pub fn backup_point(point: Summary) -> BackupPoint {
    BackupPoint {
        name: point.name,
        from: timestamp(point.from_ms).to_string(),
        until: timestamp(point.until_ms).to_string(),
        steps: point.steps,
        files: point.files,
        bytes: point.bytes,
        program: point.program,
    }
}
