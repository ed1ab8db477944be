//! The guard on the ways in and out: one policy for each place, and what was found there counted.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use assay_core::RequestId;
use assay_guard::{
    Action, Finding, Guard, GuardSettings, GuardSetupError, GuardStream, Kind, Place, Pseudonyms,
    Redacted, Scope, Severity,
};

use crate::{AnswerError, Engine};

mod gate;
mod restore;

pub(crate) use gate::Gate;
pub(crate) use restore::Restorer;

/// What stands in the place of a text that may not pass.
pub(crate) const BLOCKED: &str = "[BLOCKED]";

/// The guard at every place, and what it saw.
pub struct Guards {
    usual: Guard,
    places: Vec<Guard>,
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
    /// A guard for every place. A canary of this process joins those of the settings.
    ///
    /// # Errors
    /// As [`Guard::new`].
    pub fn new(mut settings: GuardSettings) -> Result<Self, GuardSetupError> {
        // Random bits of two ids, whose times alone could be guessed.
        let secret = format!("{:x}{:x}", RequestId::new().as_u128(), RequestId::new().as_u128());
        settings.canaries.push(canary(&secret));
        let usual = Guard::new(settings)?;
        let places = Place::ALL.iter().map(|place| usual.at(*place)).collect();
        Ok(Self { usual, places, secret, counts: Mutex::default() })
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
        canary(&self.secret)
    }

    /// A mark that nobody can know who wrote `text`.
    pub(crate) fn mark(&self, text: &str) -> String {
        let hash = assay_store::ContentHash::of(format!("{}\0{text}", self.secret).as_bytes());
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
        self.count("prompt_leak", Severity::Critical.as_str(), 1);
        tracing::warn!(place = Place::Answer.as_str(), "a model wrote the canary of its prompt");
    }

    /// Counts and logs findings, and sums them up.
    pub fn note(&self, place: Place, findings: &[Finding], failed: bool) -> Vec<GuardNote> {
        let mut sums: BTreeMap<(Kind, Severity, Action), usize> = BTreeMap::new();
        for finding in findings {
            *sums.entry((finding.kind, finding.severity, finding.action)).or_default() += 1;
        }
        for ((kind, severity, action), count) in &sums {
            self.count(event_type(*kind), severity.as_str(), *count);
            let (place, kind, action) = (place.as_str(), kind.as_str(), action.as_str());
            if *severity >= Severity::High {
                tracing::info!(place, kind, severity = severity.as_str(), action, count, "guard");
            } else {
                tracing::debug!(place, kind, severity = severity.as_str(), action, count, "guard");
            }
        }
        if failed {
            self.count("guard_failed", Severity::High.as_str(), 1);
            tracing::warn!(place = place.as_str(), "a text could not be looked at");
        }
        let note =
            |((kind, severity, action), count)| GuardNote { place, kind, severity, action, count };
        sums.into_iter().map(note).collect()
    }

    fn count(&self, event: &'static str, severity: &'static str, by: usize) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((event, severity)).or_default() += by as u64;
    }

    /// How often what was found: the kind of event, its severity, the number.
    #[must_use]
    pub fn totals(&self) -> Vec<(&'static str, &'static str, u64)> {
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
    pub(crate) fn guarded_text(&self, text: &str) -> Result<(String, Vec<GuardNote>), AnswerError> {
        let guard = self.guards.at(Place::Question);
        // What gets a stand-in gets it where a model reads it: a search needs the words.
        let stands_in = |kind| guard.action(kind) == Action::Pseudonymise;
        let redacted = guard.redact(text, Scope::Everything, &mut Pseudonyms::new());
        let notes = self.guards.note(Place::Question, &redacted.findings, redacted.failed);
        if redacted.blocked {
            let what = gate::refusal("question", &redacted.findings, redacted.failed);
            return Err(AnswerError::Blocked { what });
        }
        let kept = redacted.findings.iter().any(|finding| stands_in(finding.kind));
        Ok((if kept { text.to_owned() } else { redacted.text }, notes))
    }
}

#[cfg(test)]
mod tests;
