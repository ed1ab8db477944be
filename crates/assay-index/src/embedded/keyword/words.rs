//! Text to terms: what a passage is indexed by and a query is looked up by.
//!
//! A word gives itself in lower case, without accents, stemmed by the language of its passage. A
//! word that is written together from parts (`ERR_CONN-42`, `getUserName`, `1.2.3`) gives itself
//! and its parts, so that it is found by either. Scripts without spaces give every character and
//! every pair of neighbours.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer, TokenizerManager};

use self::split::{Word, words};

pub(super) mod fold;
pub(super) mod language;
pub(super) mod query;
pub(super) mod split;
mod stop;
#[cfg(test)]
mod tests;

/// Names under which the two ways to cut texts are registered.
pub(super) const STEMS: &str = "assay-stems";
pub(super) const EXACT: &str = "assay-exact";

/// Makes the two ways to cut texts known.
pub(super) fn register(tokenizers: &TokenizerManager) {
    tokenizers.register(STEMS, Cut { cut: stems });
    tokenizers.register(EXACT, Cut { cut: exact });
}

/// A text with the language that its words are stemmed by (a BCP 47 code), as [`STEMS`] reads it.
pub(super) fn with_language(text: &str, language: Option<&str>) -> String {
    let language = language.and_then(|language| language.lines().next()).unwrap_or_default();
    format!("{language}\n{text}")
}

/// The terms for ranking of what [`with_language`] gave, each with its place.
fn stems(text: &str) -> Vec<(usize, String)> {
    let (language, text) = text.split_once('\n').unwrap_or(("", text));
    let mut tokens: Vec<(usize, String)> = Vec::new();
    let stemmings = language::Passage::new(language);
    for word in words(&fold::compatible(text)) {
        word.forms(|form| {
            let stemming = stemmings.of(form);
            tokens.push((tokens.len(), stemming.term(form)));
            // Whoever types without accents finds what is written with them.
            if let Some(bare) = stemming.bare_term(form) {
                tokens.push((tokens.len(), bare));
            }
        });
    }
    tokens
}

/// The words as they stand, folded, each at its place: for phrases and as the vocabulary of the
/// index.
fn exact(text: &str) -> Vec<(usize, String)> {
    let mut tokens = Vec::new();
    let mut place = 0;
    for word in words(&fold::compatible(text)) {
        tokens.extend(word.whole_and_parts().into_iter().map(|(at, form)| (place + at, form)));
        place += word.places();
    }
    tokens
}

/// One way to cut a text, for the engine.
#[derive(Clone)]
struct Cut {
    cut: fn(&str) -> Vec<(usize, String)>,
}

impl Tokenizer for Cut {
    type TokenStream<'a> = Tokens;

    fn token_stream(&mut self, text: &str) -> Tokens {
        Tokens { rest: (self.cut)(text).into_iter(), token: Token::default() }
    }
}

struct Tokens {
    rest: std::vec::IntoIter<(usize, String)>,
    token: Token,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        let Some((position, text)) = self.rest.next() else { return false };
        (self.token.position, self.token.text) = (position, text);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
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
