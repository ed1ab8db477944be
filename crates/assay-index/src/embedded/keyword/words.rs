//! Text to terms: what a passage is indexed by and a query is looked up by.
//!
//! A word gives itself in lower case, without accents, stemmed by the language of its passage. A
//! word that is written together from parts (`ERR_CONN-42`, `getUserName`, `1.2.3`) gives itself
//! and its parts, so that it is found by either. Scripts without spaces give every character and
//! every pair of neighbours.

use tantivy::tokenizer::{PreTokenizedString, Token};

use self::split::{Word, words};

pub(super) mod fold;
pub(super) mod language;
pub(super) mod query;
pub(super) mod split;
mod stop;
#[cfg(test)]
mod tests;

/// The terms of one text of a passage for ranking, stemmed by `language` (a BCP 47 code).
pub(super) fn stems(text: &str, language: Option<&str>) -> PreTokenizedString {
    let mut tokens = Vec::new();
    for word in words(&fold::compatible(text)) {
        word.forms(|form| {
            let stemmer = language::of_passage(form, language);
            push(&mut tokens, stemmer.term(form));
            // Whoever types without accents finds what is written with them.
            if let Some(bare) = stemmer.bare_term(form) {
                push(&mut tokens, bare);
            }
        });
    }
    PreTokenizedString { text: String::new(), tokens }
}

/// The words of one text of a passage as they stand, folded, each at its place: for phrases and
/// as the vocabulary of the index.
pub(super) fn exact(text: &str) -> PreTokenizedString {
    let mut tokens = Vec::new();
    let mut place = 0;
    for word in words(&fold::compatible(text)) {
        for (offset, text) in word.whole_and_parts() {
            tokens.push(Token { position: place + offset, text, ..Token::default() });
        }
        place += word.places();
    }
    PreTokenizedString { text: String::new(), tokens }
}

fn push(tokens: &mut Vec<Token>, text: String) {
    tokens.push(Token { position: tokens.len(), text, ..Token::default() });
}

impl Word<'_> {
    /// The folded word with its place: one for each character where they stand without spaces.
    fn whole(&self) -> Vec<(usize, String)> {
        match self {
            Self::Spaceless(text) => text.chars().map(String::from).enumerate().collect(),
            Self::Spaced { whole, .. } => vec![(0, fold::fold(whole).into_owned())],
        }
    }

    /// The folded word and its folded parts, with their places.
    fn whole_and_parts(&self) -> Vec<(usize, String)> {
        let mut forms = self.whole();
        if let Self::Spaced { parts, .. } = self
            && parts.len() > 1
        {
            forms.extend(parts.iter().map(|part| fold::fold(part).into_owned()).enumerate());
        }
        forms
    }
}
