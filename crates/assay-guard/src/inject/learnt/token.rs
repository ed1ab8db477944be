//! Words as the learnt model sees them, and what stands between them.

use std::sync::LazyLock;

use crate::{
    Shadow,
    inject::{
        patterns::CLASSES,
        words::{self, Word, hashes},
    },
};

/// What stands between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Gap {
    /// Blanks alone, or nothing.
    Space,
    /// Signs within a sentence.
    Sign,
    /// A comma.
    Comma,
    /// A colon.
    Colon,
    /// Quotation marks or brackets.
    Quote,
    /// The end of a cell of a table.
    Cell,
    /// The end of a sentence.
    Stop,
    /// The end of a question.
    Question,
    /// The end of a line.
    Line,
    /// The end of a paragraph, and of the text.
    Paragraph,
}

impl Gap {
    /// Whether a sentence ends here.
    pub(crate) fn ends(self) -> bool {
        matches!(self, Self::Stop | Self::Question | Self::Line | Self::Paragraph)
    }

    /// Whether a line ends here.
    pub(crate) fn breaks(self) -> bool {
        matches!(self, Self::Line | Self::Paragraph)
    }
}

/// A word, or one character of a script without spaces.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token {
    /// Where it starts and ends in the folded text.
    start: u32,
    end: u32,
    /// Hash of the word in lower case; numbers by their length.
    pub(crate) word: u32,
    /// Hash of its first five letters.
    pub(crate) stem: u32,
    /// The classes of the patterns that it is in, a bit each.
    pub(crate) classes: u16,
    /// Letters, roughly.
    pub(crate) length: u8,
    /// Whether it is in capitals.
    pub(crate) loud: bool,
    /// What stands behind it.
    pub(crate) gap: Gap,
    /// Whether a question mark stands behind it, whatever else does.
    pub(crate) asks: bool,
}

impl Token {
    /// Its first byte in the folded text.
    pub(crate) const fn start(&self) -> usize {
        self.start as usize
    }

    /// The first byte behind it.
    pub(crate) const fn end(&self) -> usize {
        self.end as usize
    }
}

/// Bytes of a character of a script without spaces.
const WIDE: usize = 3;
/// Bytes of a gap that are looked at.
const GAP_BYTES: usize = 24;

/// The words of a folded text.
pub(crate) fn tokens(text: &[u8], words: &[Word]) -> Vec<Token> {
    let mut all: Vec<Token> = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).map_or(text.len(), |next| next.start());
        let behind = text.get(word.end()..next.min(word.end() + GAP_BYTES)).unwrap_or(&[]);
        let (mut gap, asks) = gap(behind);
        if at + 1 == words.len() {
            gap = Gap::Paragraph;
        }
        split(text, word, |part| {
            let last = part.end() == word.end();
            let gap = if last { gap } else { Gap::Space };
            all.push(token(text, part, gap, asks && last));
        });
    }
    all
}

/// Calls `add` for the word, or for each character where words are not told apart by spaces.
fn split(text: &[u8], word: &Word, mut add: impl FnMut(Word)) {
    let bytes = text.get(word.start()..word.end()).unwrap_or(&[]);
    if !is_wide(bytes) {
        return add(*word);
    }
    let mut start = word.start();
    while start < word.end() {
        let rest = text.get(start..word.end()).unwrap_or(&[]);
        let end = if is_wide(rest) {
            start + WIDE
        } else {
            start + rest.iter().position(|&byte| byte >= 0xE3).unwrap_or(rest.len()).max(1)
        };
        add(words::word(text, start, end.min(word.end())));
        start = end;
    }
}

/// Kana and Chinese characters.
fn is_wide(bytes: &[u8]) -> bool {
    matches!(bytes, [0xE3..=0xE9, _, _, ..])
}

fn token(text: &[u8], word: Word, gap: Gap, asks: bool) -> Token {
    let bytes = text.get(word.start()..word.end()).unwrap_or(&[]);
    let (hash, stem) = if bytes.iter().all(u8::is_ascii_digit) {
        let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
        (hash(&[b'0', length]), hash(b"0"))
    } else {
        (word.hash, word.stem)
    };
    let upper = bytes.iter().filter(|byte| byte.is_ascii_uppercase()).count();
    let length = u8::try_from(bytes.len()).unwrap_or(u8::MAX);
    let loud = upper > 1 && upper == bytes.len();
    let classes = classes_of(hash);
    let (start, end) = (offset(word.start()), offset(word.end()));
    Token { start, end, word: hash, stem, classes, length, loud, gap, asks }
}

/// Classes that say nothing by themselves.
const EMPTY: [&str; 2] = ["all", "no"];
/// Slots of the table of classes: far more than words, so that one look tells of most that they
/// are in none.
const CLASS_SLOTS: usize = 1 << 13;

static CLASS_TABLE: LazyLock<Vec<(u32, u16)>> = LazyLock::new(|| {
    let mut table = vec![(0, 0); CLASS_SLOTS];
    for (bit, (name, words)) in CLASSES.iter().enumerate().filter(|(bit, _)| *bit < 16) {
        for word in words.split_whitespace().filter(|_| !EMPTY.contains(name)) {
            let folded = Shadow::of(word).text().to_lowercase();
            let own = hashes(folded.as_bytes()).0;
            let free = |entry: &&mut (u32, u16)| entry.1 == 0 || entry.0 == own;
            let (before, from) = table.split_at_mut(own as usize % CLASS_SLOTS);
            if let Some(entry) = from.iter_mut().chain(before).find(free) {
                *entry = (own, entry.1 | 1 << bit);
            }
        }
    }
    table
});

/// The classes of the word with this hash.
fn classes_of(hash: u32) -> u16 {
    let from = CLASS_TABLE.get(hash as usize % CLASS_SLOTS..).unwrap_or(&[]);
    let entry = from.iter().chain(CLASS_TABLE.iter()).find(|entry| entry.1 == 0 || entry.0 == hash);
    entry.map_or(0, |entry| entry.1)
}

/// A place in a text, or a number of words.
pub(crate) fn offset(at: usize) -> u32 {
    words::offset(at)
}

/// The hash of a word in lower case.
pub(crate) fn hash(text: &[u8]) -> u32 {
    words::hash(text)
}

/// What a gap means, and whether a question mark stands in it.
fn gap(text: &[u8]) -> (Gap, bool) {
    if text == b" " {
        return (Gap::Space, false);
    }
    let (mut lines, mut stop, mut asks, mut colon, mut cell, mut quote, mut sign) =
        (0, false, false, false, false, false, false);
    let comma = matches!(text, [b',', b' ', ..] | [b',']);
    let mut stopped = false;
    for &byte in text {
        match byte {
            b'\n' => lines += 1,
            b' ' | b'\r' => stop |= stopped,
            b'?' => asks = true,
            b'|' | b'\t' => cell = true,
            b':' => colon = true,
            b'"' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' => quote = true,
            _ => sign = true,
        }
        stopped =
            matches!(byte, b'.' | b'!' | b'?') || (stopped && matches!(byte, b'"' | b'\'' | b')'));
    }
    let gap = match () {
        () if lines > 1 => Gap::Paragraph,
        () if lines == 1 => Gap::Line,
        () if stop && asks => Gap::Question,
        () if stop => Gap::Stop,
        () if cell => Gap::Cell,
        () if comma => Gap::Comma,
        () if colon => Gap::Colon,
        () if quote => Gap::Quote,
        () if sign => Gap::Sign,
        () => Gap::Space,
    };
    (gap, asks)
}
