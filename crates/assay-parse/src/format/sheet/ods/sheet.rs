//! One sheet: its rows and where their cells stand.

use quick_xml::events::{BytesStart, Event};

use super::cell::{Cell, count};
use crate::format::sheet::cells::{Area, Cells};

/// A sheet in the making.
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) cells: Cells,
    /// Tables inside the sheet, as charts have them, are not part of it.
    pub(super) nested: usize,
    row: u32,
    row_repeats: u32,
    /// Number of cells before the row.
    row_start: usize,
    column: u32,
    cell: Option<Cell>,
    pub(super) notes: Vec<String>,
    is_full: bool,
}

impl Sheet {
    /// An empty sheet; one that `is_full` takes no cells.
    pub(super) fn new(name: String, is_full: bool, room: u32) -> Self {
        Self {
            name,
            cells: Cells::new(room),
            nested: 0,
            row: 0,
            row_repeats: 1,
            row_start: 0,
            column: 0,
            cell: None,
            notes: Vec::new(),
            is_full,
        }
    }

    /// Takes text.
    pub(super) fn text(&mut self, event: &Event<'_>) {
        if let Some(cell) = &mut self.cell {
            cell.text(event);
        }
    }

    pub(super) fn start(&mut self, name: &str, start: &BytesStart<'_>) {
        match name {
            "table:table-row" => {
                self.row_repeats = count(start, "table:number-rows-repeated");
                self.row_start = self.cells.len();
                self.column = 0;
            }
            "table:table-cell" | "table:covered-table-cell" => self.cell = Some(Cell::of(start)),
            name => {
                if let Some(cell) = &mut self.cell {
                    cell.start(name, start);
                }
            }
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        match name {
            "table:table-row" => {
                let last = self.row.saturating_add(self.row_repeats - 1);
                if !self.is_full {
                    self.is_full = !self.cells.repeat_row(self.row_start, last);
                }
                self.row = last.saturating_add(1);
            }
            "table:table-cell" | "table:covered-table-cell" => {
                if let Some(cell) = self.cell.take() {
                    self.add(cell);
                }
            }
            name => {
                if let Some(cell) = &mut self.cell {
                    cell.end(name);
                }
            }
        }
    }

    fn add(&mut self, cell: Cell) {
        let (row, column) = (self.row, self.column);
        self.column = column.saturating_add(cell.repeats);
        let text = cell.shown();
        if self.is_full || (text.trim().is_empty() && cell.note.is_empty()) {
            return;
        }
        if !cell.note.trim().is_empty() {
            self.notes.push(cell.note);
        }
        let before = self.cells.len();
        self.is_full = !self.cells.push(row, column, &text);
        if self.cells.len() == before {
            return;
        }
        if let Some(url) = cell.url {
            self.cells.link(row, column, url);
        }
        if cell.rows > 1 || cell.columns > 1 {
            let bottom = row.saturating_add(cell.rows - 1);
            let right = column.saturating_add(cell.columns - 1);
            self.cells.merge(Area { top: row, left: column, bottom, right });
        }
        if cell.repeats > 1 && !self.is_full {
            self.is_full = !self.cells.repeat(self.column - 1);
        }
    }
}
