//! What the ledger tells of cost, with the cost of the machine where it is declared. A figure without
//! what it is divided by is no figure.

use jiff::Timestamp;
use serde_json::{Value, json};

/// Seconds of a month of thirty days, as the ledger's projection has it.
const MONTH: f64 = 30.0 * 86_400.0;
/// The route that answers questions.
const QUESTIONS: &str = "route=\"/query\"";

/// What is asked of the server and read of its settings.
pub(super) struct Asked {
    /// This month, by question.
    pub(super) month: Value,
    /// Since the process began, by question.
    pub(super) since_start: Value,
    /// Since the tenant was made, by document.
    pub(super) since_made: Value,
    pub(super) budgets: Value,
    /// The tenant of the key.
    pub(super) tenant: Value,
    pub(super) metrics: String,
    pub(super) now: Timestamp,
    /// `ledger.machine_usd_per_month`; nothing where it is not declared.
    pub(super) machine: Option<f64>,
}

pub(super) fn cost(asked: &Asked) -> Result<Value, String> {
    let Asked { month, budgets, machine, .. } = asked;
    let number = |of: &Value, pointer: &str| of.pointer(pointer).and_then(Value::as_f64);
    let calls = number(month, "/total/calls").ok_or("/v1/usage does not tell its calls")?;
    let share = |pointer: &str| json!({ "count": number(month, pointer).unwrap_or(0.0) as u64, "of": calls as u64 });
    let monthly = monthly(budgets);
    let questions = questions(&asked.metrics);
    let projected = projected(asked).map(|calls| calls + machine.unwrap_or(0.0));
    Ok(json!({
        "questions": questions,
        "usd_per_query": (questions > 0).then(|| labelled(&asked.since_start, "query") / questions as f64),
        "documents": number(&asked.tenant, "/usage/documents"),
        "usd_per_document": per_document(asked),
        "usd_last_hour": number(month, "/cost_summary/hourly_cost_usd"),
        "free_share": share("/total/free_calls"),
        "cached_share": share("/total/cached_calls"),
        "projected_usd": projected,
        "projected_of_budget": projected.zip(monthly).map(|(projected, limit)| projected / limit),
    }))
}

/// The budget of a month for all calls, in dollars; the largest, should there be several.
fn monthly(budgets: &Value) -> Option<f64> {
    let is = |budget: &Value, field: &str, word: &str| {
        budget.get(field).and_then(Value::as_str) == Some(word)
    };
    let all = budgets.get("budgets")?.as_array()?.iter().filter(|budget| {
        let is_for_all =
            budget.get("only").and_then(Value::as_object).is_none_or(|it| it.is_empty());
        is_for_all && is(budget, "window", "month") && is(budget, "unit", "usd")
    });
    all.filter_map(|budget| budget.get("limit")?.as_f64()).reduce(f64::max)
}

/// Questions that were answered since the process began.
fn questions(metrics: &str) -> u64 {
    let counted = metrics.lines().filter(|line| {
        line.starts_with("assay_http_requests_total{")
            && line.contains("status=\"200\"")
            && line.contains(QUESTIONS)
    });
    let values = counted.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
    values.sum::<f64>() as u64
}

/// Dollars of the calls that name a question or a document. Where there are more groups than were
/// told, the rest counts too: what cannot be told apart is not left out.
fn labelled(usage: &Value, what: &str) -> f64 {
    let dollars =
        |of: &Value, pointer: &str| of.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0);
    let total = dollars(usage, "/total/cost_usd");
    let groups = usage.get("groups").and_then(Value::as_array);
    let others = groups.into_iter().flatten().filter(|group| {
        let named = group.pointer(&format!("/values/{what}")).and_then(Value::as_str);
        named.unwrap_or_default().is_empty()
    });
    (total - others.map(|group| dollars(group, "/sums/cost_usd")).sum::<f64>()).max(0.0)
}

/// Dollars of a document since the tenant was made: the calls that it took, and the machine for all
/// that time.
fn per_document(asked: &Asked) -> Option<f64> {
    let documents = asked.tenant.pointer("/usage/documents")?.as_f64().filter(|it| *it > 0.0)?;
    let made: Timestamp = asked.tenant.get("created_at")?.as_str()?.parse().ok()?;
    let seconds = asked.now.duration_since(made).as_secs_f64();
    let machine = asked.machine? * seconds / MONTH;
    Some((labelled(&asked.since_made, "document") + machine) / documents)
}

/// What model calls of thirty days cost: as in the last hour, or as in this month so far, whichever is
/// more.
fn projected(asked: &Asked) -> Option<f64> {
    let hourly = asked.month.pointer("/cost_summary/monthly_projection_usd")?.as_f64()?;
    let from: Timestamp = asked.month.get("from")?.as_str()?.parse().ok()?;
    let seconds = asked.now.duration_since(from).as_secs_f64();
    let so_far = asked.month.pointer("/total/cost_usd")?.as_f64()?;
    // The first day of a month says little of the rest.
    Some(if seconds < 86_400.0 { hourly.max(so_far) } else { hourly.max(so_far * MONTH / seconds) })
}

#[cfg(test)]
mod tests;
