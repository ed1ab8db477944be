//! Lines that cross to the cells between them.

use std::collections::BTreeMap;

use assay_core::PageBox;

use super::super::glyph::{Rule, Upright};

/// Lines nearer than this are one, in points; so far may an end be from the line it meets.
const SAME: f32 = 3.0;
/// Half of the widest gap between the pieces of a line, in points.
const GAP: f32 = 1.5;
/// Most cells of a lattice; more are hatching.
const CELLS_MAX: usize = 10_000;

/// Rows and columns of cells. Places of the grid that no line parts are one cell.
pub(super) struct Lattice {
    /// Where columns and rows begin, and the last one ends.
    xs: Vec<f32>,
    ys: Vec<f32>,
    /// The cell of each place, row by row.
    cells: Vec<usize>,
}

impl Lattice {
    /// The lattice of lines that hang together; none of fewer than two rows and columns.
    fn of(rules: &[Rule], uprights: &[Upright]) -> Option<Self> {
        let xs = clustered(uprights.iter().map(|v| v.x).chain(ends(rules, |h| [h.x0, h.x1])));
        let ys = clustered(rules.iter().map(|h| h.y).chain(ends(uprights, |v| [v.y0, v.y1])));
        let (columns, rows) = (xs.len().checked_sub(1)?, ys.len().checked_sub(1)?);
        if columns < 2 || rows < 2 || columns.checked_mul(rows)? > CELLS_MAX {
            return None;
        }
        let mut sets = Sets((0..rows * columns).collect());
        let uprights = by_line(&xs, uprights, |v| v.x);
        let rules = by_line(&ys, rules, |h| h.y);
        for row in 0..rows {
            for column in 0..columns {
                let place = row * columns + column;
                let (x, y) = (between(&xs, column), between(&ys, row));
                let is_parted = |lines: Option<&Vec<&Upright>>| {
                    lines.into_iter().flatten().any(|v| v.y0 - GAP <= y && y <= v.y1 + GAP)
                };
                if column + 1 < columns && !is_parted(uprights.get(column + 1)) {
                    sets.join(place, place + 1);
                }
                let is_parted = |lines: Option<&Vec<&Rule>>| {
                    lines.into_iter().flatten().any(|h| h.x0 - GAP <= x && x <= h.x1 + GAP)
                };
                if row + 1 < rows && !is_parted(rules.get(row + 1)) {
                    sets.join(place, place + columns);
                }
            }
        }
        let cells = (0..rows * columns).map(|place| sets.first(place)).collect();
        let own = Self { xs, ys, cells }.without_phantoms()?;
        own.has_boxes().then_some(own)
    }

    /// Whether all cells are rectangles: lines that leave other shapes are no table.
    fn has_boxes(&self) -> bool {
        // For each cell its first and last column and row, and how many places it has.
        let mut bounds: BTreeMap<usize, ([usize; 4], usize)> = BTreeMap::new();
        for (row, cells) in self.rows().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let start = ([column, column, row, row], 0);
                let ([left, right, top, bottom], places) = bounds.entry(*cell).or_insert(start);
                (*left, *right) = ((*left).min(column), (*right).max(column));
                (*top, *bottom) = ((*top).min(row), (*bottom).max(row));
                *places += 1;
            }
        }
        bounds.values().all(|([left, right, top, bottom], places)| {
            (right - left + 1) * (bottom - top + 1) == *places
        })
    }

    /// Without rows and columns that no line parts from the one before: a line that ends within a
    /// cell makes such.
    fn without_phantoms(self) -> Option<Self> {
        let columns = self.columns();
        let rows: Vec<&[usize]> = self.cells.chunks(columns.max(1)).collect();
        let column = |at: usize| rows.iter().map(move |row| row.get(at));
        let is_new_row = |at: usize| at == 0 || rows.get(at) != rows.get(at - 1);
        let is_new_column = |at: usize| at == 0 || !column(at).eq(column(at - 1));
        let kept_rows: Vec<usize> = (0..rows.len()).filter(|at| is_new_row(*at)).collect();
        let kept_columns: Vec<usize> = (0..columns).filter(|at| is_new_column(*at)).collect();
        if kept_rows.len() < 2 || kept_columns.len() < 2 {
            return None;
        }
        let lines = |all: &[f32], kept: &[usize]| -> Vec<f32> {
            let starts = kept.iter().filter_map(|at| all.get(*at));
            starts.chain(all.last()).copied().collect()
        };
        let cells = kept_rows
            .iter()
            .filter_map(|row| rows.get(*row))
            .flat_map(|row| kept_columns.iter().filter_map(|column| row.get(*column)).copied());
        let cells = cells.collect();
        Some(Self { xs: lines(&self.xs, &kept_columns), ys: lines(&self.ys, &kept_rows), cells })
    }

    fn columns(&self) -> usize {
        self.xs.len().saturating_sub(1)
    }

    /// For each row the cells of its columns.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[usize]> {
        self.cells.chunks(self.columns().max(1))
    }

    /// How many cells there are.
    pub(super) fn cell_count(&self) -> usize {
        let mut cells = self.cells.clone();
        cells.sort_unstable();
        cells.dedup();
        cells.len()
    }

    /// The cell at a point; none outside.
    pub(super) fn cell(&self, (x, y): (f32, f32)) -> Option<usize> {
        let column = self.xs.partition_point(|line| *line <= x).checked_sub(1)?;
        let row = self.ys.partition_point(|line| *line <= y).checked_sub(1)?;
        let is_inside = column < self.columns();
        is_inside.then(|| self.cells.get(row * self.columns() + column).copied()).flatten()
    }

    pub(super) fn bbox(&self) -> PageBox {
        let bounds = |lines: &[f32]| {
            (lines.first().copied().unwrap_or(0.0), lines.last().copied().unwrap_or(0.0))
        };
        let ((x0, x1), (y0, y1)) = (bounds(&self.xs), bounds(&self.ys));
        PageBox { x0, y0, x1, y1 }
    }
}

