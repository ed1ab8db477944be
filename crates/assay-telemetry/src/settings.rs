//! Settings of alerts and objectives.

use std::collections::BTreeMap;

use assay_core::Secret;
use serde::{Deserialize, Serialize};

use crate::{RuleSeverity, Sampling, notice::ReceiverKind};

/// Settings of what is watched and who is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TelemetrySettings {
    /// Seconds between two looks at the numbers.
    pub interval_seconds: u64,
    /// Seconds after which an alert that still fires is told again.
    pub repeat_seconds: u64,
    /// Whether rules are evaluated here; `false` where a Prometheus does.
    pub evaluate: bool,
    /// Who is told.
    pub receivers: Vec<ReceiverSettings>,
    /// What is different about a rule that ships, by its name.
    pub alerts: BTreeMap<String, AlertOverride>,
    /// Further rules.
    pub rules: Vec<OwnRule>,
    /// What is promised, by name. Those that ship are in force unless one of the same name is here.
    pub objectives: BTreeMap<String, ObjectiveSettings>,
    /// Where traces go, and which.
    pub traces: TraceSettings,
}

impl Default for TelemetrySettings {
    fn default() -> Self {
        Self {
            interval_seconds: 15,
            repeat_seconds: 4 * 3600,
            evaluate: true,
            receivers: Vec::new(),
            alerts: BTreeMap::new(),
            rules: Vec::new(),
            objectives: BTreeMap::new(),
            traces: TraceSettings::default(),
        }
    }
}

/// Settings of traces.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TraceSettings {
    /// The collector's address for OTLP over HTTP, such as `http://127.0.0.1:4318`; empty for none.
    pub endpoint: String,
    /// Headers that it wants.
    pub headers: BTreeMap<String, Secret>,
    /// Share of requests that are kept, 0 to 1; those that failed or were slow are always.
    pub ratio: f64,
    /// Milliseconds from which on a request is slow.
    pub slow_ms: u64,
}

impl TraceSettings {
    /// Which traces are kept; none where they go nowhere.
    #[must_use]
    pub fn sampling(&self) -> Option<Sampling> {
        let Self { ratio, slow_ms, .. } = *self;
        (!self.endpoint.is_empty()).then_some(Sampling { ratio, slow_ms })
    }

    /// What is wrong with them: the key and the reason.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !self.endpoint.is_empty() && !self.endpoint.starts_with("http") {
            problems.push(("endpoint", format!("`{}` is not an HTTP URL", self.endpoint)));
        }
        if !(0.0..=1.0).contains(&self.ratio) {
            problems.push(("ratio", format!("{} is not 0 to 1", self.ratio)));
        }
        problems
    }
}

impl Default for TraceSettings {
    fn default() -> Self {
        Self { endpoint: String::new(), headers: BTreeMap::new(), ratio: 0.01, slow_ms: 1_000 }
    }
}

/// Somebody who is told.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverSettings {
    /// Its name, for the log.
    pub name: String,
    /// The form of a notice.
    #[serde(default)]
    pub kind: ReceiverKind,
    /// Where notices are posted to.
    pub url: Secret,
    /// The routing key, for PagerDuty.
    #[serde(default)]
    pub key: Option<Secret>,
    /// The least severity that is told.
    #[serde(default = "warning")]
    pub severity: RuleSeverity,
}

const fn warning() -> RuleSeverity {
    RuleSeverity::Warning
}

/// What is different about a rule that ships.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AlertOverride {
    /// `false` leaves it out.
    pub enabled: Option<bool>,
    /// Another expression, for another threshold.
    pub expression: Option<String>,
    /// Seconds for which it must hold.
    pub for_seconds: Option<u64>,
    /// How soon somebody has to look.
    pub severity: Option<RuleSeverity>,
    /// Who has to.
    pub owner: Option<String>,
}

/// A rule of the settings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnRule {
    /// Its name, in letters and digits.
    pub name: String,
    /// It holds for each series that this finds.
    pub expression: String,
    /// Seconds for which it must hold.
    #[serde(default)]
    pub for_seconds: u64,
    /// How soon somebody has to look.
    #[serde(default = "warning")]
    pub severity: RuleSeverity,
    /// Who has to.
    #[serde(default)]
    pub owner: String,
    /// What is the matter, in one sentence.
    #[serde(default)]
    pub summary: String,
    /// Where it says what to do: an address, or a page of `docs/runbooks/`.
    #[serde(default)]
    pub runbook: String,
}

/// What is promised.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectiveSettings {
    /// Share of good events, above 0 and below 1.
    pub target: f64,
    /// Days over which it is promised, at most 30.
    #[serde(default = "thirty")]
    pub days: u32,
    /// Counter of bad events: an expression that comes to one number, which only grows.
    pub bad: String,
    /// Counter of all events, likewise.
    pub all: String,
    /// What is promised, in one sentence.
    #[serde(default)]
    pub summary: String,
}

const fn thirty() -> u32 {
    30
}
