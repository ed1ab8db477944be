//! Setting, listing, changing and lifting budgets.

use assay_answer::ledger::{
    BudgetSpec, BudgetStatus, LimitOverride, Measure, Window, prices::Amount,
};
use assay_api::{
    BudgetAlertsResponse, BudgetListResponse, BudgetOverrideRequest, BudgetRequest, BudgetResponse,
    ErrorBody, Exact,
};
use assay_core::{BudgetId, Clock, NanoUsd, SystemClock};
use axum::{Json, extract::Path, http::StatusCode};

use crate::{auth::Acting, failure::Failure, present};

/// Alerts that are listed.
const ALERTS: u32 = 200;
/// Longest override, in minutes: a year.
const MINUTES_MAX: u32 = 525_600;

/// List the budgets and how they stand.
#[utoipa::path(
    get, path = "/v1/budgets", tag = "money",
    responses((status = 200, body = BudgetListResponse))
)]
pub(super) async fn list(app: Acting) -> Json<BudgetListResponse> {
    let budgets = app.engine.ledger().budgets(&app.scope());
    Json(BudgetListResponse { budgets: budgets.into_iter().map(present::budget).collect() })
}

/// Set a budget. What was used in its window so far counts.
#[utoipa::path(
    post, path = "/v1/budgets", tag = "money", request_body = BudgetRequest,
    responses(
        (status = 201, body = BudgetResponse),
        (status = 400, body = ErrorBody, description = "no limit, or a name that is taken"),
    )
)]
pub(super) async fn create(
    app: Acting,
    Json(request): Json<BudgetRequest>,
) -> Result<(StatusCode, Json<BudgetResponse>), Failure> {
    let made = app.engine.set_budget(&app.scope(), None, spec(request)?).await?;
    Ok((StatusCode::CREATED, Json(present::budget(made))))
}

/// Show a budget.
#[utoipa::path(
    get, path = "/v1/budgets/{id}", tag = "money",
    params(("id" = String, Path, description = "the budget")),
    responses((status = 200, body = BudgetResponse), (status = 404, body = ErrorBody))
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<BudgetResponse>, Failure> {
    Ok(Json(present::budget(status(&app, &id)?)))
}

/// Set a budget anew; limits for a time stay.
#[utoipa::path(
    put, path = "/v1/budgets/{id}", tag = "money", request_body = BudgetRequest,
    params(("id" = String, Path, description = "the budget")),
    responses(
        (status = 200, body = BudgetResponse),
        (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "none, or one of the configuration"),
    )
)]
pub(super) async fn change(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<BudgetRequest>,
) -> Result<Json<BudgetResponse>, Failure> {
    let id = budget_id(&id)?;
    let changed = app.engine.set_budget(&app.scope(), Some(id), spec(request)?).await?;
    Ok(Json(present::budget(changed)))
}

/// Lift a budget.
#[utoipa::path(
    delete, path = "/v1/budgets/{id}", tag = "money",
    params(("id" = String, Path, description = "the budget")),
    responses((status = 204, description = "lifted"), (status = 404, body = ErrorBody))
)]
pub(super) async fn delete(app: Acting, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    app.engine.delete_budget(&app.scope(), budget_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set another limit of a budget for a time.
#[utoipa::path(
    post, path = "/v1/budgets/{id}/override", tag = "money", request_body = BudgetOverrideRequest,
    params(("id" = String, Path, description = "the budget")),
    responses(
        (status = 200, body = BudgetResponse),
        (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn override_limit(
    app: Acting,
    Path(id): Path<String>,
    Json(request): Json<BudgetOverrideRequest>,
) -> Result<Json<BudgetResponse>, Failure> {
    if !(1..=MINUTES_MAX).contains(&request.minutes) {
        return Err(Failure::bad_request(format!("minutes are 1 to {MINUTES_MAX}")));
    }
    let from_ms = SystemClock.now_ms();
    let limit = LimitOverride {
        limit: amount(status(&app, &id)?.budget.measure, &request.limit)?,
        from_ms,
        until_ms: from_ms + i64::from(request.minutes) * 60_000,
        reason: request.reason,
    };
    let changed = app.engine.override_budget(&app.scope(), budget_id(&id)?, limit).await?;
    Ok(Json(present::budget(changed)))
}

/// List the shares of budgets that were passed, the last first.
#[utoipa::path(
    get, path = "/v1/budgets/alerts", tag = "money",
    responses((status = 200, body = BudgetAlertsResponse))
)]
pub(super) async fn alerts(app: Acting) -> Result<Json<BudgetAlertsResponse>, Failure> {
    let alerts = app.engine.budget_alerts(&app.scope(), ALERTS).await?;
    Ok(Json(BudgetAlertsResponse { alerts: alerts.into_iter().map(present::alert).collect() }))
}

fn status(app: &Acting, id: &str) -> Result<BudgetStatus, Failure> {
    let found = app.engine.ledger().budget_status(&app.scope(), budget_id(id)?);
    Ok(found.map_err(assay_answer::AnswerError::from)?)
}

fn spec(request: BudgetRequest) -> Result<BudgetSpec, Failure> {
    let window = match request.window.as_deref().unwrap_or("day") {
        "minute" => Window::Minute,
        "hour" => Window::Hour,
        "day" => Window::Day,
        "month" => Window::Month,
        other => {
            let message = format!("window: `{other}` is not minute, hour, day or month");
            return Err(Failure::bad_request(message));
        }
    };
    let limit_usd = request.limit_usd.as_ref().map(dollars).transpose()?;
    Ok(BudgetSpec {
        name: request.name,
        limit_usd: limit_usd.map(Amount),
        limit_tokens: request.limit_tokens,
        limit_calls: request.limit_calls,
        window,
        organisation: request.only.organisation,
        tenant: request.only.tenant,
        key: request.only.key,
        user: request.only.user,
        end_user: request.only.end_user,
        provider: request.only.provider,
        model: request.only.model,
        alerts: request.alerts,
    })
}

fn amount(measure: Measure, limit: &Exact) -> Result<u64, Failure> {
    match measure {
        Measure::Usd => Ok(dollars(limit)?.nanos()),
        Measure::Tokens | Measure::Calls => limit
            .as_str()
            .parse()
            .map_err(|_| Failure::bad_request(format!("limit: `{}` is no count", limit.as_str()))),
    }
}

fn dollars(amount: &Exact) -> Result<NanoUsd, Failure> {
    let parsed: Result<NanoUsd, _> = amount.as_str().parse();
    parsed.map_err(|error| Failure::bad_request(format!("limit: {error}")))
}

/// The id of a path; what is none names no budget.
fn budget_id(id: &str) -> Result<BudgetId, Failure> {
    id.parse().map_err(|_| Failure::not_found("budget", id))
}
