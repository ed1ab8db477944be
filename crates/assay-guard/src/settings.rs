//! What a guard is told: actions per kind, exceptions, further rules.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Action, Kind, Severity};

/// Settings of the guard.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GuardSettings {
    /// Whether actions are carried out, or only what would have been done is counted.
    pub mode: Mode,
    /// What is done, by kind (`pii.email`) or family (`pii`); a kind outranks its family.
    pub actions: Actions,
    /// Texts that are never findings, case aside; `@example.com` allows the addresses of a host.
    pub allow: Vec<String>,
    /// Hosts that links and images may lead to; `*.example.com` takes all below it.
    pub allowed_hosts: Vec<String>,
    /// Texts that may never leave, wherever they come from.
    pub canaries: Vec<String>,
    /// The share of ordinary texts that may be taken for an injection by the model: `0.01`, `0.001`
    /// or `0.05`; others are taken as the next stricter one.
    pub injection_false_alarms: f64,
    /// Whether names, addresses and places are looked for, which is judgement, not proof.
    pub names: bool,
    /// Further rules.
    pub rules: Vec<RuleSettings>,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            actions: Actions::default(),
            allow: Vec::new(),
            allowed_hosts: Vec::new(),
            canaries: Vec::new(),
            injection_false_alarms: 0.01,
            names: true,
            rules: Vec::new(),
        }
    }
}

/// Whether a guard acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It does what the policy says.
    Enforce,
    /// It reports what it would have done and changes nothing.
    Shadow,
    /// It looks at nothing.
    Off,
}

/// Actions by kind or family.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Actions(pub BTreeMap<String, Action>);

impl Default for Actions {
    /// Secrets never pass; what may be wanted is reported; the rest loses its sting.
    fn default() -> Self {
        let of = |name: &str, action| (name.to_owned(), action);
        Self(BTreeMap::from([
            of("pii", Action::Flag),
            of("secret", Action::Redact),
            of("injection", Action::Flag),
            of("output", Action::Flag),
            of("output.script", Action::Redact),
            of("output.image", Action::Redact),
            of("unicode", Action::Redact),
            of("custom", Action::Flag),
        ]))
    }
}

impl Actions {
    /// What is done about a kind: its own entry, that of its family, the default of both.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Action {
        let entry = |actions: &Self| {
            let own = actions.0.get(kind.as_str());
            own.or_else(|| actions.0.get(kind.group().as_str())).copied()
        };
        entry(self).or_else(|| entry(&Self::default())).unwrap_or(Action::Flag)
    }
}

/// A rule of the configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleSettings {
    /// Its name; unique among all rules.
    pub id: String,
    /// A regular expression without look-around and back references. It is tried where a word or
    /// a sign starts, and sees 176 bytes from there.
    pub pattern: String,
    /// What it finds.
    #[serde(default = "custom")]
    pub kind: Kind,
    /// How bad it would be to let it pass.
    #[serde(default = "medium")]
    pub severity: Severity,
    /// Why the rule exists.
    #[serde(default)]
    pub reason: String,
}

const fn custom() -> Kind {
    Kind::Custom
}

const fn medium() -> Severity {
    Severity::Medium
}
