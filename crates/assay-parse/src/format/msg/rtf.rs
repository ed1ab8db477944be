//! Rich text as mails hold it: packed, and often HTML in disguise (MS-OXRTFCP, MS-OXRTFEX).

use encoding_rs::{Encoding, WINDOWS_1252};

/// What the dictionary holds at the start.
const DICTIONARY: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \
\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\
\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const DICTIONARY_SIZE: usize = 4096;
/// Deepest nesting of groups.
const GROUPS_MAX: usize = 1_000;

/// Groups whose text is not for readers.
const HIDDEN: &[&str] = &[
    "fonttbl",
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "object",
    "header",
    "footer",
    "fldinst",
    "generator",
    "themedata",
    "datastore",
    "listtable",
    "listoverridetable",
    "xmlnstbl",
];

/// Unpacks rich text; at most nine bytes come from one.
pub(super) fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let size = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?) as usize;
    let content = bytes.get(16..)?;
    match bytes.get(8..12)? {
        b"MELA" => Some(content.get(..size).unwrap_or(content).to_vec()),
        b"LZFu" => Some(expanded(content)),
        _ => None,
    }
}

fn expanded(content: &[u8]) -> Vec<u8> {
    let mut history = DICTIONARY.to_vec();
    let mut bytes = content.iter().copied();
    'all: while let Some(control) = bytes.next() {
        for bit in 0..8 {
            let Some(first) = bytes.next() else { break 'all };
            if control >> bit & 1 == 0 {
                history.push(first);
                continue;
            }
            let Some(second) = bytes.next() else { break 'all };
            let token = usize::from(u16::from_be_bytes([first, second]));
            let distance = history.len().wrapping_sub(token >> 4) % DICTIONARY_SIZE;
            if distance == 0 {
                break 'all;
            }
            for _ in 0..(token & 0xf) + 2 {
                let from = history.len().checked_sub(distance);
                let byte = from.and_then(|from| history.get(from)).copied().unwrap_or(b' ');
                history.push(byte);
            }
        }
    }
    history.split_off(DICTIONARY.len())
}

/// The text of rich text, and whether it is the source of HTML.
pub(super) fn text(rtf: &[u8]) -> (String, bool) {
    let is_html = rtf.windows(10).any(|window| window == b"\\fromhtml1");
    let mut reader = Reader {
        rest: rtf,
        out: String::new(),
        pending: Vec::new(),
        encoding: WINDOWS_1252,
        groups: vec![Group { fallback: 1, ..Group::default() }],
        is_starred: false,
        high: None,
        to_skip: 0,
    };
    while let Some(byte) = reader.next() {
        match byte {
            b'{' => reader.open(),
            b'}' => reader.close(),
            b'\\' => reader.control(),
            b'\r' | b'\n' => {}
            byte => reader.byte(byte),
        }
    }
    reader.flush();
    (reader.out, is_html)
}

/// What holds inside a pair of braces.
#[derive(Debug, Clone, Copy, Default)]
struct Group {
    is_hidden: bool,
    /// Whether the text only stands for HTML that is there too.
    is_double: bool,
    /// How many characters follow a Unicode one for programs that cannot show it.
    fallback: usize,
}

struct Reader<'a> {
    rest: &'a [u8],
    out: String,
    /// Bytes that are not decoded yet.
    pending: Vec<u8>,
    encoding: &'static Encoding,
    groups: Vec<Group>,
    /// Whether the next word names a group that may be left out.
    is_starred: bool,
    /// The first half of a character outside the basic plane.
    high: Option<u16>,
    to_skip: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn group(&mut self) -> Option<&mut Group> {
        self.groups.last_mut()
    }

    fn open(&mut self) {
        self.flush();
        if self.groups.len() < GROUPS_MAX {
            self.groups.extend(self.groups.last().copied());
        }
    }

    fn close(&mut self) {
        self.flush();
        if self.groups.len() > 1 {
            self.groups.pop();
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.to_skip > 0 {
            self.to_skip -= 1;
        } else if self.groups.last().is_some_and(|group| !group.is_hidden && !group.is_double) {
            self.pending.push(byte);
        }
    }

    fn flush(&mut self) {
        let (text, _) = self.encoding.decode_without_bom_handling(&self.pending);
        self.out.push_str(&text);
        self.pending.clear();
    }

    fn push(&mut self, c: char) {
        self.flush();
        if self.groups.last().is_some_and(|group| !group.is_hidden && !group.is_double) {
            self.out.push(c);
        }
    }

    fn control(&mut self) {
        let Some(first) = self.rest.first().copied() else { return };
        if first.is_ascii_alphabetic() {
            let word = self.take(|byte| byte.is_ascii_alphabetic());
            let number = self.take(|byte| byte.is_ascii_digit() || byte == b'-');
            if self.rest.first() == Some(&b' ') {
                self.next();
            }
            let is_starred = std::mem::take(&mut self.is_starred);
            return self.word(&word, number.parse().ok(), is_starred);
        }
        self.next();
        match first {
            b'\'' => {
                let digits = self.rest.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
                let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
                self.rest = self.rest.get(2..).unwrap_or_default();
                self.byte(byte.unwrap_or(b'?'));
            }
            b'*' => self.is_starred = true,
            b'~' => self.push(' '),
            b'_' => self.push('-'),
            b'\r' | b'\n' => self.push('\n'),
            b'{' | b'}' | b'\\' => self.byte(first),
            _ => {}
        }
    }

    fn take(&mut self, is_part: impl Fn(u8) -> bool) -> String {
        let length = self.rest.iter().take_while(|byte| is_part(**byte)).count();
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        String::from_utf8_lossy(taken).into_owned()
    }

    fn word(&mut self, word: &str, number: Option<i32>, is_starred: bool) {
        match (word, number) {
            ("u", Some(unit)) => self.unicode(unit as u16),
            ("uc", Some(count)) => {
                if let Some(group) = self.group() {
                    group.fallback = usize::try_from(count).unwrap_or(0);
                }
            }
            ("bin", Some(count)) => {
                let count = usize::try_from(count).unwrap_or(0);
                self.rest = self.rest.get(count..).unwrap_or_default();
            }
            ("ansicpg", Some(page)) => {
                let page = u16::try_from(page).ok().and_then(codepage::to_encoding);
                self.encoding = page.unwrap_or(self.encoding);
            }
            ("htmlrtf", number) => {
                self.flush();
                if let Some(group) = self.group() {
                    group.is_double = number != Some(0);
                }
            }
            ("htmltag", _) => {}
            ("par" | "line" | "row" | "sect" | "page", _) => self.push('\n'),
            ("tab" | "cell", _) => self.push('\t'),
            ("lquote", _) => self.push('‘'),
            ("rquote", _) => self.push('’'),
            ("ldblquote", _) => self.push('“'),
            ("rdblquote", _) => self.push('”'),
            ("bullet", _) => self.push('•'),
            ("emdash", _) => self.push('—'),
            ("endash", _) => self.push('–'),
            _ if is_starred || HIDDEN.contains(&word) => {
                if let Some(group) = self.group() {
                    group.is_hidden = true;
                }
            }
            _ => {}
        }
    }

    fn unicode(&mut self, unit: u16) {
        let high = self.high.take();
        match char::decode_utf16(high.into_iter().chain([unit])).last() {
            Some(Ok(c)) => self.push(c),
            _ if (0xd800..0xdc00).contains(&unit) => self.high = Some(unit),
            _ => {}
        }
        self.to_skip = self.groups.last().map_or(1, |group| group.fallback);
    }
}
