//! Judgements of results, and the weight that fits them.

use assay_answer::Judged;
use assay_api::{ErrorBody, FeedbackRequest, FeedbackResponse, TuneRequest, TuneResponse};
use assay_core::{InvalidId, PassageId};
use axum::{Json, extract::Path, http::StatusCode};

use crate::{auth::Acting, failure::Failure, present};

/// Say whether a result was useful for a query; the last word on a query and a document counts.
#[utoipa::path(
    post, path = "/v1/feedback", tag = "search", request_body = FeedbackRequest,
    responses(
        (status = 201, body = FeedbackResponse),
        (status = 400, body = ErrorBody, description = "no query, or not exactly one result"),
        (status = 404, body = ErrorBody, description = "there is no such result"),
    )
)]
pub(super) async fn add(
    app: Acting,
    Json(request): Json<FeedbackRequest>,
) -> Result<(StatusCode, Json<FeedbackResponse>), Failure> {
    let judged = match (&request.passage_id, &request.document_id) {
        (Some(passage), None) => Judged::Passage(passage_id(passage)?),
        (None, Some(document)) => Judged::Document(present::document_id(document)?),
        _ => {
            let failure = Failure::bad_request("a judgement is about exactly one result");
            return Err(failure.hint("send `passage_id` or `document_id` of a search result"));
        }
    };
    let scope = app.scope();
    let document = app.engine.add_feedback(&scope, &request.query, judged, request.useful).await?;
    let response = FeedbackResponse {
        query: request.query.trim().to_owned(),
        document_id: document.to_string(),
        useful: request.useful,
    };
    Ok((StatusCode::CREATED, Json(response)))
}

/// Find the share of the vector score that fits the judgements of a collection, and set it when
/// `apply` is true.
#[utoipa::path(
    post, path = "/v1/collections/{name}/tune", tag = "collections",
    params(("name" = String, Path, description = "the collection")),
    request_body = TuneRequest,
    responses(
        (status = 200, body = TuneResponse),
        (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "no embedding model is loaded"),
    )
)]
pub(super) async fn tune(
    app: Acting,
    Path(name): Path<String>,
    Json(request): Json<TuneRequest>,
) -> Result<Json<TuneResponse>, Failure> {
    let tuning = app.engine.tune(&app.scope(), &name, request.apply).await?;
    Ok(Json(present::tuning(name, tuning)))
}

fn passage_id(text: &str) -> Result<PassageId, Failure> {
    text.parse().map_err(|error: InvalidId| Failure::bad_request(error.to_string()))
}
