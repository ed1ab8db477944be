//! A sentence cut into words with their places, so that one of them can be changed.

use std::ops::Range;

/// A word or a number and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Word<'a> {
    /// Its bytes in the sentence.
    pub(super) at: Range<usize>,
    /// The text.
    pub(super) text: &'a str,
    /// The same in lower case.
    pub(super) lower: String,
}

impl Word<'_> {
    /// Whether it is a number in digits.
    pub(super) fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Whether it starts with a capital and goes on in lower case.
    pub(super) fn is_capital(&self) -> bool {
        let mut chars = self.text.chars();
        chars.next().is_some_and(char::is_uppercase)
            && self.text.chars().count() > 2
            && chars.all(char::is_lowercase)
    }
}

/// The words of a sentence: runs of letters with apostrophes inside, runs of digits with points
/// and commas inside, and the symbols `% $ € £`.
pub(super) fn words(sentence: &str) -> Vec<Word<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    while let Some(rest) = sentence.get(start..)
        && let Some(first) = rest.chars().next()
    {
        let len = if first.is_ascii_digit() {
            run(rest, |c| c.is_ascii_digit(), |c| matches!(c, '.' | ','))
        } else if first.is_alphabetic() {
            run(rest, char::is_alphabetic, |c| matches!(c, '\'' | '’'))
        } else {
            first.len_utf8()
        };
        if let Some(text) = rest.get(..len)
            && (first.is_alphanumeric() || "%$€£".contains(first))
        {
            found.push(Word { at: start..start + len, text, lower: text.to_lowercase() });
        }
        start += len.max(1);
    }
    found
}

/// Bytes of the run at the start; `joins` belong to it between two of its own.
fn run(text: &str, own: fn(char) -> bool, joins: fn(char) -> bool) -> usize {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = joins(c) && chars.peek().is_some_and(|&(_, next)| own(next));
        if !own(c) && !inside {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

/// Whether only spaces or a hyphen stand between two places.
pub(super) fn adjoin(sentence: &str, before: &Word<'_>, after: &Word<'_>) -> bool {
    let between = sentence.get(before.at.end..after.at.start).unwrap_or("…");
    between.chars().all(|c| c == ' ' || c == '-') && between.len() < 3
}
