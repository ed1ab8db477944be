//! What differs for one tenant.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Actions, GuardSettings, Mode, Place, PlaceSettings, RuleSettings};

/// What a tenant's policy adds to that of the installation, or says in its place. A mode, an action
/// and what is said of a place outrank those of the installation; lists and rules are added to it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TenantGuardSettings {
    /// As [`GuardSettings::mode`].
    pub mode: Option<Mode>,
    /// As [`GuardSettings::actions`].
    pub actions: Actions,
    /// As [`GuardSettings::allow`].
    pub allow: Vec<String>,
    /// As [`GuardSettings::allowed_hosts`].
    pub allowed_hosts: Vec<String>,
    /// As [`GuardSettings::canaries`].
    pub canaries: Vec<String>,
    /// As [`GuardSettings::names`].
    pub names: Option<bool>,
    /// As [`GuardSettings::rules`].
    pub rules: Vec<RuleSettings>,
    /// As [`GuardSettings::places`].
    pub places: BTreeMap<Place, PlaceSettings>,
}

impl GuardSettings {
    /// What holds for a tenant with these settings of its own.
    #[must_use]
    pub fn with(&self, own: &TenantGuardSettings) -> Self {
        let joined = |all: &[String], own: &[String]| [all, own].concat();
        let mut places = self.places.clone();
        for (place, own) in &own.places {
            let here = places.entry(*place).or_default();
            *here = here.with(own);
        }
        Self {
            mode: own.mode.unwrap_or(self.mode),
            actions: self.actions.with(&own.actions),
            allow: joined(&self.allow, &own.allow),
            allowed_hosts: joined(&self.allowed_hosts, &own.allowed_hosts),
            canaries: joined(&self.canaries, &own.canaries),
            names: own.names.unwrap_or(self.names),
            rules: [self.rules.as_slice(), &own.rules].concat(),
            places,
            tenants: BTreeMap::new(),
        }
    }
}

impl PlaceSettings {
    fn with(&self, own: &Self) -> Self {
        Self {
            mode: own.mode.or(self.mode),
            actions: self.actions.with(&own.actions),
            on_failure: own.on_failure.or(self.on_failure),
            bytes_max: own.bytes_max.or(self.bytes_max),
        }
    }
}

#[cfg(test)]
mod tests;
