//! The cells of one sheet, read as a stream.

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    Relationships, Workbook,
    strings::{Capture, unescaped},
};
use crate::{
    ParseError,
    decode::decode,
    format::sheet::{
        cells::{Area, Cells},
        event::{EVENTS_A_CHECK, attribute},
        value,
    },
    parse::Input,
};

/// Most merged areas and most links of a sheet.
const AREAS_MAX: usize = 1_000_000;

struct Walker<'a> {
    book: &'a Workbook,
    links: &'a Relationships,
    cells: &'a mut Cells,
    row: u32,
    column: u32,
    style: usize,
    /// The type of the cell as written.
    kind: String,
    capture: Capture,
    areas: usize,
}

/// Reads a sheet into `cells`; a reason where it is read only in part.
pub(super) fn read(
    bytes: &[u8],
    book: &Workbook,
    links: &Relationships,
    cells: &mut Cells,
    input: &Input,
) -> Result<Option<String>, ParseError> {
    let decoded = decode(bytes, None);
    let mut reader = Reader::from_str(&decoded.text);
    reader.config_mut().check_end_names = false;
    let mut walker = Walker {
        book,
        links,
        cells,
        row: 0,
        column: 0,
        style: 0,
        kind: String::new(),
        capture: Capture::default(),
        areas: 0,
    };
    let mut depth = 0_usize;
    for number in 0_usize.. {
        if number.is_multiple_of(EVENTS_A_CHECK) {
            input.check_time()?;
        }
        match reader.read_event() {
            Err(error) => return Ok(Some(error.to_string())),
            Ok(Event::Eof) if depth > 0 => return Ok(Some("it ends too early".to_owned())),
            Ok(Event::Eof) => break,
            Ok(Event::Start(start)) => {
                depth += 1;
                walker.start(&start);
            }
            Ok(Event::Empty(start)) => {
                walker.start(&start);
                walker.capture.end(start.local_name().as_ref());
            }
            Ok(Event::End(end)) => {
                depth = depth.saturating_sub(1);
                if !walker.end(end.local_name().as_ref()) {
                    // The builder reports it when it comes to the limit.
                    break;
                }
            }
            Ok(event) => walker.capture.text(&event),
        }
    }
    Ok(None)
}

impl Walker<'_> {
    fn start(&mut self, start: &BytesStart<'_>) {
        match start.local_name().as_ref() {
            "row" => {
                let number = attribute(start, "r").and_then(|row| row.parse::<u32>().ok());
                self.row = number.map_or(self.row + 1, |row| row.min(u32::MAX / 2));
                self.column = 0;
            }
            "c" => self.cell(start),
            "mergeCell" => {
                if let Some(area) = attribute(start, "ref").and_then(|text| area(&text))
                    && self.areas < AREAS_MAX
                {
                    self.areas += 1;
                    self.cells.merge(area);
                }
            }
            "hyperlink" => self.link(start),
            name => self.capture.start(name),
        }
    }

    fn cell(&mut self, start: &BytesStart<'_>) {
        // Columns and rows count from 1 here, so that 0 is before the first.
        self.column += 1;
        self.style = 0;
        self.kind.clear();
        self.capture.take();
        for attribute in start.attributes().with_checks(false).flatten() {
            match attribute.key.as_ref() {
                "r" => {
                    if let Some((row, column)) = place(&attribute.value) {
                        (self.row, self.column) = (row + 1, column + 1);
                    }
                }
                "s" => self.style = attribute.value.parse().unwrap_or(0),
                "t" => self.kind.push_str(&attribute.value),
                _ => {}
            }
        }
    }

    /// Says no when no more cells are wanted.
    fn end(&mut self, name: &str) -> bool {
        self.capture.end(name);
        if name != "c" {
            return true;
        }
        let raw = self.capture.take();
        if raw.is_empty() {
            return true;
        }
        let row = self.row.saturating_sub(1);
        let column = self.column.saturating_sub(1);
        if self.kind == "s" {
            let text = raw.trim().parse().ok().and_then(|number| self.book.strings.get(number));
            return self.cells.push(row, column, text.unwrap_or_default());
        }
        let text = self.value(raw);
        self.cells.push(row, column, &text)
    }

    fn value(&self, raw: String) -> String {
        match self.kind.as_str() {
            "str" | "inlineStr" => unescaped(&raw),
            "b" => value::boolean(matches!(raw.trim(), "1" | "true")).to_owned(),
            "d" => value::iso_date(&raw),
            "e" => raw,
            _ => match raw.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => {
                    self.book.styles.get(self.style).text(number, self.book.is_1904)
                }
                _ => raw,
            },
        }
    }

    /// Links to places in the workbook lead nowhere outside it.
    fn link(&mut self, start: &BytesStart<'_>) {
        let cells = attribute(start, "ref").and_then(|text| area(&text));
        let url = attribute(start, "r:id").and_then(|id| self.links.target(&id));
        if let (Some(cells), Some(url)) = (cells, url)
            && self.areas < AREAS_MAX
        {
            self.areas += 1;
            self.cells.link(cells.top, cells.left, url.to_owned());
        }
    }
}

/// `B2:D4` as an area; `B2` alone as one cell.
fn area(text: &str) -> Option<Area> {
    let (from, to) = text.split_once(':').unwrap_or((text, text));
    let ((top, left), (bottom, right)) = (place(from)?, place(to)?);
    Some(Area { top, left, bottom, right })
}

/// `B2` as row 1 and column 1, counted from 0.
fn place(text: &str) -> Option<(u32, u32)> {
    let text = text.trim();
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = text.split_at_checked(letters)?;
    let column = column.bytes().try_fold(0_u32, |number, letter| {
        let digit = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        number.checked_mul(26)?.checked_add(digit)
    })?;
    let row: u32 = row.parse().ok()?;
    Some((row.checked_sub(1)?, column.checked_sub(1)?))
}
