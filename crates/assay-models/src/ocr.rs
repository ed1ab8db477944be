//! Text recognition: pictures of pages to lines of text with their places.
//!
//! One model finds the lines of a page, a second, small one reads them, and a third, larger one
//! has a look at those that the second is not sure of.

use std::path::Path;

use rten::{Model, ModelOptions};

use crate::ModelError;
use detect::Detector;
use line::in_reading_order;
use quad::Quad;
use recognise::{Reading, Recogniser};
use run::RunError;

mod detect;
mod image;
mod line;
mod quad;
mod recognise;
mod run;
#[cfg(test)]
mod tests;

pub use image::GreyImage;
pub use line::Line;

/// The model that finds lines.
const DETECTION: &str = "detection.onnx";
/// The model that reads lines.
const RECOGNITION: &str = "recognition.onnx";
/// The characters that it tells apart, one a line.
const CHARACTERS: &str = "characters.txt";
/// The model that reads doubtful lines again; a folder may do without. Its characters stand in its
/// own metadata.
const SECOND: &str = "recognition-large.onnx";

/// Larger pictures are scaled down before anything else: an A4 page of 400 dpi.
const PIXELS_MAX: f32 = 16e6;
/// Lines with a lower confidence are taken for marks that are no text.
const CONFIDENCE_MIN: f32 = 0.5;
/// Pages whose lines have a lower mean confidence may be upside down.
const UPRIGHT_MIN: f32 = 0.8;
/// Lines tried the other way round before a page is turned.
const PROBES: usize = 6;

/// Settings of a [`Reader`].
#[derive(Debug, Clone, PartialEq)]
pub struct ReaderSettings {
    /// Longer side, in pixels, of the picture in which lines are searched. Text is read in the
    /// full picture. Default: 736.
    pub side: usize,
    /// Width of the strips to read over their true width: narrower is faster and reads less well.
    /// Default: 0.9.
    pub stretch: f32,
    /// Lines with a lower confidence are read again by the larger model. Default: 0.9.
    pub doubt: f32,
    /// How much of a page is read again at most, in columns of strips 48 pixels high, the most
    /// doubtful lines first. Default: 4000, a tenth of a dense page.
    pub doubt_columns: usize,
    /// Threads for one page; 0 counts as 1. Default: 1, which costs the fewest CPU seconds.
    pub threads: usize,
}

impl Default for ReaderSettings {
    fn default() -> Self {
        Self { side: 736, stretch: 0.9, doubt: 0.9, doubt_columns: 4_000, threads: 1 }
    }
}

/// Reads pictures of pages.
pub struct Reader {
    detector: Detector,
    recogniser: Recogniser,
    second: Option<Recogniser>,
    settings: ReaderSettings,
}

/// A line that was found, with what it says.
type Found = (Quad, Reading);

impl Reader {
    /// Loads the models of a folder as `assay models pull ocr` leaves it.
    ///
    /// # Errors
    /// When a file is missing or cannot be run.
    pub fn load(folder: &Path, settings: &ReaderSettings) -> Result<Self, ModelError> {
        let recogniser = |model: Model, characters: &str| {
            Recogniser::new(model, characters, settings.threads.max(1), settings.stretch)
        };
        let path = folder.join(CHARACTERS);
        let characters = std::fs::read_to_string(&path).map_err(crate::pull::at(&path))?;
        let second = folder.join(SECOND);
        let second = if second.try_exists().unwrap_or(false) {
            let model = load(&second)?;
            let characters = model.metadata().get("character").map(str::to_owned);
            let characters = characters.ok_or_else(|| ModelError::Malformed {
                path: second,
                reason: "it does not say which characters it reads".to_owned(),
            })?;
            Some(recogniser(model, &characters))
        } else {
            None
        };
        Ok(Self {
            detector: Detector::new(load(&folder.join(DETECTION))?, settings.threads.max(1)),
            recogniser: recogniser(load(&folder.join(RECOGNITION))?, &characters),
            second,
            settings: settings.clone(),
        })
    }

    /// The lines of a picture in reading order, whichever way the page lies.
    ///
    /// # Errors
    /// [`ModelError::Recognise`] when a model fails.
    pub fn read(&self, image: &GreyImage) -> Result<Vec<Line>, ModelError> {
        let pixels = (image.width() * image.height()) as f32;
        let scale = (PIXELS_MAX / pixels).sqrt().min(1.0);
        let shrunk = (scale < 1.0).then(|| {
            let side = |length: usize| (length as f32 * scale) as usize;
            image.resized(side(image.width()), side(image.height()))
        });
        let found = self.found(shrunk.as_ref().unwrap_or(image))?;
        let found = found.into_iter().map(|(quad, reading)| {
            let quad = quad.scaled(scale.recip(), scale.recip());
            Line::new(&quad, reading)
        });
        let is_text = |line: &Line| line.confidence >= CONFIDENCE_MIN && !line.text.is_empty();
        Ok(in_reading_order(found.filter(is_text).collect()))
    }

