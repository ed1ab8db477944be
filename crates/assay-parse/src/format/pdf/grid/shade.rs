//! Coloured boxes to the lines that are seen between them.

use std::collections::HashMap;

use assay_core::PageBox;

use super::super::glyph::{Rule, Shade, Upright, WHITE};

/// Boxes nearer than this touch, in points.
const TOUCH: f32 = 1.5;

/// So many boxes that begin or end at one place from the left are a column.
const COLUMN: usize = 3;

/// The edges of boxes where the colour changes: a box may lie behind each line of a text, and
/// between two such of one colour there is no line. Cells side by side mostly have one colour; what
/// tells them from the words of a line is that others stand above and below.
pub(super) fn edges(shades: &[Shade]) -> (Vec<Rule>, Vec<Upright>) {
    let (mut rules, mut uprights) = (Vec::new(), Vec::new());
    let seen: Vec<&Shade> = shades.iter().filter(|shade| shade.colour != WHITE).collect();
    let mut sides: HashMap<i32, usize> = HashMap::new();
    for shade in &seen {
        for x in [shade.bbox.x0, shade.bbox.x1] {
            *sides.entry(x.round() as i32).or_default() += 1;
        }
    }
    let is_column = |x: f32| {
        let at = x.round() as i32;
        let near = (at - 1..=at + 1).filter_map(|at| sides.get(&at));
        // Each box has its neighbour's side there too.
        near.sum::<usize>() >= 2 * COLUMN
    };
    for shade in &seen {
        let PageBox { x0, y0, x1, y1 } = shade.bbox;
        let (x, y) = (f32::midpoint(x0, x1), f32::midpoint(y0, y1));
        let goes_on = |x: f32, y: f32| {
            seen.iter().any(|other| {
                other.colour == shade.colour
                    && (other.bbox.x0..=other.bbox.x1).contains(&x)
                    && (other.bbox.y0..=other.bbox.y1).contains(&y)
            })
        };
        let above_and_below = [(y0, y0 - TOUCH), (y1, y1 + TOUCH)];
        let seen_edges = above_and_below.into_iter().filter(|(_, beyond)| !goes_on(x, *beyond));
        rules.extend(seen_edges.map(|(y, _)| Rule { x0, x1, y }));
        let left_and_right = [(x0, x0 - TOUCH), (x1, x1 + TOUCH)];
        let seen_edges =
            left_and_right.into_iter().filter(|(x, beyond)| is_column(*x) || !goes_on(*beyond, y));
        uprights.extend(seen_edges.map(|(x, _)| Upright { x, y0, y1 }));
    }
    (rules, uprights)
}
