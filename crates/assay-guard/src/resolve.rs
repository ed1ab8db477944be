//! From single findings to stretches of the text that do not overlap.
//!
//! A finding reaches from its start to the end of its tail. Findings that share a byte are one
//! stretch, which belongs to the one that starts first, or to the gravest of those that start
//! together. Words of a name join over the space between them. All of it goes from left to right,
//! so that a stream can do the same part by part.

use crate::{
    Kind, Rule,
    view::{Led, Part, Raw, Tail},
};

/// Bytes between two words of one name or address.
pub(crate) const GAP_BYTES_MAX: usize = 8;

/// A stretch of the text and what it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rule: &'static Rule,
    /// Whether it consists of words that the model found.
    pub(crate) word: bool,
    /// Whether it is a word that is nothing by itself.
    pub(crate) weak: bool,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    tail: Tail,
    start: usize,
    reached: usize,
}

/// Orders findings as [`Resolver::take`] wants them.
pub(crate) fn order(found: &mut [Raw]) {
    found.sort_by_key(|raw| {
        (raw.start, raw.word, std::cmp::Reverse(raw.rule.severity), std::cmp::Reverse(raw.end))
    });
}

/// Takes words out of a list in order where a rule has their place.
pub(crate) fn drop_spoken_for(found: &mut Vec<Raw>) {
    let mut ruled = 0;
    let mut keep = Vec::with_capacity(found.len());
    for (index, raw) in found.iter().enumerate() {
        if !raw.word {
            ruled = raw.end.max(ruled);
        }
        let later = found.get(index + 1..).unwrap_or(&[]);
        let taken = raw.start < ruled
            || later.iter().take_while(|next| next.start < raw.end).any(|next| !next.word);
        keep.push(!raw.word || !taken);
    }
    let mut keep = keep.into_iter();
    found.retain(|_| keep.next().unwrap_or(true));
}

/// Joins findings.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    /// The stretch that may still grow.
    pub(crate) open: Option<Stretch>,
    /// Tails of it whose end is not known yet.
    pending: Vec<Pending>,
    /// How far tails of it led that ended: one that starts on the way of a like one leads no
    /// further.
    led: Vec<(Tail, usize)>,
}

impl Resolver {
    /// Takes the next finding. Returns the stretch that cannot grow any more.
    pub(crate) fn take(&mut self, raw: Raw, part: Part<'_>) -> Option<Stretch> {
        if let Some(open) = &mut self.open {
            if raw.start < open.end {
                if !raw.word {
                    open.weak = false;
                    self.reach(raw, part);
                }
                return None;
            }
            if raw.word && open.word && joins(open, &raw, part) {
                open.end = raw.end;
                open.weak = false;
                return None;
            }
        }
        let Raw { start, end, rule, word, weak, .. } = raw;
        let next = Stretch { start, end, rule, word, weak };
        let before = self.open.replace(next);
        self.pending.clear();
        self.led.clear();
        self.reach(raw, part);
        before
    }

    /// Follows the tails of the open stretch into a further part of the text.
    pub(crate) fn go_on(&mut self, part: Part<'_>) {
        for pending in std::mem::take(&mut self.pending) {
            self.follow(pending, part);
        }
    }

    /// Gives the open stretch out when nothing from `limit` on can make it grow.
    pub(crate) fn close(&mut self, limit: usize) -> Option<Stretch> {
        let open = self.open.as_ref()?;
        let margin = if open.word { GAP_BYTES_MAX } else { 0 };
        if self.pending.is_empty() && open.end + margin < limit.max(1) {
            return self.open.take();
        }
        None
    }

    /// Lets the open stretch reach to a place.
    fn reach_to(&mut self, end: usize) {
        if let Some(open) = &mut self.open {
            open.end = end.max(open.end);
        }
    }

    /// Lets it reach to the end of a finding and of its tail.
    fn reach(&mut self, raw: Raw, part: Part<'_>) {
        self.reach_to(raw.end);
        self.follow(Pending { tail: raw.tail, start: raw.start, reached: raw.end }, part);
    }

    fn follow(&mut self, pending: Pending, part: Part<'_>) {
        if matches!(pending.tail, Tail::None) {
            return;
        }
        let like = |tail: &Tail| tail.is_like(pending.tail);
        let on_the_way = self.pending.iter().any(|other| like(&other.tail))
            || self.led.iter().any(|(tail, to)| like(tail) && pending.reached <= *to);
        if on_the_way {
            return;
        }
        match pending.tail.follow(part, pending.start, pending.reached) {
            Led::To(end) => {
                self.reach_to(end);
                self.led.retain(|(tail, _)| !tail.is_like(pending.tail));
                self.led.push((pending.tail, end));
            }
            Led::Beyond(reached) => {
                self.reach_to(reached);
                self.pending.push(Pending { reached, ..pending });
            }
        }
    }
}

/// Whether the word `raw` goes on with the name or address that is open.
fn joins(open: &Stretch, raw: &Raw, part: Part<'_>) -> bool {
    if open.rule.kind != raw.rule.kind || raw.start - open.end > GAP_BYTES_MAX {
        return false;
    }
    let gap = part.slice(open.end, raw.start);
    let joining = |byte: u8| match open.rule.kind {
        Kind::Address => byte.is_ascii_whitespace() || b",.#-/'".contains(&byte),
        Kind::Organisation => {
            byte != b'\n' && (byte.is_ascii_whitespace() || b",.&-'".contains(&byte))
        }
        _ => byte != b'\n' && (byte.is_ascii_whitespace() || b".-'".contains(&byte)),
    };
    gap.len() == raw.start - open.end && gap.bytes().all(joining)
}
