//! What a person sees: blockers first, each with what to do.

use std::fmt::Write as _;

use super::{headline, ordered, short};
use crate::{
    Outcome,
    check::{Check, Severity},
    judge::span,
    people::attest,
    run::{Run, SIGN_OFF},
    verdict::Verdict,
};

/// Open checks that are shown beside the blockers.
const SHOWN: usize = 12;

/// The report of a run.
#[must_use]
pub fn terminal(run: &Run, all: bool) -> String {
    let mut out = String::new();
    let answer = if run.is_ready() { "YES" } else { "NO " };
    let _ = writeln!(
        out,
        "READY?  {answer}  {} · {} · config {} · build {}+{}",
        headline(run),
        span(run.seconds),
        if run.config.is_empty() { "unknown" } else { short(&run.config) },
        run.server_version,
        short(&run.build),
    );
    let _ = writeln!(out, "        {} · profile {} · run {}", run.url, run.profile, run.id);
    for problem in &run.problems {
        let _ = writeln!(out, " !     {problem}");
    }
    let mut lesser = 0;
    for outcome in ordered(run) {
        if all {
            line(&mut out, outcome);
            continue;
        }
        if outcome.verdict.lets_through() || waits(outcome) {
            continue;
        }
        lesser += usize::from(outcome.severity != Severity::Blocker);
        if outcome.severity == Severity::Blocker || lesser <= SHOWN {
            line(&mut out, outcome);
        }
    }
    if lesser > SHOWN && !all {
        let _ = writeln!(out, " …     {} more that are no blockers: --all", lesser - SHOWN);
    }
    tail(&mut out, run);
    out
}

/// Whether only the word of a person is missing.
fn waits(outcome: &Outcome) -> bool {
    !outcome.role.is_empty() && outcome.need.starts_with("assay ready attest")
}

fn line(out: &mut String, outcome: &Outcome) {
    let mark = match outcome.verdict {
        Verdict::Pass => "ok",
        Verdict::Attested => "said",
        Verdict::Waived => "WAIVE",
        Verdict::NotApplicable => "n/a",
        Verdict::Fail => "FAIL",
        Verdict::Inconclusive => "?",
        Verdict::Stale => "STALE",
        Verdict::Error => "ERROR",
    };
    let says: String = outcome.says.chars().take(150).collect();
    let _ = writeln!(
        out,
        " {mark:<5} {} {} ({})  {says}",
        outcome.id,
        outcome.title,
        outcome.severity.as_str()
    );
    if outcome.verdict.lets_through() {
        return;
    }
    let mut parts = Vec::new();
    if !outcome.need.is_empty() {
        parts.push(outcome.need.clone());
    }
    if outcome.verdict == Verdict::Fail && !outcome.remedy.is_empty() {
        parts.push(format!("fix: {}", outcome.remedy));
    }
    if !outcome.runbook.is_empty() {
        parts.push(format!("see {}", outcome.runbook));
    }
    if let Some(artefact) =
        outcome.observations.iter().map(|it| &it.artefact).find(|it| !it.is_empty())
    {
        parts.push(format!("evidence ev/{}…", short(artefact)));
    }
    if !parts.is_empty() {
        let _ = writeln!(out, "       {}", parts.join(" · "));
    }
}

fn tail(out: &mut String, run: &Run) {
    let open = attest::open(run, None);
    if !open.is_empty() {
        let mut roles: Vec<&str> = open.iter().map(|it| it.role.as_str()).collect();
        roles.sort_unstable();
        let mut counted: Vec<(&str, usize)> = Vec::new();
        for role in roles {
            match counted.last_mut() {
                Some((last, count)) if *last == role => *count += 1,
                _ => counted.push((role, 1)),
            }
        }
        let counted: Vec<String> =
            counted.iter().map(|(role, count)| format!("{role} {count}")).collect();
        let _ = writeln!(
            out,
            " …     {} attestations open ({}): assay ready ask --role ROLE",
            open.len(),
            counted.join(", ")
        );
    }
    let counts: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|verdict| run.count(*verdict) > 0)
        .map(|verdict| format!("{} {verdict}", run.count(verdict)))
        .collect();
    let _ = writeln!(out, "        {}", counts.join(" · "));
}

/// What a check asks, how it is decided, and what the run saw of it.
#[must_use]
pub fn explain(check: &Check, outcome: Option<&Outcome>) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}  {}  ({})", check.id, check.title, check.severity.as_str());
    let classes: Vec<String> =
        check.class.iter().map(|it| format!("{it:?}").to_lowercase()).collect();
    let _ = writeln!(out, "  section   {} · asked {}", check.section, check.when);
    let _ = writeln!(out, "  decided   {} · {}", classes.join(", "), check.method);
    let _ = writeln!(out, "  wanted    {}", check.threshold);
    for expect in &check.expect {
        let quantile = expect.quantile.map(|it| format!(" P{:.0}", it * 100.0)).unwrap_or_default();
        let is = format!("{:?}", expect.is);
        let _ = writeln!(out, "            {}{quantile} {is} {}", expect.of, expect.value);
    }
    if !check.applies.is_empty() {
        let _ = writeln!(out, "  applies   when: {}", check.applies);
    }
    if !check.needs.is_empty() {
        let _ = writeln!(out, "  needs     {}", check.needs);
    }
    if !check.role.is_empty() {
        let _ = writeln!(out, "  attested  by {}, for {:.0} days", check.role, check.max_age_days);
    }
    let _ = writeln!(out, "  blast     {:?} · at most {} s", check.blast, check.timeout_seconds);
    let _ = writeln!(out, "  fix       {}", check.remedy);
    if !check.runbook.is_empty() {
        let _ = writeln!(out, "  runbook   {}", check.runbook);
    }
    let _ = writeln!(out, "  from      {}", check.sources);
    let Some(outcome) = outcome else { return out };
    let _ = writeln!(out, "\n  verdict   {}: {}", outcome.verdict, outcome.says);
    if !outcome.need.is_empty() {
        let _ = writeln!(out, "  missing   {}", outcome.need);
    }
    for seen in &outcome.observations {
        let window =
            seen.window_seconds.map(|it| format!(" over {}", span(it))).unwrap_or_default();
        let _ = writeln!(
            out,
            "  seen      {} = {} {}{window}  ev/{}",
            seen.name,
            seen.value.shown(),
            seen.unit,
            seen.artefact
        );
    }
    out
}

/// Why it is not ready: the blockers with what to do, in as few words as there are.
#[must_use]
pub fn why_not(run: &Run) -> String {
    let mut out = String::new();
    if run.is_ready() {
        let _ = writeln!(out, "It is ready.");
        return out;
    }
    for problem in &run.problems {
        let _ = writeln!(out, "{problem}");
    }
    for outcome in ordered(run).into_iter().filter(|it| {
        !it.verdict.lets_through() && it.severity == Severity::Blocker && it.id != SIGN_OFF
    }) {
        let next = if outcome.need.is_empty() { &outcome.remedy } else { &outcome.need };
        let _ = writeln!(out, "{:<8} {:<12} {}", outcome.id, outcome.verdict, outcome.title);
        let _ = writeln!(out, "         {}", outcome.says);
        let _ = writeln!(out, "         -> {next}");
    }
    out
}
