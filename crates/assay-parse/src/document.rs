//! What parsing gives: the canonical text, the blocks that cut it up, and what went wrong.

use assay_core::{Origin, PageBox, TextRange};
use serde::{Deserialize, Serialize};

use crate::{MediaType, Metadata};

/// A parsed document.
///
/// `text` is what every range counts in. Blocks are in reading order, do not overlap, and their
/// ranges lie on character boundaries of `text`; only [`BlockKind::Picture`] may be empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parsed {
    /// The format found.
    pub media_type: MediaType,
    /// The title that the file states, not guessed.
    pub title: Option<String>,
    /// What else the file says about itself.
    #[serde(default)]
    pub metadata: Metadata,
    /// The canonical text.
    pub text: String,
    /// The blocks of the text.
    pub blocks: Vec<Block>,
    /// Hyperlinks, in order and without overlap.
    pub links: Vec<Link>,
    /// Number of pages, for formats that have pages.
    pub pages: Option<u32>,
    /// Parts that could not be read.
    pub problems: Vec<Problem>,
}

/// A file inside a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path inside, with `/` between names and without `..`; unique among its siblings.
    pub path: String,
    /// Its type as the container says it.
    pub media_type: Option<String>,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A piece of the text with one role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Its role.
    pub kind: BlockKind,
    /// Where it stands in the text.
    pub range: TextRange,
    /// The page it starts on, counted from 1.
    pub page: Option<u32>,
    /// Its box on that page.
    pub bbox: Option<PageBox>,
    /// Where it stands in the original, for text formats and packages. Bytes are those of the file
    /// before decoding; they are exact for UTF-8, UTF-16, UTF-32 and encodings with one byte a
    /// character, and left out for others. A table of a spreadsheet says
    /// so itself in [`Table::area`].
    pub origin: Option<Origin>,
}

/// The role of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// Opens a section.
    Heading {
        /// 1 for the outermost.
        level: u8,
    },
    /// Running text.
    Paragraph,
    /// One item of a list, without the items nested in it.
    ListItem {
        /// 0 for the outermost list.
        depth: u8,
        /// Whether the items are counted; the number then opens the text of the block.
        ordered: bool,
    },
    /// Rows of cells: one line a row, cells joined by ` | `.
    Table(Table),
    /// Program text or other text whose line breaks and spaces matter.
    Code {
        /// The language, where stated.
        language: Option<String>,
    },
    /// A formula on a line of its own, in LaTeX.
    Formula,
    /// Quoted text.
    Quote,
    /// The caption of a picture or table.
    Caption,
    /// A note at the foot of a page or the end of the document.
    Footnote,
    /// A picture; the text is what stands for it, often nothing.
    Picture,
    /// Links that lead through a site; left out of passages.
    Navigation,
    /// Header, footer or page number; left out of passages and of Markdown.
    PageFurniture,
}

impl BlockKind {
    /// Whether the block is content of the document, not a part of its packaging.
    #[must_use]
    pub const fn is_content(&self) -> bool {
        !matches!(self, Self::Navigation | Self::PageFurniture)
    }
}

/// Where the cells of a table block stand. A cell that spans rows or columns is repeated in each,
/// so that every row reads alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// How many rows at the top name the columns.
    pub header_rows: u32,
    /// Ranges of the cells in the text of the document, row by row.
    pub rows: Vec<Vec<TextRange>>,
    /// Where the cells stand in a spreadsheet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<SheetArea>,
    /// For a file of delimited text: the byte of the original at which each row starts, then the
    /// first byte after the last row. Empty where that is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub row_starts: Vec<u64>,
}

impl Table {
    /// Where the rows `first..=last` stand in the original, if the table knows.
    #[must_use]
    pub fn origin(&self, first: usize, last: usize) -> Option<Origin> {
        match &self.area {
            Some(area) => area.origin(first, last),
            None => {
                let (start, end) = (self.row_starts.get(first)?, self.row_starts.get(last + 1)?);
                Some(Origin::Bytes { start: *start, end: *end })
            }
        }
    }
}

/// The cells of a spreadsheet that a table was read from. Rows and columns without content are
/// left out of tables, hence the lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SheetArea {
    /// The name of the sheet.
    pub sheet: String,
    /// For each row of the table, its row in the sheet, counted from 0.
    pub rows: Vec<u32>,
    /// For each column of the table, its column in the sheet, counted from 0.
    pub columns: Vec<u32>,
}

impl SheetArea {
    /// Where the rows `first..=last` of the table stand.
    #[must_use]
    pub fn origin(&self, first: usize, last: usize) -> Option<Origin> {
        let corner = |row: Option<&u32>, column: Option<&u32>| Some(cell_name(*row?, *column?));
        let from = corner(self.rows.get(first), self.columns.first())?;
        let to = corner(self.rows.get(last), self.columns.last())?;
        let range = if from == to { from } else { format!("{from}:{to}") };
        Some(Origin::Cells { sheet: self.sheet.clone(), range })
    }
}

/// A cell as spreadsheets write it: column 27, row 4 is `AB5`.
fn cell_name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + (rest % 26) as u8));
        rest /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

/// A hyperlink.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The text that is linked.
    pub range: TextRange,
    /// The target as written in the file; may be relative.
    pub url: String,
}

/// Something that could not be read while the rest was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem.
    pub code: ProblemCode,
    /// For a person: what is missing and why.
    pub message: String,
    /// The page, where one is concerned.
    pub page: Option<u32>,
}

/// Kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// A page or part is damaged.
    Damaged,
    /// A limit was reached; what lies beyond was not read.
    Limit,
    /// The page holds no text, probably a scan.
    NoText,
    /// Bytes that do not fit the encoding were replaced.
    Encoding,
    /// The font does not say which characters its glyphs mean.
    UnmappedGlyphs,
    /// The text was recognised in a picture, with little confidence.
    Doubtful,
}
