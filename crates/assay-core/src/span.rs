//! Where in a document something stands.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{DocumentId, VersionId};

/// A half-open range of bytes in the text of a document version; both ends lie on character
/// boundaries. The text is limited to 4 GiB by [`crate::ParseLimits`], hence 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TextRange {
    /// First byte.
    pub start: u32,
    /// First byte after the range.
    pub end: u32,
}

impl TextRange {
    /// The range of `start..end`; empty at `start` when `end` is smaller.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let end = u32::try_from(end).unwrap_or(u32::MAX);
        Self { start, end: end.max(start) }
    }

    /// Number of bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether it holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The text of the range; empty when the range does not fit `text`.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(Range::from(self)).unwrap_or("")
    }

    /// Whether `other` lies wholly inside.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two share a byte.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The same range moved right by `offset` bytes.
    #[must_use]
    pub fn shifted(self, offset: u32) -> Self {
        Self { start: self.start.saturating_add(offset), end: self.end.saturating_add(offset) }
    }

    /// The range in characters (Unicode scalar values), which is what the API speaks: most
    /// languages index strings by character, none by UTF-8 byte.
    #[must_use]
    pub fn in_chars(self, text: &str) -> (usize, usize) {
        let before = text.get(..self.start as usize).unwrap_or(text);
        let start = before.chars().count();
        (start, start + self.of(text).chars().count())
    }
}

impl From<TextRange> for Range<usize> {
    fn from(range: TextRange) -> Self {
        range.start as usize..range.end as usize
    }
}

impl From<Range<usize>> for TextRange {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

/// A rectangle on a page, in points (1/72 inch) from the upper left corner of the page as shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageBox {
    /// Left edge.
    pub x0: f32,
    /// Upper edge.
    pub y0: f32,
    /// Right edge.
    pub x1: f32,
    /// Lower edge.
    pub y1: f32,
}

impl PageBox {
    /// The smallest box that holds both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }
}

/// Where in the original file something stands, for formats without pages: what a viewer needs to
/// show it there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// Cells of a spreadsheet.
    Cells {
        /// The name of the sheet.
        sheet: String,
        /// First and last cell as spreadsheets write them: `B2:F14`, or `B2` for one.
        range: String,
    },
    /// Bytes of the file, half-open.
    Bytes {
        /// First byte.
        start: u64,
        /// First byte after it.
        end: u64,
    },
    /// A part of a package, such as a chapter of a book.
    Part {
        /// Its path inside the package.
        path: String,
    },
}

impl Origin {
    /// The smallest place that holds both, where there is one.
    #[must_use]
    pub fn join(self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Bytes { start, end }, Self::Bytes { start: s, end: e }) => {
                Some(Self::Bytes { start: start.min(*s), end: end.max(*e) })
            }
            (own, other) if own == *other => Some(own),
            _ => None,
        }
    }
}

/// A place in one version of a document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The document.
    pub document: DocumentId,
    /// The version whose text the range counts in.
    pub version: VersionId,
    /// The range of the version's text.
    pub range: TextRange,
    /// The page, counted from 1, where the document has pages.
    pub page: Option<u32>,
    /// The rectangle of the enclosing block on that page.
    pub r#box: Option<PageBox>,
    /// Where it stands in the original, for formats without pages.
    pub origin: Option<Origin>,
}
