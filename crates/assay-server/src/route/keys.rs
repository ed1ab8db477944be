//! API keys: making, listing, rotating, revoking; services, which act by them.

use assay_api::{
    ErrorBody, KeyListResponse, KeyRequest, KeyRotation, MintedKeyResponse, PrincipalResponse,
    ServiceRequest,
};
use assay_core::PrincipalId;
use assay_identity::{Caller, IdentityError, NewKey, Permission, Permissions, PrincipalKind};
use axum::{Json, extract::Path, http::StatusCode};

use crate::{auth::Acting, failure::Failure, present};

/// Seconds for which a rotated key stays good when the caller does not say.
const OVERLAP_SECONDS: u32 = 24 * 3_600;

/// List the keys: one's own, or all of the tenant for those who manage keys.
#[utoipa::path(
    get, path = "/v1/keys", tag = "identity",
    responses((status = 200, body = KeyListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<KeyListResponse>, Failure> {
    let (scope, only) = (app.scope(), own_alone(app.caller()));
    let keys = app.identities(move |identities| identities.keys(&scope, only)).await?;
    Ok(Json(KeyListResponse { keys: keys.iter().map(present::key).collect() }))
}

/// Make a key for oneself, or for a service. Its text is shown this once.
#[utoipa::path(
    post, path = "/v1/keys", tag = "identity", request_body = KeyRequest,
    responses(
        (status = 201, body = MintedKeyResponse),
        (status = 400, body = ErrorBody, description = "no such permission, or a time in the past"),
        (status = 403, body = ErrorBody, description = "more than the caller may do"),
        (status = 404, body = ErrorBody, description = "no such service"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<KeyRequest>,
) -> Result<(StatusCode, Json<MintedKeyResponse>), Failure> {
    let scopes = request.scopes.as_ref().map(|names| names.iter().map(String::as_str));
    let scopes = narrowed(app.caller(), scopes.map(Permissions::parse).transpose()?)?;
    let expires_ms = request.expires_at.as_deref().map(present::moment).transpose()?;
    if request.service.is_some() {
        app.caller().may(Permission::KeyManage)?;
    }
    let (scope, actor, caller) = (app.scope(), app.actor(), app.caller().principal());
    let minted = app
        .identities(move |identities| {
            let principal = match &request.service {
                None => caller,
                Some(name) => identities
                    .members(&scope)?
                    .into_iter()
                    .map(|member| member.principal)
                    .find(|it| it.kind == PrincipalKind::Service && it.name == *name)
                    .map(|service| service.id)
                    .ok_or_else(|| IdentityError::NotFound { kind: "service", id: name.clone() })?,
            };
            let new = NewKey { name: request.name, principal, scopes, expires_ms };
            identities.create_key(&actor, &scope, new)
        })
        .await?;
    Ok((StatusCode::CREATED, Json(present::minted_key(&minted))))
}

/// Make a key in the place of another, which stays good for a while.
#[utoipa::path(
    post, path = "/v1/keys/{id}/rotate", tag = "identity", request_body = KeyRotation,
    params(("id" = String, Path, description = "the key's public part")),
    responses(
        (status = 201, body = MintedKeyResponse),
        (status = 400, body = ErrorBody, description = "it is not good any more"),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn rotate(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<KeyRotation>,
) -> Result<(StatusCode, Json<MintedKeyResponse>), Failure> {
    let (scope, actor, only) = (app.scope(), app.actor(), own_alone(app.caller()));
    let overlap_ms = i64::from(request.overlap_seconds.unwrap_or(OVERLAP_SECONDS)) * 1_000;
    let rotated = app
        .identities(move |identities| identities.rotate_key(&actor, &scope, only, &id, overlap_ms))
        .await?;
    Ok((StatusCode::CREATED, Json(present::minted_key(&rotated))))
}

/// Revoke a key: it is refused from the answer on.
#[utoipa::path(
    delete, path = "/v1/keys/{id}", tag = "identity",
    params(("id" = String, Path, description = "the key's public part")),
    responses((status = 204, description = "revoked"), (status = 404, body = ErrorBody))
)]
pub(super) async fn revoke(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let (scope, actor, only) = (app.scope(), app.actor(), own_alone(app.caller()));
    app.identities(move |identities| identities.revoke_key(&actor, &scope, only, &id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a service: a program that acts for the tenant, with the role `service`.
#[utoipa::path(
    post, path = "/v1/services", tag = "identity", request_body = ServiceRequest,
    responses(
        (status = 201, body = PrincipalResponse),
        (status = 400, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "the name is taken"),
    )
)]
pub(super) async fn create_service(
    app: Acting,
    Json(request): Json<ServiceRequest>,
) -> Result<(StatusCode, Json<PrincipalResponse>), Failure> {
    let (scope, actor) = (app.scope(), app.actor());
    let made = app
        .identities(move |identities| identities.create_service(&actor, &scope, &request.name))
        .await?;
    Ok((StatusCode::CREATED, Json(present::principal(&made))))
}

/// Whose keys the caller sees: the caller's alone, unless keys are the caller's to manage.
fn own_alone(caller: &Caller) -> Option<PrincipalId> {
    (!caller.has(Permission::KeyManage)).then(|| caller.principal())
}

/// A key made by a narrowed key is narrowed at least as much.
fn narrowed(
    caller: &Caller,
    wanted: Option<Permissions>,
) -> Result<Option<Permissions>, IdentityError> {
    let own = caller.scopes();
    match wanted {
        None if own == Permissions::ALL => Ok(None),
        None => Ok(Some(own)),
        Some(wanted) if wanted.and(own) == wanted => Ok(Some(wanted)),
        Some(_) => Err(IdentityError::Denied {
            permission: Permission::KeyOwn.as_str(),
            whose: "this key for more than its own scopes".to_owned(),
        }),
    }
}
