//! Puts blocks into the canonical text and keeps its invariants.

use assay_core::{Origin, PageBox, ParseLimits, TextRange};

use crate::{
    Block, BlockKind, Link, MediaType, Metadata, Parsed, Problem, ProblemCode, SheetArea, Table,
    inline::Inline, language,
};

/// Where in the original a block stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    pub(crate) page: Option<u32>,
    pub(crate) bbox: Option<PageBox>,
    pub(crate) origin: Option<Origin>,
}

impl Place {
    /// Somewhere on a page or slide, counted from 1.
    pub(crate) fn page(number: u32) -> Self {
        Self { page: Some(number), ..Self::default() }
    }

    /// In some bytes of the file.
    pub(crate) fn bytes(range: std::ops::Range<usize>) -> Self {
        let origin = Origin::Bytes { start: range.start as u64, end: range.end as u64 };
        Self { origin: Some(origin), ..Self::default() }
    }
}

/// The cells of a table before they have a place in the text.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    pub(crate) header_rows: usize,
    pub(crate) rows: Vec<Vec<Inline>>,
    /// The name of the sheet and the place of the upper left cell in it (row, column, from 0).
    pub(crate) sheet: Option<(String, u32, u32)>,
}

/// A document in the making.
#[derive(Debug)]
pub(crate) struct Builder {
    text: String,
    blocks: Vec<Block>,
    links: Vec<Link>,
    problems: Vec<Problem>,
    text_bytes: usize,
    full: bool,
    /// The title that the file states.
    pub(crate) title: Option<String>,
    /// What else the file says about itself; its bounds are kept here.
    pub(crate) metadata: Metadata,
    /// Where blocks stand that state no place themselves.
    pub(crate) origin: Option<Origin>,
    /// Number of pages, for formats that have pages.
    pub(crate) pages: Option<u32>,
}

impl Builder {
    pub(crate) fn new(limits: &ParseLimits) -> Self {
        Self {
            text: String::new(),
            blocks: Vec::new(),
            links: Vec::new(),
            problems: Vec::new(),
            text_bytes: limits.text_bytes as usize,
            full: false,
            title: None,
            metadata: Metadata::default(),
            origin: None,
            pages: None,
        }
    }

    /// Whether the limit on text is reached, so that reading on is of no use.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    /// Records something that could not be read.
    pub(crate) fn problem(&mut self, code: ProblemCode, message: String, page: Option<u32>) {
        const MOST: usize = 1_000;
        if self.problems.len() < MOST {
            self.problems.push(Problem { code, message, page });
        }
    }

    /// Adds a block; blank text is left out unless it is a picture.
    pub(crate) fn block(&mut self, kind: BlockKind, inline: &Inline, place: Place) {
        let keep_indent = matches!(kind, BlockKind::Code { .. });
        let (skip, text) = trimmed(&inline.text, keep_indent);
        if text.is_empty() && kind != BlockKind::Picture {
            return;
        }
        let start = self.open_block(&kind, text.is_empty());
        let Some(text) = self.fit(text) else { return };
        self.text.push_str(text);
        self.add_links(inline, skip, start);
        self.close_block(kind, start, place);
    }

    /// Adds a table; rows and columns without any text are left out.
    pub(crate) fn table(&mut self, mut grid: Grid, place: Place) {
        let area = drop_empty(&mut grid);
        let header_rows = u32::try_from(grid.header_rows).unwrap_or(0);
        let mut table = Table { header_rows, area, ..Table::default() };
        for row in &grid.rows {
            if !self.table_row(&mut table, row) {
                break;
            }
        }
        self.close_table(table, place);
    }

    /// Adds a row to a table that [`Self::close_table`] ends, so that a large one is never held
    /// twice; the caller leaves out rows and columns without any text. Says no, and adds none, once
    /// the limit on text is reached.
    pub(crate) fn table_row(&mut self, table: &mut Table, row: &[Inline]) -> bool {
        // Two more for the break between blocks.
        let size: usize = row.iter().map(|cell| cell.text.len() + 3).sum::<usize>() + 2;
        if self.text.len() + size > self.text_bytes {
            self.overflow();
            return false;
        }
        if table.rows.is_empty() {
            self.open_block(&BlockKind::Table(Table::default()), false);
        } else {
            self.text.push('\n');
        }
        let row = self.row(row);
        table.rows.push(row);
        true
    }

    /// Ends a table; one without rows leaves nothing.
    pub(crate) fn close_table(&mut self, mut table: Table, place: Place) {
        let Some(start) = table.rows.first().and_then(|row| row.first()).map(|cell| cell.start)
        else {
            return;
        };
        let rows = table.rows.len();
        table.header_rows = table.header_rows.min(u32::try_from(rows).unwrap_or(u32::MAX));
        if let Some(area) = &mut table.area {
            area.rows.truncate(rows);
        }
        self.close_block(BlockKind::Table(table), start as usize, place);
    }

