//! What has to agree exactly before a likeness of vectors counts.
//!
//! An embedding hardly moves when a 3 becomes a 4, when one name takes another's place or when a
//! `not` comes in. So all that an answer can turn on is taken out of the question and hashed with
//! everything else of the request, and only questions with the same hash are compared.

use super::{Digest, words::is_ordinary};

/// A request as far as it has to agree with another.
#[derive(Debug, Clone, Copy)]
pub struct GuardedRequest<'a> {
    /// The system prompt.
    pub system: &'a str,
    /// The tools, as they stand in the request.
    pub tools: &'a [u8],
    /// Everything that was said before the question, with who said it.
    pub history: &'a [u8],
    /// The temperature in hundredths; none where the provider's default holds.
    pub temperature_percent: Option<u32>,
    /// The rest of the request that an answer can turn on: format, limits, seed, choices.
    pub settings: &'a [u8],
    /// The question: the text whose vector is compared.
    pub question: &'a str,
}

/// What two questions have to share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Guard(Digest);

impl Guard {
    /// The guard of a request.
    #[must_use]
    pub fn of(request: &GuardedRequest<'_>) -> Self {
        let temperature = [temperature_class(request.temperature_percent)];
        let words = guarded_words(request.question).join("\n");
        Self(Digest::of(
            b"guard",
            &[
                request.system.as_bytes(),
                request.tools,
                request.history,
                &temperature,
                request.settings,
                words.as_bytes(),
            ],
        ))
    }

    pub(super) const fn digest(&self) -> &Digest {
        &self.0
    }
}

/// Nothing said, none, little, usual, much.
const fn temperature_class(percent: Option<u32>) -> u8 {
    match percent {
        None => 0,
        Some(0) => 1,
        Some(1..=30) => 2,
        Some(31..=100) => 3,
        Some(_) => 4,
    }
}

/// The words that have to agree, in lower case and in their order: who did what to whom is in the
/// order.
pub(super) fn guarded_words(question: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut is_first = true;
    for token in tokens(question) {
        match token {
            Token::End => is_first = true,
            Token::Word(word) => {
                push(word, is_first, &mut words);
                is_first = false;
            }
        }
    }
    words
}

/// Takes a word with its short forms apart and keeps what has to agree.
fn push(word: &str, is_first: bool, words: &mut Vec<String>) {
    let mut lower = word.to_lowercase().replace('’', "'");
    let mut negated = false;
    if let Some(verb) = lower.strip_suffix("n't") {
        lower = match verb {
            "ca" => "can".to_owned(),
            "wo" => "will".to_owned(),
            "sha" => "shall".to_owned(),
            verb => verb.to_owned(),
        };
        negated = true;
    }
    let will = lower.strip_suffix("'ll").map(str::to_owned);
    let has_will = will.is_some();
    lower = will.unwrap_or(lower);
    for short in ["'s", "'re", "'ve", "'m", "'d", "'"] {
        if lower.ends_with(short) {
            lower.truncate(lower.len() - short.len());
            break;
        }
    }
    if lower == "cannot" {
        (lower, negated) = ("can".to_owned(), true);
    }
    let upper = word.chars().filter(|c| c.is_uppercase()).count();
    // A capital inside a sentence, or a second one, makes a name of any word but `I`.
    let is_name = lower != "i" && (upper > 1 || upper == 1 && !is_first);
    if is_name || !is_ordinary(&lower) {
        words.push(lower);
    }
    if has_will {
        words.push("will".to_owned());
    }
    if negated {
        words.push("not".to_owned());
    }
}

enum Token<'a> {
    Word(&'a str),
    /// The end of a sentence.
    End,
}

/// Words with the signs that belong to them: `3.5%`, `-5`, `c++`, `node.js`, `$12`.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = None;
    let mut before = ' ';
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let after = chars.peek().map_or(' ', |(_, c)| *c);
        let is_inside = is_word(before) && is_word(after);
        let belongs = is_word(c)
            || matches!(c, '\'' | '’') && is_inside
            || matches!(c, '.' | ',' | ':') && is_inside
            // A minus; between words it is a hyphen and parts them.
            || c == '-' && after.is_numeric() && !is_word(before);
        if belongs {
            start.get_or_insert(at);
        } else {
            if let Some(from) = start.take() {
                tokens.extend(text.get(from..at).map(Token::Word));
            }
            if matches!(c, '.' | '!' | '?' | '\n') {
                tokens.push(Token::End);
            }
        }
        before = c;
    }
    if let Some(from) = start {
        tokens.extend(text.get(from..).map(Token::Word));
    }
    tokens
}

/// Signs between words are words too, where they are no punctuation: `<`, `=`, `€`.
fn is_word(c: char) -> bool {
    let is_punctuation = ".,;:!?\"'’‘“”„«»()[]{}-–—…`¿¡|\\".contains(c);
    !c.is_whitespace() && !c.is_control() && !is_punctuation
}
