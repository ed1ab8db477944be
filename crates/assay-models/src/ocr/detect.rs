//! Finds the lines of a picture: a model says for each pixel how likely it is in the core of a
//! line; connected cores become rectangles, grown to the size of the text.

use rten::Model;
use rten_tensor::{AsView, Layout, NdTensor};

use super::{
    GreyImage,
    quad::{Point, Quad},
    run::{RunError, Runner},
};

/// From this probability on a pixel belongs to a line.
const PIXEL_MIN: f32 = 0.3;
/// Lines whose pixels have a lower mean are noise.
const LINE_MIN: f32 = 0.5;
/// How far the core of a line is grown, in shares of area over perimeter: as the model was trained.
const GROWTH: f32 = 1.6;
/// Cores of fewer pixels across are noise.
const CORE_MIN: f32 = 2.0;
/// Most lines of a page; more are a pattern.
const LINES_MAX: usize = 2_000;
/// The model halves the picture this often, so its sides are a multiple of this.
const STEP: usize = 32;

/// The model that finds lines.
pub(super) struct Detector {
    runner: Runner,
}

impl Detector {
    pub(super) fn new(model: Model, threads: usize) -> Self {
        Self { runner: Runner::new(model, threads) }
    }

    /// The lines, from a picture of which the longer side is scaled down to `side` at most.
    pub(super) fn lines(&self, image: &GreyImage, side: usize) -> Result<Vec<Quad>, RunError> {
        let scale = (side as f32 / image.width().max(image.height()) as f32).min(1.0);
        let fit = |length: usize| {
            let steps = (length as f32 * scale / STEP as f32).round().max(1.0);
            steps as usize * STEP
        };
        let (width, height) = (fit(image.width()), fit(image.height()));
        let small = image.resized(width, height);
        let plane: Vec<f32> =
            small.rows().flatten().map(|pixel| f32::from(*pixel) / 127.5 - 1.0).collect();
        let input = NdTensor::from_data([1, 3, height, width], plane.repeat(3));
        let output: NdTensor<f32, 4> = self.runner.run(input)?;
        if output.shape() != [1, 1, height, width] {
            return Err(RunError::Shape);
        }
        let map = output.to_vec();
        let (x, y) = (image.width() as f32 / width as f32, image.height() as f32 / height as f32);
        Ok(cores(&map, width).into_iter().map(|quad| quad.scaled(x, y)).collect())
    }
}

/// The rectangles of the lines in a map of probabilities.
pub(super) fn cores(map: &[f32], width: usize) -> Vec<Quad> {
    let mut open: Vec<bool> = map.iter().map(|value| *value > PIXEL_MIN).collect();
    let mut quads = Vec::new();
    let mut from = 0;
    while let Some(start) = open.iter().skip(from).position(|is_open| *is_open) {
        let start = from + start;
        quads.extend(core(map, width, start, &mut open));
        if quads.len() >= LINES_MAX {
            break;
        }
        from = start + 1;
    }
    quads
}

/// Takes the connected pixels around `start`, its uppermost one, and gives their rectangle.
fn core(map: &[f32], width: usize, start: usize, open: &mut [bool]) -> Option<Quad> {
    let top = start / width;
    // First and last pixel of each row: enough for the hull.
    let mut rows: Vec<(usize, usize)> = Vec::new();
    let (mut sum, mut count) = (0.0, 0.0);
    let mut waiting = vec![start];
    open[start] = false;
    while let Some(at) = waiting.pop() {
        let (x, y) = (at % width, at / width);
        sum += map[at];
        count += 1.0;
        if rows.len() <= y - top {
            rows.resize(y - top + 1, (usize::MAX, 0));
        }
        let (first, last) = &mut rows[y - top];
        (*first, *last) = ((*first).min(x), (*last).max(x));
        for near_y in y.saturating_sub(1).max(top)..=y + 1 {
            for near_x in x.saturating_sub(1)..=(x + 1).min(width - 1) {
                let near = near_y * width + near_x;
                if open.get(near) == Some(&true) {
                    open[near] = false;
                    waiting.push(near);
                }
            }
        }
    }
    if sum / count < LINE_MIN {
        return None;
    }
    let corners = rows.iter().enumerate().flat_map(|(row, (first, last))| {
        let (left, right) = (*first as f32, *last as f32 + 1.0);
        let (upper, lower) = ((top + row) as f32, (top + row + 1) as f32);
        [[left, upper], [right, upper], [left, lower], [right, lower]]
    });
    let core = Quad::around(corners.collect::<Vec<Point>>())?;
    let (along, across) = (core.width(), core.height());
    let is_line = along.min(across) >= CORE_MIN;
    is_line.then(|| core.grown(along * across * GROWTH / (2.0 * (along + across))))
}
