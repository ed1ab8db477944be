//! Profiles: which checks are asked, with which thresholds, of what kind of deployment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::{Limit, Severity};

/// A profile, as its file has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name; from the name of its file.
    #[serde(default)]
    pub name: String,
    /// What it is for.
    #[serde(default)]
    pub about: String,
    /// The checks that are asked: ids, or `SECTION-*`; absent for all.
    #[serde(default)]
    pub checks: Vec<String>,
    /// What the deployment has that no configuration tells: see `condition`. A name that is not here
    /// is not there.
    #[serde(default)]
    pub uses: Vec<String>,
    /// Other severities, by check.
    #[serde(default)]
    pub severity: BTreeMap<String, Severity>,
    /// Other values of expectations, by check and observation.
    #[serde(default)]
    pub thresholds: BTreeMap<String, BTreeMap<String, Limit>>,
}

impl Profile {
    /// Whether it asks a check.
    #[must_use]
    pub fn selects(&self, id: &str) -> bool {
        self.checks.is_empty() || self.checks.iter().any(|pattern| covers(pattern, id))
    }
}

/// Whether an entry of a list of checks means this one.
pub(crate) fn covers(pattern: &str, id: &str) -> bool {
    match pattern.strip_suffix("-*") {
        Some(section) => id.split('-').next() == Some(section),
        None => pattern == id,
    }
}
