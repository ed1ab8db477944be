//! Regions of a sheet: cells that touch by an edge, as rectangles that do not overlap.

use super::cells::Cells;
use crate::{ParseError, parse::Input};

/// A rectangle of cells, edges included. Each of its rows and columns has a cell with text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) top: u32,
    pub(super) left: u32,
    pub(super) bottom: u32,
    pub(super) right: u32,
}

impl Region {
    pub(super) fn width(&self) -> usize {
        (self.right - self.left) as usize + 1
    }

    fn join(&mut self, other: &Self) {
        self.top = self.top.min(other.top);
        self.left = self.left.min(other.left);
        self.bottom = self.bottom.max(other.bottom);
        self.right = self.right.max(other.right);
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.top <= other.bottom
            && other.top <= self.bottom
            && self.left <= other.right
            && other.left <= self.right
    }
}

/// Most regions of one sheet; each costs far more than its cells.
pub(super) const REGIONS_MAX: usize = 20_000;
/// Most regions before those that overlap are joined.
const PIECES_MAX: usize = 5 * REGIONS_MAX;

/// The regions of a sheet from top to bottom, those of one height from left to right, and whether
/// these are all.
pub(super) fn regions(cells: &Cells, input: &Input) -> Result<(Vec<Region>, bool), ParseError> {
    let mut done = Vec::new();
    // Regions that reach down to the row above, from left to right; they share no column.
    let mut open: Vec<Region> = Vec::new();
    let mut rest = cells.iter().peekable();
    while let Some(row) = rest.peek().map(|cell| cell.row) {
        input.check_time()?;
        let (mut level, ended): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|region| region.bottom + 1 == row);
        done.extend(ended);
        while let Some(cell) = rest.next_if(|cell| cell.row == row) {
            let at = cell.column;
            level.push(Region { top: row, left: at, bottom: row, right: at });
        }
        level.sort_by_key(|region| region.left);
        let stacked = joined(level, |one, next| next.left <= one.right);
        let beside = |one: &Region, next: &Region| {
            one.bottom == row && next.bottom == row && next.left <= one.right + 1
        };
        open = joined(stacked, beside);
        if done.len() + open.len() > PIECES_MAX {
            break;
        }
    }
    let is_read = rest.peek().is_none();
    done.extend(open);
    let mut regions = apart(done, input)?;
    let is_all = is_read && regions.len() <= REGIONS_MAX;
    regions.truncate(REGIONS_MAX);
    Ok((regions, is_all))
}

/// Joins neighbours of a list that belong together.
fn joined(regions: Vec<Region>, together: impl Fn(&Region, &Region) -> bool) -> Vec<Region> {
    let mut result: Vec<Region> = Vec::with_capacity(regions.len());
    for region in regions {
        match result.last_mut() {
            Some(last) if together(last, &region) => last.join(&region),
            _ => result.push(region),
        }
    }
    result
}

/// Joins regions whose rectangles overlap, as when one lies in the corner of another.
fn apart(mut regions: Vec<Region>, input: &Input) -> Result<Vec<Region>, ParseError> {
    loop {
        regions.sort_by_key(|region| (region.top, region.left));
        let before = regions.len();
        let mut done = Vec::new();
        let mut open: Vec<Region> = Vec::new();
        for region in regions {
            input.check_time()?;
            done.extend(open.extract_if(.., |other| other.bottom < region.top));
            match open.iter_mut().find(|other| other.overlaps(&region)) {
                Some(other) => other.join(&region),
                None => open.push(region),
            }
        }
        done.extend(open);
        regions = done;
        if regions.len() == before {
            regions.sort_by_key(|region| (region.top, region.left));
            return Ok(regions);
        }
    }
}
