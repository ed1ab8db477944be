//! Schedules: tasks that are made by the calendar.

use assay_answer::{Missed, NewSchedule, NewTask};
use assay_api::{ErrorBody, ScheduleListResponse, ScheduleRequest, ScheduleResponse};
use assay_core::ScheduleId;
use axum::{Json, extract::Path, http::StatusCode};
use serde_json::json;

use crate::{auth::Acting, failure::Failure, present};

/// List the schedules, by name.
#[utoipa::path(
    get, path = "/v1/schedules", tag = "schedules",
    responses((status = 200, body = ScheduleListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<ScheduleListResponse>, Failure> {
    let now_ms = app.engine.now_ms();
    let schedules = app.engine.schedules(&app.scope()).await?;
    let shown = schedules.into_iter().map(|schedule| present::schedule(schedule, now_ms));
    Ok(Json(ScheduleListResponse { schedules: shown.collect() }))
}

/// Set a schedule up.
#[utoipa::path(
    post, path = "/v1/schedules", tag = "schedules", request_body = ScheduleRequest,
    responses(
        (status = 201, body = ScheduleResponse),
        (status = 400, body = ErrorBody, description = "no cron expression or one that never fires, an unknown time zone, a kind that cannot be asked for"),
        (status = 404, body = ErrorBody, description = "what the payload names is not there"),
        (status = 409, body = ErrorBody, description = "the name is taken"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<ScheduleRequest>,
) -> Result<(StatusCode, Json<ScheduleResponse>), Failure> {
    let missed = request.missed.as_deref().unwrap_or("once");
    let missed = Missed::of(missed).ok_or_else(|| {
        Failure::bad_request("`missed` is neither `once` nor `none`").hint(
            "`once` makes up for all times that passed while nothing ran, `none` leaves them out",
        )
    })?;
    let payload = request.payload.unwrap_or_else(|| json!({}));
    let new = NewSchedule {
        name: request.name,
        cron: request.cron,
        zone: request.zone.unwrap_or_else(|| "UTC".to_owned()),
        missed,
        task: NewTask { priority: request.priority, ..NewTask::new(&request.kind, payload) },
    };
    let made = app.engine.create_schedule(&app.scope(), new).await?;
    Ok((StatusCode::CREATED, Json(present::schedule(made, app.engine.now_ms()))))
}

/// Show a schedule.
#[utoipa::path(
    get, path = "/v1/schedules/{id}", tag = "schedules",
    params(("id" = String, Path, description = "the schedule")),
    responses((status = 200, body = ScheduleResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<ScheduleResponse>, Failure> {
    let found = app.engine.schedule(&app.scope(), schedule_id(&id)?).await?;
    Ok(Json(present::schedule(found, app.engine.now_ms())))
}

/// Let a schedule stand still. What passes meanwhile is not missed.
#[utoipa::path(
    post, path = "/v1/schedules/{id}/pause", tag = "schedules",
    params(("id" = String, Path, description = "the schedule")),
    responses((status = 200, body = ScheduleResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn pause(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<ScheduleResponse>, Failure> {
    let found = app.engine.pause_schedule(&app.scope(), schedule_id(&id)?, true).await?;
    Ok(Json(present::schedule(found, app.engine.now_ms())))
}

/// Let a schedule go on from now.
#[utoipa::path(
    post, path = "/v1/schedules/{id}/resume", tag = "schedules",
    params(("id" = String, Path, description = "the schedule")),
    responses((status = 200, body = ScheduleResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn resume(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<ScheduleResponse>, Failure> {
    let found = app.engine.pause_schedule(&app.scope(), schedule_id(&id)?, false).await?;
    Ok(Json(present::schedule(found, app.engine.now_ms())))
}

/// Remove a schedule; tasks that it made stay.
#[utoipa::path(
    delete, path = "/v1/schedules/{id}", tag = "schedules",
    params(("id" = String, Path, description = "the schedule")),
    responses((status = 204, description = "removed"), (status = 404, body = ErrorBody))
)]
pub(super) async fn delete(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    app.engine.delete_schedule(&app.scope(), schedule_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn schedule_id(id: &str) -> Result<ScheduleId, Failure> {
    id.parse().map_err(|_| Failure::not_found("schedule", id))
}
