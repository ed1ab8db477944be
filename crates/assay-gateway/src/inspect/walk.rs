//! JSON that is read as it comes, with its strings handed to a visitor.
//!
//! Everything but the strings that the visitor wants is copied as it is written, so that the JSON
//! stays what it was, however it is cut into pieces. What is no JSON is handed over as one text.

use std::fmt::Write as _;

/// Objects and arrays inside each other that are followed; what is deeper is handed over as text.
const DEPTH_MAX: usize = 256;
/// Bytes of a number at most; what is longer is none.
const BARE_BYTES_MAX: usize = 128;
/// Bytes of a name that are kept.
const NAME_BYTES_MAX: usize = 256;

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Into the field of this name.
    Field(String),
    /// Into the element of this number.
    Element(usize),
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// A string.
    Text,
    /// A number.
    Number,
    /// Something that is no JSON.
    Other,
}

/// Takes the values of a JSON text, one after the other.
pub(super) trait Visitor {
    /// A value begins; whether it is wanted. What is not wanted is copied.
    fn open(&mut self, path: &[Step], value: Value) -> bool;
    /// A piece of the value; returns what takes its place.
    fn piece(&mut self, piece: &str) -> String;
    /// The value ends; returns the rest.
    fn close(&mut self) -> String;
}

/// A reader of JSON in pieces.
#[derive(Debug)]
pub(super) struct Walk<V> {
    pub(super) visitor: V,
    state: State,
    levels: Vec<Level>,
    path: Vec<Step>,
    /// The text of a number, or of a name, so far.
    held: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Between values.
    Between,
    /// In the name of a field, and whether the next character is escaped.
    Name { escaped: bool },
    /// In a string that nobody wants.
    Skipped { escaped: bool },
    /// In a string that is wanted.
    Wanted(Escape),
    /// In a number or a literal.
    Bare,
    /// In what is no JSON.
    Other,
}

/// How far an escape has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Escape {
    /// Behind a backslash.
    open: bool,
    /// Digits of `\u` that are missing.
    missing: u8,
    code: u16,
    /// The first half of a pair.
    high: Option<u16>,
}

#[derive(Debug)]
enum Level {
    Object { expects_name: bool },
    Array,
}

impl<V: Visitor> Walk<V> {
    pub(super) fn new(visitor: V) -> Self {
        Self {
            visitor,
            state: State::Between,
            levels: Vec::new(),
            path: Vec::new(),
            held: String::new(),
        }
    }

    /// Takes a piece of the JSON and gives out what takes its place.
    pub(super) fn push(&mut self, piece: &str) -> String {
        let mut out = String::with_capacity(piece.len());
        let mut text = String::new();
        for character in piece.chars() {
            self.take(character, &mut text, &mut out);
        }
        self.hand_over(&mut text, &mut out);
        out
    }

    /// Ends the JSON and gives out the rest.
    pub(super) fn finish(&mut self) -> String {
        let mut out = String::new();
        match self.state {
            State::Wanted(_) => write_escaped(&self.visitor.close(), &mut out),
            State::Other => out.push_str(&self.visitor.close()),
            State::Bare => self.end_bare(&mut out),
            State::Between | State::Name { .. } | State::Skipped { .. } => {}
        }
        self.state = State::Between;
        out
    }

    /// Hands over what was read of a wanted value.
    fn hand_over(&mut self, text: &mut String, out: &mut String) {
        if text.is_empty() {
            return;
        }
        let passed = self.visitor.piece(text);
        text.clear();
        match self.state {
            State::Other => out.push_str(&passed),
            _ => write_escaped(&passed, out),
        }
    }

    fn take(&mut self, character: char, text: &mut String, out: &mut String) {
        match self.state {
            State::Between => self.between(character, text, out),
            State::Name { escaped } => {
                out.push(character);
                match (escaped, character) {
                    (false, '"') => self.end_name(),
                    _ => {
                        if self.held.len() < NAME_BYTES_MAX {
                            self.held.push(character);
                        }
                        self.state = State::Name { escaped: !escaped && character == '\\' };
                    }
                }
            }
            State::Skipped { escaped } => {
                out.push(character);
                self.state = match (escaped, character) {
                    (false, '"') => State::Between,
                    _ => State::Skipped { escaped: !escaped && character == '\\' },
                };
            }
            State::Wanted(escape) => self.wanted(escape, character, text, out),
            State::Bare => {
                let ends = matches!(character, ',' | ']' | '}') || character.is_ascii_whitespace();
                if ends {
                    self.end_bare(out);
                    self.state = State::Between;
                    self.between(character, text, out);
                } else {
                    self.held.push(character);
                    if self.held.len() > BARE_BYTES_MAX || character == '"' {
                        self.give_up(text);
                    }
                }
            }
            State::Other => text.push(character),
        }
    }

