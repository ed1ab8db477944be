//! Words parted at line ends: written with a hyphen or without.

use std::collections::HashSet;

use super::{block::Raw, paragraph::PARTED};

/// The words that a document writes with a hyphen in the middle of a line.
pub(super) struct Compounds(HashSet<String>);

impl Compounds {
    pub(super) fn of<'a>(blocks: impl Iterator<Item = &'a Raw>) -> Self {
        let words = blocks.flat_map(|raw| raw.text.split(parts_words));
        let compounds = words.filter(|word| word.contains('-') && !word.contains(PARTED));
        Self(compounds.map(str::to_lowercase).collect())
    }

    /// The text with parted words as the document writes them elsewhere: `well-known` keeps its
    /// hyphen where it is seen within a line too, else a parted word is one word.
    pub(super) fn whole(&self, text: &str) -> String {
        if !text.contains(PARTED) {
            return text.to_owned();
        }
        let mut whole = String::with_capacity(text.len());
        for piece in text.split_inclusive(parts_words) {
            let word = piece.trim_matches(parts_words).to_lowercase();
            let is_compound = self.0.contains(&word.replace(PARTED, "-"));
            whole.push_str(&piece.replace(PARTED, if is_compound { "-" } else { "" }));
        }
        whole
    }
}

fn parts_words(c: char) -> bool {
    !c.is_alphanumeric() && c != '-' && c != PARTED
}
