//! Reads the text of lines: strips cut out of the picture go through a model that gives for each
//! place the likelihood of each character.

use rten::Model;
use rten_tensor::{AsView, Layout, NdTensor};

use super::{
    GreyImage,
    quad::Quad,
    run::{RunError, Runner},
};

/// Height of a strip, as the model was trained.
const HEIGHT: usize = 48;
/// Widths of strips are a multiple of this, the width of one place of the output.
const STEP: usize = 8;
/// A strip is not wider; longer lines are squeezed.
const WIDTH_MAX: usize = 3_200;
/// Columns of the strips of one run together: few enough for the caches of a core. A longer strip
/// runs alone.
const BATCH_COLUMNS: usize = 1_024;
/// Strips of one run are at most this much wider than the narrowest.
const BATCH_SPREAD: f32 = 1.08;

/// Text with its likelihood.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Reading {
    pub(super) text: String,
    /// Mean likelihood of the characters, 0 without any.
    pub(super) confidence: f32,
}

/// The model that reads lines.
pub(super) struct Recogniser {
    runner: Runner,
    /// The character of each class; the first class means none.
    characters: Vec<String>,
    /// Width of a strip over its true width.
    stretch: f32,
}

impl Recogniser {
    /// A model that tells these characters apart, one a line, and the space.
    pub(super) fn new(model: Model, characters: &str, threads: usize, stretch: f32) -> Self {
        let mut classes = vec![String::new()];
        classes.extend(characters.lines().map(str::to_owned));
        classes.push(" ".to_owned());
        Self { runner: Runner::new(model, threads), characters: classes, stretch }
    }

    /// The readings of the lines, in their order.
    pub(super) fn read(&self, image: &GreyImage, quads: &[Quad]) -> Result<Vec<Reading>, RunError> {
        let mut order: Vec<(usize, usize)> = quads
            .iter()
            .map(|quad| self.columns(quad))
            .enumerate()
            .map(|(at, width)| (width, at))
            .collect();
        order.sort_unstable();
        let mut readings = vec![Reading::default(); quads.len()];
        let mut rest = order.as_slice();
        while let Some((narrowest, _)) = rest.first() {
            let most = (*narrowest as f32 * BATCH_SPREAD) as usize;
            let fits = |(at, (width, _)): &(usize, &(usize, usize))| {
                *width <= most.max(narrowest + STEP) && (at + 1) * width <= BATCH_COLUMNS
            };
            let count = rest.iter().enumerate().take_while(fits).count().max(1);
            let (batch, later) = rest.split_at(count);
            let strips: Vec<Quad> =
                batch.iter().filter_map(|(_, at)| quads.get(*at)).copied().collect();
            let width = batch.last().map_or(STEP, |(width, _)| *width);
            for ((_, at), reading) in batch.iter().zip(self.run(image, &strips, width)?) {
                if let Some(place) = readings.get_mut(*at) {
                    *place = reading;
                }
            }
            rest = later;
        }
        Ok(readings)
    }

    /// Columns of the strip of a line.
    pub(super) fn columns(&self, quad: &Quad) -> usize {
        let ratio = quad.width() / quad.height().max(1.0);
        let steps = (ratio * self.stretch * HEIGHT as f32 / STEP as f32).ceil().max(2.0);
        (steps as usize * STEP).min(WIDTH_MAX)
    }

    fn run(
        &self,
        image: &GreyImage,
        quads: &[Quad],
        width: usize,
    ) -> Result<Vec<Reading>, RunError> {
        let mut input = Vec::with_capacity(quads.len() * 3 * HEIGHT * width);
        for quad in quads {
            let plane = strip(image, quad, self.columns(quad), width);
            for _ in 0..3 {
                input.extend_from_slice(&plane);
            }
        }
        let input = NdTensor::from_data([quads.len(), 3, HEIGHT, width], input);
        let output: NdTensor<f32, 3> = self.runner.run(input)?;
        let [count, places, classes] = output.shape();
        if count != quads.len() || classes != self.characters.len() || places == 0 {
            return Err(RunError::Shape);
        }
        let output = output.to_contiguous();
        let values = output.data();
        Ok(values.chunks_exact(places * classes).map(|line| self.decode(line)).collect())
    }

    /// The most likely character of each place; the same at neighbouring places is one.
    fn decode(&self, line: &[f32]) -> Reading {
        let mut reading = Reading::default();
        let (mut sum, mut count, mut last) = (0.0, 0.0, 0);
        for place in line.chunks_exact(self.characters.len()) {
            let (best, value) = largest(place);
            if best != 0 && best != last {
                reading.text.push_str(self.characters.get(best).map_or("", String::as_str));
                sum += value;
                count += 1.0;
            }
            last = best;
        }
        reading.confidence = if count > 0.0 { sum / count } else { 0.0 };
        reading
    }
}

/// The largest value and where it stands. The search by blocks lets the compiler use vectors.
pub(super) fn largest(values: &[f32]) -> (usize, f32) {
    const BLOCK: usize = 64;
    let peak =
        |block: &[f32]| block.iter().fold(f32::NEG_INFINITY, |a, b| if *b > a { *b } else { a });
    let mut best = (0, f32::NEG_INFINITY);
    for (at, block) in values.chunks(BLOCK).enumerate() {
        let value = peak(block);
        if value > best.1 {
            best = (at, value);
        }
    }
    let (block, value) = best;
    let inside = values.iter().skip(block * BLOCK).position(|other| *other == value);
    (block * BLOCK + inside.unwrap_or(0), value)
}

/// The pixels of a line, upright, as the model wants them: `own` columns and blank ones up to
/// `width`.
pub(super) fn strip(image: &GreyImage, quad: &Quad, own: usize, width: usize) -> Vec<f32> {
    let step = |side: [f32; 2], count: usize| side.map(|part| part / count as f32);
    let (right, down) = (step(quad.along, own), step(quad.across, HEIGHT));
    // Pixels of the picture that one of the strip covers; each is looked at once.
    let samples = |step: [f32; 2]| (step[0].hypot(step[1]).round() as usize).clamp(1, 8);
    let (columns, rows) = (samples(right), samples(down));
    let share = 1.0 / (columns * rows) as f32;
    let mut pixels = Vec::with_capacity(HEIGHT * width);
    for y in 0..HEIGHT {
        for x in 0..own {
            let mut sum = 0.0;
            for row in 0..rows {
                let v = y as f32 + (row as f32 + 0.5) / rows as f32;
                for column in 0..columns {
                    let u = x as f32 + (column as f32 + 0.5) / columns as f32;
                    sum += image.at(
                        quad.origin[0] + right[0] * u + down[0] * v - 0.5,
                        quad.origin[1] + right[1] * u + down[1] * v - 0.5,
                    );
                }
            }
            pixels.push(sum * share / 127.5 - 1.0);
        }
        pixels.resize((y + 1) * width, 0.0);
    }
    pixels
}
