//! The words of a text, as the patterns read them.

/// A word: letters and digits of any script, apostrophes within.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    /// Where it starts and ends, in bytes of the folded text. Words are many: they are kept small.
    start: u32,
    end: u32,
    /// Hash of the word as it is spelt.
    pub(super) hash: u32,
    /// Hash of its first five letters.
    pub(super) stem: u32,
}

impl Word {
    fn new(start: usize, end: usize, (hash, stem): (u32, u32)) -> Self {
        Self { start: offset(start), end: offset(end), hash, stem }
    }

    /// Its first byte in the folded text.
    pub(super) const fn start(&self) -> usize {
        self.start as usize
    }

    /// The first byte behind it.
    pub(super) const fn end(&self) -> usize {
        self.end as usize
    }
}

/// A place in a text. Nothing stands beyond what it can count.
pub(super) fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// Letters that are taken for the stem of a word.
const STEM: usize = 5;

/// Bytes of a word at most; longer ones are of no pattern.
pub(super) const WORD_BYTES_MAX: usize = 48;

/// Splits folded text into words. A run of single letters is one word, however it is spread:
/// `i g n o r e`.
pub(super) fn words(text: &[u8]) -> Vec<Word> {
    let mut all: Vec<Word> = Vec::with_capacity(text.len() / 6 + 1);
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += rest.iter().position(|&byte| in_word(byte)).unwrap_or(rest.len());
        let start = at;
        // Most words are letters alone, or digits: these are hashed while they are read.
        let (mut own, mut stem, mut letters, mut ascii) = (SEED, SEED, 0, true);
        while let Some(&byte) = text.get(at).filter(|&&byte| in_word(byte)) {
            own = step(own, byte.to_ascii_lowercase());
            stem = if at - start < STEM { own } else { stem };
            letters += usize::from(byte.is_ascii_alphabetic());
            ascii &= byte.is_ascii();
            at += 1;
        }
        let length = at - start;
        let plain = ascii && (letters == 0 || letters == length) && length <= WORD_BYTES_MAX;
        match plain {
            _ if length == 0 => {}
            true => all.push(Word::new(start, at, (own, stem))),
            false => all.push(word(text, start, at)),
        }
    }
    all
}

/// The word that stands there.
pub(super) fn word(text: &[u8], start: usize, end: usize) -> Word {
    let bytes = text.get(start..end).unwrap_or(&[]);
    let hashes = match bytes.is_ascii() {
        true => {
            let mut buffer = [0; WORD_BYTES_MAX];
            hashes(spelt_ascii(bytes, &mut buffer))
        }
        false => hashes(bytes),
    };
    Word::new(start, end, hashes)
}

/// Hashes of a word that is spelt, and of its start; other letters than ASCII in lower case.
pub(super) fn hashes(word: &[u8]) -> (u32, u32) {
    if word.is_ascii() {
        return (hash(word), hash(word.get(..STEM).unwrap_or(word)));
    }
    let (mut whole, mut stem) = (SEED, SEED);
    let word = std::str::from_utf8(word).unwrap_or("");
    for (at, letter) in word.chars().take(WORD_BYTES_MAX).enumerate() {
        let mut add = |letter: char| whole = (whole ^ letter as u32).wrapping_mul(PRIME);
        if is_caseless(letter) {
            add(letter);
        } else {
            letter.to_lowercase().for_each(add);
        }
        if at < STEM {
            stem = whole;
        }
    }
    (whole, stem)
}

/// Whether a letter is of a script with one case alone: most are, and looking a letter up costs.
const fn is_caseless(letter: char) -> bool {
    matches!(letter, '\u{590}'..='\u{109f}' | '\u{1100}'..='\u{139f}' | '\u{2e80}'..='\u{a63f}'
        | '\u{ac00}'..='\u{faff}' | '\u{fb50}'..='\u{feff}')
}

const SEED: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

/// FNV-1a, 32 bits.
pub(super) fn hash(text: &[u8]) -> u32 {
    text.iter().fold(SEED, |hash, &byte| step(hash, byte))
}

fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ u32::from(byte)).wrapping_mul(PRIME)
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'@' | b'$')
}

/// The word in lower case with digits and signs that stand for letters read as such, into `out`.
pub(super) fn spelt<'o>(text: &[u8], word: &Word, out: &'o mut [u8; WORD_BYTES_MAX]) -> &'o [u8] {
    let bytes = text.get(word.start()..word.end()).unwrap_or(&[]);
    if bytes.len() > WORD_BYTES_MAX {
        return &[];
    }
    if !bytes.is_ascii() {
        let lower = std::str::from_utf8(bytes).unwrap_or("").to_lowercase();
        let length = lower.len().min(WORD_BYTES_MAX);
        for (to, &from) in out.iter_mut().zip(lower.as_bytes()) {
            *to = from;
        }
        return out.get(..length).unwrap_or(&[]);
    }
    spelt_ascii(bytes, out)
}

fn spelt_ascii<'o>(bytes: &[u8], out: &'o mut [u8; WORD_BYTES_MAX]) -> &'o [u8] {
    if bytes.len() > WORD_BYTES_MAX {
        return &[];
    }
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let disguised = letters > 0 && letters < bytes.len() && letters * 2 >= bytes.len();
    for (to, &from) in out.iter_mut().zip(bytes) {
        *to = match from {
            b'0' if disguised => b'o',
            b'1' if disguised => b'i',
            b'3' if disguised => b'e',
            b'4' | b'@' if disguised => b'a',
            b'5' | b'$' if disguised => b's',
            b'7' if disguised => b't',
            other => other.to_ascii_lowercase(),
        };
    }
    out.get(..bytes.len()).unwrap_or(&[])
}
