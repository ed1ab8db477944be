//! The cells of a sheet that hold text, however far apart they stand.

use std::collections::HashMap;

use crate::inline::Inline;

/// Columns and rows that spreadsheets have at most.
pub(super) const COLUMNS_MAX: u32 = 16_384;
pub(super) const ROWS_MAX: u32 = 1_048_576;

/// The cells of one sheet. What stands in between costs nothing.
#[derive(Debug)]
pub(super) struct Cells {
    text: String,
    cells: Vec<Cell>,
    spans: Vec<Area>,
    links: HashMap<(u32, u32), String>,
    /// Text that the sheet may still add to the document.
    room: usize,
    scratch: Inline,
}

/// A cell: its place, counted from 0, and where its text is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    pub(super) row: u32,
    pub(super) column: u32,
    start: u32,
    end: u32,
}

/// Cells from one corner to the other, both included.
#[derive(Debug, Clone, Copy)]
pub(super) struct Area {
    pub(super) top: u32,
    pub(super) left: u32,
    pub(super) bottom: u32,
    pub(super) right: u32,
}

impl Cells {
    /// No cells yet; `room` is the most text that is of use.
    pub(super) fn new(room: u32) -> Self {
        Self {
            text: String::new(),
            cells: Vec::new(),
            spans: Vec::new(),
            links: HashMap::new(),
            room: room as usize,
            scratch: Inline::default(),
        }
    }

    /// Adds a cell unless it is blank or outside of any sheet. Says no once the limit on text is
    /// passed.
    pub(super) fn push(&mut self, row: u32, column: u32, text: &str) -> bool {
        self.scratch.text.clear();
        self.scratch.push_raw(text);
        let text = self.scratch.text.trim();
        if text.is_empty() || row >= ROWS_MAX || column >= COLUMNS_MAX {
            return true;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(self.text.len())) else {
            return false;
        };
        self.cells.push(Cell { row, column, start, end });
        self.take(text_cost(end - start))
    }

    /// Repeats the last cell in the columns up to `last`.
    pub(super) fn repeat(&mut self, last: u32) -> bool {
        let Some(cell) = self.cells.last().copied() else { return true };
        (cell.column + 1..=last.min(COLUMNS_MAX - 1)).all(|column| {
            self.cells.push(Cell { column, ..cell });
            self.take(text_cost(cell.end - cell.start))
        })
    }

    /// Repeats the cells from `first` on, which are one row, in the rows up to `last`.
    pub(super) fn repeat_row(&mut self, first: usize, last: u32) -> bool {
        let Some(row) = self.cells.get(first..).filter(|row| !row.is_empty()) else { return true };
        let row = row.to_vec();
        let start = row.first().map_or(0, |cell| cell.row);
        (start + 1..=last.min(ROWS_MAX - 1)).all(|at| {
            row.iter().all(|cell| {
                self.cells.push(Cell { row: at, ..*cell });
                self.take(text_cost(cell.end - cell.start))
            })
        })
    }

    /// Merges cells: all of them get the text of the upper left one.
    pub(super) fn merge(&mut self, area: Area) {
        self.spans.push(area);
    }

    /// Links a cell.
    pub(super) fn link(&mut self, row: u32, column: u32, url: String) {
        self.links.insert((row, column), url);
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Puts the cells in order, one at each place, and fills merged ones; to be called once, when
    /// all are there.
    pub(super) fn finish(&mut self) {
        let place = |cell: &Cell| (cell.row, cell.column);
        if !self.cells.is_sorted_by_key(place) {
            self.cells.sort_by_key(place);
        }
        // Of two values at one place the later is the valid one, as in the programs.
        self.cells.reverse();
        self.cells.dedup_by_key(|cell| place(cell));
        self.cells.reverse();
        let bottom = self.cells.last().map_or(0, |cell| cell.row);
        let right = self.cells.iter().map(|cell| cell.column).max().unwrap_or(0);
        let mut filled = Vec::new();
        for span in std::mem::take(&mut self.spans) {
            let Some(first) = self.row(span.top, span.left, span.left).next().copied() else {
                continue;
            };
            // Beyond the last cell of the sheet nothing is to be filled: whole rows may be merged.
            let columns = span.left..=span.right.min(right);
            let places = (span.top..=span.bottom.min(bottom))
                .flat_map(|row| columns.clone().map(move |column| (row, column)));
            for (row, column) in places.skip(1) {
                if !self.take(text_cost(first.end - first.start)) {
                    break;
                }
                filled.push(Cell { row, column, ..first });
            }
        }
        // Where a place is taken, its own cell comes first and stays.
        self.cells.append(&mut filled);
        self.cells.sort_by_key(place);
        self.cells.dedup_by_key(|cell| place(cell));
    }

    /// All cells in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Cell> {
        self.cells.iter()
    }

    /// The cells of a row from one column to another, in order.
    pub(super) fn row(&self, row: u32, left: u32, right: u32) -> impl Iterator<Item = &Cell> {
        let first = self.cells.partition_point(|cell| (cell.row, cell.column) < (row, left));
        let rest = self.cells.get(first..).unwrap_or_default();
        rest.iter().take_while(move |cell| cell.row == row && cell.column <= right)
    }

    /// The text of a cell.
    pub(super) fn text(&self, cell: &Cell) -> &str {
        self.text.get(cell.start as usize..cell.end as usize).unwrap_or_default()
    }

    /// The text of a cell with its link.
    pub(super) fn inline(&self, cell: &Cell) -> Inline {
        let mut inline = Inline::plain(self.text(cell));
        if let Some(url) = self.links.get(&(cell.row, cell.column)) {
            inline.links.push((0..inline.text.len(), url.clone()));
        }
        inline
    }

    /// Whether the limit on text is passed.
    pub(super) fn is_full(&self) -> bool {
        self.room == 0
    }

    fn take(&mut self, cost: usize) -> bool {
        self.room = self.room.saturating_sub(cost);
        self.room > 0
    }
}

/// What a cell adds to the document: its text and a separator.
fn text_cost(text: u32) -> usize {
    text as usize + 3
}
