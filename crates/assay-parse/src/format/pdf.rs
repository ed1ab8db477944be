//! PDF with a text layer: glyphs with places become lines, lines become blocks in reading order.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_interpret::{
    Context, InterpreterCache, InterpreterSettings,
    hayro_syntax::{
        DecryptionError, LoadPdfError, Pdf,
        object::{
            self, Dict,
            dict::keys::{CONTENTS, LANG},
        },
        page::Page,
    },
    interpret_page,
    kurbo::{Affine, Rect},
};

use crate::{ParseError, ProblemCode, builder::Builder, parse::Input};
pub(crate) use draw::draw;
use glyph::Collector;
pub(crate) use scan::build as build_read;

mod bidi;
mod block;
mod document;
mod draw;
mod furniture;
mod glyph;
mod grid;
mod hyphen;
mod layout;
mod line;
mod metadata;
mod paragraph;
mod scan;
mod table;
#[cfg(test)]
mod tests;

/// Share of glyphs without a meaning from which on the text of a page is not to be trusted.
const UNMAPPED_SHARE: f32 = 0.2;

/// A page with fewer visible glyphs than this that is mostly a picture is a scan with a stamp.
const GLYPHS_OF_A_STAMP: usize = 40;
/// Share of a page that pictures cover from which on it is mostly a picture.
const PICTURE_SHARE: f32 = 0.5;
/// Outlines that a page without glyphs has when its letters are drawn as shapes.
const OUTLINES_OF_TEXT: usize = 50;

/// Reads PDF.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let pdf = Pdf::new(input.bytes.clone()).map_err(of_load)?;
    metadata::read(pdf.metadata(), out);
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let language = catalog.and_then(|catalog| catalog.get::<object::String<'_>>(LANG));
    out.metadata.language = language.map(|language| metadata::text_string(language.as_bytes()));
    let pages = pdf.pages();
    let count = u32::try_from(pages.len()).unwrap_or(u32::MAX);
    if count == 0 {
        return Err(of_load(LoadPdfError::Invalid));
    }
    out.pages = Some(count);
    if count > input.limits.pages {
        let message = format!("only {} of {count} pages were read", input.limits.pages);
        out.problem(ProblemCode::Limit, message, None);
    }
    let cache = InterpreterCache::new();
    let mut read = Vec::new();
    for (page, number) in pages.iter().zip(1..=input.limits.pages) {
        input.check_time()?;
        input.meter.set_pages(number - 1, count.min(input.limits.pages));
        let glyphs = catch_unwind(AssertUnwindSafe(|| collect(page, &cache)));
        match glyphs {
            Ok(glyphs) => {
                report(&glyphs, number, out);
                if page.raw().contains_key(CONTENTS) && page.page_stream().is_none_or(is_blank) {
                    let message = "what the page shows is missing or damaged".to_owned();
                    out.problem(ProblemCode::Damaged, message, Some(number));
                }
                read.push(layout::page(glyphs, number));
            }
            Err(_) => {
                let message = "the page is damaged and was left out".to_owned();
                out.problem(ProblemCode::Damaged, message, Some(number));
            }
        }
    }
    input.meter.set_pages(count, count.min(input.limits.pages));
    document::build(read, out);
    Ok(())
}

fn is_blank(stream: &[u8]) -> bool {
    stream.trim_ascii().is_empty()
}

/// Everything that a page draws.
fn collect<'a>(page: &Page<'a>, cache: &InterpreterCache<'a>) -> Collector {
    let (width, height) = page.render_dimensions();
    let transform = Affine::new(page.initial_transform(true).as_coeffs());
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let settings = InterpreterSettings::default();
    let mut context = Context::new(transform, bounds, cache, page.xref(), settings);
    let mut collector = Collector::new(width, height);
    interpret_page(page, &mut context, &mut collector);
    collector
}

fn report(page: &Collector, number: u32, out: &mut Builder) {
    let seen = page.glyphs.len() + page.unmapped;
    let visible = page.glyphs.iter().filter(|glyph| !glyph.blank).count() + page.unmapped;
    if visible == 0 && page.pictures.is_empty() && page.outlines >= OUTLINES_OF_TEXT {
        let message = "the page holds shapes but no text".to_owned();
        out.problem(ProblemCode::NoText, message, Some(number));
    }
    let covered: f32 = page.pictures.iter().map(|b| (b.x1 - b.x0) * (b.y1 - b.y0)).sum();
    let is_scan = covered > PICTURE_SHARE * page.width * page.height;
    if (visible == 0 && !page.pictures.is_empty()) || (visible < GLYPHS_OF_A_STAMP && is_scan) {
        let message = "the page is a picture without text".to_owned();
        out.problem(ProblemCode::NoText, message, Some(number));
    }
    #[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
    let share = page.unmapped as f32 / seen.max(1) as f32;
    if share > UNMAPPED_SHARE {
        let message = format!("{} of {seen} glyphs have no known character", page.unmapped);
        out.problem(ProblemCode::UnmappedGlyphs, message, Some(number));
    }
}

fn of_load(error: LoadPdfError) -> ParseError {
    match error {
        LoadPdfError::Decryption(
            DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm,
        ) => ParseError::Encrypted,
        LoadPdfError::Decryption(_) => ParseError::malformed("its encryption entry is broken"),
        LoadPdfError::Invalid => ParseError::malformed("no pages can be found in it"),
    }
}
