//! The audit log of the tenant.

use assay_api::{AuditEntryResponse, AuditParams, AuditResponse, ErrorBody};
use assay_identity::AuditEntry;
use axum::{
    Json,
    body::Body,
    extract::Query,
    http::header,
    response::{IntoResponse, Response},
};
use futures_util::stream;

use crate::{auth::Acting, failure::Failure};

/// Entries of a part when the caller does not say, and at most.
const ENTRIES_DEFAULT: u32 = 100;
const ENTRIES_MAX: u32 = 1_000;

/// Show what was done in the tenant, by whom, from where, with which result.
#[utoipa::path(
    get, path = "/v1/audit", tag = "identity", params(AuditParams),
    responses((status = 200, body = AuditResponse), (status = 400, body = ErrorBody))
)]
pub(super) async fn list(
    app: Acting,
    Query(params): Query<AuditParams>,
) -> Result<Json<AuditResponse>, Failure> {
    let limit = params.limit.unwrap_or(ENTRIES_DEFAULT);
    if !(1..=ENTRIES_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {ENTRIES_MAX}")));
    }
    let (scope, after) = (app.scope(), params.after.unwrap_or(0));
    let after = after.min(i64::MAX as u64);
    let entries =
        app.identities(move |identities| identities.audit_entries(&scope, after, limit)).await?;
    Ok(Json(AuditResponse {
        entries: entries.into_iter().map(shown).collect(),
        public_key: app.engine.identities().audit_public_key(),
    }))
}

/// Take the whole audit log of the tenant out, with signed checkpoints, as lines of JSON that
/// `assay audit verify` checks without a server.
#[utoipa::path(
    get, path = "/v1/audit/export", tag = "identity",
    responses((status = 200, body = String, content_type = "application/x-ndjson"))
)]
pub(super) async fn export(app: Acting) -> Result<Response, Failure> {
    let scope = app.scope();
    let first = app.identities(move |identities| identities.export_audit(&scope, 0, ENTRIES_MAX));
    let first = first.await?;
    let parts = stream::try_unfold(Some((app, first)), async |state| {
        let Some((app, (text, last))) = state else { return Ok(None) };
        let scope = app.scope();
        let read = move |identities: &assay_identity::Identities| {
            identities.export_audit(&scope, last, ENTRIES_MAX)
        };
        // A part that cannot be read cuts the body: the client sees that it is not whole.
        let next = app.identities(read).await.map_err(std::io::Error::other)?;
        let rest = (!next.0.is_empty()).then_some((app, next));
        Ok::<_, std::io::Error>(Some((text, rest)))
    });
    let kind = [(header::CONTENT_TYPE, "application/x-ndjson")];
    Ok((kind, Body::from_stream(parts)).into_response())
}

fn shown(entry: AuditEntry) -> AuditEntryResponse {
    AuditEntryResponse {
        seq: entry.seq,
        at: entry.at,
        actor: entry.actor,
        via: entry.via,
        from: entry.from,
        request: entry.request,
        action: entry.action,
        object: entry.object,
        outcome: entry.outcome,
        detail: entry.detail,
    }
}
