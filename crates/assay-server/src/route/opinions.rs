//! What people say of answers.

use std::collections::HashMap;

use assay_answer::Opinion;
use assay_api::{
    ErrorBody, OpinionListParams, OpinionListResponse, OpinionRequest, OpinionResponse,
};
use assay_core::PrincipalId;
use axum::{
    Json,
    extract::{Path, Query},
};

use super::sessions::own_session;
use crate::{auth::Acting, failure::Failure, present};

/// Opinions of a page when the caller does not say how many, and at most.
const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// Say whether an answer of one's session helped, and why; the last word counts. Those with the
/// permission `opinion.read` can read it, together with the question.
#[utoipa::path(
    put, path = "/v1/sessions/{id}/opinion", tag = "sessions",
    params(("id" = String, Path, description = "the session")),
    request_body = OpinionRequest,
    responses(
        (status = 200, body = OpinionResponse),
        (status = 400, body = ErrorBody, description = "the comment is empty or too long"),
        (status = 404, body = ErrorBody, description = "no such session or message"),
    )
)]
pub(super) async fn set(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<OpinionRequest>,
) -> Result<Json<OpinionResponse>, Failure> {
    let id = own_session(&app, &id).await?;
    let owner = app.caller().principal();
    let OpinionRequest { message, useful, comment } = request;
    let engine = &app.engine;
    let said = engine.judge_answer(&app.scope(), owner, id, message, useful, comment).await?;
    Ok(Json(shown(said, &names(&app).await?)))
}

/// List what people said of answers, those said last first.
#[utoipa::path(
    get, path = "/v1/opinions", tag = "sessions", params(OpinionListParams),
    responses(
        (status = 200, body = OpinionListResponse),
        (status = 400, body = ErrorBody, description = "`limit` cannot be one"),
    )
)]
pub(super) async fn list(
    app: Acting,
    Query(params): Query<OpinionListParams>,
) -> Result<Json<OpinionListResponse>, Failure> {
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {LIMIT_MAX}")));
    }
    let said = app.engine.opinions(&app.scope(), params.before, limit).await?;
    let is_full = said.len() == limit as usize;
    let next = said.last().map(|(number, _)| *number).filter(|_| is_full);
    let names = names(&app).await?;
    let opinions = said.into_iter().map(|(_, opinion)| shown(opinion, &names)).collect();
    Ok(Json(OpinionListResponse { opinions, next }))
}

/// The members of the tenant by name.
pub(super) async fn names(app: &Acting) -> Result<HashMap<PrincipalId, String>, Failure> {
    let scope = app.scope();
    let members = app.identities(move |identities| identities.members(&scope)).await?;
    Ok(members.into_iter().map(|it| (it.principal.id, it.principal.name)).collect())
}

fn shown(opinion: Opinion, names: &HashMap<PrincipalId, String>) -> OpinionResponse {
    OpinionResponse {
        session_id: opinion.session.to_string(),
        message: opinion.turn,
        by: names.get(&opinion.owner).cloned(),
        query: opinion.question,
        state: opinion.state,
        useful: opinion.useful,
        comment: opinion.comment,
        created_at: present::time(opinion.created_ms),
    }
}
