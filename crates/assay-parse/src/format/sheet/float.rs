//! What floats over the cells of a sheet.

use crate::{
    BlockKind,
    builder::{Builder, Place},
    format::{ooxml::chart, part::Element},
    inline::Inline,
};

/// Something with the cell under its upper left corner.
pub(super) struct Float {
    pub(super) row: u32,
    pub(super) column: u32,
    pub(super) content: Content,
}

/// What it is.
pub(super) enum Content {
    Text(String),
    Picture,
    /// The root of its part.
    Chart(Element),
}

impl Float {
    /// Adds its blocks.
    pub(super) fn add(self, out: &mut Builder) {
        let place = Place::default();
        match self.content {
            Content::Text(text) => {
                let mut inline = Inline::default();
                inline.push_raw(&text);
                out.block(BlockKind::Paragraph, &inline, place);
            }
            Content::Picture => out.block(BlockKind::Picture, &Inline::default(), place),
            Content::Chart(root) => chart::add(&root, &Place::default(), out),
        }
    }
}
