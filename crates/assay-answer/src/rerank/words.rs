//! The words of a query and where a text holds them.
//!
//! Two words are the same when they differ in an inflection at most: what follows their common
//! beginning is an ending on both sides. That is cruder than the index, which knows languages, and
//! costs nothing: only words that share three letters are looked at.

use std::collections::HashSet;

/// Words of a query that count, as in the keyword index.
const QUERY_WORDS_MAX: usize = 64;
/// Letters that two inflected words must share.
const COMMON_MIN: usize = 4;
/// What two forms of a word may end in, for English and, where short, for its neighbours.
const ENDINGS: [&str; 46] = [
    "", "s", "es", "e", "ed", "d", "ing", "er", "ers", "or", "ors", "ion", "ions", "ation",
    "ations", "ive", "al", "ally", "ly", "y", "ies", "ied", "ic", "ical", "ity", "ment", "ments",
    "ness", "is", "a", "as", "o", "os", "en", "em", "n", "t", "te", "ten", "ung", "ungen", "able",
    "ance", "ence", "ant", "ent",
];

/// A word of a query.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct QueryWord {
    /// In lower case.
    pub(super) text: String,
    /// What it counts among the words; all together 1, or all 0.
    pub(super) weight: f32,
    /// Whether it holds a digit.
    pub(super) number: bool,
    /// Whether it is written with a capital where none is due, as names are.
    pub(super) name: bool,
}

/// One word of a text.
struct Word<'a> {
    text: &'a str,
    /// Whether it opens a sentence.
    first: bool,
}

/// The words of a query in their order, each once, not yet weighed.
pub(super) fn query_words(text: &str) -> Vec<QueryWord> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for_words(text, |word| {
        let lower = word.text.to_lowercase();
        if found.len() < QUERY_WORDS_MAX && seen.insert(lower.clone()) {
            let capitals = word.text.chars().filter(|c| c.is_uppercase()).count();
            found.push(QueryWord {
                text: lower,
                weight: 0.0,
                number: word.text.contains(|c: char| c.is_numeric()),
                name: capitals > 1 || (capitals == 1 && !word.first),
            });
        }
    });
    found
}

/// A word of the query in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    /// Which word of the query.
    pub(super) word: usize,
    /// Which word of the text.
    pub(super) at: usize,
    /// Which sentence of the text.
    pub(super) sentence: usize,
}

/// Where a text holds the words of a query.
#[derive(Debug, Clone, Default)]
pub(super) struct Hits {
    /// In the order of the text.
    pub(super) hits: Vec<Hit>,
    /// Words of the text.
    pub(super) words: usize,
}

/// Looks for the words of a query in a text.
pub(super) fn hits(query: &[QueryWord], text: &str) -> Hits {
    let lower = text.to_lowercase();
    let mut found = Hits::default();
    let mut sentence = 0;
    for_words(&lower, |word| {
        sentence += usize::from(word.first && found.words > 0);
        // Words that are left out of a search are looked for as well: they make phrases.
        if let Some(place) = query.iter().position(|asked| same(&asked.text, word.text)) {
            found.hits.push(Hit { word: place, at: found.words, sentence });
        }
        found.words += 1;
    });
    found
}

/// Whether two lower-case words are forms of one.
fn same(a: &str, b: &str) -> bool {
    if a == b {
        return true;
    }
    if !a.as_bytes().iter().zip(b.as_bytes()).take(3).all(|(a, b)| a == b) {
        return false;
    }
    let common = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    // A number with another ending is another number.
    let letters = !a.as_bytes().iter().any(u8::is_ascii_digit);
    let is_ending = |word: &str| word.get(common..).is_some_and(|rest| ENDINGS.contains(&rest));
    let plural = a.len().max(b.len()) == common + 1 && (a.ends_with('s') || b.ends_with('s'));
    letters && (common >= COMMON_MIN && is_ending(a) && is_ending(b) || common >= 3 && plural)
}

/// Calls `take` with every word of a text. Letters and digits make a word, with a decimal point
/// between digits; in scripts without spaces, each pair of neighbours does.
fn for_words<'a>(text: &'a str, mut take: impl FnMut(Word<'a>)) {
    let mut first = true;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if !c.is_alphanumeric() {
            first |= matches!(c, '.' | '!' | '?' | '\n' | '。' | '！' | '？');
            continue;
        }
        let mut end = start + c.len_utf8();
        let (pairs, mut last) = (is_spaceless(c), c);
        while let Some(&(at, next)) = chars.peek() {
            let point = matches!(next, '.' | ',') && last.is_ascii_digit() && {
                text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit)
            };
            if !(next.is_alphanumeric() && is_spaceless(next) == pairs || point) {
                break;
            }
            if pairs {
                take(Word {
                    text: text
                        .get(start_of_last(start, end, last)..at + next.len_utf8())
                        .unwrap_or_default(),
                    first,
                });
                first = false;
            }
            end = at + next.len_utf8();
            last = next;
            chars.next();
        }
        if !pairs || end == start + c.len_utf8() {
            take(Word { text: text.get(start..end).unwrap_or_default(), first });
            first = false;
        }
    }
}

fn start_of_last(start: usize, end: usize, last: char) -> usize {
    end.saturating_sub(last.len_utf8()).max(start)
}

/// Chinese, Japanese, Korean, Thai, Lao, Khmer and Myanmar letters.
fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}' | '\u{20000}'..='\u{323af}')
}

/// Gives the words their weights, which then sum to 1.
pub(super) fn weigh(words: &mut [QueryWord], weights: &[f32]) {
    let sum: f32 = weights.iter().sum();
    for (word, weight) in words.iter_mut().zip(weights) {
        word.weight = if sum > 0.0 { weight / sum } else { 0.0 };
    }
}