    fn between(&mut self, character: char, text: &mut String, out: &mut String) {
        match character {
            '{' | '[' if self.levels.len() >= DEPTH_MAX => {
                self.held.push(character);
                self.give_up(text);
            }
            '{' => {
                out.push('{');
                self.levels.push(Level::Object { expects_name: true });
                self.path.push(Step::Field(String::new()));
            }
            '[' => {
                out.push('[');
                self.levels.push(Level::Array);
                self.path.push(Step::Element(0));
            }
            '}' | ']' => {
                out.push(character);
                self.levels.pop();
                self.path.pop();
            }
            ',' => {
                out.push(',');
                if let Some(Level::Object { expects_name }) = self.levels.last_mut() {
                    *expects_name = true;
                }
                if let Some(Step::Element(number)) = self.path.last_mut() {
                    *number += 1;
                }
            }
            ':' => out.push(':'),
            '"' => {
                out.push('"');
                self.state = match self.levels.last_mut() {
                    Some(Level::Object { expects_name }) if *expects_name => {
                        *expects_name = false;
                        State::Name { escaped: false }
                    }
                    _ if self.visitor.open(&self.path, Value::Text) => {
                        State::Wanted(Escape::default())
                    }
                    _ => State::Skipped { escaped: false },
                };
            }
            _ if character.is_ascii_whitespace() => out.push(character),
            _ => {
                self.held.push(character);
                self.state = State::Bare;
            }
        }
    }

    fn end_name(&mut self) {
        let raw = std::mem::take(&mut self.held);
        let name = serde_json::from_str(&format!("\"{raw}\"")).unwrap_or(raw);
        if let Some(step) = self.path.last_mut() {
            *step = Step::Field(name);
        }
        self.state = State::Between;
    }

    fn end_bare(&mut self, out: &mut String) {
        let held = std::mem::take(&mut self.held);
        let is_number = held.parse::<f64>().is_ok();
        let is_word = matches!(held.as_str(), "true" | "false" | "null");
        let value = if is_number { Value::Number } else { Value::Other };
        if is_word || !self.visitor.open(&self.path, value) {
            out.push_str(&held);
            return;
        }
        let mut passed = self.visitor.piece(&held);
        passed.push_str(&self.visitor.close());
        if passed == held || !is_number || passed.parse::<f64>().is_ok() {
            out.push_str(&passed);
        } else {
            // What took the place of a number is a word.
            out.push('"');
            write_escaped(&passed, out);
            out.push('"');
        }
    }

    /// What comes is no JSON: from here on it is one text.
    fn give_up(&mut self, text: &mut String) {
        text.push_str(&std::mem::take(&mut self.held));
        self.state = State::Other;
        self.visitor.open(&self.path, Value::Other);
    }

    fn wanted(&mut self, mut escape: Escape, character: char, text: &mut String, out: &mut String) {
        if escape.missing > 0 {
            let digit = character.to_digit(16).and_then(|digit| u16::try_from(digit).ok());
            escape.code = escape.code << 4 | digit.unwrap_or(0);
            escape.missing -= 1;
            if escape.missing == 0 {
                escape.unit(text);
            }
        } else if escape.open {
            escape.open = false;
            match character {
                'u' => escape.missing = 4,
                other => {
                    escape.alone(text);
                    text.push(match other {
                        'n' => '\n',
                        't' => '\t',
                        'r' => '\r',
                        'b' => '\u{8}',
                        'f' => '\u{c}',
                        other => other,
                    });
                }
            }
        } else if character == '\\' {
            escape.open = true;
        } else {
            escape.alone(text);
            if character == '"' {
                self.hand_over(text, out);
                write_escaped(&self.visitor.close(), out);
                out.push('"');
                self.state = State::Between;
                return;
            }
            text.push(character);
        }
        self.state = State::Wanted(escape);
    }
}

impl Escape {
    /// A unit of UTF-16 is complete.
    fn unit(&mut self, text: &mut String) {
        let code = std::mem::take(&mut self.code);
        match (self.high.take(), code) {
            (Some(high), 0xDC00..=0xDFFF) => {
                text.extend(char::decode_utf16([high, code]).map(|c| c.unwrap_or('\u{FFFD}')));
            }
            (high, 0xD800..=0xDBFF) => {
                text.extend(high.map(|_| '\u{FFFD}'));
                self.high = Some(code);
            }
            (high, code) => {
                text.extend(high.map(|_| '\u{FFFD}'));
                text.push(char::from_u32(code.into()).unwrap_or('\u{FFFD}'));
            }
        }
    }

    /// A half of a pair that stands alone is no character.
    fn alone(&mut self, text: &mut String) {
        text.extend(self.high.take().map(|_| '\u{FFFD}'));
    }
}

/// Appends a text as it stands inside a JSON string.
pub(super) fn write_escaped(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests;
