//! `assay drill load`: a plan first, then the load, then what it was put back to.

mod baseline;

use std::{
    path::PathBuf,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use assay_core::{Clock as _, SystemClock};
use assay_ready::{
    Blast, Deployment, Own, ReadyError,
    drill::{
        self, Journal, Plan,
        load::{Load, Outcome, Scenario, knee, load},
    },
    fingerprint,
};
use serde_json::{Value, json};

use super::carry::{is_allowed, not_allowed};
use crate::{
    cli::{DrillLoad, DrillPlace},
    command::{
        Context,
        ready::{Http, address, settings, variable},
    },
    output::{json as print, line, note, report},
};
use baseline::Compared;

/// It was ended, and everything was put back.
const ABORTED: u8 = 130;
/// Requests a second from which on users may feel it.
const FELT: f64 = 20.0;
/// Seconds from which on a load shows what becomes of memory.
const SOAK: f64 = 60.0;
/// Grades that end with 0.
const GOOD: [char; 2] = ['A', 'B'];

/// The deployment of a drill asks the program nothing.
struct Nothing;

impl Own for Nothing {
    fn tell(&self, question: &str) -> Result<Value, String> {
        Err(format!("a drill does not tell {question}"))
    }
}

pub(super) async fn run(context: Context, args: DrillLoad) -> anyhow::Result<ExitCode> {
    let stop = Arc::new(AtomicBool::new(false));
    let on_signal = Arc::clone(&stop);
    let listening = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            note("ending: what is under way is waited for");
            on_signal.store(true, Ordering::Relaxed);
        }
    });
    let handle = tokio::runtime::Handle::current();
    let json = context.json;
    let outcome =
        tokio::task::spawn_blocking(move || carry_out(&context, &args, &handle, &stop)).await?;
    listening.abort();
    told(outcome, json)
}

/// Puts back what a drill that was killed left.
pub(super) async fn put_back(context: Context, args: DrillPlace) -> anyhow::Result<ExitCode> {
    let handle = tokio::runtime::Handle::current();
    let json = context.json;
    let outcome = tokio::task::spawn_blocking(move || {
        let http = Http::new(handle)?;
        let steps = Journal::open(&folder(&context, args.folder.as_ref()))?
            .undo(&http, variable(crate::command::ready::KEY).as_deref())?;
        line(&format!("{steps} steps were taken back"));
        Ok(ExitCode::SUCCESS)
    });
    told(outcome.await?, json)
}

fn told(outcome: anyhow::Result<ExitCode>, json: bool) -> anyhow::Result<ExitCode> {
    outcome.or_else(|error| match error.downcast::<ReadyError>() {
        Ok(error) => Ok(report(&crate::output::told(error), json)),
        Err(error) => Err(error),
    })
}

fn folder(context: &Context, given: Option<&PathBuf>) -> PathBuf {
    given.cloned().unwrap_or_else(|| context.config.data().join("ready"))
}

/// Leaves a result where readiness looks for it.
pub(in crate::command) fn keep(
    context: &Context,
    name: &str,
    result: &Value,
) -> anyhow::Result<()> {
    let folder = folder(context, None);
    let config = fingerprint(&settings(context));
    let version = env!("CARGO_PKG_VERSION");
    drill::keep(&folder, name, result, SystemClock.now(), version, &config)?;
    Ok(())
}

fn plan(args: &DrillLoad, scenario: &Scenario) -> Plan {
    let is_felt = args.rate > FELT || args.knee;
    let rate = if args.knee {
        format!(
            "from {} requests a second, doubled until P95 passes {} ms",
            args.rate, args.target_ms
        )
    } else {
        format!("{} requests a second for {} s", args.rate, args.seconds)
    };
    Plan {
        name: "load",
        steps: vec![rate, scenario.about.clone()],
        blast: if is_felt { Blast::High } else { Blast::Low },
        seconds: args.seconds * if args.knee { 15.0 } else { 1.0 } + 30.0,
        restore: "nothing is written, so nothing is put back",
    }
}

