//! The detectors, and the one automaton that finds their anchors.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::{
    Group, Rule, Shadow,
    view::{Raw, View, Window},
};

pub(crate) mod bytes;
mod check;
mod link;
mod mail;
mod markup;
mod number;
mod secret;

pub(crate) use link::host_of;

/// Judges an anchor: where it starts and ends in the shadow, and the window around it.
pub(crate) type Judge = fn(&mut View<'_>, start: usize, end: usize, window: Window);

/// A text that gives a possible finding away.
pub(crate) struct Anchor {
    /// ASCII; case does not count.
    pub(crate) text: &'static str,
    /// Which family it belongs to.
    pub(crate) group: Group,
    /// Bytes before it at which a finding may start.
    pub(crate) back: usize,
    pub(crate) judge: Judge,
}

/// The anchors of the families wanted, in one automaton.
pub(crate) struct Anchors {
    automaton: AhoCorasick,
    anchors: Vec<Anchor>,
}

impl Anchors {
    /// Builds the automaton for the anchors that `wanted` accepts.
    pub(crate) fn new(wanted: impl Fn(Group) -> bool) -> Result<Self, aho_corasick::BuildError> {
        let anchors: Vec<Anchor> = all_anchors().filter(|anchor| wanted(anchor.group)).collect();
        let automaton = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(anchors.iter().map(|anchor| anchor.text))?;
        Ok(Self { automaton, anchors })
    }

    /// Judges every anchor in the view.
    pub(crate) fn detect(&self, view: &mut View<'_>) {
        for hit in self.automaton.find_overlapping_iter(view.text) {
            if let Some(anchor) = self.anchors.get(hit.pattern().as_usize()) {
                let window = view.window(hit.start(), anchor.back);
                (anchor.judge)(view, hit.start(), hit.end(), window);
            }
        }
    }
}

fn all_anchors() -> impl Iterator<Item = Anchor> {
    mail::anchors().chain(link::anchors()).chain(secret::anchors()).chain(markup::anchors())
}

/// Judges the numbers of the view.
pub(crate) fn numbers(view: &mut View<'_>) {
    number::detect(view);
}

/// Notes the invisible characters of the view.
pub(crate) fn hidden(shadow: &Shadow<'_>, found: &mut Vec<Raw>) {
    markup::hidden(shadow, found);
}

/// Every built-in rule that looks at places, family by family.
pub(crate) fn rules() -> impl Iterator<Item = &'static Rule> {
    let families = [mail::RULES, link::RULES, secret::RULES, markup::RULES];
    families.into_iter().chain(number::RULES.iter().copied()).flatten().copied()
}
