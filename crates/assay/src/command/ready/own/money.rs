//! What the ledger tells of cost. A figure without calls is no figure.

use serde_json::{Value, json};

pub(super) fn cost(usage: &Value, budgets: &Value) -> Result<Value, String> {
    let number = |pointer: &str| usage.pointer(pointer).and_then(Value::as_f64);
    let calls = number("/total/calls").ok_or("/v1/usage does not tell its calls")?;
    let cost = number("/total/cost_usd").unwrap_or(0.0);
    let per_call = (calls > 0.0).then(|| cost / calls);
    let share = |pointer: &str| json!({ "count": number(pointer).unwrap_or(0.0) as u64, "of": calls as u64 });
    let monthly = budgets.pointer("/budgets").and_then(Value::as_array).and_then(|all| {
        let is_monthly = |it: &&Value| it.to_string().contains("\"month");
        all.iter().find(is_monthly)?.get("limit_usd").and_then(Value::as_f64)
    });
    let projected = number("/cost_summary/monthly_projection_usd");
    Ok(json!({
        "usd_per_query": per_call,
        "usd_last_hour": number("/cost_summary/hourly_cost_usd"),
        "free_share": share("/total/free_calls"),
        "cached_share": share("/total/cached_calls"),
        "projected_of_budget": projected.zip(monthly).map(|(projected, limit)| projected / limit),
    }))
}
