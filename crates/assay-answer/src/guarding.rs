//! The guard on the ways in and out: one policy for each place, and what was found there counted.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use assay_core::TenantScope;
use assay_guard::{
    Action, Finding, Guard, GuardStream, Kind, Mode, Place, Pseudonyms, Redacted, Scope, Severity,
};
use assay_identity::Actor;

use crate::{AnswerError, Engine, search::blocking};

mod audit;
mod gate;
mod restore;
mod tenants;

pub(crate) use gate::Gate;
pub(crate) use restore::Restorer;
pub(crate) use tenants::TenantGuards;

/// What stands in the place of a text that may not pass.
pub(crate) const BLOCKED: &str = "[BLOCKED]";

/// The guard of a tenant at every place.
pub struct Guards {
    usual: Guard,
    places: Vec<Guard>,
    shared: Arc<Shared>,
}

/// What the guards of all tenants have in common.
struct Shared {
    /// Unpredictable, and the same while the process lives: marks and canaries are made of it.
    secret: String,
    counts: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
}

impl std::fmt::Debug for Guards {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guards").finish_non_exhaustive()
    }
}

/// What was found at a place, for the one who asked: kinds and numbers, never the text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GuardNote {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: Kind,
    /// How bad it is.
    pub severity: Severity,
    /// What was done.
    pub action: Action,
    /// How often.
    pub count: usize,
}

impl Guards {
    fn new(usual: Guard, shared: &Arc<Shared>) -> Self {
        let places = Place::ALL.iter().map(|place| usual.at(*place)).collect();
        Self { usual, places, shared: Arc::clone(shared) }
    }

    /// The guard of no place in particular.
    #[must_use]
    pub fn usual(&self) -> &Guard {
        &self.usual
    }

    /// The guard of a place.
    #[must_use]
    pub fn at(&self, place: Place) -> &Guard {
        self.places.get(place as usize).unwrap_or(&self.usual)
    }

    /// A word that stands in Assay's own prompts and in no answer.
    pub(crate) fn canary(&self) -> String {
        canary(&self.shared.secret)
    }

    /// A mark that nobody can know who wrote `text`.
    pub(crate) fn mark(&self, text: &str) -> String {
        let hash =
            assay_store::ContentHash::of(format!("{}\0{text}", self.shared.secret).as_bytes());
        hash.to_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Carries the policy of a place out, and counts what was found.
    pub(crate) fn pass(
        &self,
        place: Place,
        text: &str,
        scope: Scope,
        names: &mut Pseudonyms,
    ) -> (Redacted, Vec<GuardNote>) {
        let redacted = self.at(place).redact(text, scope, names);
        let notes = self.note(place, &redacted.findings, redacted.failed);
        (redacted, notes)
    }

    /// A text of an answer behind what was said before, as it may leave.
    pub(crate) fn answer(&self, before: &str, text: &str) -> (String, Vec<GuardNote>) {
        let mut stream = GuardStream::behind(self.at(Place::Answer), before);
        let mut passed = stream.push(text);
        passed.push_str(&stream.finish());
        let notes = self.note(Place::Answer, &stream.take_findings(), false);
        (if stream.is_blocked() { BLOCKED.to_owned() } else { passed }, notes)
    }

    /// Counts an answer that gave its instructions away.
    pub(crate) fn leaked(&self) {
        self.shared.count("prompt_leak", Severity::Critical.as_str(), 1);
        tracing::warn!(place = Place::Answer.as_str(), "a model wrote the canary of its prompt");
    }

    /// Counts and logs findings, and sums them up.
    pub fn note(&self, place: Place, findings: &[Finding], failed: bool) -> Vec<GuardNote> {
        let mut sums: BTreeMap<(Kind, Severity, Action), usize> = BTreeMap::new();
        for finding in findings {
            *sums.entry((finding.kind, finding.severity, finding.action)).or_default() += 1;
        }
        for ((kind, severity, action), count) in &sums {
            self.shared.count(event_type(*kind), severity.as_str(), *count);
            let (place, kind, action) = (place.as_str(), kind.as_str(), action.as_str());
            if *severity >= Severity::High {
                tracing::info!(place, kind, severity = severity.as_str(), action, count, "guard");
            } else {
                tracing::debug!(place, kind, severity = severity.as_str(), action, count, "guard");
            }
        }
        if failed {
            self.shared.count("guard_failed", Severity::High.as_str(), 1);
            tracing::warn!(place = place.as_str(), "a text could not be looked at");
        }
        let note =
            |((kind, severity, action), count)| GuardNote { place, kind, severity, action, count };
        sums.into_iter().map(note).collect()
    }

    /// Whether what is found at a place has consequences there.
    pub(crate) fn acts_at(&self, place: Place) -> bool {
        self.at(place).mode() == Mode::Enforce
    }
}

impl Shared {
    fn count(&self, event: &'static str, severity: &'static str, by: usize) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((event, severity)).or_default() += by as u64;
    }

