//! Who asks, and who belongs to the tenant.

use assay_api::{ErrorBody, MeResponse, MemberListResponse, MemberRequest, OwnTenant};
use assay_core::{InvalidId, PrincipalId};
use assay_identity::Credential;
use axum::{Json, extract::Path, http::StatusCode};

use crate::{auth::Acting, failure::Failure, present};

/// Show who asks, for which tenant, and what may be done there.
#[utoipa::path(
    get, path = "/v1/me", tag = "identity",
    responses((status = 200, body = MeResponse))
)]
pub(super) async fn me(app: Acting) -> Result<Json<MeResponse>, Failure> {
    let tenant = app.scope().tenant();
    let record = app.identities(move |identities| identities.tenant(tenant)).await?;
    let caller = app.caller();
    let mine = vec![(record.id, record.name.clone(), caller.role())];
    let tenants = match caller.credential() {
        Credential::Login(_) => {
            let principal = caller.principal();
            app.identities(move |identities| identities.tenants_of(principal)).await?
        }
        _ => mine,
    };
    let tenants = tenants.into_iter().map(|(id, name, role)| OwnTenant {
        id: id.to_string(),
        name,
        role: role.as_str().to_owned(),
    });
    let permissions = assay_identity::Permissions::ALL.iter().filter(|it| caller.has(*it));
    Ok(Json(MeResponse {
        principal: caller.principal().to_string(),
        credential: caller.credential().to_string(),
        tenant: record.id.to_string(),
        tenant_name: record.name,
        role: caller.role().as_str().to_owned(),
        permissions: permissions.map(|it| it.as_str().to_owned()).collect(),
        tenants: tenants.collect(),
    }))
}

/// List the members of the tenant.
#[utoipa::path(
    get, path = "/v1/members", tag = "identity",
    responses((status = 200, body = MemberListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<MemberListResponse>, Failure> {
    let scope = app.scope();
    let members = app.identities(move |identities| identities.members(&scope)).await?;
    Ok(Json(MemberListResponse { members: members.iter().map(present::member).collect() }))
}

/// Add a user to the tenant, or give a member another role. Only an owner makes or unmakes owners.
#[utoipa::path(
    put, path = "/v1/members", tag = "identity", request_body = MemberRequest,
    responses(
        (status = 204, description = "it holds for the next request"),
        (status = 400, body = ErrorBody, description = "no such role"),
        (status = 404, body = ErrorBody, description = "no such user"),
        (status = 409, body = ErrorBody, description = "no owner would be left"),
    )
)]
pub(super) async fn set(
    app: Acting,
    Json(request): Json<MemberRequest>,
) -> Result<StatusCode, Failure> {
    let role = request.role.parse()?;
    let (scope, actor, by) = (app.scope(), app.actor(), app.caller().clone());
    app.identities(move |identities| {
        identities.set_member(&actor, Some(&by), &scope, &request.user, role)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a member out of the tenant; the member's keys for it end.
#[utoipa::path(
    delete, path = "/v1/members/{id}", tag = "identity",
    params(("id" = String, Path, description = "id of the principal")),
    responses(
        (status = 204, description = "it holds for the next request"),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "no owner would be left"),
    )
)]
pub(super) async fn remove(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let principal: PrincipalId =
        id.parse().map_err(|error: InvalidId| Failure::bad_request(error.to_string()))?;
    let (scope, actor, by) = (app.scope(), app.actor(), app.caller().clone());
    app.identities(move |identities| {
        identities.remove_member(&actor, Some(&by), &scope, principal)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
