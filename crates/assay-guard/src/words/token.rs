//! Words of a text as the model sees them.

use super::{REACH, lexicon};
use crate::Shadow;

/// Bytes of a word at most; what is longer is a key, a run of another script, noise.
const TOKEN_BYTES_MAX: usize = 48;

/// A run of letters and digits, with what the features ask of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// First byte in the shadow.
    pub(crate) start: usize,
    /// First byte behind it.
    pub(crate) end: usize,
    /// First byte in the original: distances are counted there.
    origin: usize,
    /// Hash of the word in lower case; numbers by their length.
    pub(crate) word: u32,
    /// Hashes of the first three and the last two, three and four letters.
    pub(crate) prefix: u32,
    pub(crate) suffix2: u32,
    pub(crate) suffix3: u32,
    pub(crate) suffix4: u32,
    /// What it is written like, see [`shape`].
    pub(crate) shape: u32,
    /// What lists it stands in.
    pub(crate) lists: u32,
    /// What stands between it and the word before.
    pub(crate) gap: u32,
}

impl Token {
    /// Whether it is short enough to be a word.
    pub(crate) fn is_short(&self) -> bool {
        self.end - self.start <= TOKEN_BYTES_MAX
    }
}

/// The words of a text.
pub(crate) fn tokens(shadow: &Shadow<'_>) -> Vec<Token> {
    let text = shadow.text().as_bytes();
    let mut all = Vec::with_capacity(text.len() / 6 + 1);
    let (mut at, mut last) = (0, 0);
    while let Some(&byte) = text.get(at) {
        if !in_word(byte) {
            at += 1;
            continue;
        }
        let start = at;
        while text.get(at).copied().is_some_and(in_word) {
            at += 1;
        }
        let word = text.get(start..at).unwrap_or(&[]);
        let gap = gap(text.get(last..start).unwrap_or(&[]));
        all.push(token(word, start, shadow.origin(start), gap));
        last = at;
    }
    all
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn token(word: &[u8], start: usize, origin: usize, gap: u32) -> Token {
    let end = start + word.len();
    let mut lower = [0u8; TOKEN_BYTES_MAX];
    let word = word.get(..TOKEN_BYTES_MAX).unwrap_or(word);
    for (to, from) in lower.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
    }
    let lower = lower.get(..word.len()).unwrap_or(&[]);
    let digits = word.iter().all(u8::is_ascii_digit);
    let length = u8::try_from(word.len()).unwrap_or(0);
    let hashed = if digits { hash(&[b'0', length]) } else { hash(lower) };
    let tail = |count: usize| hash(lower.get(lower.len().saturating_sub(count)..).unwrap_or(&[]));
    Token {
        start,
        end,
        origin,
        word: hashed,
        prefix: hash(lower.get(..3).unwrap_or(lower)),
        suffix2: tail(2),
        suffix3: tail(3),
        suffix4: tail(4),
        shape: shape(word),
        lists: lexicon::lists(hash(lower)),
        gap,
    }
}

/// FNV-1a, 32 bits.
pub(crate) fn hash(text: &[u8]) -> u32 {
    text.iter().fold(0x811c_9dc5, |hash, &byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// How a word is written: lower, capital, upper, digits by their number, letters and digits, other
/// scripts; one letter is apart.
fn shape(word: &[u8]) -> u32 {
    let (mut upper, mut lower, mut digits, mut other) = (0usize, 0usize, 0usize, 0usize);
    for byte in word {
        match byte {
            b'A'..=b'Z' => upper += 1,
            b'a'..=b'z' => lower += 1,
            b'0'..=b'9' => digits += 1,
            _ => other += 1,
        }
    }
    let first_upper = word.first().is_some_and(u8::is_ascii_uppercase);
    match (upper, lower, digits, other) {
        (0, 0, n, 0) => 16 + u32::try_from(n.min(12)).unwrap_or(12),
        (1, 0, 0, 0) => 1,
        (0, 1, 0, 0) => 2,
        (0, _, 0, 0) => 3,
        (_, 0, 0, 0) => 4,
        (1, _, 0, 0) if first_upper => 5,
        (_, _, 0, 0) if first_upper => 6,
        (_, _, 0, 0) => 7,
        (_, _, 1.., 0) => 8,
        (0, _, 0, _) => 9,
        _ => 10,
    }
}

/// What a gap between two words consists of, at most its first signs.
fn gap(text: &[u8]) -> u32 {
    let mut seen = [0u8; 3];
    let mut count = 0;
    let mut lines = 0u32;
    for &byte in text.iter().take(12) {
        lines += u32::from(byte == b'\n');
        let sign = match byte {
            b' ' | b'\t' | b'\r' => continue,
            b'"' | b'\'' | b'*' | b'_' => b'"',
            b'!' | b'?' => b'.',
            b'[' | b'{' => b'(',
            b']' | b'}' => b')',
            other => other,
        };
        if let Some(slot) = seen.get_mut(count) {
            *slot = sign;
            count += 1;
        }
    }
    let spaced = u32::from(text.first().is_some_and(u8::is_ascii_whitespace));
    hash(seen.get(..count).unwrap_or(&[])) ^ (spaced << 3) ^ (lines.min(2) << 5)
}

/// The word `offset` places from `at`, when it is there and within reach.
pub(crate) fn near(tokens: &[Token], at: usize, offset: isize) -> Option<&Token> {
    let centre = tokens.get(at)?;
    let other = tokens.get(at.checked_add_signed(offset)?)?;
    let length = (other.end - other.start).min(TOKEN_BYTES_MAX);
    let within = if offset < 0 {
        other.origin + REACH >= centre.origin
    } else {
        other.origin + length <= centre.origin + REACH
    };
    (within && other.is_short()).then_some(other)
}
