//! Draws pages as pictures.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::{
    PixmapSettings, RenderCache, RenderSettings, hayro_interpret::InterpreterSettings, render,
    vello_cpu::color::palette::css::WHITE,
};
use hayro_interpret::hayro_syntax::{Pdf, page::Page};

use crate::{
    ParseError,
    page_image::{DPI, PIXELS_MAX, PageImage},
    parse::Input,
};

/// Longest side that the renderer can do.
const SIDE_MAX: f32 = 30_000.0;

/// Hands the given pages to `send` until it says that no more are wanted.
pub(crate) fn draw(
    input: &Input,
    pages: &[u32],
    send: &dyn Fn(Result<PageImage, ParseError>) -> bool,
) {
    let pdf = match Pdf::new(input.bytes.clone()) {
        Ok(pdf) => pdf,
        Err(error) => {
            send(Err(super::of_load(error)));
            return;
        }
    };
    let all = pdf.pages();
    for number in pages {
        let page = number.checked_sub(1).and_then(|at| all.get(at as usize));
        let image = page.map(|page| {
            // A cache for each page: one for all would grow with the file.
            catch_unwind(AssertUnwindSafe(|| one(page, *number)))
        });
        let image = match image {
            Some(Ok(image)) => image,
            Some(Err(_)) => Err(ParseError::malformed(format_args!("page {number} is damaged"))),
            None => Err(ParseError::malformed(format_args!("there is no page {number}"))),
        };
        if !send(image) {
            return;
        }
    }
}

fn one(page: &Page<'_>, number: u32) -> Result<PageImage, ParseError> {
    let (width, height) = page.render_dimensions();
    let fit = (PIXELS_MAX / (width * height)).sqrt().min(SIDE_MAX / width.max(height));
    let scale = fit.min(DPI / 72.0);
    let has_size = |side: f32| (1.0..=SIDE_MAX).contains(&(side * scale));
    if !has_size(width) || !has_size(height) {
        return Err(ParseError::malformed(format_args!("page {number} has no size")));
    }
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let cache = RenderCache::new();
    let interpreter = InterpreterSettings::default();
    let drawn = render(page, &cache, &interpreter, &RenderSettings::default(), &settings);
    let grey = drawn.data().iter().map(|pixel| {
        let [r, g, b] = [pixel.r, pixel.g, pixel.b].map(u32::from);
        ((299 * r + 587 * g + 114 * b) / 1000) as u8
    });
    Ok(PageImage {
        page: number,
        width: u32::from(drawn.width()),
        height: u32::from(drawn.height()),
        pixels: grey.collect(),
        scale,
    })
}
