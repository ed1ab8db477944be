//! Rows of text with gutters to the cells of a table.

use assay_core::PageBox;

use super::{
    block::{Raw, Shape},
    layout::{Band, Context, gutters, without},
    line::{self, Line},
};

/// Narrowest gutter between the columns of a table, in font sizes. Pieces of a row lie further
/// apart, but a wide heading may reach nearly over the gutter.
const CELL_GUTTER: f32 = 0.3;
/// A rule that parts rows is at least this share of the width of the table.
const RULE_SHARE: f32 = 0.6;

/// A table block of rows from top to bottom; none of nothing.
pub(super) fn table(rows: Vec<Band>, context: &Context<'_>) -> Option<Raw> {
    let rows: Vec<Band> = rows.into_iter().map(parted).collect();
    let bbox = rows.iter().flatten().map(Line::bbox).reduce(PageBox::union)?;
    let size = line::median(rows.iter().flatten().map(|line| line.size))?;
    let strips = strips(&rows, bbox, context);
    let free = rows.iter().fold(vec![(f32::NEG_INFINITY, f32::INFINITY)], |free, row| {
        without(&free, row, CELL_GUTTER * size)
    });
    let cuts: Vec<f32> =
        gutters(&free).iter().map(|(start, end)| f32::midpoint(*start, *end)).collect();
    let mut cells: Vec<Vec<String>> = Vec::new();
    let mut last: Option<(f32, usize)> = None;
    for (row, strip) in rows.into_iter().zip(strips.iter().copied().chain(std::iter::repeat(0))) {
        let baseline = row.first().map_or(0.0, |line| line.baseline);
        let line = cells_of(row, &cuts);
        let goes_on = last.is_some_and(|(above, last_strip)| match strips.is_empty() {
            false => strip == last_strip,
            // Without text in the first column, a row close below goes on with the one above.
            true => baseline - above < 1.35 * size && line.first().is_some_and(String::is_empty),
        });
        match cells.last_mut() {
            Some(above) if goes_on => {
                for (cell, more) in above.iter_mut().zip(&line) {
                    push_word(cell, more);
                }
            }
            _ => cells.push(line),
        }
        last = Some((baseline, strip));
    }
    if context.rtl {
        cells.iter_mut().for_each(|row| row.reverse());
    }
    Some(Raw {
        shape: Shape::Table(cells),
        text: String::new(),
        size,
        bold: false,
        lines: 0,
        gap: 0.0,
        bbox,
        page: context.page,
    })
}

/// For each row, the strip between ruling lines that it stands in. Empty where the rules do not
/// part single rows: many tables have but one, below the head.
fn strips(rows: &[Band], bbox: PageBox, context: &Context<'_>) -> Vec<usize> {
    let is_across =
        |x0: f32, x1: f32| x1.min(bbox.x1) - x0.max(bbox.x0) >= RULE_SHARE * (bbox.x1 - bbox.x0);
    let rules: Vec<f32> = context
        .rules
        .iter()
        .filter(|rule| is_across(rule.x0, rule.x1))
        .map(|rule| rule.y)
        .collect();
    let strips: Vec<usize> = rows
        .iter()
        .map(|row| {
            let middle = row.first().map_or(0.0, |line| line.baseline - 0.3 * line.size);
            rules.iter().filter(|y| **y < middle).count()
        })
        .collect();
    let mut different = strips.clone();
    different.dedup();
    let parts_rows = different.len() >= 3 && different.len() * 4 >= rows.len();
    if parts_rows { strips } else { Vec::new() }
}

/// The pieces of a row, at narrower gaps than those of running text.
fn parted(row: Band) -> Band {
    let parts = |line: Line| if line.parts.is_empty() { vec![line] } else { line.parts };
    row.into_iter().flat_map(parts).collect()
}

/// The texts of a row by column.
fn cells_of(mut row: Band, cuts: &[f32]) -> Vec<String> {
    row.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut cells = vec![String::new(); cuts.len() + 1];
    for piece in row {
        let column = cuts.iter().filter(|cut| **cut < piece.x0).count();
        if let Some(cell) = cells.get_mut(column) {
            push_word(cell, &piece.text);
        }
    }
    cells
}

fn push_word(cell: &mut String, word: &str) {
    if !cell.is_empty() && !word.is_empty() {
        cell.push(' ');
    }
    cell.push_str(word);
}
