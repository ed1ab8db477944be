//! Tables whose cells are framed by lines: each text stands in the cell that the lines say.

mod lattice;
mod shade;

use std::collections::BTreeMap;

use self::lattice::Lattice;
use super::{
    block::{Raw, Shape},
    glyph::{Glyph, Rule, Shade, Upright},
    layout::{self, Context},
    line::{self, Line},
    paragraph,
};

/// Fewest cells with text, and least share of all: the grid of a chart or a form has fewer.
const FILLED_MIN: usize = 4;
const FILLED_SHARE: usize = 4;
/// So many lines in every cell of a row are rows that no line parts.
const HIDDEN_ROWS: usize = 3;

/// What may frame cells on a page.
pub(super) struct Lines<'a> {
    pub(super) strokes: &'a [Rule],
    pub(super) uprights: &'a [Upright],
    pub(super) shades: &'a [Shade],
}

/// Takes the tables of a page out of its glyphs.
pub(super) fn take(glyphs: &mut Vec<Glyph>, page: &Lines<'_>, context: &Context<'_>) -> Vec<Raw> {
    let mut tables = Vec::new();
    let (mut rules, mut uprights) = shade::edges(page.shades);
    rules.extend(page.strokes);
    uprights.extend(page.uprights);
    for lattice in lattice::lattices(&rules, &uprights) {
        let Some(table) = table(&lattice, glyphs, context) else { continue };
        let mut cells = table.cells.into_iter();
        glyphs.retain(|_| cells.next().flatten().is_none());
        tables.push(table.raw);
    }
    tables
}

/// Puts tables before the first block that stands lower and shares columns with them.
pub(super) fn place(tables: Vec<Raw>, blocks: &mut Vec<Raw>) {
    for table in tables {
        let is_below = |raw: &Raw| {
            let shares_columns = raw.bbox.x0 < table.bbox.x1 && raw.bbox.x1 > table.bbox.x0;
            shares_columns && raw.bbox.y0 >= table.bbox.y0
        };
        let at = blocks.iter().position(is_below).unwrap_or(blocks.len());
        blocks.insert(at, table);
    }
}

/// A table, and for each glyph of the page the cell that it stands in.
struct Found {
    raw: Raw,
    cells: Vec<Option<usize>>,
}

/// For each glyph the cell that it stands in; a word, which may reach over a line, is in one.
fn cells_of(lattice: &Lattice, glyphs: &[Glyph]) -> Vec<Option<usize>> {
    let goes_on = |a: &Glyph, b: &Glyph| {
        let gap = (b.x0 - a.x1).abs().min((a.x0 - b.x1).abs());
        let is_near = gap < 0.16 * a.size && (a.baseline - b.baseline).abs() < 0.1 * a.size;
        !a.blank && !b.blank && is_near
    };
    let mut cells = Vec::with_capacity(glyphs.len());
    for word in glyphs.chunk_by(goes_on) {
        let x0 = word.iter().map(|glyph| glyph.x0).fold(f32::INFINITY, f32::min);
        let x1 = word.iter().map(|glyph| glyph.x1).fold(f32::NEG_INFINITY, f32::max);
        let y = word.first().map_or(0.0, |glyph| glyph.baseline - 0.3 * glyph.size);
        let cell = lattice.cell((f32::midpoint(x0, x1), y));
        cells.extend(word.iter().map(|_| cell));
    }
    cells
}

/// The table of a lattice; none where its cells hold too little, or several rows each.
fn table(lattice: &Lattice, glyphs: &[Glyph], context: &Context<'_>) -> Option<Found> {
    let cells_of_glyphs = cells_of(lattice, glyphs);
    let mut by_cell: BTreeMap<usize, Vec<Glyph>> = BTreeMap::new();
    for (glyph, cell) in glyphs.iter().zip(&cells_of_glyphs) {
        if let Some(cell) = cell {
            by_cell.entry(*cell).or_default().push(glyph.clone());
        }
    }
    by_cell.retain(|_, glyphs| glyphs.iter().any(|glyph| !glyph.blank));
    let cells = lattice.cell_count();
    if by_cell.len() < FILLED_MIN || by_cell.len() * FILLED_SHARE < cells {
        return None;
    }
    let size = line::median(
        by_cell.values().flatten().filter(|glyph| !glyph.blank).map(|glyph| glyph.size),
    )?;
    let by_cell: BTreeMap<usize, Vec<Line>> =
        by_cell.into_iter().map(|(cell, glyphs)| (cell, lines(glyphs, context))).collect();
    if hides_rows(lattice, &by_cell) {
        return None;
    }
    let text = |cell: usize| {
        let mut text = String::new();
        let lines = by_cell.get(&cell).into_iter().flatten();
        lines.for_each(|line| paragraph::push_line(&mut text, &line.text));
        text
    };
    let mut rows: Vec<Vec<String>> =
        lattice.rows().map(|row| row.iter().map(|cell| text(*cell)).collect()).collect();
    if context.rtl {
        rows.iter_mut().for_each(|row| row.reverse());
    }
    let raw = Raw {
        shape: Shape::Table(rows),
        text: String::new(),
        size,
        bold: false,
        lines: 0,
        gap: 0.0,
        bbox: lattice.bbox(),
        page: context.page,
    };
    Some(Found { raw, cells: cells_of_glyphs })
}

/// The lines of a cell from top to bottom.
fn lines(glyphs: Vec<Glyph>, context: &Context<'_>) -> Vec<Line> {
    let mut lines = line::lines(glyphs);
    lines.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let bands = layout::bands(lines);
    bands.into_iter().filter_map(|band| layout::joined(band, context.rtl)).collect()
}

/// Whether some row of the lattice holds the same number of lines in all its cells, so that only
/// its head and its foot are ruled.
fn hides_rows(lattice: &Lattice, by_cell: &BTreeMap<usize, Vec<Line>>) -> bool {
    lattice.rows().any(|row| {
        let mut cells = row.to_vec();
        cells.dedup();
        let counts: Vec<usize> =
            cells.iter().filter_map(|cell| by_cell.get(cell)).map(Vec::len).collect();
        counts.len() > 1
            && counts.iter().all(|count| *count >= HIDDEN_ROWS && Some(count) == counts.first())
    })
}