    fn totals(&self) -> Vec<(&'static str, &'static str, u64)> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|((event, severity), count)| (*event, *severity, *count)).collect()
    }
}

fn canary(secret: &str) -> String {
    let random: String = secret.chars().rev().take(12).collect();
    format!("assay-canary-{random}")
}

/// The event of a kind, as the checklist of operations names it.
fn event_type(kind: Kind) -> &'static str {
    match kind.as_str().split('.').next() {
        Some("injection") => "injection_attempt",
        Some("pii" | "secret") => "sensitive_leak",
        _ if kind == Kind::Script => "xss",
        _ => kind.as_str(),
    }
}

/// Joins notes that differ in their count alone.
pub(crate) fn summed(notes: Vec<GuardNote>) -> Vec<GuardNote> {
    let mut sums: BTreeMap<(Place, Kind, Severity, Action), usize> = BTreeMap::new();
    for note in notes {
        *sums.entry((note.place, note.kind, note.severity, note.action)).or_default() += note.count;
    }
    let note = |((place, kind, severity, action), count)| GuardNote {
        place,
        kind,
        severity,
        action,
        count,
    };
    sums.into_iter().map(note).collect()
}

impl Engine {
    /// A question as the policy lets it pass, and what was found in it.
    ///
    /// # Errors
    /// [`AnswerError::Blocked`] when it may not pass.
    pub(crate) async fn guarded_text(
        &self,
        scope: &TenantScope,
        asked_by: Option<&Actor>,
        text: &str,
    ) -> Result<(String, Vec<GuardNote>), AnswerError> {
        let guards = self.guards.of(scope);
        let guard = guards.at(Place::Question);
        // What gets a stand-in gets it where a model reads it: a search needs the words.
        let stands_in = |kind| guard.action(kind) == Action::Pseudonymise;
        let redacted = guard.redact(text, Scope::Everything, &mut Pseudonyms::new());
        let notes = guards.note(Place::Question, &redacted.findings, redacted.failed);
        if redacted.blocked {
            self.audit_guard(scope, asked_by, &notes).await?;
            let what = gate::refusal("question", &redacted.findings, redacted.failed);
            return Err(AnswerError::Blocked { what });
        }
        let kept = redacted.findings.iter().any(|finding| stands_in(finding.kind));
        Ok((if kept { text.to_owned() } else { redacted.text }, notes))
    }

    /// Writes what the guard did into the audit log. Assay's own work asks nothing that could harm.
    pub(crate) async fn audit_guard(
        &self,
        scope: &TenantScope,
        asked_by: Option<&Actor>,
        notes: &[GuardNote],
    ) -> Result<(), AnswerError> {
        let Some(actor) = asked_by.cloned().filter(|_| audit::is_worth_a_line(notes)) else {
            return Ok(());
        };
        let (identities, guards) = (Arc::clone(&self.identities), self.guards.of(scope));
        let notes = notes.to_vec();
        blocking(move || {
            audit::record(&identities, &guards, &actor, &notes);
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests;
