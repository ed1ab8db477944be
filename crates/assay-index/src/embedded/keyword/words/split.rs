//! Text to words, and words to their parts.

use std::iter;

use super::fold;

/// Longer words are cut to this many bytes: they are data, not language.
pub(crate) const WORD_BYTES_MAX: usize = 64;

/// Articles and prepositions that French, Italian and Catalan write onto the next word.
const ELIDED: &[&str] = &[
    "l", "d", "j", "m", "t", "s", "n", "c", "qu", "lorsqu", "puisqu", "jusqu", "dell", "all",
    "dall", "nell", "sull", "un", "quest", "quell",
];

/// A word of a text, in lower case.
pub(crate) enum Word<'a> {
    /// A run of a script that writes words without spaces.
    Spaceless(&'a str),
    /// Any other.
    Spaced {
        /// The word without dashes, underscores and apostrophes.
        whole: String,
        /// What it is written together from: one part for a plain word.
        parts: Vec<String>,
        /// Whether it is written in capitals only.
        capitals: bool,
        /// Whether signs join its parts that no plain word has: `a_b`, `a::b`, `a@b.c`.
        is_name: bool,
    },
}

impl Word<'_> {
    /// Calls `take` with each form the word is found by: the word and its parts, or the characters
    /// and the pairs of neighbouring characters.
    pub(crate) fn forms(&self, mut take: impl FnMut(&str)) {
        match self {
            Self::Spaceless(text) => characters(text, take),
            Self::Spaced { whole, parts, .. } => {
                take(whole);
                if parts.len() > 1 {
                    parts.iter().for_each(|part| take(part));
                }
            }
        }
    }

    /// Places that the word takes in its text.
    pub(crate) fn places(&self) -> usize {
        match self {
            Self::Spaceless(text) => text.chars().count(),
            Self::Spaced { parts, .. } => parts.len().max(1),
        }
    }
}

/// The words of a text in normal form.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Word<'_>> {
    let mut rest = text;
    iter::from_fn(move || next_word(&mut rest)).filter_map(|raw| {
        if raw.starts_with(is_spaceless) { Some(Word::Spaceless(raw)) } else { spaced(raw) }
    })
}

/// None for signs that only stand on letters.
fn spaced(raw: &str) -> Option<Word<'static>> {
    let raw = without_elision(raw);
    let raw = &raw[..raw.floor_char_boundary(WORD_BYTES_MAX)];
    // Dashes and underscores come and go in names (`IL-6`, `IL6`); dots carry meaning (`1.2`).
    let plain = raw.replace(['-', '_', '\'', '\u{2019}', '\u{2010}', '\u{2011}', ','], "");
    let mut parts: Vec<_> = parts(raw).into_iter().map(fold::lower).collect();
    parts.retain(|part| !fold::fold(part).is_empty());
    let capitals = !raw.contains(char::is_lowercase) && raw.contains(char::is_uppercase);
    let whole = fold::lower(&plain);
    let is_name = raw.contains(['_', '.', '/', ':', '@', '+']);
    (!parts.is_empty()).then_some(Word::Spaced { whole, parts, capitals, is_name })
}

/// `l'eau` is the word `eau`.
fn without_elision(raw: &str) -> &str {
    let Some((before, after)) = raw.split_once(['\'', '\u{2019}']) else { return raw };
    let begins_open = |word: &str| {
        fold::fold(&fold::lower(word)).starts_with(['a', 'e', 'i', 'o', 'u', 'y', 'h'])
    };
    let is_elided = ELIDED.iter().any(|elided| elided.eq_ignore_ascii_case(before));
    if is_elided && after.chars().nth(1).is_some() && begins_open(after) { after } else { raw }
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
        if is_word_char(c) && is_spaceless(c) == spaceless {
            end = at + c.len_utf8();
        } else if spaceless || !joins(c, &text[end..at], &text[at + c.len_utf8()..]) {
            break;
        } else if c == ':' && chars.peek().is_some_and(|(_, next)| *next == ':') {
            chars.next();
        }
    }
    *rest = &text[end..];
    Some(&text[..end])
}

/// Whether the sign `c` joins what stands before and after it to one word. `between` is what
/// followed the last letter, empty for a single sign.
fn joins(c: char, between: &str, after: &str) -> bool {
    let mut next = after.chars();
    let first = next.next();
    match c {
        _ if !between.is_empty() => false,
        // `a::b`
        ':' if first == Some(':') => next.next().is_some_and(char::is_alphanumeric),
        // `1,234,567`, but not `1, 2` and not `3,14`
        ',' => {
            let digits = after.chars().take_while(char::is_ascii_digit).count();
            digits == 3
        }
        _ => is_joiner(c) && first.is_some_and(char::is_alphanumeric),
    }
}

/// The characters and the pairs of neighbouring characters.
fn characters(word: &str, mut take: impl FnMut(&str)) {
    let mut previous = None;
    for (at, c) in word.char_indices() {
        let end = at + c.len_utf8();
        if let Some(start) = previous.replace(at) {
            take(&word[start..end]);
        }
        take(&word[at..end]);
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

/// Letters, digits and the marks that combine with them: accents, and the signs of Indian scripts
/// that are not letters by themselves.
fn is_word_char(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c,
            '\u{300}'..='\u{36f}' | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{200c}' | '\u{200d}'
            | '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}' | '\u{a3c}' | '\u{a4d}' | '\u{abc}'
            | '\u{acd}' | '\u{b3c}' | '\u{b4d}' | '\u{bcd}' | '\u{c4d}' | '\u{ccd}' | '\u{d4d}')
}

fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '-' | '_' | '.' | '/' | ':' | '@' | '+' | '\'' | '\u{2019}' | '\u{2010}' | '\u{2011}'
    )
}

/// Chinese, Japanese, Korean, Thai, Lao, Khmer and Myanmar letters: written without spaces, or
/// (Korean) with endings that a word cannot be cut from by a simple rule.
pub(crate) fn is_spaceless(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}'
        | '\u{1780}'..='\u{17ff}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{323af}')
}
