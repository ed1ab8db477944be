//! `POST /query`: a question over the caller's files.

use assay_answer::Question;
use assay_api::{ErrorBody, QueryRequest, QueryResponse};
use axum::{Json, extract::State};

use crate::{App, failure::Failure, present};

/// Ask a question; every sentence of the answer was checked against the cited passage.
///
/// When the sources do not hold the answer, `state` is `not_in_sources` and `nearest` shows the
/// passages that come closest.
#[utoipa::path(
    post, path = "/query", tag = "answers", request_body = QueryRequest,
    responses(
        (status = 200, body = QueryResponse),
        (status = 400, body = ErrorBody, description = "empty or too long a question, unknown value"),
        (status = 404, body = ErrorBody, description = "unknown collection"),
    )
)]
pub(super) async fn query(
    State(app): State<App>,
    Json(request): Json<QueryRequest>,
) -> Result<Json<QueryResponse>, Failure> {
    let question = Question {
        text: request.query,
        collections: request.collections,
        documents: present::document_ids(&request.documents)?,
        unsupported: request.unsupported.as_deref().unwrap_or("drop").parse()?,
        writer: request.writer.as_deref().unwrap_or("auto").parse()?,
        mode: request.mode.as_deref().unwrap_or("hybrid").parse()?,
    };
    let answer = app.engine.ask(&app.scope(), &question).await?;
    Ok(Json(present::answer(&question.text, answer)))
}
