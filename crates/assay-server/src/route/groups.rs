//! Groups of members, which access lists name.

use assay_api::{ErrorBody, GroupChange, GroupListResponse, GroupRequest, GroupResponse};
use axum::{Json, extract::Path, http::StatusCode};

use crate::{auth::Acting, failure::Failure, present};

/// List the groups.
#[utoipa::path(
    get, path = "/v1/groups", tag = "identity",
    responses((status = 200, body = GroupListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<GroupListResponse>, Failure> {
    let scope = app.scope();
    let groups = app.identities(move |identities| identities.groups(&scope)).await?;
    Ok(Json(GroupListResponse { groups: groups.iter().map(present::group).collect() }))
}

/// Make a group, which nobody is in yet.
#[utoipa::path(
    post, path = "/v1/groups", tag = "identity", request_body = GroupRequest,
    responses(
        (status = 201, body = GroupResponse),
        (status = 400, body = ErrorBody, description = "not a name, or too many groups"),
        (status = 409, body = ErrorBody, description = "the name is taken"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<GroupRequest>,
) -> Result<(StatusCode, Json<GroupResponse>), Failure> {
    let (scope, actor) = (app.scope(), app.actor());
    let made = app
        .identities(move |identities| identities.create_group(&actor, &scope, &request.name))
        .await?;
    Ok((StatusCode::CREATED, Json(present::group(&made))))
}

/// Show a group and who is in it.
#[utoipa::path(
    get, path = "/v1/groups/{id}", tag = "identity",
    params(("id" = String, Path, description = "id or name of the group")),
    responses((status = 200, body = GroupResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<GroupResponse>, Failure> {
    let scope = app.scope();
    let detail = app.identities(move |identities| identities.group(&scope, &id)).await?;
    Ok(Json(present::group_detail(&detail)))
}

/// Put members of the tenant into a group, or take some out; it holds for the next request.
#[utoipa::path(
    patch, path = "/v1/groups/{id}", tag = "identity", request_body = GroupChange,
    params(("id" = String, Path, description = "id or name of the group")),
    responses(
        (status = 200, body = GroupResponse),
        (status = 400, body = ErrorBody, description = "a user and a service have this name"),
        (status = 404, body = ErrorBody, description = "no such group or member"),
    )
)]
pub(super) async fn change(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<GroupChange>,
) -> Result<Json<GroupResponse>, Failure> {
    let (scope, actor) = (app.scope(), app.actor());
    let detail = app
        .identities(move |identities| {
            identities.change_group(&actor, &scope, &id, request.add, request.remove)?;
            identities.group(&scope, &id)
        })
        .await?;
    Ok(Json(present::group_detail(&detail)))
}

/// Remove a group. Lists that name it then name nobody in its place.
#[utoipa::path(
    delete, path = "/v1/groups/{id}", tag = "identity",
    params(("id" = String, Path, description = "id or name of the group")),
    responses((status = 204, description = "removed"), (status = 404, body = ErrorBody))
)]
pub(super) async fn delete(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let (scope, actor) = (app.scope(), app.actor());
    app.identities(move |identities| identities.delete_group(&actor, &scope, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
