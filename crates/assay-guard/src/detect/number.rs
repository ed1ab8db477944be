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
}

/// Bytes between a run and what it may be the rest of: a plus sign, a bracket.
const PREFIX_BYTES: usize = 4;
/// Bytes to the left that are searched for words that tell what a number is.
const CONTEXT_LEFT: usize = 72;
/// Bytes to the right.
const CONTEXT_RIGHT: usize = 24;

/// Judges every run of the view.
pub(super) fn detect(view: &mut View<'_>) {
    let text = view.text;
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or(&[]);
        let length = run(rest, |byte| byte.is_ascii_alphanumeric());
        if length == 0 {
            at += 1;
            continue;
        }
        let digits = rest.iter().take(length).any(u8::is_ascii_digit);
        let (start, end) = (at, at + length);
        at = end;
        let spaced = length == 2 && view.at(end) == b' ' && view.at(end + 1).is_ascii_digit();
        if digits || spaced || (length <= 4 && view.at(end) == b':') {
            judge(view, start, end);
        }
    }
}

/// Judges one run; the first check that fits names it.
fn judge(view: &mut View<'_>, start: usize, end: usize) {
    if view.before(start) == b'_' {
        return;
    }
    let window = view.window(start, PREFIX_BYTES);
    let groups = Digits::read(view, start, window.right);
    let run = Run { start, end: end.min(window.right), window, groups };
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
        self.after(view, words)
            || words.are_in(line(view.slice(end, (end + CONTEXT_RIGHT).min(self.window.right))))
    }

    /// Whether one of `words` stands before the run.
    pub(crate) fn after(&self, view: &View<'_>, words: &Words) -> bool {
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
