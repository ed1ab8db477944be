//! A line as the caller gets it, and the order in which lines are read.

use super::{quad::Quad, recognise::Reading};

/// A line of text in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its text.
    pub text: String,
    /// The corners of its box in pixels of the picture, `[x, y]` each, in the order in which the
    /// text is framed: start and end of its upper edge, end and start of its lower edge.
    pub corners: [[f32; 2]; 4],
    /// Mean likelihood of its characters, 0 to 1.
    pub confidence: f32,
}

impl Line {
    pub(super) fn new(quad: &Quad, reading: Reading) -> Self {
        let text = reading.text.trim().to_owned();
        Self { text, corners: quad.corners(), confidence: reading.confidence }
    }

    /// The smallest upright box that holds it: left, upper, right and lower edge in pixels.
    #[must_use]
    pub fn bounds(&self) -> [f32; 4] {
        let low = |axis: usize| {
            self.corners.iter().map(|corner| corner[axis]).fold(f32::INFINITY, f32::min)
        };
        let high = |axis: usize| {
            self.corners.iter().map(|corner| corner[axis]).fold(f32::NEG_INFINITY, f32::max)
        };
        [low(0), low(1), high(0), high(1)]
    }

    /// Quarter turns clockwise from text that runs from left to right.
    #[must_use]
    pub fn turn(&self) -> u8 {
        let [start, end, ..] = self.corners;
        let (x, y) = (end[0] - start[0], end[1] - start[1]);
        match (x.abs() >= y.abs(), x >= 0.0, y >= 0.0) {
            (true, true, _) => 0,
            (false, _, true) => 1,
            (true, false, _) => 2,
            (false, _, false) => 3,
        }
    }

    /// Where the line begins and how high it is, with the page turned so that it reads from left
    /// to right.
    fn upright(&self) -> (f32, f32, f32) {
        let [left, top, right, bottom] = self.bounds();
        match self.turn() {
            0 => (left, top, bottom - top),
            1 => (top, -right, right - left),
            2 => (-right, -bottom, bottom - top),
            _ => (-bottom, left, right - left),
        }
    }
}

/// Rows from top to bottom, each from its start to its end; lines of another direction than most
/// come last.
pub(super) fn in_reading_order(lines: Vec<Line>) -> Vec<Line> {
    let mut turns: [Vec<Line>; 4] = Default::default();
    for line in lines {
        if let Some(lines) = turns.get_mut(usize::from(line.turn())) {
            lines.push(line);
        }
    }
    turns.sort_by_key(|lines| std::cmp::Reverse(lines.len()));
    turns.into_iter().flat_map(rows).collect()
}

fn rows(mut lines: Vec<Line>) -> Vec<Line> {
    let middle = |line: &Line| {
        let (_, top, height) = line.upright();
        top + height / 2.0
    };
    lines.sort_by(|a, b| middle(a).total_cmp(&middle(b)));
    let mut rows: Vec<Vec<Line>> = Vec::new();
    for line in lines {
        let joins = rows.last().and_then(|row| row.first()).is_some_and(|first| {
            let height = first.upright().2.min(line.upright().2);
            middle(&line) - middle(first) < 0.4 * height
        });
        match rows.last_mut() {
            Some(row) if joins => row.push(line),
            _ => rows.push(vec![line]),
        }
    }
    for row in &mut rows {
        row.sort_by(|a, b| a.upright().0.total_cmp(&b.upright().0));
    }
    rows.into_iter().flatten().collect()
}