fn carry_out(
    context: &Context,
    args: &DrillLoad,
    handle: &tokio::runtime::Handle,
    stop: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let scenario = Scenario::load(args.scenario.as_deref())?;
    let place = &args.place;
    let url = address(context, place.url.as_deref(), handle)?;
    let plan = plan(args, &scenario);
    note(plan.shown(&url).trim_end());
    if args.plan {
        return Ok(ExitCode::SUCCESS);
    }
    if !is_allowed(&plan, args.allow) {
        return Ok(not_allowed());
    }
    let http = Http::new(handle.clone())?;
    let config = settings(context);
    let deployment = Deployment {
        url,
        transport: &http,
        own: &Nothing,
        config: None,
        data: None,
        docs: None,
        prometheus: None,
        traces: None,
        key: variable(crate::command::ready::KEY),
        other_key: None,
        allow: plan.blast,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let wanted = Load { rate: args.rate, seconds: args.seconds, target_ms: args.target_ms };
    let (name, result, holds) = if args.knee {
        let found = knee(&deployment, &scenario, wanted, stop);
        let told =
            format!("knee at {:.1} requests a second; then {}", found.knee_per_second, found.limit);
        line_unless(context, &told);
        ("knee", serde_json::to_value(&found)?, found.knee_per_second > 0.0)
    } else {
        let outcome = load(&deployment, &scenario, wanted, stop);
        line_unless(context, &shown(&outcome));
        let mut result = serde_json::to_value(&outcome)?;
        // One that was cut off is no measure for others.
        if !stop.load(Ordering::Relaxed) {
            let to = folder(context, place.folder.as_ref());
            let at = SystemClock.now().to_string();
            let told = baseline::compare(&to, args, &outcome, &at, &deployment.url)?;
            note(&with_baseline(&mut result, told));
        }
        ("load", result, GOOD.contains(&outcome.grade))
    };
    if stop.load(Ordering::Relaxed) {
        note("ended early: the result is not kept");
        return Ok(ExitCode::from(ABORTED));
    }
    let leave = |name: &str| {
        let folder = folder(context, place.folder.as_ref());
        let version = env!("CARGO_PKG_VERSION");
        drill::keep(&folder, name, &result, SystemClock.now(), version, &fingerprint(&config))
    };
    // One that lasts shows whether memory grows, until a longer one does.
    if result.get("mb_per_1000").is_some() && args.seconds >= SOAK {
        leave("soak")?;
    }
    let path = leave(name)?;
    if context.json {
        print(&result)?;
    }
    note(&format!("kept as {}", path.display()));
    Ok(ExitCode::from(u8::from(!holds)))
}

fn line_unless(context: &Context, text: &str) {
    if !context.json {
        line(text);
    }
}

/// Writes into the result how it stands to the baseline; what a person is told of it.
fn with_baseline(result: &mut Value, compared: Compared) -> String {
    let (fields, told) = match compared {
        Compared::First(path) => (
            json!({ "baseline": "this one" }),
            format!("later loads of this kind are held against this one: {}", path.display()),
        ),
        Compared::Worse { percent, figure } => (
            json!({ "worse_than_baseline_percent": percent, "worst_figure": figure }),
            format!("{percent:+.1} % worse than the baseline at the most, in {figure}"),
        ),
        Compared::Other(why) => (
            json!({ "baseline": why }),
            format!("not compared: {why}; --baseline makes this kind the baseline"),
        ),
    };
    if let (Some(result), Some(fields)) = (result.as_object_mut(), fields.as_object()) {
        result.extend(fields.clone());
    }
    told
}

fn shown(outcome: &Outcome) -> String {
    let graded = &outcome.graded;
    let mut text = format!(
        "grade {} ({:.0} points)   {} requests in {:.1} s, {:.1}/s of {:.1}/s offered, errors {}\n\
         P50 {:.1} ms, P95 {:.1} ms, P99 {:.1} ms, from when each was due\n\
         lost: {:.1} for errors, {:.1} for P95, {:.1} for the tail, {:.1} for the rate{}",
        outcome.grade,
        graded.points,
        outcome.requests,
        outcome.seconds,
        outcome.achieved_per_second,
        outcome.offered_per_second,
        outcome.errors.shown(),
        outcome.p50_ms,
        outcome.p95_ms,
        outcome.p99_ms,
        graded.lost_for_errors,
        graded.lost_for_p95,
        graded.lost_for_tail,
        graded.lost_for_rate,
        if graded.capped { "; capped at D, because a hard limit was passed" } else { "" },
    );
    for failure in outcome.failures.iter().take(3) {
        text.push_str(&format!("\n  {failure}"));
    }
    text
}
