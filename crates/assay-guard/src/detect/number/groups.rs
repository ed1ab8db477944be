//! Digits in groups, as people write long numbers.

use super::super::bytes::run;
use crate::view::View;

/// Digits of a number at most; what is longer is no number of a person.
const DIGITS_MAX: usize = 24;
/// Groups at most.
const GROUPS_MAX: usize = 8;

/// Groups of digits with one separator between each two.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    digits: List<u8, DIGITS_MAX>,
    /// Length of each group.
    pub(crate) lengths: List<usize, GROUPS_MAX>,
    /// The separator before each group but the first; a bracket counts before a space.
    pub(crate) separators: List<u8, GROUPS_MAX>,
    /// Where each group ends in the view.
    ends: List<usize, GROUPS_MAX>,
}

/// A short list that lies in place: every number of a text is read into some.
#[derive(Debug)]
pub(crate) struct List<T, const N: usize> {
    items: [T; N],
    count: usize,
}

impl<T: Copy + Default, const N: usize> Default for List<T, N> {
    fn default() -> Self {
        Self { items: [T::default(); N], count: 0 }
    }
}

impl<T: Copy, const N: usize> List<T, N> {
    fn push(&mut self, item: T) {
        if let Some(slot) = self.items.get_mut(self.count) {
            *slot = item;
            self.count += 1;
        }
    }
}

impl<T, const N: usize> std::ops::Deref for List<T, N> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.items.get(..self.count).unwrap_or(&[])
    }
}

impl Groups {
    /// Reads groups from `start` on, not beyond `right`.
    pub(crate) fn read(view: &View<'_>, start: usize, right: usize) -> Self {
        let mut groups = Self::default();
        let mut at = start;
        while groups.lengths.len() < GROUPS_MAX {
            let rest = view.slice(at, right);
            let length = run(rest, |byte| byte.is_ascii_digit());
            if length == 0 || groups.digits.len() + length > DIGITS_MAX {
                break;
            }
            for byte in rest.iter().take(length) {
                groups.digits.push(byte - b'0');
            }
            groups.lengths.push(length);
            at += length;
            groups.ends.push(at);
            let rest = view.slice(at, right);
            let Some((separator, width)) = separator(rest) else { break };
            groups.separators.push(separator);
            at += width;
        }
        groups.separators.count =
            groups.separators.count.min(groups.lengths.len().saturating_sub(1));
        groups
    }

    /// The digits of the first `groups` groups.
    pub(crate) fn digits(&self, groups: usize) -> &[u8] {
        let count: usize = self.lengths.iter().take(groups).sum();
        self.digits.get(..count).unwrap_or(&[])
    }

    /// Where the first `groups` groups end.
    pub(crate) fn end(&self, groups: usize) -> usize {
        groups.checked_sub(1).and_then(|last| self.ends.get(last)).copied().unwrap_or(0)
    }

    /// Whether the number begins with groups of these lengths, all with a separator of `allowed`.
    pub(crate) fn begins(&self, lengths: &[usize], allowed: &[u8]) -> bool {
        self.lengths.starts_with(lengths)
            && self.separators.iter().take(lengths.len() - 1).all(|s| allowed.contains(s))
    }
}

fn separator(text: &[u8]) -> Option<(u8, usize)> {
    let digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    let first = *text.first()?;
    match first {
        b' ' | b'-' | b'.' | b'/' if digit(1) => Some((first, 1)),
        b')' if digit(1) => Some((b')', 1)),
        b')' if matches!(text.get(1), Some(b' ' | b'-')) && digit(2) => Some((b')', 2)),
        b' ' if text.get(1) == Some(&b'(') && digit(2) => Some((b'(', 2)),
        b' ' if matches!(text.get(1), Some(b'-' | b'/'))
            && text.get(2) == Some(&b' ')
            && digit(3) =>
        {
            Some((b'-', 3))
        }
        _ => None,
    }
}
