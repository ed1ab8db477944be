//! `GET /search` and `POST /search`: passages, without an answer.

use assay_answer::{LaneReport, ProviderName, SearchQuery};
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
    let names = sources.split(',').map(str::trim).filter(|name| !name.is_empty());
    let request = SearchRequest {
        query: params.q,
        sources: names.map(str::to_owned).collect(),
        collections: Vec::new(),
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
        sources: request.sources,
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
        sources_used: sources_used(&query, &outcome.lanes),
        total_results: results.len(),
        results,
        within_budget: outcome.lanes.iter().all(present::in_time),
        lanes: outcome.lanes.into_iter().map(present::lane).collect(),
        search_time_ms: present::ms(outcome.took),
        status: if whole { "success" } else { "partial" }.to_owned(),
        timestamp: present::now(),
    }))
}

/// The collections that were asked for by name, and the public sources that answered.
fn sources_used(query: &SearchQuery, lanes: &[LaneReport]) -> Vec<String> {
    let every = ["all", "files", "web"];
    let collections = query.sources.iter().chain(&query.collections).filter(|name| {
        let is_provider = name.parse::<ProviderName>().is_ok();
        !every.contains(&name.as_str()) && !is_provider
    });
    let answered = lanes.iter().flat_map(|lane| present::answered(&lane.providers));
    collections.cloned().chain(answered).collect()
}
