//! The tenants of the installation: made, suspended, erased. For owners of the platform tenant; what
//! a tenant holds is not theirs to see.

use assay_api::{
    ErrorBody, MemberListResponse, MemberRequest, TenantChange, TenantListResponse, TenantRequest,
    TenantResponse, TenantUsage,
};
use assay_core::TenantScope;
use assay_identity::{OwnLimits, Permission, TenantRecord};
use axum::{
    Json,
    body::Body,
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{auth::Acting, failure::Failure, present};

/// List the tenants.
#[utoipa::path(
    get, path = "/v1/tenants", tag = "platform",
    responses((status = 200, body = TenantListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<TenantListResponse>, Failure> {
    let tenants = app.identities(|identities| identities.tenants()).await?;
    Ok(Json(TenantListResponse { tenants: tenants.iter().map(|it| shown(&app, it)).collect() }))
}

/// Make a tenant, with a first owner where one is named.
#[utoipa::path(
    post, path = "/v1/tenants", tag = "platform", request_body = TenantRequest,
    responses(
        (status = 201, body = TenantResponse),
        (status = 400, body = ErrorBody, description = "not a name"),
        (status = 404, body = ErrorBody, description = "no such user"),
        (status = 409, body = ErrorBody, description = "the name is taken"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<TenantRequest>,
) -> Result<(StatusCode, Json<TenantResponse>), Failure> {
    let TenantRequest { name, owner, trial_ends_at } = request;
    let trial_ends_ms = trial_ends_at.as_deref().map(present::moment).transpose()?;
    let made = app.engine.create_tenant(app.actor(), name, trial_ends_ms, owner).await?;
    Ok((StatusCode::CREATED, Json(shown(&app, &made))))
}

/// Show a tenant.
#[utoipa::path(
    get, path = "/v1/tenants/{id}", tag = "platform",
    params(("id" = String, Path, description = "id or name of the tenant")),
    responses((status = 200, body = TenantResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<TenantResponse>, Failure> {
    let (scope, record) = app.identities(move |identities| identities.managed_tenant(&id)).await?;
    let usage = Some(usage(&app, scope).await?);
    Ok(Json(TenantResponse { usage, ..shown(&app, &record) }))
}

/// Show the tenant that the caller acts for, its limits, and to those who may read everything how
/// much it has.
#[utoipa::path(
    get, path = "/v1/tenant", tag = "identity",
    responses((status = 200, body = TenantResponse))
)]
pub(super) async fn own(app: Acting) -> Result<Json<TenantResponse>, Failure> {
    let scope = app.scope();
    let tenant = scope.tenant();
    let record = app.identities(move |identities| identities.tenant(tenant)).await?;
    let usage = match app.caller().has(Permission::ContentAll) {
        true => Some(usage(&app, scope).await?),
        false => None,
    };
    Ok(Json(TenantResponse { usage, ..shown(&app, &record) }))
}

/// Take everything of the tenant out as one archive: originals, records, members, groups, the audit
/// log.
#[utoipa::path(
    get, path = "/v1/tenant/export", tag = "identity",
    responses(
        (status = 200, content_type = "application/x-tar",
         description = "whole when its last entry is `manifest.json`"),
    )
)]
pub(super) async fn export(app: Acting) -> Result<Response, Failure> {
    let parts = app.engine.export_tenant(app.actor(), app.scope())?;
    let kind = [(header::CONTENT_TYPE, "application/x-tar")];
    Ok((kind, Body::from_stream(parts)).into_response())
}

async fn usage(app: &Acting, scope: TenantScope) -> Result<TenantUsage, Failure> {
    let (has, members) = app.engine.usage_of_tenant(scope).await?;
    Ok(TenantUsage { documents: has.documents, bytes: has.bytes, members })
}

/// A tenant with the limits that hold for it.
fn shown(app: &Acting, tenant: &TenantRecord) -> TenantResponse {
    present::tenant(tenant, app.engine.identities().limits(tenant))
}

/// Put a tenant into another state, or set its limits; it holds for the next request.
#[utoipa::path(
    patch, path = "/v1/tenants/{id}", tag = "platform", request_body = TenantChange,
    params(("id" = String, Path, description = "id or name of the tenant")),
    responses(
        (status = 200, body = TenantResponse),
        (status = 400, body = ErrorBody, description = "no such state or limit"),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "it is the platform tenant"),
    )
)]
pub(super) async fn change(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<TenantChange>,
) -> Result<Json<TenantResponse>, Failure> {
    let state = request.state.as_deref().map(str::parse).transpose()?;
    let trial_ends_ms = request.trial_ends_at.as_deref().map(present::moment).transpose()?;
    if trial_ends_ms.is_some() && state.is_none() {
        return Err(Failure::bad_request("`trial_ends_at` goes with `state`")
            .hint("send `\"state\": \"trial\"` besides"));
    }
    let actor = app.actor();
    let (scope, mut changed) = app
        .identities(move |identities| {
            let (scope, record) = identities.managed_tenant(&id)?;
            let changed = match state {
                Some(state) => identities.set_tenant_state(&actor, &scope, state, trial_ends_ms)?,
                None => record,
            };
            Ok((scope, changed))
        })
        .await?;
    if request.limits.is_some() || !request.default_limits.is_empty() {
        let limits = request.limits.unwrap_or_default();
        let limits = OwnLimits {
            documents: limits.documents,
            bytes: limits.bytes,
            members: limits.members,
            questions_per_minute: limits.questions_per_minute,
            requests_per_minute: limits.requests_per_minute,
        };
        changed = app.engine.set_limits(app.actor(), scope, limits, request.default_limits).await?;
    }
    Ok(Json(shown(&app, &changed)))
}

/// Erase a tenant with everything it holds. Its audit log stays.
#[utoipa::path(
    delete, path = "/v1/tenants/{id}", tag = "platform",
    params(("id" = String, Path, description = "id or name of the tenant")),
    responses(
        (status = 204, description = "erased"),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "it is the platform tenant, or at work"),
    )
)]
pub(super) async fn erase(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let (scope, _) = app.identities(move |identities| identities.managed_tenant(&id)).await?;
    app.engine.erase_tenant(app.actor(), scope).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the members of a tenant.
#[utoipa::path(
    get, path = "/v1/tenants/{id}/members", tag = "platform",
    params(("id" = String, Path, description = "id or name of the tenant")),
    responses((status = 200, body = MemberListResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn members(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<MemberListResponse>, Failure> {
    let members = app
        .identities(move |identities| {
            let (scope, _) = identities.managed_tenant(&id)?;
            identities.members(&scope)
        })
        .await?;
    Ok(Json(MemberListResponse { members: members.iter().map(present::member).collect() }))
}

/// Make a user a member of a tenant, such as its first owner.
#[utoipa::path(
    put, path = "/v1/tenants/{id}/members", tag = "platform", request_body = MemberRequest,
    params(("id" = String, Path, description = "id or name of the tenant")),
    responses(
        (status = 204, description = "it holds for the next request"),
        (status = 400, body = ErrorBody, description = "no such role"),
        (status = 404, body = ErrorBody, description = "no such tenant or user"),
        (status = 409, body = ErrorBody, description = "no owner would be left"),
    )
)]
pub(super) async fn set_member(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<MemberRequest>,
) -> Result<StatusCode, Failure> {
    let role = request.role.parse()?;
    let actor = app.actor();
    app.identities(move |identities| {
        let (scope, _) = identities.managed_tenant(&id)?;
        identities.set_member(&actor, None, &scope, &request.user, role)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
