//! Numbers that belong to somebody: each run of letters and digits with a digit in it is judged by
//! its shape, its check digits and the words around it.

use super::bytes::{Words, is_word, run};
use crate::view::{View, Window};

mod coded;
mod groups;
mod internet;
mod national;
mod phone;
mod when;

pub(crate) use groups::{Digits, Groups};

/// The rules of this family.
pub(super) const RULES: &[&[&crate::Rule]] =
    &[coded::RULES, internet::RULES, national::RULES, phone::RULES, when::RULES];

/// A run in the view: letters and digits of ASCII, from `start` to `end`.
pub(crate) struct Run {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) window: Window,
    /// The groups of digits that begin with it; none when it begins with a letter.
    pub(crate) groups: Digits,
    /// Whether a letter of ASCII stands where words are looked for.
    pub(crate) has_words: bool,
}

/// Bytes between a run and what it may be the rest of: a plus sign, a bracket.
const PREFIX_BYTES: usize = 4;
/// Bytes to the left that are searched for words that tell what a number is.
const CONTEXT_LEFT: usize = 72;
/// Bytes to the right.
const CONTEXT_RIGHT: usize = 24;
/// Bytes behind the start of a number within which it ends.
const NUMBER_BYTES_MAX: usize = 64;

/// Judges every run of the view.
pub(super) fn detect(view: &mut View<'_>) {
    let text = view.text;
    let mut at = 0;
    let (mut last_letter, mut next_letter) = (None, 0);
    while at < text.len() {
        let rest = text.get(at..).unwrap_or(&[]);
        let length = run(rest, |byte| byte.is_ascii_alphanumeric());
        if length == 0 {
            at += 1;
            continue;
        }
        let own = rest.get(..length).unwrap_or(&[]);
        let digits = own.iter().any(u8::is_ascii_digit);
        let (start, end) = (at, at + length);
        at = end;
        let spaced = length == 2 && view.at(end) == b' ' && view.at(end + 1).is_ascii_digit();
        if digits || spaced || (length <= 4 && view.at(end) == b':') {
            next_letter = next_letter.max(start);
            while text.get(next_letter).is_some_and(|byte| !byte.is_ascii_alphabetic()) {
                next_letter += 1;
            }
            let near = |last: usize| start - last <= CONTEXT_LEFT;
            let has_words = last_letter.is_some_and(near)
                || next_letter <= start + NUMBER_BYTES_MAX + CONTEXT_RIGHT;
            judge(view, start, end, has_words);
        }
        if let Some(letter) = own.iter().rposition(u8::is_ascii_alphabetic) {
            last_letter = Some(start + letter);
        }
    }
}

/// Judges one run; the first check that fits names it.
fn judge(view: &mut View<'_>, start: usize, end: usize, has_words: bool) {
    if view.before(start) == b'_' {
        return;
    }
    let window = view.window(start, PREFIX_BYTES);
    let groups = Digits::read(view, start, window.right);
    let run = Run { start, end: end.min(window.right), window, groups, has_words };
    let checks = [
        internet::v6,
        when::date,
        internet::v4,
        coded::card,
        coded::iban,
        national::shaped,
        national::in_context,
        coded::in_context,
        phone::phone,
    ];
    for check in checks {
        if check(view, &run) {
            return;
        }
    }
}

impl Run {
    pub(crate) fn text<'a>(&self, view: &View<'a>) -> &'a [u8] {
        view.slice(self.start, self.end)
    }

    /// Whether one of `words` stands near: before the run, or right behind `end`.
    pub(crate) fn near(&self, view: &View<'_>, end: usize, words: &Words) -> bool {
        let right = (end + CONTEXT_RIGHT).min(self.window.right);
        self.has_words && (self.after(view, words) || words.are_in(line(view.slice(end, right))))
    }

    /// Whether one of `words` stands before the run.
    pub(crate) fn after(&self, view: &View<'_>, words: &Words) -> bool {
        if !self.has_words {
            return false;
        }
        let left = self.start.saturating_sub(CONTEXT_LEFT).max(self.window.left);
        words.are_in(view.slice(left, self.start))
    }

    /// Whether the run stands by itself: no letter, digit or separator joins it to what is before.
    pub(crate) fn stands_apart(&self, view: &View<'_>) -> bool {
        let (last, second) = (view.before(self.start), view.before(self.start.saturating_sub(1)));
        let joined =
            matches!(last, b'-' | b'.' | b'/' | b':' | b',' | b'=' | b'#') && is_word(second);
        !joined || (last == b':' || last == b'=' || last == b'#')
    }
}

/// `text` up to its first line end.
fn line(text: &[u8]) -> &[u8] {
    text.get(..run(text, |byte| byte != b'\n')).unwrap_or(text)
}
