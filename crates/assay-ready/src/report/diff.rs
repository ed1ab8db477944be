//! What changed between two runs.

use std::fmt::Write as _;

use serde::Serialize;

use super::short;
use crate::{Outcome, observation::Value, run::Run, verdict::Verdict};

/// Shares by which a number must move to be told.
const DRIFT: f64 = 0.2;

/// What changed between two runs.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Changes {
    /// What both rest on (profile, configuration, build, checklist), where it differs: what it is,
    /// before, after. Of a hash the first digits.
    pub basis: Vec<(String, String, String)>,
    /// Checks whose verdict changed, that came or that went: what got worse first.
    pub checks: Vec<Change>,
    /// Numbers that moved.
    pub moved: Vec<Moved>,
}

/// A check that two runs decide differently.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// The check.
    pub id: String,
    /// What must hold.
    pub title: String,
    /// How it changed.
    pub kind: Kind,
    /// Its verdict in the earlier run.
    pub before: Option<Verdict>,
    /// Its verdict in the later run.
    pub after: Option<Verdict>,
}

/// How a check changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It let through and does no more.
    Worse,
    /// It lets through and did not before.
    Better,
    /// Another verdict that means the same for the deployment.
    Other,
    /// It was not asked before.
    New,
    /// It is not asked any more.
    Gone,
}

impl Kind {
    /// The word as it stands in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Worse => "worse",
            Self::Better => "better",
            Self::Other => "other",
            Self::New => "new",
            Self::Gone => "gone",
        }
    }
}

/// A number that moved by more than a fifth.
#[derive(Debug, Clone, Serialize)]
pub struct Moved {
    /// The check.
    pub id: String,
    /// The observation.
    pub name: String,
    /// What it was.
    pub before: f64,
    /// What it is.
    pub after: f64,
    /// Its unit.
    pub unit: String,
}

/// Verdicts that flipped, checks that came and went, numbers that moved, and what the runs rest on.
#[must_use]
pub fn changes(first: &Run, second: &Run) -> Changes {
    let same = [
        ("profile", &first.profile, &second.profile),
        ("configuration", &first.config, &second.config),
        ("build", &first.build, &second.build),
        ("checklist", &first.checklist, &second.checklist),
    ];
    let mut changes = Changes::default();
    for (what, a, b) in same.into_iter().filter(|(_, a, b)| a != b) {
        changes.basis.push((what.to_owned(), short(a).to_owned(), short(b).to_owned()));
    }
    for now in &second.outcomes {
        let before = first.outcomes.iter().find(|it| it.id == now.id);
        if let Some(before) = before {
            drift(before, now, &mut changes.moved);
        }
        changes.checks.extend(change(before, Some(now)));
    }
    for before in &first.outcomes {
        if !second.outcomes.iter().any(|it| it.id == before.id) {
            changes.checks.extend(change(Some(before), None));
        }
    }
    // Stable: inside a kind as the checklist has them.
    changes.checks.sort_by_key(|change| change.kind);
    changes
}

/// How one check changed; nothing where it did not.
fn change(before: Option<&Outcome>, after: Option<&Outcome>) -> Option<Change> {
    let kind = match (before, after) {
        (None, _) => Kind::New,
        (_, None) => Kind::Gone,
        (Some(before), Some(after)) if before.verdict == after.verdict => return None,
        (Some(before), Some(after)) => {
            match (before.verdict.lets_through(), after.verdict.lets_through()) {
                (true, false) => Kind::Worse,
                (false, true) => Kind::Better,
                _ => Kind::Other,
            }
        }
    };
    let named = after.or(before)?;
    Some(Change {
        id: named.id.clone(),
        title: named.title.clone(),
        kind,
        before: before.map(|it| it.verdict),
        after: after.map(|it| it.verdict),
    })
}

/// The changes between two runs as lines.
#[must_use]
pub fn diff(first: &Run, second: &Run) -> String {
    let mut out = String::new();
    let word = |run: &Run| if run.is_ready() { "ready" } else { "not ready" };
    let _ = writeln!(out, "{} -> {}   {} -> {}", first.id, second.id, word(first), word(second),);
    let changes = changes(first, second);
    for (what, before, after) in &changes.basis {
        let _ = writeln!(out, "  the {what} changed: {before} -> {after}");
    }
    for change in &changes.checks {
        let word = match change.kind {
            Kind::Worse => "WORSE",
            other => other.as_str(),
        };
        let _ = match (change.before, change.after) {
            (Some(before), Some(after)) => {
                writeln!(out, "  {word:<7} {:<8} {before} -> {after}  {}", change.id, change.title)
            }
            (before, after) => {
                let verdict = after.or(before).unwrap_or_default();
                writeln!(out, "  {word:<7} {:<8} {verdict}", change.id)
            }
        };
    }
    for Moved { id, name, before, after, unit } in &changes.moved {
        let _ = writeln!(out, "  moved   {id:<8} {name} {before} -> {after} {unit}");
    }
    if changes.checks.is_empty() && changes.moved.is_empty() {
        let _ = writeln!(out, "  nothing changed: {} pass", second.count(Verdict::Pass));
    }
    out
}

fn drift(before: &Outcome, now: &Outcome, moved: &mut Vec<Moved>) {
    for seen in &now.observations {
        let was = before.observations.iter().find(|it| it.name == seen.name);
        let Some((Value::Number(a), Value::Number(b))) = was.map(|was| (&was.value, &seen.value))
        else {
            continue;
        };
        if *a != 0.0 && ((b - a) / a).abs() > DRIFT {
            moved.push(Moved {
                id: now.id.clone(),
                name: seen.name.clone(),
                before: *a,
                after: *b,
                unit: seen.unit.clone(),
            });
        }
    }
}
