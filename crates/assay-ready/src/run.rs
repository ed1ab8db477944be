//! A run: every check of a profile, observed, judged, and what follows for the deployment.

mod decide;
mod facts;
mod perform;

use serde::{Deserialize, Serialize};

use crate::{
    check::{Class, Severity},
    judge::Judged,
    observation::Observation,
    verdict::Verdict,
};

pub use decide::rejudge;
pub(crate) use decide::{by_others, by_signatures, decide};
pub use perform::{Given, perform};

/// The version of what `run.json` holds.
pub const SCHEMA: &str = "assay.readiness/1";
/// The check that the sign-offs of a run decide.
pub const SIGN_OFF: &str = "SGN-01";
/// The check that the verdicts of all others decide.
pub const COMPUTED: &str = "SGN-02";
/// Who signs off, each a different person.
pub const SIGNING_ROLES: [&str; 5] =
    ["security", "performance", "operations", "product", "management"];

/// What came of one check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    /// The check.
    pub id: String,
    /// Its part of the checklist.
    pub section: String,
    /// What must hold.
    pub title: String,
    /// What it means that it does not.
    pub severity: Severity,
    /// How it is decided.
    pub class: Vec<Class>,
    /// When it is asked.
    pub when: String,
    /// What came of it.
    pub verdict: Verdict,
    /// Why, in a line.
    pub says: String,
    /// What is missing for a decision.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub need: String,
    /// What to do.
    pub remedy: String,
    /// The page that says more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runbook: String,
    /// Who may attest it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// The lines of the source checklists.
    pub sources: String,
    /// What was seen.
    pub observations: Vec<Observation>,
    /// What came of each expectation.
    pub judged: Vec<Judged>,
    /// Why the probe broke, or what was seen counts no more; empty otherwise.
    #[serde(default, skip_serializing_if = "Troubles::is_empty")]
    pub troubles: Troubles,
    /// Seconds that the probes took.
    pub seconds: f64,
}

/// What kept a check from being decided by its observations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Troubles {
    /// Why the probe broke.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub broken: Option<String>,
    /// Why there was nothing to observe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Why what was observed counts no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
    /// The condition that does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmet: Option<String>,
}

impl Troubles {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// [`SCHEMA`].
    pub schema: String,
    /// Its name.
    pub id: String,
    /// When it began.
    pub started: jiff::Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// What was examined.
    pub url: String,
    /// The version that the server says it is.
    pub server_version: String,
    /// Seconds since the server started; absent when it does not say.
    pub uptime_seconds: Option<f64>,
    /// The version of the program that examined.
    pub version: String,
    /// SHA-256 of that program's file.
    pub build: String,
    /// The profile.
    pub profile: String,
    /// SHA-256 of the checks and profiles.
    pub checklist: String,
    /// SHA-256 of the configuration; empty when it is not known.
    pub config: String,
    /// The head of the run before this one in the same folder: runs are a chain.
    pub previous: String,
    /// What is wrong with the run as a whole: another version, a clock that is off. It is not ready
    /// then.
    pub problems: Vec<String>,
    /// What came of each check.
    pub outcomes: Vec<Outcome>,
}

/// When a run ends with a code that is not 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Blockers that do not let it through.
    #[default]
    Blocker,
    /// Major ones that failed, too.
    Major,
    /// Minor ones that failed, too.
    Minor,
    /// Anything that is not decided, too.
    Inconclusive,
}

impl Run {
    /// Whether every blocker passes, is attested or is waived in date.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.problems.is_empty() && self.blockers().next().is_none()
    }

    /// The blockers that keep it from being ready.
    pub fn blockers(&self) -> impl Iterator<Item = &Outcome> {
        self.open().filter(|it| it.severity == Severity::Blocker)
    }

    /// Everything that does not let through.
    pub fn open(&self) -> impl Iterator<Item = &Outcome> {
        self.outcomes.iter().filter(|it| !it.verdict.lets_through())
    }

    /// How many have a verdict.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.outcomes.iter().filter(|it| it.verdict == verdict).count()
    }

    /// How many were decided, one way or the other.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.outcomes.iter().filter(|it| it.verdict.is_decided()).count()
    }

    /// The exit code: 0 ready, 1 something failed, 2 inconclusive or stale, 3 a probe broke.
    #[must_use]
    pub fn exit_code(&self, fail_on: FailOn) -> u8 {
        let least = match fail_on {
            FailOn::Blocker => Severity::Blocker,
            FailOn::Major => Severity::Major,
            FailOn::Minor | FailOn::Inconclusive => Severity::Minor,
        };
        let counts = |it: &&Outcome| {
            it.severity <= least
                && (it.verdict == Verdict::Fail
                    || it.severity == Severity::Blocker
                    || fail_on == FailOn::Inconclusive)
        };
        let open: Vec<Verdict> = self.open().filter(counts).map(|it| it.verdict).collect();
        if open.contains(&Verdict::Fail) {
            1
        } else if open.iter().any(|it| *it != Verdict::Error) || !self.problems.is_empty() {
            2
        } else if open.is_empty() {
            0
        } else {
            3
        }
    }
}

#[cfg(test)]
mod tests;
