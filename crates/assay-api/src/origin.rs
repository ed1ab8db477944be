//! Where in the original file something stands.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A place in the original file, for formats without pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Origin {
    /// Cells of a spreadsheet.
    Cells {
        /// The name of the sheet.
        sheet: String,
        /// First and last cell: `B2:F14`, or `B2` for one.
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
