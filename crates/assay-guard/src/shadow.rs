//! The form of a text that rules read: one folding for all, with the way back to the original.
//!
//! Every character is folded by itself (compatibility decomposition without its marks, look-alikes
//! to Latin letters, digits of any script to ASCII, invisible ones away), so that the shadow of a
//! part is the part of the shadow: streams depend on it.

use std::borrow::Cow;

use assay_core::TextRange;

mod fold;

use fold::Folded;
pub(crate) use fold::is_hidden;

/// A text as rules see it.
#[derive(Debug)]
pub struct Shadow<'a> {
    given: &'a str,
    text: Cow<'a, str>,
    /// Where each byte of the shadow comes from, and the end of the original; none where shadow
    /// and original are the same.
    origin: Option<Vec<u32>>,
    hidden: Vec<TextRange>,
}

impl<'a> Shadow<'a> {
    /// Folds `original`.
    #[must_use]
    pub fn of(original: &'a str) -> Self {
        if original.is_ascii() {
            let (text, hidden) = (Cow::Borrowed(original), Vec::new());
            return Self { given: original, text, origin: None, hidden };
        }
        let mut text = String::with_capacity(original.len());
        let mut origin: Vec<u32> = Vec::with_capacity(original.len() + 1);
        let mut hidden = HiddenRuns::default();
        let mut memo = fold::Memo::new();
        let mut before = '\0';
        for (at, character) in original.char_indices() {
            let start = text.len();
            match fold::fold(character, &mut memo, &mut text) {
                Folded::Seen => {}
                Folded::Hidden => hidden.add(at, character, before),
            }
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            origin.resize(origin.len() + text.len() - start, at);
            before = character;
        }
        origin.push(u32::try_from(original.len()).unwrap_or(u32::MAX));
        Self { given: original, text: Cow::Owned(text), origin: Some(origin), hidden: hidden.runs }
    }

    /// The folded text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Runs of characters that nobody sees, in bytes of the original.
    #[must_use]
    pub fn hidden(&self) -> &[TextRange] {
        &self.hidden
    }

    /// Where a byte of the shadow comes from.
    #[must_use]
    pub fn origin(&self, at: usize) -> usize {
        match &self.origin {
            None => at,
            Some(origin) => origin.get(at).or_else(|| origin.last()).map_or(at, |&at| at as usize),
        }
    }

    /// The first byte of the shadow that comes from `original` or from behind it.
    #[must_use]
    pub fn position(&self, original: usize) -> usize {
        match &self.origin {
            None => original.min(self.text.len()),
            Some(origin) => {
                origin.partition_point(|&at| (at as usize) < original).min(self.text.len())
            }
        }
    }

    /// The range of the original behind a range of the shadow: from its first to its last
    /// character, without invisible ones around them.
    #[must_use]
    pub fn original(&self, start: usize, end: usize) -> TextRange {
        if self.origin.is_none() || start >= end {
            return TextRange::new(self.origin(start), self.origin(end));
        }
        let last = self.origin(end - 1);
        let rest = self.given.get(last..).and_then(|rest| rest.chars().next());
        TextRange::new(self.origin(start), last + rest.map_or(0, char::len_utf8))
    }
}

/// Collects runs of invisible characters.
#[derive(Default)]
struct HiddenRuns {
    runs: Vec<TextRange>,
}

impl HiddenRuns {
    fn add(&mut self, at: usize, character: char, before: char) {
        let end = at + character.len_utf8();
        match self.runs.last_mut() {
            Some(run) if run.end as usize == at => run.end = u32::try_from(end).unwrap_or(u32::MAX),
            _ if fold::has_a_use(character, before) => {}
            _ => self.runs.push(TextRange::new(at, end)),
        }
    }
}

#[cfg(test)]
mod tests;
