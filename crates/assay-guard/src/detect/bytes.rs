//! Small questions about bytes, asked by every detector.

/// Letters, digits and the underscore.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// The alphabet of base64 in both forms, without padding.
pub(crate) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// Length of the run of bytes at the start of `text` that satisfy `is`.
pub(crate) fn run(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|&byte| !is(byte)).unwrap_or(text.len())
}

/// Length of such a run at the end of `text`.
pub(crate) fn run_back(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    text.iter().rev().position(|&byte| !is(byte)).unwrap_or(text.len())
}

/// Words that are looked for around a place: in lower case; as words or starts of words, an entry
/// that ends in a space only as a whole word.
#[derive(Clone, Copy)]
pub(crate) struct Words {
    all: &'static [&'static str],
    /// The letters that they begin with, a bit each: one look tells of most words of a text that
    /// they are none of these.
    firsts: u32,
}

impl Words {
    pub(crate) const fn new(all: &'static [&'static str]) -> Self {
        let (mut firsts, mut at) = (0, 0);
        while at < all.len() {
            firsts |= 1 << (all[at].as_bytes()[0] - b'a');
            at += 1;
        }
        Self { all, firsts }
    }

    /// Whether one of them stands in `text`. No more than a window is ever searched.
    pub(crate) fn are_in(&self, text: &[u8]) -> bool {
        let mut at = 0;
        while at < text.len() {
            let rest = text.get(at..).unwrap_or(&[]);
            let length = run(rest, is_word);
            let first = rest.first().map_or(u8::MAX, |first| (first | 0x20).wrapping_sub(b'a'));
            let may_be = first < 26 && self.firsts >> first & 1 == 1;
            if may_be && self.all.iter().any(|word| starts_with(rest, length, word)) {
                return true;
            }
            at += length.max(1);
        }
        false
    }
}

fn starts_with(rest: &[u8], length: usize, word: &str) -> bool {
    let (word, whole) = match word.strip_suffix(' ') {
        Some(word) => (word, true),
        None => (word, false),
    };
    let fits =
        rest.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
    fits && (!whole || length == word.len())
}

/// Bits of surprise in a byte of `text`, by the frequency of its own bytes (Shannon).
#[expect(clippy::cast_precision_loss, reason = "windows are short")]
pub(crate) fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for &byte in text {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = text.len().max(1) as f64;
    let share = counts.iter().filter(|&&count| count > 0).map(|&count| f64::from(count) / total);
    -share.map(|share| share * share.log2()).sum::<f64>()
}
