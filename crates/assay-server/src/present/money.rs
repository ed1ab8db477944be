//! What model calls cost, and budgets, as the wire shows them.

use std::collections::BTreeMap;

use assay_answer::ledger::{
    Alert, BudgetStatus, CounterStatus, GroupBy, Measure, Recount, UsageReport, UsageSum,
};
use assay_api::{
    BudgetAlert, BudgetCounter, BudgetOverride, BudgetResponse, BudgetScope, CostSummary, Exact,
    RecountResponse, UsageGroup, UsageResponse, UsageSums,
};
use assay_core::NanoUsd;

use super::time;

pub(crate) fn usage(
    report: UsageReport,
    group_by: &[GroupBy],
    (calls_under_way, reserved): (usize, NanoUsd),
    summary: assay_answer::ledger::CostSummary,
) -> UsageResponse {
    let names: Vec<&str> = group_by.iter().map(|group| group.as_str()).collect();
    let groups = report.groups.into_iter().map(|group| UsageGroup {
        values: names.iter().map(|name| (*name).to_owned()).zip(group.values).collect(),
        sums: sums(&group.sum),
    });
    UsageResponse {
        from: time(report.from_ms),
        to: time(report.to_ms),
        total: sums(&report.total),
        groups: groups.collect(),
        more: report.is_cut,
        calls_under_way,
        reserved_usd: reserved.into(),
        cost_summary: cost_summary(summary),
    }
}

/// The cost in the shape of system 0.
pub(crate) fn cost_summary(summary: assay_answer::ledger::CostSummary) -> CostSummary {
    let month = summary.month;
    let mut current: BTreeMap<String, Exact> = summary
        .providers
        .iter()
        .filter_map(|group| Some((group.values.first()?, group.sum.calls)))
        .map(|(provider, calls)| (format!("api_calls_{provider}"), calls.into()))
        .collect();
    current.insert("api_calls_total".to_owned(), month.calls.into());
    current.insert("estimated_cost_usd".to_owned(), month.cost.into());
    let tokens = month.tokens_read.saturating_add(month.tokens_written);
    current.insert("tokens_consumed".to_owned(), tokens.into());
    CostSummary {
        current_metrics: current,
        hourly_cost_usd: summary.hourly.into(),
        daily_projection_usd: summary.daily_projection.into(),
        monthly_projection_usd: summary.monthly_projection.into(),
        optimization_recommendations: summary.recommendations,
        cost_efficiency_score: summary.efficiency_score,
    }
}

fn sums(sum: &UsageSum) -> UsageSums {
    UsageSums {
        calls: sum.calls,
        cached_calls: sum.cached,
        failed_calls: sum.failed,
        abandoned_calls: sum.abandoned,
        free_calls: sum.free,
        input_tokens: sum.tokens_read,
        output_tokens: sum.tokens_written,
        cost_usd: sum.cost.into(),
        cost_nano_usd: sum.cost.nanos(),
        saved_usd: sum.saved.into(),
    }
}

pub(crate) fn recount(recount: Recount) -> RecountResponse {
    RecountResponse {
        agrees: recount.faults.is_empty(),
        entries: recount.entries,
        abandoned: recount.abandoned,
        cost_usd: recount.cost.into(),
        cost_nano_usd: recount.cost.nanos(),
        faults: recount.faults,
    }
}

pub(crate) fn budget(status: BudgetStatus) -> BudgetResponse {
    let budget = &status.budget;
    let spec = budget.spec.clone();
    let overrides = budget.overrides.iter().map(|it| BudgetOverride {
        limit: amount(budget.measure, it.limit),
        from: time(it.from_ms),
        until: time(it.until_ms),
        reason: it.reason.clone(),
    });
    let counters = status.counters.iter();
    BudgetResponse {
        id: budget.id.to_string(),
        unit: match budget.measure {
            Measure::Usd => "usd",
            Measure::Tokens => "tokens",
            Measure::Calls => "calls",
        }
        .to_owned(),
        limit: amount(budget.measure, status.limit),
        window: spec.window.as_str().to_owned(),
        alerts: spec.alerts().to_vec(),
        configured: budget.owner.is_none(),
        overrides: overrides.collect(),
        counters: counters.map(|it| counter(budget.measure, status.limit, it)).collect(),
        name: spec.name,
        only: BudgetScope {
            organisation: spec.organisation,
            tenant: spec.tenant,
            key: spec.key,
            user: spec.user,
            end_user: spec.end_user,
            provider: spec.provider,
            model: spec.model,
        },
    }
}

fn counter(measure: Measure, limit: u64, counter: &CounterStatus) -> BudgetCounter {
    let values = counter.values.iter();
    let used = counter.spent.saturating_add(counter.reserved);
    let percent = u128::from(counter.spent) * 100;
    BudgetCounter {
        values: values.map(|(name, value)| (name.to_string(), value.to_string())).collect(),
        spent: amount(measure, counter.spent),
        reserved: amount(measure, counter.reserved),
        left: amount(measure, limit.saturating_sub(used)),
        percent: percent
            .checked_div(limit.into())
            .map_or(100, |it| u64::try_from(it).unwrap_or(u64::MAX)),
        refused: counter.refused,
        projected: amount(measure, counter.projected),
        exhausted_at: counter.exhausted_ms.map(time),
        resets_at: time(counter.end_ms),
    }
}

pub(crate) fn alert(alert: Alert) -> BudgetAlert {
    BudgetAlert {
        budget_id: alert.budget.to_string(),
        name: alert.name,
        counter: alert.counter,
        percent: alert.percent,
        at: time(alert.at_ms),
        window_start: time(alert.window_ms),
    }
}

fn amount(measure: Measure, amount: u64) -> Exact {
    match measure {
        Measure::Usd => NanoUsd::from_nanos(amount).into(),
        Measure::Tokens | Measure::Calls => amount.into(),
    }
}
