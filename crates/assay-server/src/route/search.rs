//! `GET /search` and `POST /search`: passages, without an answer.

use assay_answer::SearchQuery;
use assay_api::{ErrorBody, SearchParams, SearchRequest, SearchResponse};
use axum::{
    Json,
    extract::{Query, State},
};

use crate::{App, failure::Failure, present};

/// Results when the caller does not say how many.
const LIMIT_DEFAULT: usize = 10;

/// Find passages.
#[utoipa::path(
    get, path = "/search", tag = "search", params(SearchParams),
    responses(
        (status = 200, body = SearchResponse),
        (status = 400, body = ErrorBody, description = "empty or too long a query, limit out of range"),
        (status = 404, body = ErrorBody, description = "unknown collection"),
    )
)]
pub(super) async fn search_get(
    State(app): State<App>,
    Query(params): Query<SearchParams>,
) -> Result<Json<SearchResponse>, Failure> {
    let sources = params.sources.unwrap_or_default();
    let collections = match sources.as_str() {
        "" | "all" => Vec::new(),
        names => names.split(',').map(|name| name.trim().to_owned()).collect(),
    };
    let request = SearchRequest {
        query: params.q,
        collections,
        documents: Vec::new(),
        limit: params.limit,
        mode: params.mode,
    };
    search(&app, request).await
}

/// Find passages, in chosen documents if wanted.
#[utoipa::path(
    post, path = "/search", tag = "search", request_body = SearchRequest,
    responses(
        (status = 200, body = SearchResponse),
        (status = 400, body = ErrorBody, description = "empty or too long a query, limit out of range"),
        (status = 404, body = ErrorBody, description = "unknown collection"),
    )
)]
pub(super) async fn search_post(
    State(app): State<App>,
    Json(request): Json<SearchRequest>,
) -> Result<Json<SearchResponse>, Failure> {
    search(&app, request).await
}

async fn search(app: &App, request: SearchRequest) -> Result<Json<SearchResponse>, Failure> {
    let query = SearchQuery {
        text: request.query,
        collections: request.collections,
        documents: present::document_ids(&request.documents)?,
        limit: request.limit.unwrap_or(LIMIT_DEFAULT),
        mode: request.mode.as_deref().unwrap_or("hybrid").parse()?,
    };
    let outcome = app.engine.search(&app.scope(), &query).await?;
    let whole = outcome.is_whole();
    let results: Vec<_> = outcome.passages.into_iter().map(present::search_result).collect();
    Ok(Json(SearchResponse {
        query: query.text.trim().to_owned(),
        sources_used: query.collections,
        total_results: results.len(),
        results,
        respelled: outcome.respelled.into_iter().map(present::respelled).collect(),
        within_budget: outcome.lanes.iter().all(present::in_time),
        lanes: outcome.lanes.into_iter().map(present::lane).collect(),
        search_time_ms: present::ms(outcome.took),
        status: if whole { "success" } else { "partial" }.to_owned(),
        timestamp: present::now(),
    }))
}
