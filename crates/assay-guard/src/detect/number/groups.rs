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
    digits: Vec<u8>,
    /// Length of each group.
    pub(crate) lengths: Vec<usize>,
    /// The separator before each group but the first; a bracket counts before a space.
    pub(crate) separators: Vec<u8>,
    /// Where each group ends in the view.
    ends: Vec<usize>,
}

impl Groups {
    /// Reads groups from `start` on, not beyond `right`.
    pub(crate) fn read(view: &View<'_, '_>, start: usize, right: usize) -> Self {
        let mut groups = Self::default();
        let mut at = start;
        while groups.lengths.len() < GROUPS_MAX {
            let rest = view.slice(at, right);
            let length = run(rest, |byte| byte.is_ascii_digit());
            if length == 0 || groups.digits.len() + length > DIGITS_MAX {
                break;
            }
            groups.digits.extend(rest.iter().take(length).map(|byte| byte - b'0'));
            groups.lengths.push(length);
            at += length;
            groups.ends.push(at);
            let rest = view.slice(at, right);
            let Some((separator, width)) = separator(rest) else { break };
            groups.separators.push(separator);
            at += width;
        }
        groups.separators.truncate(groups.lengths.len().saturating_sub(1));
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
