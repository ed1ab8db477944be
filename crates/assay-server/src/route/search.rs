//! `GET /search` and `POST /search`: passages, without an answer.

use assay_answer::{Condition, LaneReport, ProviderName, SearchOptions, SearchQuery};
use assay_api::{ErrorBody, SearchParams, SearchRequest, SearchResponse};
use axum::{Json, extract::Query};

use crate::{auth::Acting, failure::Failure, present};

/// Results when the caller does not say how many.
const LIMIT_DEFAULT: usize = 10;
/// Relevance against variety when the caller does not say how much.
const LAMBDA_DEFAULT: f32 = 0.5;

/// Find passages.
#[utoipa::path(
    get, path = "/search", tag = "search", params(SearchParams),
    responses(
        (status = 200, body = SearchResponse),
        (status = 400, body = ErrorBody, description = "empty or too long a query, an option out of range, a fault in the filter"),
        (status = 404, body = ErrorBody, description = "unknown collection"),
    )
)]
pub(super) async fn search_get(
    app: Acting,
    Query(params): Query<SearchParams>,
) -> Result<Json<SearchResponse>, Failure> {
    let sources = params.sources.unwrap_or_default();
    let fields = params.facet_fields.unwrap_or_default();
    let request = SearchRequest {
        query: params.q,
        sources: names(&sources),
        collections: Vec::new(),
        documents: Vec::new(),
        limit: params.limit,
        mode: params.mode,
        filter: params.filter.map(serde_json::Value::String),
        facet_fields: names(&fields),
        weights: None,
        offset: params.offset,
        min_score: params.min_score,
        group_by: params.group_by,
        use_diversification: params.use_diversification,
        diversification_lambda: params.diversification_lambda,
        top_facet_values: params.top_facet_values,
        explain: params.explain,
    };
    search(&app, request).await
}

/// Find passages, in chosen documents if wanted.
#[utoipa::path(
    post, path = "/search", tag = "search", request_body = SearchRequest,
    responses(
        (status = 200, body = SearchResponse),
        (status = 400, body = ErrorBody, description = "empty or too long a query, an option out of range, a fault in the filter"),
        (status = 404, body = ErrorBody, description = "unknown collection"),
    )
)]
pub(super) async fn search_post(
    app: Acting,
    Json(request): Json<SearchRequest>,
) -> Result<Json<SearchResponse>, Failure> {
    search(&app, request).await
}

async fn search(app: &Acting, request: SearchRequest) -> Result<Json<SearchResponse>, Failure> {
    let query = SearchQuery {
        text: request.query,
        sources: request.sources,
        collections: request.collections,
        documents: present::document_ids(&request.documents)?,
        limit: request.limit.unwrap_or(LIMIT_DEFAULT),
        mode: request.mode.as_deref().unwrap_or("hybrid").parse()?,
        options: SearchOptions {
            filter: request.filter.as_ref().map(Condition::from_json).transpose()?,
            offset: request.offset.unwrap_or(0),
            min_score: request.min_score,
            group_by: request.group_by.as_deref().unwrap_or("document").parse()?,
            diversify: request
                .use_diversification
                .unwrap_or(false)
                .then(|| request.diversification_lambda.unwrap_or(LAMBDA_DEFAULT)),
            weights: request.weights.as_ref().map(present::search_settings),
            facet_fields: request.facet_fields,
            facet_values: request.top_facet_values.unwrap_or(0),
            explain: request.explain.unwrap_or(false),
        },
        asked_by: Some(app.actor()),
    };
    let outcome = app.engine.search(&app.scope(), &query).await?;
    let whole = outcome.is_whole();
    let results: Vec<_> = outcome.passages.into_iter().map(present::search_result).collect();
    Ok(Json(SearchResponse {
        query: query.text.trim().to_owned(),
        sources_used: sources_used(&query, &outcome.lanes),
        total_results: results.len(),
        results,
        has_more: outcome.has_more,
        matched_documents: outcome.matched_documents,
        facets: outcome
            .facets
            .into_iter()
            .map(|(field, facet)| (field, present::facet(facet)))
            .collect(),
        notices: outcome.notices,
        guard: present::notes(&outcome.guard),
        respelled: outcome.respelled.into_iter().map(present::respelled).collect(),
        within_budget: outcome.lanes.iter().all(present::in_time),
        lanes: outcome.lanes.into_iter().map(present::lane).collect(),
        search_time_ms: present::ms(outcome.took),
        status: if whole { "success" } else { "partial" }.to_owned(),
        timestamp: present::now(),
    }))
}

/// Names separated by commas.
fn names(text: &str) -> Vec<String> {
    text.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
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
