//! Rules over time: what is about to fire, what fires, what has healed.

use std::collections::{BTreeMap, BTreeSet};

use assay_core::timestamp;

use crate::{
    AlertRule, Expression, History, Notice, RuleSeverity, Samples, TelemetryError,
    TelemetrySettings, exposition::Labels, rule,
};

/// Alerts of one rule at most; of more, those that come first by their labels.
const ALERTS_OF_RULE_MAX: usize = 100;
/// Alerts that have healed and are still shown.
const HEALED_MAX: usize = 200;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertState {
    /// The rule holds, but not yet for long enough.
    Pending,
    /// It has held for long enough.
    Firing,
    /// It fired and holds no more.
    Resolved,
}

impl AlertState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
        }
    }
}

/// A rule that holds, or held, for one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// The rule.
    pub rule: String,
    /// The series.
    pub series: BTreeMap<String, String>,
    /// Where it stands.
    pub state: AlertState,
    /// What the expression came to last.
    pub value: f64,
    /// Since when it holds, in milliseconds since 1970.
    pub since_ms: i64,
    /// When it ended.
    pub until_ms: Option<i64>,
    /// How soon somebody has to look.
    pub severity: RuleSeverity,
    /// Who has to.
    pub owner: String,
    /// What is the matter.
    pub summary: String,
    /// Where it says what to do.
    pub runbook: String,
    told_ms: i64,
}

impl Alert {
    /// An alert that tests the way to a receiver: critical, so that each takes it. `over`: whether it tells
    /// of its end.
    #[must_use]
    pub fn test(says: &str, now_ms: i64, over: bool) -> Self {
        Self {
            rule: "DeliveryTest".to_owned(),
            series: BTreeMap::new(),
            state: if over { AlertState::Resolved } else { AlertState::Firing },
            value: 1.0,
            since_ms: now_ms,
            until_ms: over.then_some(now_ms),
            severity: RuleSeverity::Critical,
            owner: "platform".to_owned(),
            summary: says.to_owned(),
            runbook: "server-down".to_owned(),
            told_ms: now_ms,
        }
    }

    /// All labels, as an Alertmanager has them.
    #[must_use]
    pub fn labels(&self) -> BTreeMap<String, String> {
        let own = [
            ("alertname", self.rule.as_str()),
            ("severity", self.severity.as_str()),
            ("owner", self.owner.as_str()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.series.clone().into_iter().chain(own).collect()
    }

    /// The series in words.
    #[must_use]
    pub fn series_text(&self) -> String {
        let labels: Vec<String> =
            self.series.iter().map(|(name, value)| format!("{name}={value}")).collect();
        labels.join(", ")
    }

    /// The same for the same rule and series: 64 bits in hexadecimal digits, FNV-1a.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let text = format!("{}\0{}", self.rule, self.series_text());
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
        });
        format!("{hash:016x}")
    }

    /// When it began, in UTC.
    #[must_use]
    pub fn started(&self) -> String {
        timestamp(self.since_ms).to_string()
    }

    /// When it ended, in UTC; the year 1 while it has not, as in Prometheus.
    #[must_use]
    pub fn ended(&self) -> String {
        self.until_ms
            .map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |ms| timestamp(ms).to_string())
    }
}

/// The rules and what became of them.
#[derive(Debug)]
pub struct Alerts {
    rules: Vec<AlertRule>,
    repeat_ms: i64,
    history: History,
    active: BTreeMap<(String, Labels), Alert>,
    healed: Vec<Alert>,
}

impl Alerts {
    /// The rules that the settings ask for. The past of what `others` ask for is kept as well.
    ///
    /// # Errors
    /// When a rule is wrong.
    pub fn new(
        settings: &TelemetrySettings,
        others: &[&Expression],
    ) -> Result<Self, TelemetryError> {
        let rules = rule::rules(settings)?;
        let all = rules.iter().map(|rule| &rule.expression).chain(others.iter().copied());
        let wanted: BTreeSet<String> =
            all.flat_map(Expression::metrics).map(str::to_owned).collect();
        let repeat_ms = settings.repeat_seconds.saturating_mul(1000);
        Ok(Self {
            rules,
            repeat_ms: i64::try_from(repeat_ms).unwrap_or(i64::MAX),
            history: History::of(wanted),
            active: BTreeMap::new(),
            healed: Vec::new(),
        })
    }

    /// The rules.
    #[must_use]
    pub fn rules(&self) -> &[AlertRule] {
        &self.rules
    }

    /// The past that the rules look at.
    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    /// What is pending or fires, and what healed lately, the newest first.
    #[must_use]
    pub fn alerts(&self) -> Vec<Alert> {
        let mut all: Vec<Alert> = self.active.values().chain(&self.healed).cloned().collect();
        all.sort_by_key(|alert| std::cmp::Reverse(alert.until_ms.unwrap_or(alert.since_ms)));
        all
    }

    /// Takes a reading, evaluates every rule and gives out what somebody has to be told.
    pub fn take(&mut self, now_ms: i64, samples: &Samples) -> Option<Notice> {
        self.history.take(now_ms, samples);
        let mut told = Vec::new();
        let mut holds = BTreeSet::new();
        for rule in &self.rules {
            let found = rule.expression.evaluate(&self.history, now_ms);
            for (labels, value) in found.into_iter().take(ALERTS_OF_RULE_MAX) {
                let key = (rule.name.clone(), labels);
                let alert = self
                    .active
                    .entry(key.clone())
                    .or_insert_with(|| begun(rule, key.1.clone(), now_ms));
                alert.value = value;
                told.extend(advance(alert, rule.for_ms, self.repeat_ms, now_ms));
                holds.insert(key);
            }
        }
        let over: Vec<(String, Labels)> =
            self.active.keys().filter(|key| !holds.contains(*key)).cloned().collect();
        for key in over {
            let Some(mut alert) = self.active.remove(&key) else { continue };
            if alert.state == AlertState::Firing {
                alert.state = AlertState::Resolved;
                alert.until_ms = Some(now_ms);
                told.push(alert.clone());
                self.healed.insert(0, alert);
                self.healed.truncate(HEALED_MAX);
            }
        }
        (!told.is_empty()).then_some(Notice { alerts: told })
    }
}

fn begun(rule: &AlertRule, series: Labels, now_ms: i64) -> Alert {
    Alert {
        rule: rule.name.clone(),
        series,
        state: AlertState::Pending,
        value: 0.0,
        since_ms: now_ms,
        until_ms: None,
        severity: rule.severity,
        owner: rule.owner.clone(),
        summary: rule.summary.clone(),
        runbook: rule.runbook.clone(),
        told_ms: 0,
    }
}

/// An alert that holds at a moment; it is given out when somebody has to be told.
fn advance(alert: &mut Alert, for_ms: i64, repeat_ms: i64, now_ms: i64) -> Option<Alert> {
    let is_due = match alert.state {
        AlertState::Pending => now_ms - alert.since_ms >= for_ms,
        _ => now_ms - alert.told_ms >= repeat_ms,
    };
    if !is_due {
        return None;
    }
    alert.state = AlertState::Firing;
    alert.told_ms = now_ms;
    Some(alert.clone())
}

#[cfg(test)]
mod tests;
