//! Zip archives.

use ::zip::{read::read_zipfile_from_stream, result::ZipError};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GBK, IBM866, SHIFT_JIS};

use super::archive::Visit;
use crate::{ParseError, parse::Input, unpack::open};

#[cfg(test)]
pub(crate) mod tests;

/// Goes through the files of an archive.
pub(crate) fn walk(input: &Input, visit: &mut Visit<'_>) -> Result<(), ParseError> {
    let mut archive = match open(&input.bytes) {
        Ok(archive) => archive,
        Err(error) => return without_directory(input, error, visit),
    };
    let encoding = name_encoding(archive.file_names_raw());
    let count = u32::try_from(archive.len()).unwrap_or(u32::MAX);
    for (done, index) in (0..).zip(0..archive.len()) {
        input.check_time()?;
        input.meter.set_pages(done, count);
        let name = match archive.by_index_raw(index) {
            Ok(file) if !file.is_file() => continue,
            Ok(file) => {
                let fallback = || file.name().unwrap_or_default().into_owned();
                name(file.name_raw(), encoding).unwrap_or_else(fallback)
            }
            Err(_) => format!("file {}", index + 1),
        };
        let goes_on = match archive.by_index(index) {
            Ok(mut file) => visit(&name, Ok(&mut file))?,
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                visit(&name, Err(ParseError::Encrypted))?
            }
            Err(error) => visit(&name, Err(ParseError::malformed(error)))?,
        };
        if !goes_on {
            break;
        }
    }
    Ok(())
}

/// The files of an archive whose directory, which stands at its end, is lost: those in front of the
/// damage, each by its own header.
fn without_directory(
    input: &Input,
    error: ParseError,
    visit: &mut Visit<'_>,
) -> Result<(), ParseError> {
    let mut rest = &**input.bytes;
    while let Ok(Some(mut file)) = read_zipfile_from_stream(&mut rest) {
        input.check_time()?;
        let name = file.name().unwrap_or_default().into_owned();
        if file.is_file() && !visit(&name, Ok(&mut file))? {
            return Ok(());
        }
    }
    Err(error)
}

/// A name in UTF-8 or the encoding of the archive; none for the code page of DOS.
fn name(raw: &[u8], encoding: Option<&'static Encoding>) -> Option<String> {
    if let Ok(name) = std::str::from_utf8(raw) {
        return Some(name.to_owned());
    }
    let name = encoding?.decode_without_bom_handling_and_without_replacement(raw)?;
    Some(name.into_owned())
}

/// The encoding of names that are not UTF-8, judged by all of them. Archives do not say it;
/// programs write what their system uses, and only the encodings of East Asia and of Russia are
/// common enough and far enough from the code page of DOS to be told apart: their letters stand
/// side by side.
fn name_encoding<'a>(names: impl Iterator<Item = &'a [u8]>) -> Option<&'static Encoding> {
    const SAMPLE: usize = 64 << 10;
    let mut sample = Vec::new();
    for name in names.filter(|name| std::str::from_utf8(name).is_err()) {
        sample.extend_from_slice(name);
        sample.push(b'\n');
        if sample.len() > SAMPLE {
            break;
        }
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&sample, true);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if ![SHIFT_JIS, EUC_JP, EUC_KR, GBK, BIG5, IBM866].contains(&guess) {
        return None;
    }
    let text: Vec<char> = guess.decode_without_bom_handling(&sample).0.chars().collect();
    let is_foreign = |c: &char| !c.is_ascii() && c.is_alphabetic();
    let has_word = text.windows(2).any(|pair| pair.iter().all(is_foreign));
    has_word.then_some(guess)
}
