//! A query as words to look up and phrases to require.

use std::collections::HashSet;

use super::{
    fold,
    language::{self, Stemming},
    split::{Word, words},
};

/// A query is read up to this many bytes ...
const QUERY_BYTES_MAX: usize = 8 << 10;
/// ... and this many different words and parts of words, ...
pub(crate) const QUERY_WORDS_MAX: usize = 64;
/// ... and this many phrases, ...
const PHRASES_MAX: usize = 8;
/// ... each of this many words.
const PHRASE_WORDS_MAX: usize = 32;
/// Signs that open a phrase, each with those that close it.
const QUOTES: &[(char, &[char])] = &[
    ('"', &['"']),
    ('\u{201c}', &['\u{201d}', '\u{201c}']),
    ('\u{201e}', &['\u{201c}', '\u{201d}']),
    ('\u{ab}', &['\u{bb}']),
    ('\u{300c}', &['\u{300d}']),
];

/// What a query asks for.
pub(crate) struct Query {
    /// The words, each once, without stop words unless there are only stop words.
    pub(crate) words: Vec<AskedWord>,
    /// Words that have to stand next to each other: folded, with their places after the first.
    pub(crate) phrases: Vec<Vec<(usize, String)>>,
}

/// A word of a query, or a part of one that is written together.
pub(crate) struct AskedWord {
    /// As asked, in lower case.
    pub(crate) form: String,
    /// What kind of word it is.
    pub(crate) kind: Kind,
    /// A term for each language of the index.
    pub(crate) terms: Vec<AskedTerm>,
}

/// What a word of a query is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Letters only: a word close to it may stand in for it.
    Plain,
    /// A number, a name in capitals, a word with a dash and its parts, a character or a pair of a
    /// script without spaces.
    Fixed,
    /// A name written together from this many parts, which follow it.
    Whole(usize),
    /// One of these parts.
    Part,
}

/// What a word is looked up by in the passages of one language.
pub(crate) struct AskedTerm {
    pub(crate) term: String,
    /// The term of the word without its accents, for when the first is in no passage.
    pub(crate) bare: Option<String>,
}

/// Whether the query holds a phrase in quotation marks.
pub fn has_phrase(query: &str) -> bool {
    !phrases(&fold::compatible(bounded(query))).is_empty()
}

impl Query {
    /// Reads a query for an index whose terms were made by the stemmings `present`.
    pub(crate) fn read(query: &str, present: &[Stemming]) -> Self {
        let text = fold::compatible(bounded(query));
        let quoted = phrases(&text);
        let forms = forms(&text);
        let main = main_language(&forms, present);
        let in_phrases: HashSet<String> =
            quoted.iter().flat_map(|phrase| self::forms(phrase)).map(|(form, _)| form).collect();
        let is_stop = |stemming: &Stemming, form: &str| {
            let is_stop = |stemming: &Stemming| stemming.is_stop_word(form);
            !in_phrases.contains(form) && (is_stop(stemming) || main.as_ref().is_some_and(is_stop))
        };
        let mut words = to_words(&forms, present, is_stop);
        if words.is_empty() {
            words = to_words(&forms, present, |_, _| false);
        }
        Self { words, phrases: quoted.iter().map(|phrase| places(phrase)).collect() }
    }
}

/// The terms of a word in the languages of the index.
pub(crate) fn terms(form: &str, present: &[Stemming]) -> Vec<AskedTerm> {
    language::of_query(form, present).map(|stemming| asked_term(stemming, form)).collect()
}

fn asked_term(stemming: &Stemming, form: &str) -> AskedTerm {
    AskedTerm { term: stemming.term(form), bare: stemming.bare_term(form) }
}

fn bounded(query: &str) -> &str {
    &query[..query.floor_char_boundary(QUERY_BYTES_MAX)]
}

/// The forms of the words of a text, each once.
fn forms(text: &str) -> Vec<(String, Kind)> {
    let mut seen = HashSet::new();
    let mut forms = Vec::new();
    for word in words(text) {
        let mut kind = match &word {
            Word::Spaced { parts, is_name: true, .. } if parts.len() > 1 => {
                Kind::Whole(parts.len())
            }
            Word::Spaced { whole, parts, capitals: false, .. }
                if parts.len() == 1 && whole.chars().all(char::is_alphabetic) =>
            {
                Kind::Plain
            }
            _ => Kind::Fixed,
        };
        word.forms(|form| {
            if seen.insert(form.to_owned()) {
                forms.push((form.to_owned(), kind));
            }
            if let Kind::Whole(_) = kind {
                kind = Kind::Part;
            }
        });
    }
    forms
}

/// The language whose stop words the query holds most of, at least two; none when two languages
/// have as many.
fn main_language(forms: &[(String, Kind)], present: &[Stemming]) -> Option<Stemming> {
    let count =
        |stemming: &Stemming| forms.iter().filter(|(form, _)| stemming.is_stop_word(form)).count();
    let mut counts: Vec<_> = present.iter().map(|stemming| (count(stemming), stemming)).collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    match counts.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(2.., stemming), ..] => Some(**stemming),
        _ => None,
    }
}

fn to_words(
    forms: &[(String, Kind)],
    present: &[Stemming],
    is_stop: impl Fn(&Stemming, &str) -> bool,
) -> Vec<AskedWord> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (form, kind) in forms {
        let stemmings: Vec<_> = language::of_query(form, present).collect();
        let terms: Vec<_> = stemmings
            .iter()
            .filter(|stemming| !is_stop(stemming, form))
            .map(|stemming| asked_term(stemming, form))
            .filter(|asked| seen.insert(asked.term.clone()))
            .collect();
        // Without a stemming there is nothing of the word's script in the index.
        if !terms.is_empty() {
            found.push(AskedWord { form: form.clone(), kind: *kind, terms });
        }
        if found.len() == QUERY_WORDS_MAX {
            break;
        }
    }
    found
}

/// What stands in quotation marks. A mark opens at the start of a word and closes at the end of
/// one, so that `5" pipe` opens nothing.
fn phrases(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    let mut before = None;
    while let Some((at, open)) = rest.char_indices().find(|(_, c)| closing(*c).is_some()) {
        let previous = rest[..at].chars().next_back().or(before);
        let after = &rest[at + open.len_utf8()..];
        before = Some(open);
        rest = after;
        if open == '"' && previous.is_some_and(char::is_alphanumeric) {
            continue;
        }
        let closers = closing(open).unwrap_or_default();
        let Some((end, close)) = after.char_indices().find(|(_, c)| closers.contains(c)) else {
            continue;
        };
        if words(&after[..end]).next().is_some() && found.len() < PHRASES_MAX {
            found.push(&after[..end]);
        }
        before = Some(close);
        rest = &after[end + close.len_utf8()..];
    }
    found
}

fn closing(open: char) -> Option<&'static [char]> {
    QUOTES.iter().find(|(mark, _)| *mark == open).map(|(_, closers)| *closers)
}

/// The folded words of a phrase, whole, with their places.
fn places(phrase: &str) -> Vec<(usize, String)> {
    let mut place = 0;
    let mut found = Vec::new();
    for word in words(phrase).take(PHRASE_WORDS_MAX) {
        found.extend(word.whole().into_iter().map(|(at, form)| (place + at, form)));
        place += word.places();
    }
    found.truncate(PHRASE_WORDS_MAX);
    found
}
