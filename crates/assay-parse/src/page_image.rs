//! Pictures of pages, for a reader of text in pictures.

use std::{sync::mpsc::RecvTimeoutError, time::Duration};

use assay_core::ParseLimits;

use crate::{
    FileHint, MediaType, ParseError, format,
    parse::{Input, prepare, spawn},
};

/// Resolution at which pages of a PDF are drawn, in dots per inch: enough for small print.
pub(crate) const DPI: f32 = 200.0;
/// Most pixels of a page; larger ones are drawn smaller.
pub(crate) const PIXELS_MAX: f32 = 40e6;

/// A page in grey.
#[derive(Debug, Clone, PartialEq)]
pub struct PageImage {
    /// The page, counted from 1.
    pub page: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
    /// One byte a pixel, row by row from the top, 0 is black.
    pub pixels: Vec<u8>,
    /// Pixels for each point of the page. The points of a picture are its pixels.
    pub scale: f32,
}

/// Draws the given pages of a PDF or picture, one at a time as the iterator is asked: one item for
/// each page, in the order given.
///
/// A picture comes as its viewer shows it, turned as its Exif entry says. Each page may take
/// [`ParseLimits::time`]; the time between pages does not count. Panics of a decoder are caught.
///
/// # Errors
///
/// When the file as a whole cannot be used, or its format has no pages that can be drawn. A page
/// that cannot be drawn is an error of its own; after [`ParseError::TimedOut`] no more come.
pub fn page_images(
    bytes: &[u8],
    hint: &FileHint<'_>,
    limits: &ParseLimits,
    pages: &[u32],
) -> Result<impl Iterator<Item = Result<PageImage, ParseError>> + use<>, ParseError> {
    let (media_type, input) = prepare(bytes, hint, limits)?;
    if media_type != MediaType::Pdf && !media_type.is_picture() {
        return Err(ParseError::Unsupported { media_type: media_type.to_string() });
    }
    let time: Duration = limits.time;
    let pages = pages.to_vec();
    let results =
        spawn(media_type, &input, move |input, send| draw(media_type, input, &pages, send))?;
    let mut results = Some(results);
    Ok(std::iter::from_fn(move || match results.as_ref()?.recv_timeout(time) {
        Ok(image) => Some(image),
        Err(RecvTimeoutError::Disconnected) => None,
        Err(RecvTimeoutError::Timeout) => {
            results = None;
            Some(Err(ParseError::TimedOut { seconds: time.as_secs() }))
        }
    }))
}

fn draw(
    media_type: MediaType,
    input: &Input,
    pages: &[u32],
    send: &dyn Fn(Result<PageImage, ParseError>) -> bool,
) {
    if media_type == MediaType::Pdf {
        format::pdf::draw(input, pages, send);
        return;
    }
    for page in pages {
        if !send(format::picture::draw(input, *page)) {
            return;
        }
    }
}
