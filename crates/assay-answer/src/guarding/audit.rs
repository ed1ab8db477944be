//! What the guard did, in the audit log: who came by it, where, and what kind it was; never a text.

use std::sync::Arc;

use assay_core::ErrorChain;
use assay_guard::{Action, Place, Severity};
use assay_identity::{Actor, Event, Identities, Outcome};

use super::{GuardNote, Guards, gate::report};

/// Writes down what was blocked, and what of high severity was changed. Of many in a minute the rest
/// is counted, as with refusals. The events are on disk on return.
pub(super) fn record(identities: &Identities, guards: &Guards, actor: &Actor, notes: &[GuardNote]) {
    for place in Place::ALL.iter().filter(|place| guards.acts_at(**place)) {
        let of_place = notes.iter().filter(|note| note.place == *place && may_be_told(note));
        let mut told: Vec<GuardNote> = of_place.cloned().collect();
        let blocked = told.iter().any(|note| note.action == Action::Block);
        let Some(detail) = report(&mut told) else { continue };
        let (action, outcome) = match blocked {
            true => ("guard.blocked", Outcome::Denied),
            false => ("guard.changed", Outcome::Done),
        };
        let event = Event { action, object: format!("place:{}", place.as_str()), outcome, detail };
        if let Err(error) = identities.record_limited(actor.clone(), event) {
            tracing::error!(error = %ErrorChain(&error), "an act of the guard was not logged");
        }
    }
}

/// The same for what ends anywhere: on a thread that may wait, where there is a runtime to ask for
/// one.
pub(super) fn record_aside(
    identities: &Arc<Identities>,
    guards: &Arc<Guards>,
    actor: &Actor,
    notes: Vec<GuardNote>,
) {
    if !is_worth_a_line(&notes) {
        return;
    }
    let (identities, guards, actor) = (Arc::clone(identities), Arc::clone(guards), actor.clone());
    let write = move || record(&identities, &guards, &actor, &notes);
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => {
            runtime.spawn_blocking(write);
        }
        Err(_) => write(),
    }
}

/// Whether there may be something to write down.
pub(super) fn is_worth_a_line(notes: &[GuardNote]) -> bool {
    notes.iter().any(may_be_told)
}

/// Whether a note is of something that was done and is worth a line.
fn may_be_told(note: &GuardNote) -> bool {
    match note.action {
        Action::Block => true,
        Action::Redact | Action::Pseudonymise => note.severity >= Severity::High,
        Action::Allow | Action::Flag => false,
    }
}
