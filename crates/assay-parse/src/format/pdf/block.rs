//! A block of a page before its role is known.

use assay_core::PageBox;

/// What a block is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Text,
    /// Cells by row.
    Table(Vec<Vec<String>>),
    Picture,
    /// Repeated on other pages, or a page number.
    Furniture,
    /// A note at the foot of the page.
    Footnote,
}

/// A block of a page.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    pub(super) shape: Shape,
    pub(super) text: String,
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Number of lines.
    pub(super) lines: usize,
    /// Space above, in font sizes; large at the top of a column.
    pub(super) gap: f32,
    pub(super) bbox: PageBox,
    pub(super) page: u32,
}

/// The blocks of a page in reading order.
#[derive(Debug)]
pub(super) struct PageBlocks {
    pub(super) number: u32,
    pub(super) height: f32,
    pub(super) blocks: Vec<Raw>,
}
