//! A guard over a text that comes in pieces.
//!
//! What is found at a place depends on a window around it, see [`crate::view`]. So everything up to
//! a window before the end of what came is decided, and goes out; the rest waits. The outcome is
//! that of [`crate::Guard::redact`] with [`Scope::Outgoing`] on the whole text, however it was cut.

use std::collections::BTreeMap;

use crate::{
    Action, Finding, Group, Guard, Mode, Pseudonyms, Scope, Shadow,
    pseudonym::PSEUDONYM_BYTES_MAX,
    resolve::{Resolver, Stretch},
    view::{BACK, LEFT, Part, RIGHT},
};

/// Bytes at the end that are not decided: the window of a finding, and a look at what follows it.
const AHEAD: usize = RIGHT + 16;
/// Bytes that are kept of what went out: the context of what comes.
const BEHIND: usize = LEFT + BACK + RIGHT + 112;

/// A guard over one stream.
#[derive(Debug)]
pub struct GuardStream {
    guard: Guard,
    names: Pseudonyms,
    /// What came, from `base` on.
    buffer: String,
    /// Bytes of the stream before the buffer.
    base: usize,
    /// Up to here findings are taken.
    decided: usize,
    /// Up to here the text went out, or something in its place.
    gone: usize,
    /// What is acted upon, and by family what is only flagged.
    lanes: BTreeMap<Option<Group>, Resolver>,
    findings: Vec<Finding>,
    blocked: bool,
}

impl GuardStream {
    /// A stream that has not begun.
    #[must_use]
    pub fn new(guard: &Guard) -> Self {
        Self {
            guard: guard.clone(),
            names: Pseudonyms::new(),
            buffer: String::new(),
            base: 0,
            decided: 0,
            gone: 0,
            lanes: BTreeMap::new(),
            findings: Vec::new(),
            blocked: false,
        }
    }

    /// A stream behind a text that went another way and may decide about what comes, such as the
    /// name of a field before its value. Of that text nothing goes out.
    #[must_use]
    pub fn behind(guard: &Guard, context: &str) -> Self {
        let from = context.floor_char_boundary(context.len().saturating_sub(BEHIND));
        let buffer = context.get(from..).unwrap_or("").to_owned();
        let (decided, gone) = (buffer.len(), buffer.len());
        Self { buffer, decided, gone, ..Self::new(guard) }
    }

    /// Takes the next piece and gives out what may pass by now.
    pub fn push(&mut self, piece: &str) -> String {
        self.buffer.push_str(piece);
        self.advance(false)
    }

    /// Ends the stream and gives out the rest.
    pub fn finish(&mut self) -> String {
        self.advance(true)
    }

    /// What was found so far and not asked for before; offsets count bytes of the stream.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Whether the policy forbids the rest of the stream. Nothing goes out any more.
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.blocked
    }

    /// The stand-ins that went out.
    #[must_use]
    pub fn names(&self) -> &Pseudonyms {
        &self.names
    }

    /// Bytes that came and did not go out, nor were replaced.
    #[must_use]
    pub fn held_back(&self) -> usize {
        let end = self.base + self.buffer.len();
        let acting = self.lanes.get(&None).and_then(|lane| lane.open.as_ref());
        acting.map_or(end - self.gone, |open| end.saturating_sub(open.end.max(self.gone)))
    }

    fn advance(&mut self, last: bool) -> String {
        if self.blocked {
            return String::new();
        }
        if self.guard.mode() == Mode::Off {
            return std::mem::take(&mut self.buffer);
        }
        let buffer = std::mem::take(&mut self.buffer);
        let part = Part { text: &buffer, base: self.base, last };
        let closed = self.decide(part);
        let out = self.give_out(part, &closed);
        self.trim(buffer);
        if self.blocked { String::new() } else { out }
    }

    /// Takes what can be decided and returns the stretches that are complete, in order.
    fn decide(&mut self, part: Part<'_>) -> Vec<Stretch> {
        let shadow = Shadow::of(part.text);
        let mut found = self.guard.raw(&shadow, Scope::Outgoing);
        for raw in &mut found {
            (raw.start, raw.end) = (raw.start + part.base, raw.end + part.base);
        }
        let end = part.end();
        let ahead = part.text.floor_char_boundary(part.text.len().saturating_sub(AHEAD));
        let mut limit = if part.last { end } else { (part.base + ahead).max(self.decided) };
        // A word is decided as a whole.
        let across = found.iter().find(|raw| raw.word && raw.start < limit && limit < raw.end);
        limit = across.map_or(limit, |raw| raw.start.max(self.decided));
        let mut closed = Vec::new();
        for lane in self.lanes.values_mut() {
            lane.go_on(part);
        }
        let new = found.into_iter().filter(|raw| (self.decided..limit).contains(&raw.start));
        for raw in new {
            let kind = raw.rule.kind;
            let lane = (!self.guard.acts_on(kind)).then(|| kind.group());
            closed.extend(self.lanes.entry(lane).or_default().take(raw, part));
        }
        for lane in self.lanes.values_mut() {
            let limit = if part.last { usize::MAX } else { limit };
            closed.extend(lane.close(limit));
        }
        self.decided = limit;
        closed.sort_by_key(|stretch| stretch.start);
        closed
    }

    /// The text up to what is not decided, with the stretches replaced.
    fn give_out(&mut self, part: Part<'_>, closed: &[Stretch]) -> String {
        let enforced = self.guard.mode() == Mode::Enforce;
        let mut out = String::new();
        for stretch in closed {
            let Some(finding) = self.guard.finding(stretch) else { continue };
            if enforced && finding.action == Action::Block {
                self.blocked = true;
            }
            if enforced && self.guard.acts_on(finding.kind) {
                out.push_str(part.slice(self.gone, stretch.start));
                // What is too long for a stand-in may have left the buffer; nobody needs its text.
                let text = part.slice(stretch.start.max(part.base), stretch.end);
                let whole = stretch.end - stretch.start;
                self.names.replace(&mut out, finding.kind, finding.action, text, whole);
                self.gone = stretch.end;
            }
            self.findings.push(finding);
        }
        let acting = self.lanes.get(&None).and_then(|lane| lane.open.as_ref()).filter(|_| enforced);
        let until = acting.map_or(self.decided, |open| open.start.min(self.decided));
        if until > self.gone {
            out.push_str(part.slice(self.gone, until));
            self.gone = until;
        }
        out
    }

    /// Keeps of the buffer what is needed still.
    fn trim(&mut self, buffer: String) {
        let acting = self.lanes.get(&None).and_then(|lane| lane.open.as_ref());
        let needed = acting
            .filter(|open| open.end - open.start <= PSEUDONYM_BYTES_MAX)
            .map_or(self.decided, |open| open.start.min(self.decided));
        let from = needed.min(self.decided).saturating_sub(BEHIND).saturating_sub(self.base);
        let from = buffer.floor_char_boundary(from.min(buffer.len()));
        self.base += from;
        self.buffer = if from == 0 { buffer } else { buffer.get(from..).unwrap_or("").to_owned() };
    }
}

#[cfg(test)]
mod tests;
