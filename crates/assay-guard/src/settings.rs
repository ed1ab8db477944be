//! What a guard is told: actions per kind, exceptions, further rules.

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::{Action, Kind, Place, PlaceSettings, Severity, TenantGuardSettings};

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
    /// Whether names, addresses and places are looked for, which is judgement, not proof.
    pub names: bool,
    /// Further rules.
    pub rules: Vec<RuleSettings>,
    /// What is different at a place.
    pub places: BTreeMap<Place, PlaceSettings>,
    /// What is different for a tenant, by its name or id.
    pub tenants: BTreeMap<String, TenantGuardSettings>,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            mode: Mode::Enforce,
            actions: Actions::default(),
            allow: Vec::new(),
            allowed_hosts: Vec::new(),
            canaries: Vec::new(),
            names: true,
            rules: Vec::new(),
            places: BTreeMap::new(),
            tenants: BTreeMap::new(),
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Actions(pub BTreeMap<ActionKey, Action>);

/// A kind or a family, known when it is read, so that a wrong one is told with its line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ActionKey(String);

impl TryFrom<String> for ActionKey {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let known = |kind: &Kind| kind.as_str() == name || kind.group().as_str() == name;
        match Kind::ALL.iter().any(known) {
            true => Ok(Self(name)),
            false => Err(format!("`{name}` is no kind of finding and no family")),
        }
    }
}

impl Actions {
    /// What is told of a kind: by its own entry, or by that of its family.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<Action> {
        let entry =
            |name: &str| self.0.iter().find(|(key, _)| key.0 == name).map(|(_, action)| *action);
        entry(kind.as_str()).or_else(|| entry(kind.group().as_str()))
    }

    /// These with `own` before them: what `own` says of a family also goes before what these say
    /// of a kind in it.
    pub(crate) fn with(&self, own: &Self) -> Self {
        let kept = |key: &ActionKey| match key.0.parse::<Kind>() {
            Ok(kind) => own.of(kind).is_none(),
            Err(_) => true,
        };
        let mut joined = self.0.clone();
        joined.retain(|key, _| kept(key));
        joined.extend(own.0.clone());
        Self(joined)
    }
}

/// Bytes of a compiled pattern at most: one that repeats repetitions grows beyond and is refused.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// A regular expression that is known to compile within its limit.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    /// At the start of what it is tried on.
    pub(crate) anchored: Regex,
    /// Anywhere: whether it is worth trying at all.
    pub(crate) anywhere: Regex,
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(pattern: String) -> Result<Self, String> {
        let compile = |pattern: &str| {
            let mut builder = RegexBuilder::new(pattern);
            let built =
                builder.size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX).build();
            built.map_err(|problem| {
                problem.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
            })
        };
        let anywhere = compile(&pattern)?;
        let anchored = compile(&format!("^(?:{pattern})"))?;
        match anchored.is_match("") {
            true => Err("the pattern fits the empty text, and so every place".to_owned()),
            false => Ok(Self { anchored, anywhere }),
        }
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
    pub pattern: Pattern,
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