    /// The finished document.
    pub(crate) fn finish(self, media_type: MediaType) -> Parsed {
        let mut metadata = self.metadata.bounded();
        let stated = metadata.language.take();
        metadata.language = language::of_document(&self.text, &self.blocks, stated.as_deref());
        Parsed {
            media_type,
            title: self.title.map(|title| title.trim().to_owned()).filter(|t| !t.is_empty()),
            metadata,
            text: self.text,
            blocks: self.blocks,
            links: self.links,
            pages: self.pages,
            problems: self.problems,
        }
    }

    fn row(&mut self, row: &[Inline]) -> Vec<TextRange> {
        let mut cells = Vec::with_capacity(row.len());
        for (column, cell) in row.iter().enumerate() {
            if column > 0 {
                self.text.push_str(" | ");
            }
            let start = self.text.len();
            let (skip, text) = trimmed(&cell.text, false);
            // A cell is one line, so that a line of the text is a row; same length, so that the
            // links still fit.
            if text.contains('\n') {
                self.text.extend(text.chars().map(|c| if c == '\n' { ' ' } else { c }));
            } else {
                self.text.push_str(text);
            }
            self.add_links(cell, skip, start);
            cells.push(TextRange::new(start, self.text.len()));
        }
        cells
    }

    /// Puts the separator and gives the start of the new block.
    fn open_block(&mut self, kind: &BlockKind, is_empty: bool) -> usize {
        if let Some(last) = self.blocks.last()
            && !is_empty
            && !self.text.is_empty()
        {
            let is_item = |kind: &BlockKind| matches!(kind, BlockKind::ListItem { .. });
            let together = is_item(kind) && is_item(&last.kind);
            self.text.push_str(if together { "\n" } else { "\n\n" });
        }
        self.text.len()
    }

    fn close_block(&mut self, kind: BlockKind, start: usize, place: Place) {
        let range = TextRange::new(start, self.text.len());
        let Place { page, bbox, origin } = place;
        let origin = origin.or_else(|| self.origin.clone());
        self.blocks.push(Block { kind, range, page, bbox, origin });
    }

    /// As much of the text as the limit allows; none when that is nothing.
    fn fit<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let room = self.text_bytes.saturating_sub(self.text.len());
        if text.len() <= room {
            return Some(text);
        }
        self.overflow();
        let cut = text.get(..text.floor_char_boundary(room)).unwrap_or("").trim_end();
        (!cut.is_empty()).then_some(cut)
    }

    fn overflow(&mut self) {
        if !self.full {
            self.full = true;
            let message = format!("the text was cut at {} bytes", self.text_bytes);
            self.problem(ProblemCode::Limit, message, None);
        }
    }

    fn add_links(&mut self, inline: &Inline, skip: usize, start: usize) {
        for (range, url) in &inline.links {
            let place = |at: usize| (start + at.saturating_sub(skip)).min(self.text.len());
            let range = TextRange::new(place(range.start), place(range.end));
            let after_last = self.links.last().is_none_or(|last| last.range.end <= range.start);
            let on_boundary = !range.of(&self.text).is_empty();
            if on_boundary && after_last {
                self.links.push(Link { range, url: url.clone() });
            }
        }
    }
}

/// The text without blank edges, and how many bytes were cut off in front. With `keep_indent` the
/// white space that indents the first line stays.
fn trimmed(text: &str, keep_indent: bool) -> (usize, &str) {
    let text_end = text.trim_end();
    let body = text_end.trim_start();
    let mut skip = text_end.len() - body.len();
    if keep_indent {
        skip = text_end.get(..skip).and_then(|s| s.rfind('\n')).map_or(0, |at| at + 1);
    }
    (skip, text_end.get(skip..).unwrap_or(""))
}

/// Leaves out rows and columns without text; says where the others stand in the sheet.
fn drop_empty(grid: &mut Grid) -> Option<SheetArea> {
    let header_rows = grid.header_rows;
    let kept_rows: Vec<bool> = grid.rows.iter().map(|row| !is_blank(row)).collect();
    let kept_headers = grid.rows.iter().take(header_rows).filter(|row| !is_blank(row)).count();
    grid.rows.retain(|row| !is_blank(row));
    grid.header_rows = kept_headers;
    let columns = grid.rows.iter().map(Vec::len).max().unwrap_or(0);
    for row in &mut grid.rows {
        row.resize_with(columns, Inline::default);
    }
    let used: Vec<bool> = (0..columns)
        .map(|column| {
            grid.rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_blank()))
        })
        .collect();
    for row in &mut grid.rows {
        let mut used = used.iter();
        row.retain(|_| *used.next().unwrap_or(&false));
    }
    let (sheet, row, column) = grid.sheet.take()?;
    let places = |from: u32, kept: &[bool]| {
        (from..).zip(kept).filter(|(_, kept)| **kept).map(|(at, _)| at).collect()
    };
    Some(SheetArea { sheet, rows: places(row, &kept_rows), columns: places(column, &used) })
}

fn is_blank(row: &[Inline]) -> bool {
    row.iter().all(Inline::is_blank)
}
