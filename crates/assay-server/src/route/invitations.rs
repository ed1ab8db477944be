//! Invitations to the tenant.

use assay_api::{
    AcceptRequest, AcceptResponse, ErrorBody, InvitationListResponse, InvitationRequest,
    MintedInvitationResponse,
};
use assay_identity::{Event, Identities, Invitation, Outcome};
use axum::{Json, extract::Path, http::StatusCode};

use crate::{
    auth::{Acting, Asking},
    failure::Failure,
    present,
};

/// List the invitations; those that ended stay for 30 days.
#[utoipa::path(
    get, path = "/v1/invitations", tag = "identity",
    responses((status = 200, body = InvitationListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<InvitationListResponse>, Failure> {
    let scope = app.scope();
    let found = app.identities(move |identities| identities.invitations(&scope)).await?;
    let identities = app.engine.identities();
    let state = |it: &Invitation| present::invitation(it, identities.invitation_state(it));
    let invitations = found.iter().map(state).collect();
    Ok(Json(InvitationListResponse { invitations }))
}

/// Invite a user. The token is shown this once: no mail is sent, hand it over. Only an owner invites
/// owners.
#[utoipa::path(
    post, path = "/v1/invitations", tag = "identity", request_body = InvitationRequest,
    responses(
        (status = 201, body = MintedInvitationResponse),
        (status = 400, body = ErrorBody, description = "no such role, not a name, or too many"),
        (status = 409, body = ErrorBody, description = "the user is a member"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<InvitationRequest>,
) -> Result<(StatusCode, Json<MintedInvitationResponse>), Failure> {
    let role = request.role.parse()?;
    let (scope, actor, by) = (app.scope(), app.actor(), app.caller().clone());
    let minted = app
        .identities(move |identities| {
            identities.invite(&actor, &by, &scope, &request.name, role, request.days)
        })
        .await?;
    let state = app.engine.identities().invitation_state(&minted.invitation);
    let about = present::invitation(&minted.invitation, state);
    let token = minted.token.expose().to_owned();
    Ok((StatusCode::CREATED, Json(MintedInvitationResponse { token, about })))
}

/// Revoke an invitation that is open.
#[utoipa::path(
    delete, path = "/v1/invitations/{id}", tag = "identity",
    params(("id" = String, Path, description = "the invitation")),
    responses((status = 204, description = "revoked"), (status = 404, body = ErrorBody))
)]
pub(super) async fn revoke(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let id = id.parse().map_err(|_| Failure::not_found("open invitation", &id))?;
    let (scope, actor) = (app.scope(), app.actor());
    app.identities(move |identities| identities.revoke_invitation(&actor, &scope, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accept an invitation by its token. A user who is not known yet is made with this password; one who
/// is known shows the password that there is.
#[utoipa::path(
    post, path = "/v1/login/invitation", tag = "identity", request_body = AcceptRequest,
    responses(
        (status = 200, body = AcceptResponse),
        (status = 400, body = ErrorBody, description = "not a password"),
        (status = 401, body = ErrorBody, description = "the invitation or the password is not good"),
        (status = 403, body = ErrorBody, description = "the tenant has as many members as it may"),
        (status = 409, body = ErrorBody, description = "the user is a member"),
        (status = 429, body = ErrorBody, description = "too many were tried"),
    )
)]
pub(super) async fn accept(
    asking: Asking,
    Json(request): Json<AcceptRequest>,
) -> Result<Json<AcceptResponse>, Failure> {
    let actor = asking.actor();
    let accept = move |identities: &Identities| {
        let AcceptRequest { token, password } = &request;
        identities.accept_invitation(&actor, token, password).inspect_err(|error| {
            let event = Event {
                action: "invitation.failed",
                object: "/v1/login/invitation".to_owned(),
                outcome: Outcome::Denied,
                detail: error.for_log(),
            };
            if let Err(error) = identities.record_limited(actor.clone(), event) {
                tracing::error!(error = %assay_core::ErrorChain(&error), "a refusal was not logged");
            }
        })
    };
    let joined = asking.identities(accept).await?;
    Ok(Json(AcceptResponse {
        user: joined.user,
        is_new: joined.is_new,
        tenant: joined.tenant,
        role: joined.role.as_str().to_owned(),
    }))
}
