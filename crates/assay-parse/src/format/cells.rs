//! Copies of cells that span several rows or columns, bounded.

use crate::{inline::Inline, parse::Input};

/// What a copy costs beside its text.
const COPY_BYTES: usize = 64;

/// Makes copies of cells until they would hold more than a whole document may.
#[derive(Debug)]
pub(crate) struct Copies {
    left: usize,
}

impl Copies {
    pub(crate) fn new(input: &Input) -> Self {
        Self { left: input.limits.text_bytes as usize }
    }

    /// A copy; none once there are too many.
    pub(crate) fn of(&mut self, cell: &Inline) -> Option<Inline> {
        let bytes = cell.text.len() + cell.links.len() * COPY_BYTES + COPY_BYTES;
        self.left = self.left.checked_sub(bytes)?;
        Some(cell.clone())
    }
}
