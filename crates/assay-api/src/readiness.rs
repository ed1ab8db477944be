//! Runs of readiness, as `assay ready check` has kept them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which runs to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadinessRunListParams {
    /// Continue before this run: `next` of the page before.
    pub before: Option<String>,
    /// Runs wanted, 1 to 50; 20 when absent.
    #[param(minimum = 1, maximum = 50)]
    pub limit: Option<u32>,
}

/// Runs, the newest first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessRunListResponse {
    /// The runs of this page that can be read.
    pub runs: Vec<ReadinessRun>,
    /// Those that cannot, each with the reason.
    pub unreadable: Vec<ReadinessUnreadable>,
    /// Give it as `before` for the next page; none at the end.
    pub next: Option<String>,
}

/// A run that cannot be read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessUnreadable {
    /// Its name.
    pub id: String,
    /// Why.
    pub why: String,
}

/// What came of a run.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessRun {
    /// Its name, which rises with time.
    pub id: String,
    /// When it began.
    pub started_at: String,
    /// How long it took.
    pub seconds: f64,
    /// Which checks with which thresholds.
    pub profile: String,
    /// What was examined.
    pub url: String,
    /// The version that the server said it is.
    pub server_version: String,
    /// SHA-256 of the program that examined.
    pub build: String,
    /// SHA-256 of the configuration; empty when it was not known.
    pub config: String,
    /// SHA-256 of the checks and profiles.
    pub checklist: String,
    /// Whether every blocker passes, is attested or is waived in date.
    pub ready: bool,
    /// Blockers that keep it from being ready.
    pub blockers: usize,
    /// Major checks that are open.
    pub major: usize,
    /// Minor checks that are open.
    pub minor: usize,
    /// Checks that apply.
    pub asked: usize,
    /// Those of them that were decided, one way or the other.
    pub decided: usize,
    /// What is wrong with the run as a whole: then it is not ready.
    pub problems: Vec<String>,
}

/// A run with what it saw.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessRunResponse {
    /// What came of it.
    pub run: ReadinessRun,
    /// What is not as it was written: a run, an artefact or a signature that was changed; empty when
    /// all is.
    pub faults: Vec<String>,
    /// Who has signed it, as far as the signatures hold.
    pub signed: Vec<ReadinessSignature>,
    /// Up to 20 earlier runs of the same profile, the newest first.
    pub history: Vec<ReadinessRun>,
    /// What came of each check: what keeps it from being ready first.
    pub checks: Vec<ReadinessCheck>,
}

/// A sign-off.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessSignature {
    /// As what.
    pub role: String,
    /// By whom.
    pub by: String,
}

/// What came of one check.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessCheck {
    /// The check, such as `HLT-01`.
    pub id: String,
    /// Its part of the checklist.
    pub section: String,
    /// What must hold.
    pub title: String,
    /// `blocker`, `major` or `minor`.
    pub severity: String,
    /// How it is decided: `automatic`, `static`, `drill`, `attested`; the first is the main way.
    pub class: Vec<String>,
    /// `pass`, `attested`, `waived`, `not_applicable`, `fail`, `inconclusive`, `stale` or `error`.
    pub verdict: String,
    /// Whether a blocker with this verdict leaves a deployment ready.
    pub lets_through: bool,
    /// Why, in a line.
    pub says: String,
    /// What is missing for a decision.
    pub need: String,
    /// What to do where it does not hold.
    pub remedy: String,
    /// The page that says more.
    pub runbook: String,
    /// Who may attest it; empty where nobody may.
    pub role: String,
    /// Whether it waits for the word of that role.
    pub waits_for_person: bool,
    /// The lines of the source checklists.
    pub sources: String,
    /// Seconds that its probes took.
    pub seconds: f64,
    /// What was seen.
    pub observations: Vec<ReadinessObservation>,
    /// What was wanted of it, and what came of that.
    pub judged: Vec<ReadinessJudgement>,
    /// Its verdicts in the runs of `history`, in their order; none where it was not asked.
    pub past: Vec<Option<String>>,
}

/// One thing that a probe has seen.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessObservation {
    /// Its name within the check.
    pub name: String,
    /// What was seen, in short.
    pub value: String,
    /// Unit of the value, such as `ms`; empty where there is none.
    pub unit: String,
    /// How many tries the value rests on.
    pub size: u64,
    /// The first 200 measurements, where each was kept by itself.
    pub samples: Vec<f64>,
    /// Seconds that the value speaks of; absent where it is of a moment.
    pub window_seconds: Option<f64>,
    /// Days since it was seen, where that was not during the run.
    pub age_days: Option<f64>,
    /// The file of the run's folder that it was read from, by its SHA-256; empty where there is none.
    pub artefact: String,
}

/// What came of one expectation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessJudgement {
    /// The observation that it is about.
    pub of: String,
    /// `pass`, `fail`, `inconclusive` or `error`.
    pub verdict: String,
    /// What was seen and what was wanted, in a line.
    pub says: String,
    /// What is missing for a decision.
    pub need: String,
}

/// With what to compare a run.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReadinessDiffParams {
    /// The earlier run.
    pub from: String,
}

/// What changed between two runs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessDiffResponse {
    /// The earlier run.
    pub from: ReadinessRun,
    /// The later run.
    pub to: ReadinessRun,
    /// What both rest on, where it differs.
    pub basis: Vec<ReadinessBasisChange>,
    /// Checks whose verdict changed, that came or that went: what got worse first.
    pub checks: Vec<ReadinessCheckChange>,
    /// Numbers that moved by more than a fifth.
    pub moved: Vec<ReadinessMove>,
}

/// Something that a run rests on and that changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessBasisChange {
    /// `profile`, `configuration`, `build` or `checklist`.
    pub what: String,
    /// What it was; of a hash the first digits.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// A check that two runs decide differently.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessCheckChange {
    /// The check.
    pub id: String,
    /// What must hold.
    pub title: String,
    /// `worse`, `better`, `other`, `new` or `gone`.
    pub kind: String,
    /// Its verdict in the earlier run.
    pub before: Option<String>,
    /// Its verdict in the later run.
    pub after: Option<String>,
}

/// A number that moved.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadinessMove {
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
