//! `assay drill alerts`: faults in a server of the drill's own, told by every rule that can be made
//! to fire, and healed.

mod beside;
mod faults;
mod peer;
mod site;

use std::{
    collections::BTreeMap,
    process::ExitCode,
    time::{Duration, Instant},
};

use assay_ready::{Blast, drill::Plan};
use assay_telemetry::{AlertRule, OUTSIDE_RULES, shipped_dashboards, shipped_rules};
use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::{Value, json};

use super::load::keep;
use crate::{
    cli::DrillAlerts,
    command::Context,
    output::{json as print, note, told},
};
use faults::{Fault, document, until_idle};
use peer::Teller;
use site::Site;

/// How often a fault is kept up while its rules are waited for.
const STEP: Duration = Duration::from_millis(700);
/// Longest that a fault is kept up, and that its healing is waited for.
const FIRE_MAX: Duration = Duration::from_secs(60);
const HEAL_MAX: Duration = Duration::from_secs(150);
/// What an alert may take beyond the time for which its rule must hold: two intervals, and a second for
/// those who tell.
const SLACK: f64 = 3.0;
/// Rules that have to fire.
const LEAST: usize = 15;

/// What checks ask about, and the rules that show it.
const FAMILIES: [(&str, &[&str]); 9] = [
    ("latency", &["AnswersSlow", "PromisesBroken"]),
    ("error_rate", &["ErrorRateHigh"]),
    ("success_rate", &["LanesFailing"]),
    ("cost", &["HourlyCostHigh", "ModelCostHigh"]),
    ("tasks", &["TasksFailing", "QueueBacklog", "RetriesMany"]),
    ("inference", &["ModelInferenceFailing"]),
    ("resources", &["DiskFilling", "DiskFull"]),
    ("down", &["AssayDown"]),
    ("outside", &["AssayUnreachable"]),
];

/// How a rule fared; times in seconds.
#[derive(Debug, Clone, Serialize)]
struct Fared {
    rule: &'static str,
    for_seconds: f64,
    /// From the fault to the webhook of Assay, and from its healing to that it is over.
    fired_after: Option<f64>,
    resolved_after: Option<f64>,
    /// The same by Prometheus and Alertmanager, where they are there.
    prometheus_fired_after: Option<f64>,
    prometheus_resolved_after: Option<f64>,
}

impl Fared {
    /// Whether Assay is down when it holds, and so only others tell of it.
    fn is_outside(&self) -> bool {
        OUTSIDE_RULES.iter().any(|it| it.name == self.rule)
    }

    fn fired(&self) -> Option<f64> {
        if self.is_outside() { self.prometheus_fired_after } else { self.fired_after }
    }

    fn is_in_time(&self) -> bool {
        self.fired().is_some_and(|seconds| seconds <= self.for_seconds + SLACK)
    }

    fn has_all(&self, with_prometheus: bool) -> bool {
        let own = self.fired_after.is_some() && self.resolved_after.is_some();
        let others =
            self.prometheus_fired_after.is_some() && self.prometheus_resolved_after.is_some();
        (own || self.is_outside()) && (others || !with_prometheus)
    }
}