/// The lattices of the lines of a page.
pub(super) fn lattices(rules: &[Rule], uprights: &[Upright]) -> Vec<Lattice> {
    if rules.len() < 2 || uprights.is_empty() {
        return Vec::new();
    }
    let mut sets = Sets((0..rules.len() + uprights.len()).collect());
    // A line may be drawn in pieces, one for each row or column.
    let goes_on = |a: (f32, f32, f32), b: (f32, f32, f32)| {
        (a.0 - b.0).abs() <= SAME && a.1 - SAME <= b.2 && b.1 - SAME <= a.2
    };
    for (v, upright) in uprights.iter().enumerate() {
        for (other, next) in uprights.iter().enumerate().skip(v + 1) {
            if goes_on((upright.x, upright.y0, upright.y1), (next.x, next.y0, next.y1)) {
                sets.join(rules.len() + v, rules.len() + other);
            }
        }
    }
    for (h, rule) in rules.iter().enumerate() {
        for (other, next) in rules.iter().enumerate().skip(h + 1) {
            if goes_on((rule.y, rule.x0, rule.x1), (next.y, next.x0, next.x1)) {
                sets.join(h, other);
            }
        }
        for (v, upright) in uprights.iter().enumerate() {
            let meets = (rule.x0 - SAME..=rule.x1 + SAME).contains(&upright.x)
                && (upright.y0 - SAME..=upright.y1 + SAME).contains(&rule.y);
            if meets {
                sets.join(h, rules.len() + v);
            }
        }
    }
    let mut groups: BTreeMap<usize, (Vec<Rule>, Vec<Upright>)> = BTreeMap::new();
    for (h, rule) in rules.iter().enumerate() {
        groups.entry(sets.first(h)).or_default().0.push(*rule);
    }
    for (v, upright) in uprights.iter().enumerate() {
        groups.entry(sets.first(rules.len() + v)).or_default().1.push(*upright);
    }
    groups.values().filter_map(|(rules, uprights)| Lattice::of(rules, uprights)).collect()
}

/// The outermost ends of lines.
fn ends<T>(lines: &[T], of: fn(&T) -> [f32; 2]) -> impl Iterator<Item = f32> {
    let all = || lines.iter().flat_map(of);
    all().reduce(f32::min).into_iter().chain(all().reduce(f32::max))
}

/// The values in order, those near each other as one.
fn clustered(values: impl Iterator<Item = f32>) -> Vec<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.dedup_by(|next, kept| *next - *kept <= SAME);
    values
}

/// The lines by the place that they stand at.
fn by_line<'a, T>(places: &[f32], lines: &'a [T], at: fn(&T) -> f32) -> Vec<Vec<&'a T>> {
    let mut sorted: Vec<Vec<&T>> = places.iter().map(|_| Vec::new()).collect();
    for line in lines {
        let place = places.partition_point(|place| *place <= at(line)).saturating_sub(1);
        if let Some(lines) = sorted.get_mut(place) {
            lines.push(line);
        }
    }
    sorted
}

/// The middle between a line and the next.
fn between(lines: &[f32], at: usize) -> f32 {
    let line = |at: usize| lines.get(at).copied().unwrap_or(0.0);
    f32::midpoint(line(at), line(at + 1))
}

/// Sets of numbers that are joined to larger ones; each number names one of its set.
struct Sets(Vec<usize>);

impl Sets {
    /// The smallest number of the set.
    fn first(&mut self, mut number: usize) -> usize {
        loop {
            let up = self.0.get(number).copied().unwrap_or(number);
            if up == number {
                return number;
            }
            let above = self.0.get(up).copied().unwrap_or(up);
            if let Some(slot) = self.0.get_mut(number) {
                *slot = above;
            }
            number = up;
        }
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        if let Some(slot) = self.0.get_mut(a.max(b)) {
            *slot = a.min(b);
        }
    }
}
