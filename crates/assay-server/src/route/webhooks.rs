//! Webhooks: who is told when a task ends.

use assay_answer::NewWebhook;
use assay_api::{ErrorBody, WebhookListResponse, WebhookRequest, WebhookResponse};
use assay_core::WebhookId;
use axum::{Json, extract::Path, http::StatusCode};

use super::tasks::task_state;
use crate::{auth::Acting, failure::Failure, present};

/// List the webhooks, the oldest first, without their secrets.
#[utoipa::path(
    get, path = "/v1/webhooks", tag = "webhooks",
    responses((status = 200, body = WebhookListResponse))
)]
pub(super) async fn list(app: Acting) -> Result<Json<WebhookListResponse>, Failure> {
    let webhooks = app.engine.webhooks(&app.scope()).await?;
    let shown = webhooks.into_iter().map(|webhook| present::webhook(webhook, false));
    Ok(Json(WebhookListResponse { webhooks: shown.collect() }))
}

/// Set a webhook up. Its secret is in the answer and is not shown again.
#[utoipa::path(
    post, path = "/v1/webhooks", tag = "webhooks", request_body = WebhookRequest,
    responses(
        (status = 201, body = WebhookResponse),
        (status = 400, body = ErrorBody, description = "an address that may not be reached, a state that is no end, one webhook too many"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<WebhookRequest>,
) -> Result<(StatusCode, Json<WebhookResponse>), Failure> {
    let states = request.states.iter().map(|state| task_state(state)).collect::<Result<_, _>>()?;
    let new = NewWebhook { url: request.url, kinds: request.kinds, states };
    let made = app.engine.create_webhook(&app.scope(), new).await?;
    Ok((StatusCode::CREATED, Json(present::webhook(made, true))))
}

/// Remove a webhook; what was not delivered yet is not delivered.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", tag = "webhooks",
    params(("id" = String, Path, description = "the webhook")),
    responses((status = 204, description = "removed"), (status = 404, body = ErrorBody))
)]
pub(super) async fn delete(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    let id: WebhookId = id.parse().map_err(|_| Failure::not_found("webhook", &id))?;
    app.engine.delete_webhook(&app.scope(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
