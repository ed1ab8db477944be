//! The words of a text, as the patterns read them.

/// A word: letters and digits of any script, apostrophes within.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Bytes of a word at most; longer ones are of no pattern.
pub(super) const WORD_BYTES_MAX: usize = 48;

/// Splits folded text into words. A run of single letters is one word, however it is spread:
/// `i g n o r e`.
pub(super) fn words(text: &[u8]) -> Vec<Word> {
    let mut all: Vec<Word> = Vec::with_capacity(text.len() / 6 + 1);
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..).unwrap_or(&[]);
        let length = rest.iter().position(|&byte| !in_word(byte)).unwrap_or(rest.len());
        if length == 0 {
            at += 1;
            continue;
        }
        all.push(Word { start: at, end: at + length });
        at += length;
    }
    all
}

fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80 || matches!(byte, b'@' | b'$')
}

/// The word in lower case with digits and signs that stand for letters read as such, into `out`.
pub(super) fn spelt<'o>(text: &[u8], word: &Word, out: &'o mut [u8; WORD_BYTES_MAX]) -> &'o [u8] {
    let bytes = text.get(word.start..word.end).unwrap_or(&[]);
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
