//! The forms in which a run is told.

mod diff;
mod document;
mod html;
mod junit;
mod markdown;
mod prometheus;
mod sarif;
mod system;
mod terminal;

pub use diff::{Change, Changes, Kind, Moved, changes, diff};
pub use document::document;
pub use html::html;
pub use junit::junit;
pub use markdown::markdown;
pub use prometheus::prometheus;
pub use sarif::sarif;
pub use system::system;
pub use terminal::{explain, terminal, why_not};

use crate::{check::Severity, run::Run, verdict::Verdict};

/// The checks of a run as reports list them: what keeps it from being ready first, then by severity,
/// then as the checklist has them.
#[must_use]
pub fn ordered(run: &Run) -> Vec<&crate::Outcome> {
    let mut outcomes: Vec<&crate::Outcome> = run.outcomes.iter().collect();
    let rank = |it: &crate::Outcome| match it.verdict {
        Verdict::Fail => 0,
        Verdict::Error => 1,
        Verdict::Stale => 2,
        Verdict::Inconclusive => 3,
        Verdict::Waived => 4,
        Verdict::Attested => 5,
        Verdict::Pass => 6,
        Verdict::NotApplicable => 7,
    };
    outcomes.sort_by_key(|it| (it.verdict.lets_through(), it.severity, rank(it)));
    outcomes
}

/// The headline: ready or not, how many of each severity are open, how many were decided.
fn headline(run: &Run) -> String {
    let open = |severity: Severity| run.open().filter(|it| it.severity == severity).count();
    let asked = run.outcomes.len() - run.count(Verdict::NotApplicable);
    let decided = run.decided() - run.count(Verdict::NotApplicable);
    format!(
        "{} {}, {} major, {} minor · {decided} of {asked} decided",
        open(Severity::Blocker),
        if open(Severity::Blocker) == 1 { "blocker" } else { "blockers" },
        open(Severity::Major),
        open(Severity::Minor),
    )
}

/// The first digits of a hash.
fn short(hash: &str) -> &str {
    hash.get(..8).unwrap_or(hash)
}
