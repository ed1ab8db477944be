//! Sessions that their owners open to the members of the tenant, to be read.

use assay_api::{ErrorBody, SessionResponse, SharedSessionResponse};
use axum::{Json, extract::Path};

use super::{opinions::names, sessions::own_session};
use crate::{auth::Acting, failure::Failure, present};

/// Let the members of the tenant read a session, by `GET /v1/shared/{id}`, also what is added to it
/// later.
#[utoipa::path(
    put, path = "/v1/sessions/{id}/share", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    responses((status = 200, body = SessionResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn share(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<SessionResponse>, Failure> {
    set(&app, &id, true).await
}

/// Keep a session to its owner again.
#[utoipa::path(
    delete, path = "/v1/sessions/{id}/share", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    responses((status = 200, body = SessionResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn unshare(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<SessionResponse>, Failure> {
    set(&app, &id, false).await
}

/// Read a session that a member of the tenant has opened. Answers that may hold words of documents
/// which are closed to the caller are left out.
#[utoipa::path(
    get, path = "/v1/shared/{id}", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    responses((status = 200, body = SharedSessionResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<SharedSessionResponse>, Failure> {
    let session = id.parse().map_err(|_| Failure::not_found("session", &id))?;
    let shared = app.engine.shared_session(&app.scope(), session).await?;
    let messages = shared
        .turns
        .into_iter()
        .filter_map(|(kept, turn)| present::session_message(kept.number, kept.created_ms, turn));
    Ok(Json(SharedSessionResponse {
        owner: names(&app).await?.remove(&shared.owner),
        is_own: shared.owner == app.caller().principal(),
        session: present::session(shared.session),
        messages: messages.collect(),
    }))
}

async fn set(app: &Acting, id: &str, is_shared: bool) -> Result<Json<SessionResponse>, Failure> {
    let id = own_session(app, id).await?;
    let session = app.engine.share_session(&app.scope(), id, is_shared).await?;
    Ok(Json(present::session(session)))
}
