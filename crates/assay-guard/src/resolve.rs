//! From single findings to stretches of the text that do not overlap.
//!
//! Findings are taken from left to right. A stretch belongs to the finding that starts first, or
//! to the first rule among those that start together; what begins inside it and reaches beyond
//! widens it. Words of a name join over the space between them.

use crate::{
    Kind, Rule,
    view::{Led, Raw, Tail},
};

/// Bytes between two words of one name or address.
const GAP_BYTES_MAX: usize = 8;

/// A stretch of the text and what it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch<'g> {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rule: &'g Rule,
    word: bool,
    /// How it goes on, while that is not known.
    pub(crate) tail: Tail,
}

/// Orders findings as [`Resolver::take`] wants them.
pub(crate) fn order(found: &mut [Raw<'_>]) {
    found.sort_by_key(|raw| {
        (raw.start, raw.word, std::cmp::Reverse(raw.rule.severity), std::cmp::Reverse(raw.end))
    });
}

/// Joins findings.
#[derive(Debug, Default)]
pub(crate) struct Resolver<'g> {
    /// The stretch that may still grow.
    pub(crate) open: Option<Stretch<'g>>,
}

impl<'g> Resolver<'g> {
    /// Takes the next finding; `last` tells whether the text ends where `text` ends. Returns the
    /// stretch that cannot grow any more.
    pub(crate) fn take(&mut self, raw: Raw<'g>, text: &str, last: bool) -> Option<Stretch<'g>> {
        if let Some(open) = &mut self.open {
            if raw.start < open.end {
                if !raw.word && raw.end > open.end {
                    open.end = raw.end;
                    follow(open, raw.tail, text, last);
                }
                return None;
            }
            if raw.word && open.word && joins(open, &raw, text) {
                open.end = raw.end;
                return None;
            }
        }
        let mut next = Stretch {
            start: raw.start,
            end: raw.end,
            rule: raw.rule,
            word: raw.word,
            tail: Tail::None,
        };
        follow(&mut next, raw.tail, text, last);
        self.open.replace(next)
    }
}

/// Takes words out of a list in order where a rule has their place.
pub(crate) fn drop_spoken_for(found: &mut Vec<Raw<'_>>) {
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

/// Lets a stretch follow a tail as far as the text is there.
pub(crate) fn follow(stretch: &mut Stretch<'_>, tail: Tail, text: &str, last: bool) {
    (stretch.end, stretch.tail) = match tail.follow(text, stretch.start, stretch.end, last) {
        Led::To(end) => (end, Tail::None),
        Led::Beyond(end) => (end, tail),
    };
}

/// Whether the word `raw` goes on with the name or address that is open.
fn joins(open: &Stretch<'_>, raw: &Raw<'_>, text: &str) -> bool {
    if open.rule.kind != raw.rule.kind || raw.start - open.end > GAP_BYTES_MAX {
        return false;
    }
    let gap = text.get(open.end..raw.start).unwrap_or("!");
    let joining = |byte: u8| match open.rule.kind {
        Kind::Address => byte.is_ascii_whitespace() || b",.#-/'".contains(&byte),
        Kind::Organisation => {
            byte != b'\n' && (byte.is_ascii_whitespace() || b",.&-'".contains(&byte))
        }
        _ => byte != b'\n' && (byte.is_ascii_whitespace() || b".-'".contains(&byte)),
    };
    gap.bytes().all(joining) && !gap.contains(". ") || open.rule.kind == Kind::Person && gap == ". "
}