pub(super) async fn run(context: &Context, args: &DrillAlerts) -> anyhow::Result<ExitCode> {
    note(plan(args).shown("a server of its own").trim_end());
    if args.plan {
        return Ok(ExitCode::SUCCESS);
    }
    let all = shipped_rules().map_err(told)?;
    let rules = all.iter().map(|rule| rule.scaled(args.scale)).collect::<Result<Vec<_>, _>>();
    let rules = rules.map_err(told)?;
    let mut site = Site::start(&rules, args.prometheus).await?;
    site.upload("trial.md", document("The second trial", 2021)).await?;
    until_idle(&site).await?;
    if args.prometheus {
        site.watch().await?;
    }
    let (site, rules) = (&site, rules.as_slice());
    let is_wanted = |fault: &Fault| {
        let named = |rule: &&str| args.rules.iter().any(|it| it == rule);
        fault.is_possible(site) && (args.rules.is_empty() || fault.rules().iter().any(named))
    };
    let rows = Fault::ROWS.iter().map(async |row| -> anyhow::Result<Vec<Fared>> {
        let mut fared = Vec::new();
        for fault in row.iter().filter(|it| is_wanted(it)) {
            fared.extend(carry_out(site, rules, *fault).await?);
        }
        Ok(fared)
    });
    let fared = try_join_all(rows).await?.concat();
    let mut result = result(&fared, rules, args);
    let mut empty = Vec::new();
    if args.prometheus && args.rules.is_empty() {
        empty = empty_panels(site).await?;
        if let Some(fields) = result.as_object_mut() {
            fields.insert("empty_panels".to_owned(), json!(empty));
        }
        empty.iter().for_each(|panel| note(&format!("no data: {panel}")));
    }
    if context.json {
        print(&result)?;
    }
    let is_good = |it: &&Fared| it.has_all(args.prometheus) && it.is_in_time();
    let good = fared.iter().filter(is_good).count();
    let all = rules.len() + fared.iter().filter(|it| it.is_outside()).count();
    note(&format!("{good} of {all} rules fired in time and healed"));
    let is_whole = args.rules.is_empty();
    if is_whole {
        keep(context, "alerts", &result)?;
    }
    let is_bad = good < fared.len() || !empty.is_empty() || is_whole && good < LEAST;
    Ok(ExitCode::from(u8::from(is_bad)))
}

/// Queries of dashboards to which the Prometheus has no answer after all that has happened.
async fn empty_panels(site: &Site) -> anyhow::Result<Vec<String>> {
    let mut empty = Vec::new();
    for dashboard in shipped_dashboards().map_err(told)? {
        for panel in &dashboard.panels {
            for query in panel.queries.values() {
                // What was healed is gone by now, so the question is about the time of the drill.
                let ever = format!("count_over_time(({query})[15m:1s])");
                if site.ask(&ever).await?.is_empty() {
                    empty.push(format!("{}: {}: {query}", dashboard.name, panel.title));
                }
            }
        }
    }
    Ok(empty)
}

fn plan(args: &DrillAlerts) -> Plan {
    let windows = format!(
        "windows and times of the rules are divided by {}, thresholds stay, and the promise about \
         errors is 98 %",
        args.scale
    );
    let with = "Prometheus and Alertmanager watch them as well; a third server is killed before their \
                eyes and those of a prober, and begins again";
    let faults = "providers, models, files, receivers and budgets of that server fail \
                  and are put right"
        .to_owned();
    let disk = "the disk of a second server is filled, where a process may have one of its own";
    let steps = [windows, faults, disk.to_owned()].into_iter();
    let steps = steps.chain(args.prometheus.then(|| with.to_owned()));
    Plan {
        name: "alerts",
        steps: steps.collect(),
        blast: Blast::Low,
        seconds: 600.0,
        restore: "the server and its folder are removed; no other server is touched",
    }
}

/// Makes a fault until its rules have fired, and heals it until they are over.
async fn carry_out(site: &Site, rules: &[AlertRule], fault: Fault) -> anyhow::Result<Vec<Fared>> {
    let names = fault.rules();
    fault.prepare(site).await?;
    let begun = Instant::now();
    fault.make(site, 0).await?;
    let made = Instant::now();
    let for_ms = |rule: &str| {
        let outside = OUTSIDE_RULES.iter().find(|it| it.name == rule);
        let outside = outside.map(|it| i64::from(it.for_seconds) * 1_000);
        outside.or_else(|| Some(rules.iter().find(|it| it.name == rule)?.for_ms)).unwrap_or(0)
    };
    let longest = names.iter().map(|rule| for_ms(rule)).max().unwrap_or(0);
    let until = made + FIRE_MAX + Duration::from_millis(longest.unsigned_abs());
    let tellers = fault.tellers(site);
    let fired = follow(site, (names, tellers), true, begun, until, async |number| {
        fault.make(site, number + 1).await
    })
    .await?;
    fault.heal(site, 0).await?;
    let healed = Instant::now();
    // What is over after this fault began fired after it; it may be over by itself before the healing.
    let resolved =
        follow(site, (names, tellers), false, begun, healed + HEAL_MAX, async |number| {
            fault.heal(site, number + 1).await
        })
        .await?;
    let seconds = |at: &BTreeMap<(Teller, &str), Instant>, by, rule, from: Instant| {
        let at = at.get(&(by, rule))?;
        Some((at.saturating_duration_since(from).as_secs_f64() * 1e3).round() / 1e3)
    };
    let fared = names.iter().map(|rule| {
        let fared = Fared {
            rule,
            for_seconds: for_ms(rule) as f64 / 1e3,
            fired_after: seconds(&fired, Teller::Assay, rule, made),
            resolved_after: seconds(&resolved, Teller::Assay, rule, healed),
            prometheus_fired_after: seconds(&fired, Teller::Alertmanager, rule, made),
            prometheus_resolved_after: seconds(&resolved, Teller::Alertmanager, rule, healed),
        };
        note(&shown(&fared));
        fared
    });
    Ok(fared.collect())
}

