//! Pictures: pages without text, until somebody reads them.

use std::{borrow::Cow, io::Cursor};

use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::{ParseError, ProblemCode, builder::Builder, page_image::PageImage, parse::Input};

#[cfg(test)]
mod tests;

/// Longest side of a picture that is decoded.
const SIDE_MAX: u32 = 30_000;

/// Counts the pages of a picture; that they hold no text is a problem of each.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    decoder(&input.bytes, input)?;
    let directories = directories(input);
    let count = u32::try_from(directories.len().max(1)).unwrap_or(u32::MAX);
    out.pages = Some(count);
    if count > input.limits.pages {
        let message = format!("only {} of {count} pages were read", input.limits.pages);
        out.problem(ProblemCode::Limit, message, None);
    }
    for page in 1..=count.min(input.limits.pages) {
        out.problem(ProblemCode::NoText, "the page is a picture".to_owned(), Some(page));
    }
    Ok(())
}

/// The picture of a page in grey.
pub(crate) fn draw(input: &Input, page: u32) -> Result<PageImage, ParseError> {
    let bytes = one_page(input, page)?;
    let mut decoder = decoder(&bytes, input)?;
    let orientation = decoder.orientation().map_err(ParseError::malformed)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(ParseError::malformed)?;
    picture.apply_orientation(orientation);
    let (width, height) = (picture.width(), picture.height());
    let pixels = if picture.color().has_alpha() {
        // On white paper, as a viewer shows it.
        let on_white = |[grey, alpha]: [u8; 2]| {
            let (grey, alpha) = (u32::from(grey), u32::from(alpha));
            ((grey * alpha + 255 * (255 - alpha)) / 255) as u8
        };
        picture.into_luma_alpha8().pixels().map(|pixel| on_white(pixel.0)).collect()
    } else {
        picture.into_luma8().into_raw()
    };
    Ok(PageImage { page, width, height, pixels, scale: 1.0 })
}

/// The decoder for the first page, with its limits set.
fn decoder<'a>(bytes: &'a [u8], input: &Input) -> Result<impl ImageDecoder + 'a, ParseError> {
    let format = image::guess_format(bytes).map_err(ParseError::malformed)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(input.limits.unpacked_bytes);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(ParseError::malformed)?;
    // Some decoders take no notice of the limit.
    if decoder.total_bytes() > input.limits.unpacked_bytes {
        let (bytes, limit) = (decoder.total_bytes(), input.limits.unpacked_bytes);
        return Err(ParseError::TooLarge { bytes, limit });
    }
    Ok(decoder)
}

/// The file with the given page as its first: the decoder reads no other.
fn one_page(input: &Input, page: u32) -> Result<Cow<'_, [u8]>, ParseError> {
    let missing = || ParseError::malformed(format_args!("there is no page {page}"));
    let at = page.checked_sub(1).ok_or_else(missing)? as usize;
    let directories = directories(input);
    match directories.get(at) {
        Some(offset) if at > 0 => {
            let mut bytes = input.bytes.to_vec();
            let place = bytes.get_mut(4..8).ok_or_else(missing)?;
            place.copy_from_slice(offset);
            Ok(Cow::Owned(bytes))
        }
        None if at > 0 => Err(missing()),
        _ => Ok(Cow::Borrowed(&input.bytes)),
    }
}

/// Where the directories of a TIFF start, one a page, as the file writes the numbers; empty for
/// other formats.
fn directories(input: &Input) -> Vec<[u8; 4]> {
    let bytes: &[u8] = &input.bytes;
    let mut found: Vec<[u8; 4]> = Vec::new();
    if image::guess_format(bytes).ok() != Some(ImageFormat::Tiff) {
        return found;
    }
    let is_little = bytes.starts_with(b"II");
    let mut place = 4;
    loop {
        let offset: Option<[u8; 4]> =
            bytes.get(place..).and_then(|rest| rest.first_chunk()).copied();
        let Some(offset) = offset.filter(|offset| *offset != [0; 4]) else { return found };
        // A chain that comes back to where it was never ends; so does one made to be long.
        if found.contains(&offset) || found.len() > input.limits.pages as usize {
            return found;
        }
        let start = number(&offset, is_little);
        let entries: Option<&[u8; 2]> = bytes.get(start..).and_then(|rest| rest.first_chunk());
        let Some(entries) = entries else { return found };
        found.push(offset);
        place = start + 2 + 12 * number(entries, is_little);
    }
}

fn number(digits: &[u8], is_little: bool) -> usize {
    let fold = |sum: usize, digit: &u8| sum << 8 | usize::from(*digit);
    if is_little { digits.iter().rev().fold(0, fold) } else { digits.iter().fold(0, fold) }
}