    fn found(&self, image: &GreyImage) -> Result<Vec<Found>, RunError> {
        let quads = self.detector.lines(image, self.settings.side)?;
        let weight = |tall: bool| -> f32 {
            let of = quads.iter().filter(|quad| quad.is_tall() == tall);
            of.map(|quad| quad.width().max(quad.height())).sum()
        };
        if weight(true) <= weight(false) {
            return self.texts(image, quads);
        }
        // The page lies on its side; which of the two, reading will tell.
        let turned = image.turned(1);
        let quads = self.detector.lines(&turned, self.settings.side)?;
        let mut found = self.texts(&turned, quads)?;
        for (quad, _) in &mut found {
            *quad = quad.turned_back(image.height() as f32);
        }
        Ok(found)
    }

    /// What the lines of a page say that is upright or upside down.
    fn texts(&self, image: &GreyImage, quads: Vec<Quad>) -> Result<Vec<Found>, RunError> {
        let mut readings = self.recogniser.read(image, &quads)?;
        let mut quads = quads;
        if mean(readings.iter()) < UPRIGHT_MIN && self.is_upside_down(image, &quads, &readings)? {
            quads = quads.iter().map(Quad::half_turned).collect();
            readings = self.recogniser.read(image, &quads)?;
        }
        let mut found: Vec<Found> = quads.into_iter().zip(readings).collect();
        self.try_sideways(image, &mut found)?;
        self.look_again(image, &mut found)?;
        Ok(found)
    }

    fn is_upside_down(
        &self,
        image: &GreyImage,
        quads: &[Quad],
        readings: &[Reading],
    ) -> Result<bool, RunError> {
        let mut lines: Vec<(&Quad, &Reading)> = quads.iter().zip(readings).collect();
        lines.sort_by(|a, b| b.0.width().total_cmp(&a.0.width()));
        lines.truncate(PROBES);
        let turned: Vec<Quad> = lines.iter().map(|(quad, _)| quad.half_turned()).collect();
        let other = self.recogniser.read(image, &turned)?;
        Ok(mean(other.iter()) > mean(lines.iter().map(|(_, reading)| *reading)))
    }

    /// Reads narrow, high boxes as text that runs down or up as well, and keeps the better.
    fn try_sideways(&self, image: &GreyImage, found: &mut [Found]) -> Result<(), RunError> {
        let mut tall: Vec<&mut Found> =
            found.iter_mut().filter(|(quad, _)| quad.is_tall()).collect();
        let down: Vec<Quad> = tall.iter().map(|(quad, _)| quad.quarter_turned()).collect();
        for turned in [down.clone(), down.iter().map(Quad::half_turned).collect()] {
            let readings = self.recogniser.read(image, &turned)?;
            for (place, new) in tall.iter_mut().zip(turned.into_iter().zip(readings)) {
                if new.1.confidence > place.1.confidence {
                    **place = new;
                }
            }
        }
        Ok(())
    }

    /// Lets the larger model read the most doubtful lines.
    fn look_again(&self, image: &GreyImage, found: &mut [Found]) -> Result<(), RunError> {
        let Some(second) = &self.second else { return Ok(()) };
        let mut doubtful: Vec<&mut Found> = found
            .iter_mut()
            .filter(|(_, reading)| reading.confidence < self.settings.doubt)
            .collect();
        doubtful.sort_by(|a, b| a.1.confidence.total_cmp(&b.1.confidence));
        let mut columns = 0;
        doubtful.retain(|(quad, _)| {
            columns += second.columns(quad);
            columns <= self.settings.doubt_columns
        });
        let quads: Vec<Quad> = doubtful.iter().map(|(quad, _)| *quad).collect();
        for (place, reading) in doubtful.into_iter().zip(second.read(image, &quads)?) {
            if reading.confidence > place.1.confidence {
                place.1 = reading;
            }
        }
        Ok(())
    }
}

/// Mean confidence; 1 of nothing, as nothing has been misread.
fn mean<'a>(readings: impl Iterator<Item = &'a Reading>) -> f32 {
    let (sum, count) = readings.fold((0.0, 0.0), |(sum, count), reading| {
        let weight = reading.text.len() as f32 + 1.0;
        (sum + reading.confidence * weight, count + weight)
    });
    if count > 0.0 { sum / count } else { 1.0 }
}

fn load(path: &Path) -> Result<Model, ModelError> {
    let mut options = ModelOptions::with_all_ops();
    options.prepack_weights(true);
    let bytes = std::fs::read(path).map_err(crate::pull::at(path))?;
    let malformed = |reason: String| ModelError::Malformed { path: path.to_owned(), reason };
    options.load(bytes).map_err(|error| malformed(error.to_string()))
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("settings", &self.settings).finish_non_exhaustive()
    }
}
