//! Strings that cells share.

use quick_xml::{Reader, events::Event};

use crate::{
    ParseError,
    decode::decode,
    format::sheet::event::{EVENTS_A_CHECK, push_text},
    parse::Input,
};

/// The strings, one behind the other.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    /// Reads the part. What follows a fault is lost.
    pub(super) fn read(bytes: &[u8], input: &Input) -> Result<Self, ParseError> {
        let decoded = decode(bytes, None);
        let mut reader = Reader::from_str(&decoded.text);
        reader.config_mut().check_end_names = false;
        let mut strings = Self::default();
        let mut capture = Capture::default();
        for number in 0_usize.. {
            if number.is_multiple_of(EVENTS_A_CHECK) {
                input.check_time()?;
            }
            let Ok(event) = reader.read_event() else { break };
            match &event {
                Event::Eof => break,
                Event::Start(start) => capture.start(start.local_name().as_ref()),
                Event::Empty(empty) if empty.local_name().as_ref() == "si" => strings.end(),
                Event::End(end) => {
                    let name = end.local_name();
                    capture.end(name.as_ref());
                    if name.as_ref() == "si" {
                        strings.text.push_str(&unescaped(&capture.take()));
                        strings.end();
                    }
                }
                event => capture.text(event),
            }
        }
        Ok(strings)
    }

    /// The string of this number.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)?;
        let before = number.checked_sub(1).and_then(|before| self.ends.get(before));
        self.text.get(before.copied().unwrap_or(0)..end)
    }

    fn end(&mut self) {
        self.ends.push(self.text.len());
    }
}

/// Collects the text of a value, without the phonetic reading that stands beside it.
#[derive(Debug, Default)]
pub(super) struct Capture {
    is_open: bool,
    in_reading: bool,
    text: String,
}

impl Capture {
    pub(super) fn start(&mut self, name: &str) {
        match name {
            "v" | "t" => self.is_open = !self.in_reading,
            "rPh" => self.in_reading = true,
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: &str) {
        match name {
            "v" | "t" => self.is_open = false,
            "rPh" => self.in_reading = false,
            _ => {}
        }
    }

    pub(super) fn text(&mut self, event: &Event<'_>) {
        if self.is_open {
            push_text(event, &mut self.text);
        }
    }

    /// The text so far, which then starts anew.
    pub(super) fn take(&mut self) -> String {
        self.is_open = false;
        std::mem::take(&mut self.text)
    }
}

/// The text with `_x000A_` as the character that it stands for.
pub(super) fn unescaped(text: &str) -> String {
    let mut units: Vec<u16> = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, escape) = rest.split_at(at);
        let digits = escape.get(2..6).filter(|_| escape.as_bytes().get(6) == Some(&b'_'));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        if !before.is_empty() {
            flush(&mut units, &mut out);
        }
        out.push_str(before);
        let used = if let Some(unit) = unit {
            // Two of them may be the halves of one character.
            units.push(unit);
            7
        } else {
            flush(&mut units, &mut out);
            out.push_str("_x");
            2
        };
        rest = escape.get(used..).unwrap_or_default();
    }
    flush(&mut units, &mut out);
    out.push_str(rest);
    out
}

fn flush(units: &mut Vec<u16>, out: &mut String) {
    out.extend(char::decode_utf16(units.drain(..)).flatten());
}
