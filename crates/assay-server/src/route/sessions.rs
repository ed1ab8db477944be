//! Making, listing, showing, setting aside and deleting sessions.

use assay_api::{
    ErrorBody, SessionDetailResponse, SessionListParams, SessionListResponse, SessionRequest,
    SessionResponse,
};
use assay_core::SessionId;
use axum::{
    Json,
    extract::{Path, Query},
    http::StatusCode,
};

use crate::{auth::Acting, failure::Failure, present};

/// Sessions of a page when the caller does not say how many, and at most.
const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;
/// Sessions of a page of a search at most: each is looked into.
const FOUND_MAX: u32 = 50;
/// Bytes of what is searched for.
const SEARCH_BYTES_MAX: usize = 1_000;

/// Make a session; give its id as `session_id` to `/query`.
#[utoipa::path(
    post, path = "/v1/sessions", tag = "sessions", request_body = SessionRequest,
    responses(
        (status = 201, body = SessionResponse),
        (status = 400, body = ErrorBody, description = "a title or a time that cannot be one"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<SessionRequest>,
) -> Result<(StatusCode, Json<SessionResponse>), Failure> {
    let (scope, owner) = (app.scope(), app.caller().principal());
    let SessionRequest { title, ttl_minutes } = request;
    let made = app.engine.create_session(&scope, owner, title, ttl_minutes).await?;
    Ok((StatusCode::CREATED, Json(present::session(made))))
}

/// List the sessions, those made last first; with `q` those alone that speak of something.
#[utoipa::path(
    get, path = "/v1/sessions", tag = "sessions", params(SessionListParams),
    responses(
        (status = 200, body = SessionListResponse),
        (status = 400, body = ErrorBody, description = "`limit`, `after` or `q` cannot be one"),
    )
)]
pub(super) async fn list(
    app: Acting,
    Query(params): Query<SessionListParams>,
) -> Result<Json<SessionListResponse>, Failure> {
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    let max = if params.q.is_some() { FOUND_MAX } else { LIMIT_MAX };
    if !(1..=max).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {max}")));
    }
    let after = params.after.as_deref().map(str::parse).transpose();
    let after =
        after.map_err(|error: assay_core::InvalidId| Failure::bad_request(error.to_string()))?;
    let (scope, owner) = (app.scope(), app.caller().principal());
    if let Some(typed) = params.q {
        if typed.len() > SEARCH_BYTES_MAX {
            let why = format!("`q` has {} bytes, and {SEARCH_BYTES_MAX} are allowed", typed.len());
            return Err(Failure::bad_request(why));
        }
        let (found, next) = app.engine.find_sessions(&scope, owner, &typed, after, limit).await?;
        let sessions = found.into_iter().map(present::found_session).collect();
        return Ok(Json(SessionListResponse { sessions, next: next.map(|id| id.to_string()) }));
    }
    let sessions = app.engine.sessions(&scope, owner, after, limit).await?;
    let next = sessions.last().filter(|_| sessions.len() == limit as usize);
    let next = next.map(|session| session.record.id.to_string());
    let sessions = sessions.into_iter().map(present::session).collect();
    Ok(Json(SessionListResponse { sessions, next }))
}

/// Show a session with its messages.
#[utoipa::path(
    get, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    responses((status = 200, body = SessionDetailResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<SessionDetailResponse>, Failure> {
    let id = own_session(&app, &id).await?;
    let (session, turns) = app.engine.session(&app.scope(), id).await?;
    let messages = turns
        .into_iter()
        .filter_map(|(kept, turn)| present::session_message(kept.number, kept.created_ms, turn));
    let messages = messages.collect();
    Ok(Json(SessionDetailResponse { session: present::session(session), messages }))
}

/// Take a session up again, also an expired one.
#[utoipa::path(
    post, path = "/v1/sessions/{id}/activate", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    responses((status = 200, body = SessionResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn activate(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<SessionResponse>, Failure> {
    set_active(&app, &id, true).await
}

/// Set a session aside: it is kept, and takes no questions until it is taken up again.
#[utoipa::path(
    post, path = "/v1/sessions/{id}/deactivate", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    responses((status = 200, body = SessionResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn deactivate(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<SessionResponse>, Failure> {
    set_active(&app, &id, false).await
}

/// Delete a session with its messages.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    responses((status = 204, description = "deleted"), (status = 404, body = ErrorBody))
)]
pub(super) async fn delete(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let id = own_session(&app, &id).await?;
    app.engine.delete_session(&app.scope(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn set_active(
    app: &Acting,
    id: &str,
    is_active: bool,
) -> Result<Json<SessionResponse>, Failure> {
    let id = own_session(app, id).await?;
    let session = app.engine.set_session_active(&app.scope(), id, is_active).await?;
    Ok(Json(present::session(session)))
}

/// The session of a path or a body, when it is the caller's; what is no id names none.
pub(super) async fn own_session(app: &Acting, id: &str) -> Result<SessionId, Failure> {
    let session = id.parse().map_err(|_| Failure::not_found("session", id))?;
    let owner = app.caller().principal();
    app.engine.check_session_owner(&app.scope(), owner, session).await?;
    Ok(session)
}
