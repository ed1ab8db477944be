//! The guard before and behind calls that pass through to a provider.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use assay_core::{RequestId, TenantScope};
use assay_gateway::inspect::{Inspection, Inspector, Source, TextFilter, Verdict};
use assay_guard::{Action, Finding, Guard, GuardStream, Mode, Place, Pseudonyms, Scope};
use assay_identity::{Actor, Identities};

use super::{GuardNote, Guards, Restorer, TenantGuards, audit, summed};

/// Bytes that are gathered before they are looked at, where nothing is held back for it.
const GATHERED: usize = 4 << 10;

/// Looks at calls by the policy of a server.
pub(crate) struct Gate {
    pub(crate) guards: Arc<TenantGuards>,
    pub(crate) identities: Arc<Identities>,
    /// Who calls, for the audit log.
    pub(crate) actor: Actor,
}

impl Inspector for Gate {
    fn begin(&self, scope: &TenantScope, _: RequestId) -> Option<Arc<dyn Inspection>> {
        let guards = self.guards.of(scope);
        let off = |place| guards.at(place).mode() == Mode::Off;
        if off(Place::Request) && off(Place::Response) {
            return None;
        }
        let (identities, actor) = (Arc::clone(&self.identities), self.actor.clone());
        Some(Arc::new(Call(Arc::new(Shared {
            guards,
            identities,
            actor,
            state: Mutex::default(),
        }))))
    }
}

/// One call.
struct Call(Arc<Shared>);

struct Shared {
    guards: Arc<Guards>,
    identities: Arc<Identities>,
    actor: Actor,
    state: Mutex<State>,
}

impl Drop for Shared {
    /// The call is over: what the guard did in it is written down.
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let notes = [std::mem::take(&mut state.request), std::mem::take(&mut state.answer)];
        audit::record_aside(&self.identities, &self.guards, &self.actor, notes.concat());
    }
}

#[derive(Default)]
struct State {
    names: Pseudonyms,
    request: Vec<GuardNote>,
    answer: Vec<GuardNote>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inspection for Call {
    fn asked(&self, source: Source, context: &str, text: &str) -> Verdict {
        // The application and the model are not strangers: only what users and tools say can be an
        // injection.
        let scope = match source {
            Source::Instructions | Source::Model => Scope::Outgoing,
            Source::User | Source::Tool => Scope::Everything,
        };
        let shared = &self.0;
        let mut state = shared.state();
        let state = &mut *state;
        let names = &mut state.names;
        let guard = shared.guards.at(Place::Request);
        let redacted = guard.redact_behind(context, text, scope, names);
        let notes = shared.guards.note(Place::Request, &redacted.findings, redacted.failed);
        state.request.extend(notes);
        if redacted.blocked {
            Verdict::Refuse(refusal("request", &redacted.findings, redacted.failed))
        } else if redacted.text != text {
            Verdict::Change(redacted.text)
        } else {
            Verdict::Pass
        }
    }

    fn answered(&self, context: &str) -> Box<dyn TextFilter> {
        let guard = self.0.guards.at(Place::Response);
        Box::new(Answer {
            shared: Arc::clone(&self.0),
            stream: GuardStream::behind(guard, context),
            changes: guard.changes_texts(),
            restores: !self.0.state().names.is_empty(),
            restorer: Restorer::default(),
            gathered: String::new(),
            found: Vec::new(),
        })
    }

    fn changes_answers(&self) -> bool {
        let guard: &Guard = self.0.guards.at(Place::Response);
        guard.changes_texts() || !self.0.state().names.is_empty()
    }

    fn request_report(&self) -> Option<String> {
        report(&mut self.0.state().request)
    }

    fn answer_report(&self) -> Option<String> {
        report(&mut self.0.state().answer)
    }
}

/// Why a text may not pass, without the text.
pub(super) fn refusal(what: &str, findings: &[Finding], failed: bool) -> String {
    if failed {
        return format!("the guard could not look at the {what}, and nothing passes unseen here");
    }
    let blocking = findings.iter().find(|finding| finding.action == Action::Block);
    let kind = blocking.map_or("something forbidden", |finding| finding.kind.as_str());
    let rule = blocking.map_or("", |finding| finding.rule);
    format!("the guard found {kind} (rule {rule}) in the {what}, which the policy blocks")
}

/// `pii.email=2;flag, secret.token=1;redact`.
pub(super) fn report(notes: &mut Vec<GuardNote>) -> Option<String> {
    *notes = summed(std::mem::take(notes));
    let parts: Vec<String> = notes
        .iter()
        .map(|note| format!("{}={};{}", note.kind.as_str(), note.count, note.action.as_str()))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A text of an answer.
struct Answer {
    shared: Arc<Shared>,
    stream: GuardStream,
    /// Whether the policy may change it.
    changes: bool,
    /// Whether there are stand-ins to be put back.
    restores: bool,
    restorer: Restorer,
    /// What came and was not looked at, where that holds nothing up.
    gathered: String,
    found: Vec<Finding>,
}

impl Answer {
    fn guarded(&mut self, piece: &str) -> String {
        if self.changes {
            return self.stream.push(piece);
        }
        self.gathered.push_str(piece);
        if self.gathered.len() >= GATHERED {
            let _ = self.stream.push(&std::mem::take(&mut self.gathered));
        }
        piece.to_owned()
    }

    fn note(&mut self) {
        let found = self.stream.take_findings();
        if !found.is_empty() {
            let notes = self.shared.guards.note(Place::Response, &found, false);
            self.shared.state().answer.extend(notes);
            self.found.extend(found);
        }
    }
}

impl TextFilter for Answer {
    fn push(&mut self, piece: &str) -> String {
        let passed = self.guarded(piece);
        self.note();
        match self.restores {
            true => self.restorer.push(&self.shared.state().names, &passed),
            false => passed,
        }
    }

    fn finish(&mut self) -> String {
        let mut rest = match self.changes {
            true => self.stream.finish(),
            false => {
                let _ = self.stream.push(&std::mem::take(&mut self.gathered));
                let _ = self.stream.finish();
                String::new()
            }
        };
        self.note();
        if self.restores {
            rest = self.restorer.push(&self.shared.state().names, &rest);
            rest.push_str(&self.restorer.finish());
        }
        rest
    }

    fn refusal(&self) -> Option<String> {
        self.stream.is_blocked().then(|| refusal("answer", &self.found, false))
    }
}
