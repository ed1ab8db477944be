//! Making, listing, changing and removing collections.

use assay_answer::CollectionOverview;
use assay_api::{
    CollectionChange, CollectionDeleteParams, CollectionListResponse, CollectionRequest,
    CollectionResponse, CollectionSettings, ErrorBody, ReadAgainResponse,
};
use axum::{
    Extension, Json,
    extract::{Path, Query},
    http::StatusCode,
};

use super::access::collection_list;
use crate::{
    auth::{Acting, Touched},
    failure::Failure,
    present,
};

/// List the collections.
#[utoipa::path(
    get, path = "/v1/collections", tag = "collections",
    responses((status = 200, body = CollectionListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<CollectionListResponse>, Failure> {
    let collections = app.engine.collections(&app.scope()).await?;
    let collections = collections.into_iter().map(shown).collect();
    Ok(Json(CollectionListResponse { collections }))
}

/// Make a collection.
#[utoipa::path(
    post, path = "/v1/collections", tag = "collections", request_body = CollectionRequest,
    responses(
        (status = 201, body = CollectionResponse),
        (status = 400, body = ErrorBody, description = "not a name, or settings out of range"),
        (status = 404, body = ErrorBody, description = "no such member or group"),
        (status = 409, body = ErrorBody, description = "the name is taken"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<CollectionRequest>,
) -> Result<(StatusCode, Extension<Touched>, Json<CollectionResponse>), Failure> {
    let access = match request.access {
        Some(access) => Some(collection_list(&app, access).await?),
        None => None,
    };
    let settings = settings(&request.settings);
    let made = app.engine.create_collection(&app.scope(), &request.name, settings, access).await?;
    let touched = Touched(format!("collection:{}", made.id));
    Ok((StatusCode::CREATED, Extension(touched), Json(shown(made))))
}

/// Show a collection.
#[utoipa::path(
    get, path = "/v1/collections/{name}", tag = "collections",
    params(("name" = String, Path, description = "the collection")),
    responses((status = 200, body = CollectionResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(name): Path<String>,
) -> Result<Json<CollectionResponse>, Failure> {
    Ok(Json(shown(app.engine.collection(&app.scope(), &name).await?)))
}

/// Rename a collection or change its settings; they hold for what is taken in from now on.
#[utoipa::path(
    patch, path = "/v1/collections/{name}", tag = "collections",
    params(("name" = String, Path, description = "the collection")),
    request_body = CollectionChange,
    responses(
        (status = 200, body = CollectionResponse),
        (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "the new name is taken"),
    )
)]
pub(super) async fn change(
    app: Acting,
    Path(name): Path<String>,
    Json(request): Json<CollectionChange>,
) -> Result<Json<CollectionResponse>, Failure> {
    let settings = request.settings.as_ref().map(settings);
    let changed = app.engine.change_collection(&app.scope(), &name, request.name, settings).await?;
    Ok(Json(shown(changed)))
}

/// Remove a collection.
#[utoipa::path(
    delete, path = "/v1/collections/{name}", tag = "collections",
    params(("name" = String, Path, description = "the collection"), CollectionDeleteParams),
    responses(
        (status = 204, description = "removed"),
        (status = 400, body = ErrorBody, description = "it holds documents"),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn delete(
    app: Acting,
    Path(name): Path<String>,
    Query(params): Query<CollectionDeleteParams>,
) -> Result<StatusCode, Failure> {
    app.engine.delete_collection(&app.scope(), &name, params.documents).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Read the documents of a collection again with the settings of today, without an outage.
#[utoipa::path(
    post, path = "/v1/collections/{name}/reingest", tag = "collections",
    params(("name" = String, Path, description = "the collection")),
    responses((status = 202, body = ReadAgainResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn reingest(
    app: Acting,
    Path(name): Path<String>,
) -> Result<(StatusCode, Json<ReadAgainResponse>), Failure> {
    let begun = app.engine.read_again(&app.scope(), &name).await?;
    Ok((StatusCode::ACCEPTED, Json(ReadAgainResponse { begun })))
}

fn settings(settings: &CollectionSettings) -> assay_answer::CollectionSettings {
    assay_answer::CollectionSettings {
        passage_tokens: settings.passage_tokens,
        search: present::search_settings(&settings.search),
    }
}

fn shown(collection: CollectionOverview) -> CollectionResponse {
    CollectionResponse {
        name: collection.name,
        documents: collection.documents,
        settings: CollectionSettings {
            passage_tokens: collection.settings.passage_tokens,
            search: present::search_weights(collection.settings.search),
        },
        created_at: present::time(collection.created_ms),
    }
}
