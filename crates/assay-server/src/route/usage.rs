//! What model calls cost.

use assay_answer::ledger::{Dimension, GroupBy, UsageQuery, Window};
use assay_api::{ErrorBody, RecountResponse, UsageParams, UsageResponse};
use assay_core::{Clock, SystemClock};
use axum::{Json, extract::Query};

use crate::{auth::Acting, failure::Failure, present};

/// Groups of a report when the caller does not say how many, and at most.
const GROUPS_DEFAULT: u32 = 100;
const GROUPS_MAX: u32 = 1_000;

/// Show what model calls cost: by provider, model, key, user, question, document, hour or day.
#[utoipa::path(
    get, path = "/v1/usage", tag = "money", params(UsageParams),
    responses(
        (status = 200, body = UsageResponse),
        (status = 400, body = ErrorBody, description = "a time, a group or an id that cannot be one"),
    )
)]
pub(super) async fn show(
    app: Acting,
    Query(params): Query<UsageParams>,
) -> Result<Json<UsageResponse>, Failure> {
    let query = usage_query(&params)?;
    let group_by = query.group_by.clone();
    let (report, summary) = app.engine.usage(&app.scope(), query).await?;
    let under_way = app.engine.ledger().under_way(&app.scope());
    Ok(Json(present::usage(report, &group_by, under_way, summary)))
}

/// Count the ledger again: every entry from its tokens and its price, every sum from the entries.
#[utoipa::path(
    get, path = "/v1/usage/recount", tag = "money",
    responses((status = 200, body = RecountResponse))
)]
pub(super) async fn recount(app: Acting) -> Result<Json<RecountResponse>, Failure> {
    Ok(Json(present::recount(app.engine.recount().await?)))
}

fn usage_query(params: &UsageParams) -> Result<UsageQuery, Failure> {
    let now_ms = SystemClock.now_ms();
    let from_ms = params.from.as_deref().map(|text| moment("from", text)).transpose()?;
    let to_ms = params.to.as_deref().map(|text| moment("to", text)).transpose()?;
    let groups = params.group_by.as_deref().unwrap_or_default().split(',').map(str::trim);
    let group_by = groups
        .filter(|name| !name.is_empty())
        .map(|name| name.parse::<GroupBy>().map_err(|reason| named("group_by", &reason)))
        .collect::<Result<Vec<_>, _>>()?;
    let limit = params.limit.unwrap_or(GROUPS_DEFAULT);
    if !(1..=GROUPS_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {GROUPS_MAX}")));
    }
    let only = [
        (Dimension::Provider, &params.provider),
        (Dimension::Model, &params.model),
        (Dimension::Key, &params.key),
        (Dimension::User, &params.user),
        (Dimension::EndUser, &params.end_user),
        (Dimension::Organisation, &params.organisation),
    ];
    Ok(UsageQuery {
        from_ms: from_ms.unwrap_or_else(|| Window::Month.around(now_ms).0),
        // What ends in this millisecond is in it.
        to_ms: to_ms.unwrap_or(now_ms + 1),
        group_by,
        only: only.into_iter().filter_map(|(dim, value)| Some((dim, value.clone()?))).collect(),
        query: params
            .query
            .as_deref()
            .map(|id| id.parse().map_err(|_| none("query", id)))
            .transpose()?,
        document: params
            .document
            .as_deref()
            .map(|id| id.parse().map_err(|_| none("document", id)))
            .transpose()?,
        limit,
    })
}

/// A time or a day, in milliseconds since 1970.
fn moment(name: &str, text: &str) -> Result<i64, Failure> {
    let day = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    assay_core::parse_timestamp_ms(&day).ok_or_else(|| {
        named(name, &format!("`{text}` is no time such as 2026-11-21T16:00:00Z or 2026-11-21"))
    })
}

fn named(name: &str, reason: &str) -> Failure {
    Failure::bad_request(format!("{name}: {reason}"))
}

fn none(name: &str, id: &str) -> Failure {
    named(name, &format!("`{id}` is no id"))
}
