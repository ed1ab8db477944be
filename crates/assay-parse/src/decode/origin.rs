//! From places in decoded text back to bytes of the file.

use std::ops::Range;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Decoded, UTF_32};
use crate::builder::Place;

/// Bytes of text between places that are known beforehand.
const STEP: usize = 1 << 10;

/// Maps ranges of decoded text to ranges of the file.
///
/// This is exact for UTF-8, UTF-16, UTF-32 and encodings with one byte a character. Of other
/// encodings (Shift_JIS, GBK and the like), and where bytes had to be replaced, nothing is said.
#[derive(Debug)]
pub(crate) struct Origins<'a> {
    text: &'a str,
    width: Option<Width>,
    mark: usize,
    /// How many bytes of the file the text up to each step takes; steps end between characters.
    steps: Vec<usize>,
}

/// How many bytes of the file a character takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Utf8,
    Utf16,
    Utf32,
    One,
}

impl<'a> Origins<'a> {
    pub(super) fn new(decoded: &'a Decoded<'_>) -> Self {
        let width = width(decoded.encoding).filter(|_| !decoded.lossy);
        let mut origins =
            Self { text: &decoded.text, width, mark: decoded.mark, steps: Vec::new() };
        if let Some(width) = width.filter(|width| *width != Width::Utf8) {
            let mut bytes = 0;
            for start in (0..origins.text.len()).step_by(STEP) {
                origins.steps.push(bytes);
                bytes += width.of(origins.between(start, start + STEP));
            }
        }
        origins
    }

    /// The place of a range of the text.
    pub(crate) fn place(&self, range: Range<usize>) -> Place {
        let bytes = |at: usize| match self.width? {
            Width::Utf8 => Some(self.mark + at),
            width => {
                let step = at / STEP;
                let known = self.steps.get(step).or_else(|| self.steps.last());
                let start = step.min(self.steps.len().saturating_sub(1)) * STEP;
                Some(self.mark + known.unwrap_or(&0) + width.of(self.between(start, at)))
            }
        };
        match (bytes(range.start), bytes(range.end)) {
            (Some(start), Some(end)) => Place::bytes(start..end),
            _ => Place::default(),
        }
    }

    /// The place of pieces of the text, from the first to the last.
    pub(crate) fn of_pieces(&self, pieces: &[&str]) -> Place {
        let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else {
            return Place::default();
        };
        let offset = |piece: &str| piece.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        self.place(offset(first)..offset(last) + last.len())
    }

    /// The text between two places, each moved down to the nearest character.
    fn between(&self, start: usize, end: usize) -> &str {
        let boundary = |at: usize| self.text.floor_char_boundary(at);
        self.text.get(boundary(start)..boundary(end)).unwrap_or_default()
    }
}

impl Width {
    fn of(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.chars().map(|c| 2 * c.len_utf16()).sum(),
            Self::Utf32 => 4 * text.chars().count(),
            Self::One => text.chars().count(),
        }
    }
}

fn width(encoding: &str) -> Option<Width> {
    let known = Encoding::for_label(encoding.as_bytes());
    match known {
        _ if encoding == UTF_32 => Some(Width::Utf32),
        Some(encoding) if encoding == UTF_8 => Some(Width::Utf8),
        Some(encoding) if encoding == UTF_16LE || encoding == UTF_16BE => Some(Width::Utf16),
        Some(encoding) if encoding.is_single_byte() => Some(Width::One),
        _ => None,
    }
}