/// Repeats `step` until everybody has told of all rules, and until `until` at most; when each did.
async fn follow(
    site: &Site,
    (rules, tellers): (&[&'static str], &[Teller]),
    firing: bool,
    since: Instant,
    until: Instant,
    step: impl AsyncFn(usize) -> anyhow::Result<()>,
) -> anyhow::Result<BTreeMap<(Teller, &'static str), Instant>> {
    let mut found = BTreeMap::new();
    for number in 0.. {
        let next = (Instant::now() + STEP).min(until);
        for teller in tellers {
            let told = site.peer.wait(rules, *teller, firing, since, next).await;
            let told = rules.iter().zip(told).filter_map(|(rule, at)| Some((*rule, at?)));
            found.extend(told.map(|(rule, at)| ((*teller, rule), at)));
        }
        if found.len() == rules.len() * tellers.len() || Instant::now() >= until {
            break;
        }
        step(number).await?;
    }
    Ok(found)
}

fn shown(fared: &Fared) -> String {
    let seconds =
        |value: Option<f64>| value.map_or_else(|| "never".to_owned(), |it| format!("{it:.1} s"));
    let mut text = format!(
        "{:<24} for {:>4.1} s   told after {:<8} over after {:<8}",
        fared.rule,
        fared.for_seconds,
        seconds(fared.fired_after),
        seconds(fared.resolved_after)
    );
    if let (Some(fired), resolved) = (fared.prometheus_fired_after, fared.prometheus_resolved_after)
    {
        text.push_str(&format!("   Prometheus {fired:.1} s, {}", seconds(resolved)));
    }
    text
}

/// What is kept; `fired` and `healed` are shares of the rules that ship.
fn result(fared: &[Fared], rules: &[AlertRule], args: &DrillAlerts) -> Value {
    let live = |it: &&Fared| it.fired().is_some();
    let own = || fared.iter().filter(|it| !it.is_outside());
    let share = |count: usize| count as f64 / rules.len().max(1) as f64;
    let fired = own().filter(live).count();
    let healed = own().filter(|it| it.resolved_after.is_some()).count();
    let promtool_only: Vec<&str> = rules
        .iter()
        .map(|rule| rule.name.as_str())
        .filter(|name| !fared.iter().filter(live).any(|it| it.rule == *name))
        .collect();
    // A family of which a rule was not tried has shown nothing.
    let families = FAMILIES.iter().map(|(family, names)| {
        let tried = |name: &&str| fared.iter().find(|it| it.rule == *name);
        let tried: Option<Vec<&Fared>> = names.iter().map(tried).collect();
        ((*family).to_owned(), json!(tried.map(|all| all.iter().all(live))))
    });
    let slowest = fared.iter().filter_map(|it| Some(it.fired()? - it.for_seconds));
    json!({
        "fired": share(fired), "healed": share(healed), "fired_live": fired,
        "in_time": own().filter(|it| it.is_in_time()).count(),
        "promtool_only": promtool_only, "scale": args.scale,
        "delivery_seconds": slowest.reduce(f64::max),
        "rules": families.collect::<serde_json::Map<_, _>>(),
        "alerts": fared,
    })
}
