//! `assay usage`.

use std::process::ExitCode;

use assay_api::{RecountResponse, UsageResponse, UsageSums};

use super::{Context, connected};
use crate::{
    cli::Usage,
    connect::segment,
    output::{json, line, note},
};

pub(crate) async fn run(context: Context, args: Usage) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    connected(&context, async |connection| {
        if args.recount {
            let recount: RecountResponse = connection.get("/v1/usage/recount").await?;
            if in_json {
                json(&recount)?;
            } else {
                tell_recount(&recount);
            }
            return Ok(ExitCode::from(u8::from(!recount.agrees)));
        }
        let usage: UsageResponse = connection.get(&path(&args)).await?;
        if in_json {
            json(&usage)?;
        } else {
            tell(&usage, &args.by);
        }
        Ok(ExitCode::SUCCESS)
    })
    .await
}

fn path(args: &Usage) -> String {
    let mut path = format!("/v1/usage?group_by={}&limit={}", segment(&args.by), args.limit);
    let further = [
        ("from", &args.from),
        ("to", &args.to),
        ("provider", &args.provider),
        ("model", &args.model),
        ("key", &args.key),
        ("user", &args.user),
        ("end_user", &args.end_user),
    ];
    for (name, value) in further {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", segment(value)));
        }
    }
    path
}

fn tell(usage: &UsageResponse, by: &str) {
    line(&format!("from {} until {}", usage.from, usage.to));
    for group in &usage.groups {
        let names = by.split(',').map(str::trim);
        let values: Vec<&str> = names
            .filter_map(|name| group.values.get(name))
            .map(|value| if value.is_empty() { "-" } else { value })
            .collect();
        tell_sums(&group.sums, &values.join("  "));
    }
    tell_sums(&usage.total, "in all");
    if usage.calls_under_way > 0 {
        let (calls, reserved) = (usage.calls_under_way, usage.reserved_usd.as_str());
        line(&format!("{calls} calls under way hold ${reserved}"));
    }
    let summary = &usage.cost_summary;
    line(&format!(
        "last hour ${}, at that rate ${} a day and ${} in 30 days",
        summary.hourly_cost_usd.as_str(),
        summary.daily_projection_usd.as_str(),
        summary.monthly_projection_usd.as_str()
    ));
    if usage.more {
        note("there are more groups: raise --limit");
    }
    summary.optimization_recommendations.iter().for_each(|it| note(it));
}

fn tell_sums(sums: &UsageSums, name: &str) {
    line(&format!(
        "${:<14} {:>8} calls ({} cached, {} failed)  {:>10} + {:>9} tokens  {name}",
        sums.cost_usd.as_str(),
        sums.calls,
        sums.cached_calls,
        sums.failed_calls,
        sums.input_tokens,
        sums.output_tokens,
    ));
}

fn tell_recount(recount: &RecountResponse) {
    let (entries, cost) = (recount.entries, recount.cost_usd.as_str());
    let abandoned = recount.abandoned;
    line(&format!("{entries} entries, {abandoned} without a known end, ${cost}"));
    if recount.agrees {
        line("prices, sums and budgets agree with the entries");
    }
    recount.faults.iter().for_each(|fault| line(fault));
}
