//! The users of the installation.

use assay_api::{ErrorBody, PrincipalResponse, UserChange, UserListResponse, UserRequest};
use axum::{Json, extract::Path, http::StatusCode};

use crate::{auth::Acting, failure::Failure, present};

/// List the users.
#[utoipa::path(
    get, path = "/v1/users", tag = "platform",
    responses((status = 200, body = UserListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<UserListResponse>, Failure> {
    let users = app.identities(|identities| identities.users()).await?;
    Ok(Json(UserListResponse { users: users.iter().map(present::principal).collect() }))
}

/// Make a user, who is a member of nothing yet.
#[utoipa::path(
    post, path = "/v1/users", tag = "platform", request_body = UserRequest,
    responses(
        (status = 201, body = PrincipalResponse),
        (status = 400, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "the name is taken"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<UserRequest>,
) -> Result<(StatusCode, Json<PrincipalResponse>), Failure> {
    let actor = app.actor();
    let made =
        app.identities(move |identities| identities.create_user(&actor, &request.name)).await?;
    Ok((StatusCode::CREATED, Json(present::principal(&made))))
}

/// Shut a user out of everything, or let the user in again.
#[utoipa::path(
    patch, path = "/v1/users/{name}", tag = "platform", request_body = UserChange,
    params(("name" = String, Path, description = "the user")),
    responses((status = 200, body = PrincipalResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn change(
    app: Acting,
    Path(name): Path<String>,
    Json(request): Json<UserChange>,
) -> Result<Json<PrincipalResponse>, Failure> {
    let actor = app.actor();
    let changed = app
        .identities(move |identities| identities.set_user_disabled(&actor, &name, request.disabled))
        .await?;
    Ok(Json(present::principal(&changed)))
}
