//! Text to terms: what a passage is indexed by and a query is looked up by.
//!
//! A word gives itself, in lower case, without accents, stemmed. A word that is written together
//! from parts (`ERR_CONN-42`, `getUserName`, `1.2.3`) gives itself and its parts, so that it is
//! found by either. Scripts without spaces give every character and every pair of neighbours.

use std::collections::HashSet;

use tantivy::tokenizer::{
    AsciiFoldingFilter, Language, LowerCaser, Stemmer, TextAnalyzer, Token, TokenStream, Tokenizer,
};

#[cfg(test)]
mod tests;

/// Longer words are cut to this many bytes: they are data, not language.
const WORD_BYTES_MAX: usize = 64;

/// A query is read up to this many bytes ...
const QUERY_BYTES_MAX: usize = 8 << 10;
/// ... and this many different terms.
pub(super) const QUERY_TERMS_MAX: usize = 64;

/// Words that nearly every English text holds. They are indexed, but asked for only when the
/// query has no others.
const STOP_WORDS: &str = "a an and are as at be been but by can could did do does for from had has \
    have he her his how i if in into is it its me my of on or our she should so than that the \
    their them then there these they this those to us was we were what when where which who why \
    will with would you your";

/// The analyser for passages and queries.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(Words)
        .filter(AsciiFoldingFilter)
        .filter(LowerCaser)
        .filter(Stemmer::new(Language::English))
        .build()
}

/// Reads the terms of queries.
#[derive(Clone)]
pub(super) struct QueryTerms {
    analyzer: TextAnalyzer,
    stop: HashSet<String>,
}

impl QueryTerms {
    pub(super) fn new() -> Self {
        let mut analyzer = analyzer();
        let stop = terms(&mut analyzer, STOP_WORDS).into_iter().collect();
        Self { analyzer, stop }
    }

    /// The different terms of a query in their order, without stop words unless there are only
    /// stop words; at most [`QUERY_TERMS_MAX`].
    pub(super) fn of(&self, query: &str) -> Vec<String> {
        let query = &query[..query.floor_char_boundary(QUERY_BYTES_MAX)];
        let mut found = terms(&mut self.analyzer.clone(), query);
        if found.iter().any(|term| !self.stop.contains(term)) {
            found.retain(|term| !self.stop.contains(term));
        }
        let mut seen = HashSet::new();
        found.retain(|term| seen.insert(term.clone()));
        found.truncate(QUERY_TERMS_MAX);
        found
    }
}

fn terms(analyzer: &mut TextAnalyzer, text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    analyzer.token_stream(text).process(&mut |token| terms.push(token.text.clone()));
    terms
}

/// Splits text into words, their parts, and pairs of characters.
#[derive(Clone)]
struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        WordStream { rest: text, pending: Vec::new(), token: Token::default() }
    }
}

struct WordStream<'a> {
    rest: &'a str,
    /// Tokens of the last word, the next one last.
    pending: Vec<String>,
    token: Token,
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        while self.pending.is_empty() {
            let Some(word) = next_word(&mut self.rest) else { return false };
            push_tokens(word, &mut self.pending);
            self.pending.reverse();
        }
        self.token.position = self.token.position.wrapping_add(1);
        self.token.text = self.pending.pop().unwrap_or_default();
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// Takes the next word off `rest`: letters and digits, with single joining signs between them. A
/// word is of one kind of script, with spaces or without.
fn next_word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let start = rest.find(char::is_alphanumeric)?;
    let text = &rest[start..];
    let spaceless = text.chars().next().is_some_and(is_spaceless);
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let joins = is_joiner(c) && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if is_word_char(c) && is_spaceless(c) == spaceless {
            end = at + c.len_utf8();
        } else if spaceless || !joins {
            break;
        }
    }
    *rest = &text[end..];
    Some(&text[..end])
}

fn push_tokens(word: &str, tokens: &mut Vec<String>) {
    if word.starts_with(is_spaceless) {
        return push_characters(word, tokens);
    }
    let word = &word[..word.floor_char_boundary(WORD_BYTES_MAX)];
    let parts = parts(word);
    // Dashes and underscores come and go in names (`IL-6`, `IL6`); dots carry meaning (`1.2`).
    tokens.push(word.replace(['-', '_', '\'', '\u{2019}', '\u{2010}', '\u{2011}'], ""));
    if parts.len() > 1 {
        tokens.extend(parts.into_iter().map(str::to_owned));
    }
}

/// The characters and the pairs of neighbouring characters.
fn push_characters(word: &str, tokens: &mut Vec<String>) {
    let mut previous = None;
    for c in word.chars() {
        if let Some(previous) = previous.replace(c) {
            tokens.push(String::from_iter([previous, c]));
        }
        tokens.push(c.to_string());
    }
}

/// The parts of a word: split at joining signs, between letters and digits, and where a capital
/// follows a small letter.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in word.split(|c: char| !is_word_char(c)) {
        let mut start = 0;
        let mut previous: Option<char> = None;
        for (at, c) in piece.char_indices() {
            let boundary = previous.is_some_and(|p| {
                p.is_numeric() != c.is_numeric() || p.is_lowercase() && c.is_uppercase()
            });
            if boundary {
                parts.push(&piece[start..at]);
                start = at;
            }
            previous = Some(c);
        }
        parts.push(&piece[start..]);
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Letters, digits and the marks that combine with them.
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36f}')
}

fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '-' | '_' | '.' | '/' | ':' | '@' | '+' | '\'' | '\u{2019}' | '\u{2010}' | '\u{2011}'
    )
}

/// Chinese, Japanese, Korean, Thai, Lao, Khmer and Myanmar letters: written without spaces, or
/// (Korean) with endings that a word cannot be cut from by a simple rule.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{323af}')
}
