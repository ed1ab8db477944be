//! The load that later ones are held against: `drills/load.baseline.json`, with the machine and the build
//! that it was made on.

use std::path::{Path, PathBuf};

use assay_ready::drill::load::Outcome;
use serde_json::{Value, json};

use crate::cli::DrillLoad;

/// Requests that have to lie beyond a percentile for it to tell more than chance.
const BEYOND: f64 = 10.0;

/// What comes of holding a load against the baseline.
pub(super) enum Compared {
    /// It is the baseline from now on.
    First(PathBuf),
    /// By how many percent the worst figure is worse, and which one.
    Worse { percent: f64, figure: &'static str },
    /// The two do not compare.
    Other(&'static str),
}

/// Holds an outcome against the baseline; one that is wanted anew, or the first, becomes it.
pub(super) fn compare(
    folder: &Path,
    args: &DrillLoad,
    outcome: &Outcome,
    at: &str,
    url: &str,
) -> anyhow::Result<Compared> {
    let path = folder.join("drills").join("load.baseline.json");
    let now = document(args, outcome, at, url)?;
    let before = std::fs::read_to_string(&path).ok();
    let before: Option<Value> = before.and_then(|text| serde_json::from_str(&text).ok());
    let Some(before) = before.filter(|_| !args.baseline) else {
        std::fs::create_dir_all(folder.join("drills"))?;
        std::fs::write(&path, format!("{now:#}\n"))?;
        return Ok(Compared::First(path));
    };
    let differs = |pointer: &str| before.pointer(pointer) != now.pointer(pointer);
    if differs("/machine") {
        return Ok(Compared::Other("the baseline was made on another machine"));
    }
    if differs("/load") {
        return Ok(Compared::Other("the baseline was made by another load"));
    }
    let worst = figures(&before, &now).into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    Ok(match worst {
        Some((figure, percent)) => Compared::Worse { percent, figure },
        None => Compared::Other("there were too few requests"),
    })
}

/// By how many percent each figure is worse.
fn figures(before: &Value, now: &Value) -> Vec<(&'static str, f64)> {
    let both = |name: &str| {
        let of =
            |it: &Value| it.pointer(&format!("/result/{name}"))?.as_f64().filter(|it| *it > 0.0);
        Some((of(before)?, of(now)?))
    };
    let requests = both("requests").map_or(0.0, |(before, now)| before.min(now));
    let latencies = [("p50_ms", 0.5), ("p95_ms", 0.05), ("p99_ms", 0.01)];
    let told = latencies.into_iter().filter(|(_, share)| requests * share >= BEYOND);
    let slower = told.filter_map(|(name, _)| {
        both(name).map(|(before, now)| (name, (now / before - 1.0) * 100.0))
    });
    let fewer = both("achieved_per_second")
        .map(|(before, now)| ("achieved_per_second", (1.0 - now / before) * 100.0));
    let slower: Vec<_> = slower.collect();
    // A rate alone says nothing: it is what was asked for.
    if slower.is_empty() { slower } else { slower.into_iter().chain(fewer).collect() }
}

fn document(args: &DrillLoad, outcome: &Outcome, at: &str, url: &str) -> anyhow::Result<Value> {
    Ok(json!({
        "drill": "load",
        "at": at,
        "build": { "version": env!("CARGO_PKG_VERSION"), "optimised": !cfg!(debug_assertions) },
        "machine": machine(url),
        "load": { "rate": args.rate, "seconds": args.seconds, "scenario": args.scenario },
        "result": serde_json::to_value(outcome)?,
    }))
}

/// The machine that the load is made from, which is the server's where both are one.
fn machine(url: &str) -> Value {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let field = |text: &str, name: &str| {
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let host = url.split("//").last().and_then(|rest| rest.split([':', '/']).next());
    let is_here = matches!(host, Some("127.0.0.1" | "localhost" | "[::1]"));
    json!({
        "processor": field(&read("/proc/cpuinfo"), "model name"),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": field(&read("/proc/meminfo"), "MemTotal"),
        "server": if is_here { None } else { host },
    })
}

#[cfg(test)]
mod tests;
