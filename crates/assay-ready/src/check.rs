//! A check: a sentence of a checklist that can be decided.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::probe::Probe;

/// How a check is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// By looking at the running deployment.
    Automatic,
    /// By looking at configuration, files and results of a build.
    Static,
    /// By a drill.
    Drill,
    /// By the word of a person, with evidence.
    Attested,
}

/// What it means that a check does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Not ready.
    Blocker,
    /// To be mended soon.
    Major,
    /// To be mended.
    Minor,
}

impl Severity {
    /// The word as it stands in files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blocker => "blocker",
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// What a probe does to a deployment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blast {
    /// It only reads.
    #[default]
    None,
    /// It writes what it removes again, under names of its own, or asks often.
    Low,
    /// It can be felt by users: load, faults, kills.
    High,
}

/// One check, as its file has it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Its name, such as `HLT-01`.
    pub id: String,
    /// The part of the checklist that it belongs to; from the head of its file.
    #[serde(default)]
    pub section: String,
    /// What must hold.
    pub title: String,
    /// How it is decided; the first is the main way.
    pub class: Vec<Class>,
    /// What it means that it does not hold.
    pub severity: Severity,
    /// When it is asked: `before`, `deploy`, `after`, `day` (24 hours of traffic), `drill`,
    /// `recurring`.
    pub when: String,
    /// Condition under which it is asked at all; see `condition`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub applies: String,
    /// What a person must bring for it to be decided; told when there is no data.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub needs: String,
    /// Longest that its probes may take in all.
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
    /// What its probes do to the deployment.
    #[serde(default)]
    pub blast: Blast,
    /// How it is decided, in words.
    pub method: String,
    /// The strictest number of the source checklists, in words.
    pub threshold: String,
    /// What to do when it does not hold.
    pub remedy: String,
    /// The page that says more.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub runbook: String,
    /// Who may attest it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// Days after which evidence that was not gathered in the run is stale.
    #[serde(default = "ninety")]
    pub max_age_days: f64,
    /// The lines of the source checklists that lead here, as `S0:12,14-16 S3:9`.
    pub sources: String,
    /// How it is observed.
    #[serde(default)]
    pub probe: Vec<Probe>,
    /// What must hold of the observations: all of it.
    #[serde(default)]
    pub expect: Vec<Expect>,
    /// Values of observations that must turn it red, for the self-test, beside those that are made
    /// from the expectations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub defect: Vec<BTreeMap<String, crate::Value>>,
}

const fn ten() -> u64 {
    10
}

const fn ninety() -> f64 {
    90.0
}

impl Check {
    /// Whether the word of a person can decide it.
    #[must_use]
    pub fn can_be_attested(&self) -> bool {
        self.class.contains(&Class::Attested)
    }

    /// Whether it is decided without a person.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        !self.expect.is_empty()
    }
}

/// How a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same number or text.
    Equal,
    /// Another number or text.
    NotEqual,
    /// Not more.
    AtMost,
    /// Less.
    Below,
    /// Not less.
    AtLeast,
    /// More.
    Above,
    /// The text holds the pattern.
    Matches,
    /// The text does not hold the pattern.
    MatchesNot,
}

/// What must hold of one observation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The observation, and the name under which a profile sets another value.
    pub of: String,
    /// How it is compared.
    pub is: Comparison,
    /// With what: a number, a text, or true and false as texts. For shares a number from 0 to 1.
    pub value: Limit,
    /// Of measurements, the quantile that is compared: 0.95 for P95. Without it, every one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantile: Option<f64>,
    /// Tries below which nothing is decided, beyond what the exact bound asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_size: Option<u64>,
    /// Whether the rest decides anything only when this holds: a drill that asked too little has shown
    /// nothing, and has not failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub first: bool,
    /// Seconds that the observation must speak of at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_window_seconds: Option<f64>,
}

/// What is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Limit {
    /// A number.
    Number(f64),
    /// A text or a pattern.
    Text(String),
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => f.write_str(&crate::observation::number(*number)),
            Self::Text(text) => f.write_str(text),
        }
    }
}
