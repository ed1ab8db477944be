//! Alert rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Expression, TelemetryError, TelemetrySettings, metrics};

/// How soon somebody has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleSeverity {
    /// When there is time.
    Info,
    /// Today.
    Warning,
    /// Now.
    Critical,
}

impl RuleSeverity {
    /// The word in settings, notices and labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A rule as it is written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    expression: String,
    for_seconds: u64,
    severity: RuleSeverity,
    owner: String,
    #[serde(default)]
    slo: String,
    summary: String,
    runbook: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// What the rules of this file are about; a group of Prometheus.
    group: String,
    rule: Vec<Written>,
}

/// A rule: somebody is told when its expression has held for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertRule {
    /// Its name, unique; in `CamelCase`, as Prometheus has it.
    pub name: String,
    /// What it is about.
    pub group: String,
    /// It holds for each series that this finds.
    pub expression: Expression,
    /// Milliseconds for which it must hold.
    pub for_ms: i64,
    /// How soon somebody has to look.
    pub severity: RuleSeverity,
    /// Who has to.
    pub owner: String,
    /// The objective that is at stake; empty for none.
    pub slo: String,
    /// What is the matter, in one sentence.
    pub summary: String,
    /// The page of `docs/runbooks/` that says how to see, decide and fix.
    pub runbook: String,
}

/// Milliseconds of the shortest window of a scaled rule: four readings at an interval of a second.
const SCALED_WINDOW_MS: i64 = 5_000;

impl AlertRule {
    /// The rule as a drill has it, which cannot wait: its windows and the time for which it must hold
    /// are divided by `by`, to whole seconds and not to nothing. Thresholds stay.
    ///
    /// # Errors
    /// Never for a rule that was read before.
    pub fn scaled(&self, by: f64) -> Result<Self, TelemetryError> {
        let for_ms = (self.for_ms as f64 / by / 1e3).ceil() as i64 * 1_000;
        let expression = self.expression.scaled(by, SCALED_WINDOW_MS)?;
        Ok(Self { expression, for_ms, ..self.clone() })
    }
}

/// The files that ship, one for each checklist that asks for rules.
const SHIPPED: [&str; 6] = [
    include_str!("rules/answers.toml"),
    include_str!("rules/documents.toml"),
    include_str!("rules/backup.toml"),
    include_str!("rules/host.toml"),
    include_str!("rules/tasks.toml"),
    include_str!("rules/models.toml"),
];

/// The rules that ship.
///
/// # Errors
/// Never for a build that passed its tests.
pub fn shipped_rules() -> Result<Vec<AlertRule>, TelemetryError> {
    let mut all = Vec::new();
    for text in SHIPPED {
        let file: File = toml::from_str(text).map_err(|error| TelemetryError::Rule {
            name: "shipped rules".to_owned(),
            what: error.to_string(),
        })?;
        for written in file.rule {
            all.push(written.into_rule(&file.group)?);
        }
    }
    Ok(all)
}

impl Written {
    fn into_rule(self, group: &str) -> Result<AlertRule, TelemetryError> {
        let expression = Expression::parse(self.expression.trim())?;
        Ok(AlertRule {
            name: self.name,
            group: group.to_owned(),
            expression,
            for_ms: i64::try_from(self.for_seconds.saturating_mul(1000)).unwrap_or(i64::MAX),
            severity: self.severity,
            owner: self.owner,
            slo: self.slo,
            summary: self.summary,
            runbook: self.runbook,
        })
    }
}

/// The rules that hold: those that ship, as the settings change them, and those of the settings.
///
/// # Errors
/// When the settings name a rule that there is not, take a name twice, or an expression is wrong.
pub(crate) fn rules(settings: &TelemetrySettings) -> Result<Vec<AlertRule>, TelemetryError> {
    let wrong = |name: &str, what: &str| {
        Err(TelemetryError::Rule { name: name.to_owned(), what: what.to_owned() })
    };
    let mut rules = shipped_rules()?;
    for (name, change) in &settings.alerts {
        let Some(at) = rules.iter().position(|rule| rule.name == *name) else {
            return wrong(name, "no rule of this name ships; `assay alerts rules` lists them");
        };
        if change.enabled == Some(false) {
            rules.remove(at);
            continue;
        }
        if let Some(rule) = rules.get_mut(at) {
            if let Some(expression) = &change.expression {
                rule.expression = Expression::parse(expression)?;
            }
            if let Some(seconds) = change.for_seconds {
                rule.for_ms = i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX);
            }
            rule.severity = change.severity.unwrap_or(rule.severity);
            rule.owner = change.owner.clone().unwrap_or_else(|| rule.owner.clone());
        }
    }
    for own in &settings.rules {
        let written = Written {
            name: own.name.clone(),
            expression: own.expression.clone(),
            for_seconds: own.for_seconds,
            severity: own.severity,
            owner: own.owner.clone(),
            slo: String::new(),
            summary: own.summary.clone(),
            runbook: own.runbook.clone(),
        };
        rules.push(written.into_rule("own")?);
    }
    let mut names = BTreeSet::new();
    for rule in &rules {
        metrics::check(&rule.name, &rule.expression)?;
        if rule.name.is_empty() || !rule.name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return wrong(&rule.name, "a rule has a name of letters and digits");
        }
        if !names.insert(rule.name.as_str()) {
            return wrong(&rule.name, "there are two rules of this name");
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests;
