//! Who may read a collection or a document.

use assay_answer::AccessList;
use assay_api::{AccessListResponse, AccessRequest, AccessResponse, ErrorBody, OpenTo};
use assay_core::Holder;
use axum::{Json, extract::Path};

use crate::{auth::Acting, failure::Failure, present};

/// Show who may read a collection.
#[utoipa::path(
    get, path = "/v1/collections/{name}/access", tag = "collections",
    params(("name" = String, Path, description = "the collection")),
    responses((status = 200, body = AccessResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn of_collection(
    app: Acting,
    Path(name): Path<String>,
) -> Result<Json<AccessResponse>, Failure> {
    let list = app.engine.collection_access(&app.scope(), &name).await?;
    let own = shown(&app, Some(list.unwrap_or_else(everybody))).await?;
    Ok(Json(AccessResponse { in_force: own.clone(), own }))
}

/// Say who may read a collection. It holds, also for what was taken in before, from the next request
/// on; documents with a list of their own keep that.
#[utoipa::path(
    put, path = "/v1/collections/{name}/access", tag = "collections", request_body = AccessRequest,
    params(("name" = String, Path, description = "the collection")),
    responses(
        (status = 200, body = AccessResponse),
        (status = 400, body = ErrorBody, description = "it cannot inherit, or the list is too long"),
        (status = 404, body = ErrorBody, description = "no such collection, member or group"),
    )
)]
pub(super) async fn set_of_collection(
    app: Acting,
    Path(name): Path<String>,
    Json(request): Json<AccessRequest>,
) -> Result<Json<AccessResponse>, Failure> {
    let list = collection_list(&app, request).await?;
    app.engine.set_collection_access(&app.scope(), &name, Some(list)).await?;
    of_collection(app, Path(name)).await
}

/// Show who may read a document.
#[utoipa::path(
    get, path = "/v1/documents/{id}/access", tag = "documents",
    params(("id" = String, Path, description = "the document")),
    responses((status = 200, body = AccessResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn of_document(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<AccessResponse>, Failure> {
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    let access = app.engine.document_access(&app.scope(), document).await?;
    let in_force = access.in_force.unwrap_or_else(everybody);
    Ok(Json(AccessResponse {
        own: shown(&app, access.own).await?,
        in_force: shown(&app, Some(in_force)).await?,
    }))
}

/// Say who may read a document and all that came out of it. It holds from the next request on.
#[utoipa::path(
    put, path = "/v1/documents/{id}/access", tag = "documents", request_body = AccessRequest,
    params(("id" = String, Path, description = "the document")),
    responses(
        (status = 200, body = AccessResponse),
        (status = 400, body = ErrorBody, description = "names beside `inherited` or `everybody`"),
        (status = 404, body = ErrorBody, description = "no such document, member or group"),
    )
)]
pub(super) async fn set_of_document(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<AccessRequest>,
) -> Result<Json<AccessResponse>, Failure> {
    let document = id.parse().map_err(|_| Failure::not_found("document", &id))?;
    let list = list(&app, request).await?;
    app.engine.set_document_access(&app.scope(), document, list).await?;
    of_document(app, Path(id)).await
}

/// The list that a request asks for; none to inherit.
pub(super) async fn list(
    app: &Acting,
    request: AccessRequest,
) -> Result<Option<AccessList>, Failure> {
    let AccessRequest { open_to, members, groups } = request;
    if open_to != OpenTo::Listed && !(members.is_empty() && groups.is_empty()) {
        return Err(Failure::bad_request("only `listed` takes members and groups")
            .hint("leave `open_to` out, or the names"));
    }
    match open_to {
        OpenTo::Inherited => Ok(None),
        OpenTo::Everybody => Ok(Some(everybody())),
        OpenTo::Listed => {
            let scope = app.scope();
            let named = move |identities: &assay_identity::Identities| {
                identities.holders(&scope, &members, &groups)
            };
            Ok(Some(app.identities(named).await?))
        }
    }
}

/// The list that a request asks for a collection.
pub(super) async fn collection_list(
    app: &Acting,
    request: AccessRequest,
) -> Result<AccessList, Failure> {
    list(app, request).await?.ok_or_else(|| {
        Failure::bad_request("a collection inherits from nothing")
            .hint("use `everybody`, or name members and groups")
    })
}

/// A list as it is shown; none where something inherits.
async fn shown(app: &Acting, list: Option<AccessList>) -> Result<AccessListResponse, Failure> {
    let (scope, holders) = (app.scope(), list.clone().unwrap_or_default());
    let names = app.identities(move |identities| identities.holder_names(&scope, &holders)).await?;
    Ok(present::access_list(list.as_deref(), names))
}

fn everybody() -> AccessList {
    vec![Holder::Everybody]
}
