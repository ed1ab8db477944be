//! Words of a text as the model sees them.

use super::{REACH, lexicon};
use crate::Shadow;

/// Bytes of a word at most; what is longer is a key, a run of another script, noise.
const TOKEN_BYTES_MAX: usize = 48;

/// Words on each side that are looked at.
pub(crate) const SIDE: usize = 3;

/// What stands in for a word that is not there.
pub(crate) const NOTHING: u32 = 0x9e37_79b9;

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
    /// Both together: what a word is like, apart from what it is.
    pub(crate) like: u32,
    /// What stands between it and the word before.
    pub(crate) gap: u32,
}

/// What stands where no word is near.
static ABSENT: Token = Token {
    start: 0,
    end: 0,
    origin: 0,
    word: NOTHING,
    prefix: NOTHING,
    suffix2: NOTHING,
    suffix3: NOTHING,
    suffix4: NOTHING,
    shape: NOTHING,
    lists: NOTHING,
    like: NOTHING,
    gap: NOTHING,
};

impl Token {
    /// Whether it is short enough to be a word.
    pub(crate) fn is_short(&self) -> bool {
        self.end - self.start <= TOKEN_BYTES_MAX
    }

    /// Whether it is a single byte, or not there.
    pub(crate) fn is_letter(&self) -> bool {
        self.end - self.start <= 1
    }

    /// Whether it is a word of the text, and not what stands where none is near.
    pub(crate) fn is_there(&self) -> bool {
        self.end > 0
    }
}

/// The words of a text, one after the other.
pub(crate) struct Tokens<'a> {
    shadow: &'a Shadow<'a>,
    text: &'a [u8],
    /// Up to here the text is read.
    at: usize,
}

/// The words of a text.
pub(crate) fn tokens<'a>(shadow: &'a Shadow<'a>) -> Tokens<'a> {
    Tokens { shadow, text: shadow.text().as_bytes(), at: 0 }
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let last = self.at;
        let run = |from: usize, inside: bool| {
            let rest = self.text.get(from..).unwrap_or(&[]);
            from + rest.iter().position(|&byte| in_word(byte) != inside).unwrap_or(rest.len())
        };
        let start = run(last, false);
        self.at = run(start, true);
        let word = self.text.get(start..self.at).filter(|word| !word.is_empty())?;
        let gap = gap(self.text.get(last..start).unwrap_or(&[]));
        Some(token(word, start, self.shadow.origin(start), gap))
    }
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn token(word: &[u8], start: usize, origin: usize, gap: u32) -> Token {
    let end = start + word.len();
    let word = word.get(..TOKEN_BYTES_MAX).unwrap_or(word);
    let mut lower = [0u8; TOKEN_BYTES_MAX];
    let (mut whole, mut prefix, mut counts) = (SEED, SEED, Counts::default());
    for (at, (to, &byte)) in lower.iter_mut().zip(word).enumerate() {
        *to = byte.to_ascii_lowercase();
        whole = step(whole, *to);
        prefix = if at < 3 { whole } else { prefix };
        counts.add(byte);
    }
    let lower = lower.get(..word.len()).unwrap_or(&[]);
    let digits = counts.digits() == word.len();
    let length = u8::try_from(word.len()).unwrap_or(0);
    let [suffix2, suffix3, suffix4] = match lower {
        [.., a, b, c, d] => [hash(&[*c, *d]), hash(&[*b, *c, *d]), hash(&[*a, *b, *c, *d])],
        [a, b, c] => [hash(&[*b, *c]), hash(&[*a, *b, *c]), whole],
        _ => [whole; 3],
    };
    let shape = counts.shape(word.first().is_some_and(u8::is_ascii_uppercase));
    let lists = lexicon::lists(whole);
    Token {
        start,
        end,
        origin,
        word: if digits { hash(&[b'0', length]) } else { whole },
        prefix,
        suffix2,
        suffix3,
        suffix4,
        shape,
        lists,
        like: shape << 8 | lists,
        gap,
    }
}

const SEED: u32 = 0x811c_9dc5;

fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
}

/// FNV-1a, 32 bits.
pub(crate) fn hash(text: &[u8]) -> u32 {
    text.iter().fold(SEED, |hash, &byte| step(hash, byte))
}

/// How many bytes of a word are capitals, small letters, digits, and of other scripts, in this
/// order, in a byte each: a word has no more than [`TOKEN_BYTES_MAX`].
#[derive(Default)]
struct Counts(u32);

impl Counts {
    fn add(&mut self, byte: u8) {
        self.0 += match byte {
            b'A'..=b'Z' => 1,
            b'a'..=b'z' => 1 << 8,
            b'0'..=b'9' => 1 << 16,
            _ => 1 << 24,
        };
    }

    fn digits(&self) -> usize {
        let [_, _, digits, _] = self.0.to_le_bytes();
        usize::from(digits)
    }

    /// How a word is written: lower, capital, upper, digits by their number, letters and digits,
    /// other scripts; one letter is apart.
    fn shape(&self, first_upper: bool) -> u32 {
        match self.0.to_le_bytes() {
            [0, 0, n, 0] => 16 + u32::from(n.min(12)),
            [1, 0, 0, 0] => 1,
            [0, 1, 0, 0] => 2,
            [0, _, 0, 0] => 3,
            [_, 0, 0, 0] => 4,
            [1, _, 0, 0] if first_upper => 5,
            [_, _, 0, 0] if first_upper => 6,
            [_, _, 0, 0] => 7,
            [_, _, _, 0] => 8,
            [0, _, 0, _] => 9,
            _ => 10,
        }
    }
}

/// What a gap between two words consists of, at most its first signs.
fn gap(text: &[u8]) -> u32 {
    if text == b" " {
        return SEED ^ 1 << 3;
    }
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

/// The words around one, itself in the middle; [`ABSENT`] where none is within reach.
pub(crate) type Around<'t> = [&'t Token; 2 * SIDE + 1];

/// The words around the one at a place of a list.
#[inline(always)]
pub(crate) fn around(tokens: &[Token], at: usize) -> Around<'_> {
    let all = at.checked_sub(SIDE).and_then(|from| tokens.get(from..)?.first_chunk());
    if let Some(all @ [first, _, _, own, _, _, last]) = all {
        // Mostly all are near, and one look tells.
        if last.end - first.start <= TOKEN_BYTES_MAX
            && first.origin + REACH >= own.origin
            && last.origin + TOKEN_BYTES_MAX <= own.origin + REACH
        {
            return all.each_ref();
        }
    }
    std::array::from_fn(|place| {
        let other = (at + place).checked_sub(SIDE).and_then(|other| tokens.get(other));
        let centre = tokens.get(at).unwrap_or(&ABSENT);
        other.filter(|other| is_near(centre, other)).unwrap_or(&ABSENT)
    })
}

fn is_near(centre: &Token, other: &Token) -> bool {
    let length = (other.end - other.start).min(TOKEN_BYTES_MAX);
    let within = if other.start < centre.start {
        other.origin + REACH >= centre.origin
    } else {
        other.origin + length <= centre.origin + REACH
    };
    within && other.is_short()
}
