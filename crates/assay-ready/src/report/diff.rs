//! What changed between two runs.

use std::fmt::Write as _;

use super::short;
use crate::{Outcome, observation::Value, run::Run, verdict::Verdict};

/// Shares by which a number must move to be told.
const DRIFT: f64 = 0.2;

/// Verdicts that flipped, checks that came and went, numbers that moved, and what the runs rest on.
#[must_use]
pub fn diff(first: &Run, second: &Run) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} -> {}   {} -> {}",
        first.id,
        second.id,
        if first.is_ready() { "ready" } else { "not ready" },
        if second.is_ready() { "ready" } else { "not ready" },
    );
    let same = [
        ("profile", &first.profile, &second.profile),
        ("configuration", &first.config, &second.config),
        ("build", &first.build, &second.build),
        ("checklist", &first.checklist, &second.checklist),
    ];
    for (what, a, b) in same.into_iter().filter(|(_, a, b)| a != b) {
        let _ = writeln!(out, "  the {what} changed: {} -> {}", short(a), short(b));
    }
    let before = |id: &str| first.outcomes.iter().find(|it| it.id == id);
    let (mut worse, mut better, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for now in &second.outcomes {
        let Some(before) = before(&now.id) else {
            better.push(format!("  new     {:<8} {}", now.id, now.verdict));
            continue;
        };
        let line = || format!("{:<8} {} -> {}  {}", now.id, before.verdict, now.verdict, now.title);
        match (before.verdict.lets_through(), now.verdict.lets_through()) {
            (true, false) => worse.push(format!("  WORSE   {}", line())),
            (false, true) => better.push(format!("  better  {}", line())),
            _ if before.verdict != now.verdict => better.push(format!("  other   {}", line())),
            _ => {}
        }
        drift(before, now, &mut moved);
    }
    for outcome in &first.outcomes {
        if !second.outcomes.iter().any(|it| it.id == outcome.id) {
            better.push(format!("  gone    {:<8} {}", outcome.id, outcome.verdict));
        }
    }
    for line in worse.iter().chain(&better).chain(&moved) {
        let _ = writeln!(out, "{line}");
    }
    if worse.is_empty() && better.is_empty() && moved.is_empty() {
        let _ = writeln!(out, "  nothing changed: {} pass", second.count(Verdict::Pass));
    }
    out
}

fn drift(before: &Outcome, now: &Outcome, moved: &mut Vec<String>) {
    for seen in &now.observations {
        let was = before.observations.iter().find(|it| it.name == seen.name);
        let Some((Value::Number(a), Value::Number(b))) =
            was.map(|was| (&was.value, &seen.value)).and_then(|it| match it {
                (Value::Number(a), Value::Number(b)) => {
                    Some((Value::Number(*a), Value::Number(*b)))
                }
                _ => None,
            })
        else {
            continue;
        };
        if a != 0.0 && ((b - a) / a).abs() > DRIFT {
            moved.push(format!("  moved   {:<8} {} {a} -> {b} {}", now.id, seen.name, seen.unit));
        }
    }
}
