//! Digits in groups, as people write long numbers.

use crate::view::View;

/// Digits of a number at most; what is longer is no number of a person.
const DIGITS_MAX: u8 = 24;
/// Groups at most.
const GROUPS_MAX: usize = 8;
/// Bytes that are read at most.
const BYTES_MAX: usize = 40;

/// What was read: every number of a text is, so it lies in place.
#[derive(Debug)]
pub(crate) struct Digits {
    /// Where the first group starts in the view.
    start: usize,
    /// The digits of all groups, as values.
    digits: [u8; BYTES_MAX],
    shape: Shape,
}

/// Lengths of groups and what stands between them.
#[derive(Debug, Clone, Copy, Default)]
struct Shape {
    count: usize,
    lengths: [u8; GROUPS_MAX],
    /// Where each group ends, from the start on.
    ends: [u8; GROUPS_MAX],
    /// The separator before each group; nothing before the first.
    separators: [u8; GROUPS_MAX],
}

/// Groups of digits with one separator between each two.
#[derive(Debug)]
pub(crate) struct Groups<'d> {
    read: &'d Digits,
    shape: Shape,
}

impl Digits {
    /// Reads groups from `start` on, not beyond `right`; the last one may make the digits too many.
    pub(super) fn read(view: &View<'_>, start: usize, right: usize) -> Self {
        let mut all = Self { start, digits: [0; BYTES_MAX], shape: Shape::default() };
        let text = view.slice(start, right.min(start + BYTES_MAX));
        let (mut at, mut digits, mut before) = (0, 0, 0);
        while all.shape.count < GROUPS_MAX && digits <= usize::from(DIGITS_MAX) {
            let from = at;
            while let Some(digit) = text.get(at).filter(|byte| byte.is_ascii_digit()) {
                if let Some(to) = all.digits.get_mut(digits) {
                    *to = digit - b'0';
                }
                (at, digits) = (at + 1, digits + 1);
            }
            if at == from {
                break;
            }
            let small = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
            all.shape.push(small(at - from), small(at), before);
            let Some((separator, width)) = separator(text.get(at..).unwrap_or(&[])) else { break };
            (before, at) = (separator, at + width);
        }
        all
    }

    /// What is read within so many bytes, up to a group with which the digits were too many.
    pub(crate) fn within(&self, bytes: usize) -> Groups<'_> {
        let reach = u8::try_from(bytes).unwrap_or(u8::MAX);
        let mut shape = self.shape;
        let (mut digits, mut count) = (0, 0);
        for (length, end) in shape.lengths.iter_mut().zip(&mut shape.ends).take(shape.count) {
            let from = *end - *length;
            let within = (*end).min(reach).saturating_sub(from);
            if within == 0 || digits + within > DIGITS_MAX {
                break;
            }
            digits += within;
            count += 1;
            (*length, *end) = (within, from + within);
        }
        shape.count = count;
        Groups { read: self, shape }
    }
}

impl Shape {
    fn push(&mut self, length: u8, end: u8, separator: u8) {
        let slots = (self.lengths.get_mut(self.count), self.ends.get_mut(self.count));
        if let ((Some(lengths), Some(ends)), Some(separators)) =
            (slots, self.separators.get_mut(self.count))
        {
            (*lengths, *ends, *separators) = (length, end, separator);
            self.count += 1;
        }
    }
}

impl Groups<'_> {
    /// Length of each group.
    pub(crate) fn lengths(&self) -> &[u8] {
        self.shape.lengths.get(..self.shape.count).unwrap_or(&[])
    }

    /// The separator before each group but the first; a bracket counts before a space.
    pub(crate) fn separators(&self) -> &[u8] {
        self.shape.separators.get(1..self.shape.count).unwrap_or(&[])
    }

    /// The digits of the first `groups` groups.
    pub(crate) fn digits(&self, groups: usize) -> &[u8] {
        let count: usize =
            self.lengths().iter().take(groups).map(|&length| usize::from(length)).sum();
        self.read.digits.get(..count).unwrap_or(&[])
    }

    /// Where the first `groups` groups end in the view; 0 when there are not so many.
    pub(crate) fn end(&self, groups: usize) -> usize {
        let ends = self.shape.ends.get(..self.shape.count).unwrap_or(&[]);
        let last = groups.checked_sub(1).and_then(|last| ends.get(last));
        last.map_or(0, |&end| self.read.start + usize::from(end))
    }

    /// Whether the number begins with groups of these lengths, all with a separator of `allowed`.
    pub(crate) fn begins(&self, lengths: &[u8], allowed: &[u8]) -> bool {
        self.lengths().starts_with(lengths)
            && self.separators().iter().take(lengths.len() - 1).all(|s| allowed.contains(s))
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
