//! `assay budgets`.

use std::process::ExitCode;

use assay_api::{
    BudgetAlertsResponse, BudgetListResponse, BudgetRequest, BudgetResponse, BudgetScope,
};
use assay_core::ErrorCode;
use serde_json::json;

use super::{Context, connected};
use crate::{
    cli::{BudgetSet, Budgets},
    connect::Connection,
    output::{Told, json as print, line},
};

pub(crate) async fn run(context: Context, args: Budgets) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    connected(&context, async |connection| match args {
        Budgets::List => {
            let listed: BudgetListResponse = connection.get("/v1/budgets").await?;
            if in_json {
                return print(&listed);
            }
            listed.budgets.iter().for_each(tell);
            Ok(())
        }
        Budgets::Set(args) => {
            let set = set(connection, args).await?;
            told(in_json, &set)
        }
        Budgets::Override { name, limit, minutes, reason } => {
            let id = find(connection, &name).await?;
            let body = json!({ "limit": limit, "minutes": minutes, "reason": reason });
            let path = format!("/v1/budgets/{}/override", id.id);
            let set: BudgetResponse = connection.post(&path, &body).await?;
            told(in_json, &set)
        }
        Budgets::Alerts => {
            let listed: BudgetAlertsResponse = connection.get("/v1/budgets/alerts").await?;
            if in_json {
                return print(&listed);
            }
            for alert in &listed.alerts {
                line(&format!(
                    "{}  {} {}  {} %",
                    alert.at, alert.name, alert.counter, alert.percent
                ));
            }
            Ok(())
        }
        Budgets::Delete { name } => {
            let id = find(connection, &name).await?.id;
            connection.delete(&format!("/v1/budgets/{id}")).await
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Makes a budget, or sets the one of the name anew.
async fn set(connection: &Connection, args: BudgetSet) -> anyhow::Result<BudgetResponse> {
    let only = BudgetScope {
        organisation: args.organisation,
        tenant: None,
        key: args.key,
        user: args.user,
        end_user: args.end_user,
        provider: args.provider,
        model: args.model,
    };
    let limit_usd = args.usd.map(|usd| serde_json::from_value(json!(usd)));
    let request = BudgetRequest {
        name: args.name,
        limit_usd: limit_usd
            .transpose()
            .map_err(|error| Told::new(ErrorCode::BadRequest, format!("--usd: {error}")))?,
        limit_tokens: args.tokens,
        limit_calls: args.calls,
        window: Some(args.per),
        only,
        alerts: (!args.alerts.is_empty()).then_some(args.alerts),
    };
    let listed: BudgetListResponse = connection.get("/v1/budgets").await?;
    let mut same = listed.budgets.iter().filter(|it| it.name == request.name && !it.configured);
    match same.next() {
        Some(found) => connection.put(&format!("/v1/budgets/{}", found.id), &request).await,
        None => connection.post("/v1/budgets", &request).await,
    }
}

async fn find(connection: &Connection, name: &str) -> anyhow::Result<BudgetResponse> {
    let listed: BudgetListResponse = connection.get("/v1/budgets").await?;
    listed.budgets.into_iter().find(|it| it.name == name || it.id == name).ok_or_else(|| {
        Told::new(ErrorCode::NotFound, format!("there is no budget `{name}`"))
            .hint("`assay budgets list` shows those there are")
            .into()
    })
}

fn told(in_json: bool, budget: &BudgetResponse) -> anyhow::Result<()> {
    if in_json {
        return print(budget);
    }
    tell(budget);
    Ok(())
}

fn tell(budget: &BudgetResponse) {
    let only = [
        ("organisation", &budget.only.organisation),
        ("tenant", &budget.only.tenant),
        ("key", &budget.only.key),
        ("user", &budget.only.user),
        ("end user", &budget.only.end_user),
        ("provider", &budget.only.provider),
        ("model", &budget.only.model),
    ];
    let only: String = only
        .iter()
        .filter_map(|(name, value)| Some(format!("  {name} {}", value.as_deref()?)))
        .collect();
    let (name, limit, unit) = (&budget.name, budget.limit.as_str(), &budget.unit);
    let place = if budget.configured { "  (configuration)" } else { "" };
    line(&format!("{name}: {limit} {unit} a {}{only}{place}", budget.window));
    for counter in &budget.counters {
        let values: Vec<&str> = counter.values.values().map(String::as_str).collect();
        line(&format!(
            "  {:>3} %  {} used, {} reserved, {} left  until {}  {}",
            counter.percent,
            counter.spent.as_str(),
            counter.reserved.as_str(),
            counter.left.as_str(),
            counter.resets_at,
            values.join(" "),
        ));
        if let Some(at) = &counter.exhausted_at {
            line(&format!("         at this rate it is used up at {at}"));
        }
    }
}
