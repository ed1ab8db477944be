//! A text in the hands of the detectors, and the windows that they may look at.
//!
//! A detector sees [`LEFT`] bytes of the original before what it finds and [`RIGHT`] bytes from its
//! start on, never more. That makes what it finds a matter of the window alone, which bounds the
//! cost and lets a stream decide as soon as the window is there.

use crate::{Shadow, rule::Rule, shadow::is_hidden};

/// Bytes of the original to the left of a finding that may decide about it.
pub(crate) const LEFT: usize = 160;
/// Bytes of the original from the start of a finding on that may decide about it. What is longer
/// goes on by its [`Tail`].
pub(crate) const RIGHT: usize = 176;
/// Bytes between the start of a finding and the anchor that gave it away, at most.
pub(crate) const BACK: usize = 64;

/// How a finding goes on beyond what was judged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tail {
    /// It ends where it was judged to end.
    None,
    /// It goes on over these bytes.
    Bytes(fn(u8) -> bool),
    /// It goes on over invisible characters.
    Hidden,
    /// It goes on to the end of a PEM block.
    Pem,
}

/// Something that a detector found; offsets are bytes of the original.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) rule: &'static Rule,
    pub(crate) tail: Tail,
    /// Whether it is one word of something that may have several.
    pub(crate) word: bool,
    /// Whether it is nothing when it stands alone.
    pub(crate) weak: bool,
}

/// A stretch of the shadow that a detector may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// Where context begins.
    pub(crate) left: usize,
    /// The first place where a finding may start.
    pub(crate) first: usize,
    /// Where all ends.
    pub(crate) right: usize,
}

/// The text and what was found in it so far.
pub(crate) struct View<'a> {
    pub(crate) shadow: &'a Shadow<'a>,
    /// The folded text, ASCII letters as they stand.
    pub(crate) text: &'a [u8],
    pub(crate) found: Vec<Raw>,
}

impl<'a> View<'a> {
    pub(crate) fn new(shadow: &'a Shadow<'a>) -> Self {
        Self { shadow, text: shadow.text().as_bytes(), found: Vec::new() }
    }

    /// The window of an anchor at `at` whose findings start at most `back` bytes before it.
    pub(crate) fn window(&self, at: usize, back: usize) -> Window {
        debug_assert!(back <= BACK, "streams keep no more than this");
        let anchor = self.shadow.origin(at);
        let first = anchor.saturating_sub(back);
        Window {
            left: self.shadow.position(first.saturating_sub(LEFT)),
            first: self.shadow.position(first),
            right: self.shadow.position(first + RIGHT).max(at),
        }
    }

    /// The bytes of a range; empty when it does not fit.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.text.get(start..end).unwrap_or(&[])
    }

    /// The byte at a place, zero outside.
    pub(crate) fn at(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// The byte before a place, zero at the start.
    pub(crate) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |at| self.at(at))
    }

    /// Notes a finding.
    pub(crate) fn found(&mut self, start: usize, end: usize, rule: &'static Rule) {
        self.found_with(start, end, rule, Tail::None);
    }

    /// Notes a finding that goes on.
    pub(crate) fn found_with(&mut self, start: usize, end: usize, rule: &'static Rule, tail: Tail) {
        let range = self.shadow.original(start, end);
        let (start, end) = (range.start as usize, range.end as usize);
        self.found.push(Raw { start, end, rule, tail, word: false, weak: false });
    }
}

/// A part of a text, and where in the text it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) text: &'a str,
    /// Bytes of the text before it.
    pub(crate) base: usize,
    /// Whether the text ends where it ends.
    pub(crate) last: bool,
}

impl<'a> Part<'a> {
    /// A text as a whole.
    pub(crate) const fn whole(text: &'a str) -> Self {
        Self { text, base: 0, last: true }
    }

    /// First byte behind it.
    pub(crate) const fn end(&self) -> usize {
        self.base + self.text.len()
    }

    /// The bytes of a range of the text that lie in this part.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        let (start, end) = (start.saturating_sub(self.base), end.saturating_sub(self.base));
        self.text.get(start..end.min(self.text.len())).unwrap_or("")
    }
}

/// How far a tail leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Led {
    /// To this byte, which is its end.
    To(usize),
    /// To this byte at least: the part ends before the tail does.
    Beyond(usize),
}

/// Bytes of a PEM block at most; an RSA key of 16,384 bits has about 13,000.
const PEM_BYTES_MAX: usize = 16 << 10;
/// Bytes that may be a part of the end of a PEM block.
const PEM_END_BYTES: usize = 64;

impl Tail {
    /// Follows the tail of what started at `start` from `from` on.
    pub(crate) fn follow(self, part: Part<'_>, start: usize, from: usize) -> Led {
        let rest = part.slice(from, part.end());
        let end = match self {
            Self::None => return Led::To(from),
            Self::Bytes(goes_on) => rest.bytes().position(|byte| !goes_on(byte)),
            Self::Hidden => rest.char_indices().find(|(_, c)| !is_hidden(*c)).map(|(at, _)| at),
            Self::Pem => return follow_pem(part, start, from),
        };
        match end {
            Some(end) => Led::To(from + end),
            None if part.last => Led::To(part.end().max(from)),
            None => Led::Beyond(part.end().max(from)),
        }
    }

    /// Whether two tails lead equally far from the same place.
    pub(crate) fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Bytes(one), Self::Bytes(two)) => std::ptr::fn_addr_eq(one, two),
            (Self::Hidden, Self::Hidden) | (Self::Pem, Self::Pem) => true,
            _ => false,
        }
    }
}

fn follow_pem(part: Part<'_>, start: usize, from: usize) -> Led {
    let longest = start + PEM_BYTES_MAX;
    let floor = |at: usize| {
        part.base + part.text.floor_char_boundary(at.saturating_sub(part.base).min(part.text.len()))
    };
    let rest = part.slice(from, floor(longest).max(from));
    let end = rest.find("-----END").and_then(|end| {
        let behind = end + "-----END".len();
        let line = rest.get(behind..)?;
        let line = line.get(..line.floor_char_boundary(PEM_END_BYTES.min(line.len())))?;
        line.find("-----").map(|dashes| behind + dashes + "-----".len())
    });
    match end {
        Some(end) => Led::To(from + end),
        None if longest <= part.end() || part.last => Led::To(floor(longest).max(from)),
        None => Led::Beyond(floor(part.end().saturating_sub(2 * PEM_END_BYTES)).max(from)),
    }
}
