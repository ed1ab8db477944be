//! Setting up, listing, running and removing sources.

use assay_answer::{NewSource, SourceRecord, without_secrets};
use assay_api::{ErrorBody, SourceListResponse, SourceRequest, SourceResponse, SourceRunResponse};
use axum::{Json, extract::Path, http::StatusCode};

use crate::{auth::Acting, failure::Failure, present};

/// List the sources.
#[utoipa::path(
    get, path = "/v1/sources", tag = "sources",
    responses((status = 200, body = SourceListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<SourceListResponse>, Failure> {
    let sources = app.engine.sources(&app.scope()).await?;
    let names = app.engine.collection_names(&app.scope()).await?;
    let shown = sources.into_iter().map(|source| {
        let collection = names.get(&source.collection).cloned().unwrap_or_default();
        shown(source, collection)
    });
    Ok(Json(SourceListResponse { sources: shown.collect() }))
}

/// Set a source up; its first run starts at once.
#[utoipa::path(
    post, path = "/v1/sources", tag = "sources", request_body = SourceRequest,
    responses(
        (status = 201, body = SourceResponse),
        (status = 400, body = ErrorBody, description = "the settings are wrong or not allowed"),
        (status = 409, body = ErrorBody, description = "the name is taken"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<SourceRequest>,
) -> Result<(StatusCode, Json<SourceResponse>), Failure> {
    let collection = request.collection.unwrap_or_else(|| "default".to_owned());
    let new = NewSource {
        name: request.name,
        collection: collection.clone(),
        settings: request.settings,
        every_s: request.every_seconds,
    };
    let made = app.engine.create_source(&app.scope(), new).await?;
    Ok((StatusCode::CREATED, Json(shown(made, collection))))
}

/// Show a source and what came of its last run.
#[utoipa::path(
    get, path = "/v1/sources/{id}", tag = "sources",
    params(("id" = String, Path, description = "the source")),
    responses((status = 200, body = SourceResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<SourceResponse>, Failure> {
    let source = app.engine.source(&app.scope(), source_id(&id)?).await?;
    let names = app.engine.collection_names(&app.scope()).await?;
    let collection = names.get(&source.collection).cloned().unwrap_or_default();
    Ok(Json(shown(source, collection)))
}

/// Start a run now.
#[utoipa::path(
    post, path = "/v1/sources/{id}/run", tag = "sources",
    params(("id" = String, Path, description = "the source")),
    responses((status = 202, body = SourceRunResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn run(
    app: Acting,
    Path(id): Path<String>,
) -> Result<(StatusCode, Json<SourceRunResponse>), Failure> {
    let task = app.engine.run_source(&app.scope(), source_id(&id)?).await?;
    Ok((StatusCode::ACCEPTED, Json(SourceRunResponse { job_id: task.to_string() })))
}

/// Remove a source; its documents stay.
#[utoipa::path(
    delete, path = "/v1/sources/{id}", tag = "sources",
    params(("id" = String, Path, description = "the source")),
    responses((status = 204, description = "removed"), (status = 404, body = ErrorBody))
)]
pub(super) async fn delete(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    app.engine.delete_source(&app.scope(), source_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn source_id(id: &str) -> Result<assay_core::SourceId, Failure> {
    id.parse().map_err(|_| Failure::not_found("source", id))
}

fn shown(source: SourceRecord, collection: String) -> SourceResponse {
    SourceResponse {
        id: source.id.to_string(),
        name: source.name,
        collection,
        every_seconds: source.every_s,
        settings: without_secrets(source.settings),
        next_run_at: source.next_ms.map(present::time),
        last_run: source.last_run,
        created_at: present::time(source.created_ms),
    }
}
