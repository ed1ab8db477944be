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

/// Whether one of `words` (lower case) stands in `text` as a word or the start of one; an entry
/// that ends in a space only as a whole word. No more than a window is ever searched.
pub(crate) fn mentions(text: &[u8], words: &[&str]) -> bool {
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or(&[]);
        let length = run(rest, is_word);
        if length == 0 {
            at += 1;
            continue;
        }
        if words.iter().any(|word| starts_with(rest, length, word)) {
            return true;
        }
        at += length;
    }
    false
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
