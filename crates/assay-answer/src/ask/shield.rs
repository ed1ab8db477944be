//! What stands between a model and texts that nobody vouches for.
//!
//! On the way in: texts pass the guard and are marked as quoted material, between tags that carry a
//! mark which nobody knew who wrote them. On the way out: stand-ins are put back, and an answer that
//! repeats the canary of the instructions is broken off.

use std::sync::Arc;

use assay_gateway::{ChatRequest, Message, Role};
use assay_guard::{Group, Place, Pseudonyms, Scope};

use crate::{
    AnswerError, FoundPassage,
    guarding::{BLOCKED, GuardNote, Guards, Restorer},
};

/// The shield of one call.
pub(crate) struct Shield {
    guards: Arc<Guards>,
    names: Pseudonyms,
    restorer: Restorer,
    notes: Vec<GuardNote>,
    /// The end of what the model wrote: a canary may come in pieces.
    tail: String,
    /// Whether a text holds instructions.
    orders: bool,
}

impl Shield {
    pub(crate) fn new(guards: &Arc<Guards>) -> Self {
        Self {
            guards: Arc::clone(guards),
            names: Pseudonyms::new(),
            restorer: Restorer::default(),
            notes: Vec::new(),
            tail: String::new(),
            orders: false,
        }
    }

    /// A passage as a model may see it, and whether it holds instructions.
    pub(super) fn passage(&mut self, found: &FoundPassage) -> (String, bool) {
        let place = if found.web.is_some() { Place::Web } else { Place::Document };
        self.pass(place, &found.passage.text)
    }

    /// A text of the user as a model may see it.
    pub(super) fn said(&mut self, text: &str) -> String {
        self.pass(Place::Question, text).0
    }

    fn pass(&mut self, place: Place, text: &str) -> (String, bool) {
        let (passed, notes) = self.guards.pass(place, text, Scope::Everything, &mut self.names);
        let is_order = |note: &GuardNote| note.kind.group() == Group::Injection;
        let orders = notes.iter().any(is_order);
        self.orders |= orders && place != Place::Question;
        // What was asked is noted where it comes in.
        self.notes.extend(notes.into_iter().filter(|_| place != Place::Question));
        (if passed.blocked { BLOCKED.to_owned() } else { passed.text }, orders)
    }

    /// The request: instructions with a canary, and the content, both with the mark of this request.
    pub(super) fn request(
        &self,
        instructions: &str,
        content: impl Fn(&str) -> String,
        max_tokens: u32,
    ) -> ChatRequest {
        let mark = self.guards.mark(&content(""));
        let instructions =
            instructions.replace("{mark}", &mark).replace("{canary}", &self.guards.canary());
        ChatRequest {
            messages: vec![
                Message { role: Role::System, content: instructions },
                Message { role: Role::User, content: content(&mark) },
            ],
            max_tokens,
            temperature: 0.0,
        }
    }

    /// Takes what the model wrote and gives out what is complete, stand-ins put back.
    ///
    /// # Errors
    /// [`AnswerError::Leak`] when it gives its instructions away.
    pub(crate) fn read(&mut self, piece: &str) -> Result<String, AnswerError> {
        let canary = self.guards.canary();
        self.tail.push_str(piece);
        if self.tail.contains(&canary) {
            self.guards.leaked();
            return Err(AnswerError::Leak);
        }
        let from = self.tail.len().saturating_sub(canary.len());
        self.tail.drain(..self.tail.floor_char_boundary(from));
        Ok(self.restorer.push(&self.names, piece))
    }

    /// What is left at the end.
    pub(crate) fn finish(&mut self) -> String {
        self.restorer.finish()
    }

    /// What was found in what the model got, and whether that holds instructions.
    pub(super) fn found(&mut self) -> (Vec<GuardNote>, bool) {
        (std::mem::take(&mut self.notes), self.orders)
    }
}
