//! Bytes to text: byte order marks, declared and guessed encodings.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::{ProblemCode, builder::Builder};
pub(crate) use origin::Origins;

mod origin;
#[cfg(test)]
mod tests;

/// Bytes that the detector looks at; more do not change its guess.
const SAMPLE: usize = 256 << 10;

/// The name of the encoding that `encoding_rs` has none for.
const UTF_32: &str = "UTF-32";

/// Decoded text.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    /// The encoding used.
    pub(crate) encoding: &'static str,
    /// Whether some bytes had to be replaced.
    pub(crate) lossy: bool,
    /// Bytes of the byte order mark.
    mark: usize,
}

impl Decoded<'_> {
    /// Records where bytes had to be replaced.
    pub(crate) fn report(&self, out: &mut Builder) {
        if self.lossy {
            let message = format!("some bytes are not valid {} and were replaced", self.encoding);
            out.problem(ProblemCode::Encoding, message, None);
        }
    }

    /// From places in the text to places in the file.
    pub(crate) fn origins(&self) -> Origins<'_> {
        Origins::new(self)
    }
}

/// Decodes text. A byte order mark wins, then valid UTF-8, then what is `declared`, then a guess.
///
/// UTF-8 goes before the declaration because a wrong declaration is more frequent than text of
/// another encoding that happens to be valid UTF-8 outside ASCII.
pub(crate) fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Decoded<'a> {
    if let Some(decoded) = utf_32(bytes) {
        return decoded;
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let decoded = with(encoding, bytes.get(mark..).unwrap_or_default());
        return Decoded { mark, ..decoded };
    }
    if let Some(encoding) = utf_16_without_mark(bytes) {
        return with(encoding, bytes);
    }
    // ISO-2022-JP is seven-bit, hence valid UTF-8; its escapes give it away.
    let is_escaped = bytes.windows(2).any(|pair| pair == b"\x1b$");
    if !is_escaped && let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.into(), encoding: UTF_8.name(), lossy: false, mark: 0 };
    }
    let declared = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    match declared.filter(|encoding| *encoding != UTF_8 && !encoding.decode(bytes).2) {
        Some(encoding) => with(encoding, bytes),
        None => with(guess(bytes), bytes),
    }
}

/// Whether the bytes are text of some encoding, not an image or a program.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let sample = bytes.get(..64 << 10).unwrap_or(bytes);
    if utf_32(sample).is_some()
        || Encoding::for_bom(sample).is_some()
        || utf_16_without_mark(sample).is_some()
    {
        return true;
    }
    let is_odd =
        |byte: u8| byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x08);
    let odd = sample.iter().filter(|byte| is_odd(**byte)).count();
    let nul = sample.contains(&0);
    !nul && odd * 50 <= sample.len()
}

fn with<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Decoded<'a> {
    let (text, lossy) = encoding.decode_without_bom_handling(bytes);
    Decoded { text, encoding: encoding.name(), lossy, mark: 0 }
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    detector.feed(sample, sample.len() == bytes.len());
    // UTF-8 is denied only where it would be chosen against invalid bytes: mostly valid text with
    // a few broken bytes should stay UTF-8.
    if mostly_utf_8(sample) { UTF_8 } else { detector.guess(None, Utf8Detection::Deny) }
}

/// Whether at least nine in ten of the characters outside ASCII are well-formed UTF-8.
fn mostly_utf_8(sample: &[u8]) -> bool {
    let (mut good, mut bad) = (0_usize, 0_usize);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > 0 && good >= bad * 9
}

/// UTF-16 text of a Western language has a zero in every second byte.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = bytes.get(..4096).unwrap_or(bytes);
    let pairs = sample.len() / 2;
    let zeros =
        |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let most = |many: usize, few: usize| pairs >= 4 && many * 10 > pairs * 6 && few * 20 < pairs;
    match () {
        () if most(second, first) => Some(UTF_16LE),
        () if most(first, second) => Some(UTF_16BE),
        () => None,
    }
}

/// UTF-32 with a byte order mark, which `encoding_rs` leaves out because the web does.
fn utf_32(bytes: &[u8]) -> Option<Decoded<'static>> {
    let (mark, rest) = bytes.split_first_chunk::<4>()?;
    let read: fn([u8; 4]) -> u32 = match mark {
        [0xff, 0xfe, 0, 0] => u32::from_le_bytes,
        [0, 0, 0xfe, 0xff] => u32::from_be_bytes,
        _ => return None,
    };
    let (units, tail) = rest.as_chunks::<4>();
    let mut lossy = !tail.is_empty();
    let text: String = units
        .iter()
        .map(|unit| {
            char::from_u32(read(*unit)).unwrap_or_else(|| {
                lossy = true;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    Some(Decoded { text: text.into(), encoding: UTF_32, lossy, mark: mark.len() })
}
