//! Random changes of bytes: flips, cuts, repetitions, numbers at their limits, words of formats.

use crate::mutation;

/// Longest file that changes may make.
const LONGEST: usize = 1 << 20;

/// Numbers that parsers stumble over.
const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "255",
    "65535",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551616",
    "99999999999999999999999999",
    "1e308",
    "1e-400",
    "-0.0",
    "NaN",
    "0x7fffffff",
];

/// Words that mean something to some parser.
const WORDS: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "&",
    "&amp;",
    "&#0;",
    "&#x110000;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "&a;",
    "<?xml version=\"1.0\"?>",
    "\"",
    "'",
    "=",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    ";",
    "|",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\u{feff}",
    "\u{202e}",
    "\u{fffd}",
    "e\u{301}",
    "漢字",
    "مرحبا",
    "<table>",
    "<tr><td rowspan=65535 colspan=65535>",
    "<ul><li>",
    "<div>",
    "<svg>",
    "<math>",
    "<template>",
    "<select>",
    "- ",
    "> ",
    "# ",
    "```",
    "~~~",
    "| a | b |\n|-|-|\n",
    "[x](y)",
    "---\n",
    "+++\n",
    "*x",
    "&x ",
    "!!",
    "%YAML 1.2\n",
    "?",
    "<< ",
    " >>",
    " obj\n",
    "endobj",
    "stream\n",
    "endstream",
    " R",
    "/Kids [2 0 R]",
    "/Parent 2 0 R",
    "/Type /Page",
    "/Filter /FlateDecode",
    "/Length 99999999",
    "BT",
    "ET",
    "Tj",
    "Do",
    "q",
    "cm",
    "From a@b.c Mon Jan  1 10:00:00 2024\n",
    "Content-Type: multipart/mixed; boundary=\"b\"\n",
    "--b\n",
    "--b--\n",
    "Content-Transfer-Encoding: base64\n",
    "=?utf-8?B?",
    "?=",
    "/*",
    "*/",
    "\"\"\"",
    "fn f() {",
    "class A:\n",
    "def f():\n",
];

/// Random numbers and what is decided by them.
pub(crate) struct Dice(u64);

impl Dice {
    /// The sequence of a start.
    pub(crate) fn of(start: u64) -> Self {
        Self(start)
    }

    /// A number below `end`; 0 where there is none.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        mutation::next(&mut self.0) % end.max(1)
    }

    /// One of some.
    pub(crate) fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// A copy with one to eight changes; `other` gives pieces.
    pub(crate) fn change(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let changes = 1 << self.below(4);
        for _ in 0..changes {
            self.change_once(&mut bytes, other);
            bytes.truncate(LONGEST);
        }
        bytes
    }

    fn change_once(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        match self.below(10) {
            0 => self.flip(bytes),
            1 => {
                let end = at + self.below((bytes.len() - at).min(64) + 1);
                bytes.drain(at..end);
            }
            2 => self.repeat(bytes, at),
            3 => {
                let from = self.below(other.len());
                let size = self.below(256);
                let piece = other.iter().skip(from).take(size).copied();
                bytes.splice(at..at, piece);
            }
            4 | 5 => {
                let word = self.pick(WORDS).copied().unwrap_or_default();
                let times = if self.below(8) == 0 { self.below(5_000) } else { 1 };
                bytes.splice(at..at, word.repeat(times).bytes().take(LONGEST));
            }
            6 | 7 => self.number(bytes, at),
            8 if self.below(4) == 0 => bytes.truncate(at),
            _ => {
                let random: Vec<u8> = (0..self.below(8)).map(|_| self.below(256) as u8).collect();
                let end = (at + random.len()).min(bytes.len());
                bytes.splice(at..end, random);
            }
        }
    }

    fn flip(&mut self, bytes: &mut [u8]) {
        let (at, bit) = (self.below(bytes.len()), self.below(8));
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    /// Puts a piece there again, sometimes very often.
    fn repeat(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let size = self.below((bytes.len() - at).min(200) + 1);
        let piece: Vec<u8> = bytes.iter().skip(at).take(size).copied().collect();
        let most = if self.below(8) == 0 { 3_000 } else { 4 };
        let times = 1 + self.below(most);
        bytes.splice(at..at, piece.repeat(times).into_iter().take(LONGEST));
    }

    /// Puts another number in the place of the next one.
    fn number(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let rest = bytes.iter().skip(at);
        let Some(skip) = rest.clone().position(u8::is_ascii_digit) else { return };
        let digits = rest.skip(skip).take_while(|byte| byte.is_ascii_digit()).count();
        let number = self.pick(NUMBERS).copied().unwrap_or_default();
        bytes.splice(at + skip..at + skip + digits, number.bytes());
    }
}
