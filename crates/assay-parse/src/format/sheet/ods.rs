//! ODS, read here and not by `calamine`, which lays out every cell up to the last one, even where
//! two words say that a row is repeated a million times.

use std::collections::HashSet;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    add_heading, add_tables,
    cells::{Area, Cells},
    value,
};
use crate::{
    BlockKind, ParseError, ProblemCode,
    builder::{Builder, Place},
    decode::decode,
    format::{ooxml::package::Package, xml::Element},
    inline::Inline,
    parse::Input,
};

/// Events between two looks at the clock.
const EVENTS_A_CHECK: usize = 4_096;
/// Most spaces that one element may stand for.
const SPACES_MAX: usize = 1_000;

/// Reads ODS.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut package = Package::open(input)?;
    let manifest = package.part("META-INF/manifest.xml", out)?;
    if manifest.is_some_and(|manifest| manifest.find("manifest:encryption-data").is_some()) {
        return Err(ParseError::Encrypted);
    }
    let meta = package.part("meta.xml", out)?;
    out.title = meta.and_then(|meta| meta.find("dc:title").map(Element::text));
    let Some(content) = package.bytes("content.xml", out)? else {
        return Err(ParseError::malformed("its part `content.xml` is missing"));
    };
    drop(package);
    let decoded = decode(&content, None);
    let mut reader = Reader::from_str(&decoded.text);
    reader.config_mut().check_end_names = false;
    let mut walker =
        Walker { input, out, style: String::new(), hidden: HashSet::new(), sheet: None };
    let mut depth = 0_usize;
    for number in 0_usize.. {
        if number.is_multiple_of(EVENTS_A_CHECK) {
            input.check_time()?;
        }
        let cut = match reader.read_event() {
            Ok(Event::Eof) if depth == 0 => break,
            Ok(Event::Eof) => Some("it ends too early".to_owned()),
            Err(error) => Some(error.to_string()),
            Ok(event) => {
                match event {
                    Event::Start(_) => depth += 1,
                    Event::End(_) => depth = depth.saturating_sub(1),
                    _ => {}
                }
                walker.take(&event)?;
                None
            }
        };
        if let Some(reason) = cut {
            let message = format!("the sheets were read in part: {reason}");
            walker.out.problem(ProblemCode::Damaged, message, None);
            break;
        }
    }
    walker.close_sheet()
}

struct Walker<'a> {
    input: &'a Input,
    out: &'a mut Builder,
    /// The style that is being defined.
    style: String,
    /// Styles of tables that are not shown.
    hidden: HashSet<String>,
    sheet: Option<Sheet>,
}

/// A sheet in the making.
struct Sheet {
    name: String,
    cells: Cells,
    /// Tables inside the sheet, as charts have them, are not part of it.
    nested: usize,
    row: u32,
    row_repeats: u32,
    /// Number of cells before the row.
    row_start: usize,
    column: u32,
    cell: Option<Cell>,
    notes: Vec<String>,
    is_full: bool,
}

/// A cell in the making.
#[derive(Default)]
struct Cell {
    kind: String,
    value: String,
    text: String,
    note: String,
    url: Option<String>,
    repeats: u32,
    rows: u32,
    columns: u32,
    in_note: bool,
    in_paragraph: bool,
}

impl Walker<'_> {
    fn take(&mut self, event: &Event<'_>) -> Result<(), ParseError> {
        match event {
            Event::Start(start) => self.start(start),
            Event::Empty(start) => {
                self.start(start);
                self.end(start.name().as_ref())?;
            }
            Event::End(end) => self.end(end.name().as_ref())?,
            Event::Text(text) => self.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::GeneralRef(name) => self.text(&resolved(name)),
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, start: &BytesStart<'_>) {
        match start.name().as_ref() {
            "style:style" => self.style = attribute(start, "style:name").unwrap_or_default(),
            "style:table-properties" => {
                if attribute(start, "table:display").as_deref() == Some("false") {
                    self.hidden.insert(self.style.clone());
                }
            }
            "table:table" => match &mut self.sheet {
                Some(sheet) => sheet.nested += 1,
                None => self.open_sheet(start),
            },
            name => {
                if let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.nested == 0) {
                    sheet.start(name, start);
                }
            }
        }
    }

    fn open_sheet(&mut self, start: &BytesStart<'_>) {
        let style = attribute(start, "table:style-name");
        let is_hidden = style.is_some_and(|style| self.hidden.contains(&style));
        let is_full = is_hidden || self.out.is_full();
        self.sheet = Some(Sheet {
            name: attribute(start, "table:name").unwrap_or_default(),
            cells: Cells::new(self.input.limits.text_bytes),
            nested: 0,
            row: 0,
            row_repeats: 1,
            row_start: 0,
            column: 0,
            cell: None,
            notes: Vec::new(),
            is_full,
        });
    }

    fn end(&mut self, name: &str) -> Result<(), ParseError> {
        let Some(sheet) = &mut self.sheet else { return Ok(()) };
        match (name, sheet.nested) {
            ("table:table", 0) => self.close_sheet()?,
            ("table:table", _) => sheet.nested -= 1,
            (name, 0) => sheet.end(name),
            _ => {}
        }
        Ok(())
    }

    fn close_sheet(&mut self) -> Result<(), ParseError> {
        let Some(mut sheet) = self.sheet.take() else { return Ok(()) };
        if sheet.cells.len() > 0 {
            add_heading(&sheet.name, self.out);
        }
        add_tables(&sheet.name, &mut sheet.cells, self.input, self.out)?;
        for note in &sheet.notes {
            let mut inline = Inline::default();
            inline.push_raw(note);
            self.out.block(BlockKind::Footnote, &inline, Place::default());
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.nested == 0)
            && let Some(cell) = &mut sheet.cell
        {
            cell.push(text);
        }
    }
}

impl Sheet {
    fn start(&mut self, name: &str, start: &BytesStart<'_>) {
        match name {
            "table:table-row" => {
                self.row_repeats = count(start, "table:number-rows-repeated");
                self.row_start = self.cells.len();
                self.column = 0;
            }
            "table:table-cell" | "table:covered-table-cell" => self.cell = Some(Cell::of(start)),
            name => {
                if let Some(cell) = &mut self.cell {
                    cell.start(name, start);
                }
            }
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "table:table-row" => {
                let last = self.row.saturating_add(self.row_repeats - 1);
                if !self.is_full {
                    self.is_full = !self.cells.repeat_row(self.row_start, last);
                }
                self.row = last.saturating_add(1);
            }
            "table:table-cell" | "table:covered-table-cell" => {
                if let Some(cell) = self.cell.take() {
                    self.add(cell);
                }
            }
            name => {
                if let Some(cell) = &mut self.cell {
                    cell.end(name);
                }
            }
        }
    }

    fn add(&mut self, cell: Cell) {
        let (row, column) = (self.row, self.column);
        self.column = column.saturating_add(cell.repeats);
        let text = cell.shown();
        if self.is_full || (text.trim().is_empty() && cell.note.is_empty()) {
            return;
        }
        if !cell.note.trim().is_empty() {
            self.notes.push(cell.note);
        }
        let before = self.cells.len();
        self.is_full = !self.cells.push(row, column, &text);
        if self.cells.len() == before {
            return;
        }
        if let Some(url) = cell.url {
            self.cells.link(row, column, url);
        }
        if cell.rows > 1 || cell.columns > 1 {
            let bottom = row.saturating_add(cell.rows - 1);
            let right = column.saturating_add(cell.columns - 1);
            self.cells.merge(Area { top: row, left: column, bottom, right });
        }
        if cell.repeats > 1 && !self.is_full {
            self.is_full = !self.cells.repeat(self.column - 1);
        }
    }
}

impl Cell {
    fn of(start: &BytesStart<'_>) -> Self {
        let mut cell = Self {
            repeats: count(start, "table:number-columns-repeated"),
            rows: count(start, "table:number-rows-spanned"),
            columns: count(start, "table:number-columns-spanned"),
            kind: attribute(start, "office:value-type").unwrap_or_default(),
            ..Self::default()
        };
        let name = match cell.kind.as_str() {
            "date" => "office:date-value",
            "time" => "office:time-value",
            "boolean" => "office:boolean-value",
            "string" => "office:string-value",
            _ => "office:value",
        };
        cell.value = attribute(start, name).unwrap_or_default();
        cell
    }

    fn start(&mut self, name: &str, start: &BytesStart<'_>) {
        match name {
            "office:annotation" => self.in_note = true,
            "text:p" => {
                self.in_paragraph = true;
                self.line();
            }
            "text:s" => {
                let spaces = count(start, "text:c").min(SPACES_MAX as u32) as usize;
                self.push(&" ".repeat(spaces));
            }
            "text:tab" => self.push("\t"),
            "text:line-break" => self.push("\n"),
            "text:a" if !self.in_note => self.url = attribute(start, "xlink:href"),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "office:annotation" => self.in_note = false,
            "text:p" => self.in_paragraph = false,
            _ => {}
        }
    }

    fn line(&mut self) {
        let text = if self.in_note { &mut self.note } else { &mut self.text };
        if !text.is_empty() {
            text.push('\n');
        }
    }

    fn push(&mut self, text: &str) {
        if self.in_paragraph {
            if self.in_note { &mut self.note } else { &mut self.text }.push_str(text);
        }
    }

    /// The value as a person reads it; shares and amounts of money as the program showed them.
    fn shown(&self) -> String {
        let number = || self.value.parse::<f64>().ok().filter(|number| number.is_finite());
        let shown = match self.kind.as_str() {
            "date" => Some(value::iso_date(&self.value)),
            "time" => value::iso_duration(&self.value),
            "boolean" => Some(value::boolean(self.value == "true").to_owned()),
            // Errors are numbers whose text tells what is wrong.
            "float" if !self.text.starts_with(['#', 'E']) => number().map(value::number),
            _ if self.text.is_empty() => Some(self.value.clone()),
            _ => None,
        };
        shown.filter(|shown| !shown.is_empty()).unwrap_or_else(|| self.text.clone())
    }
}

fn resolved(name: &BytesRef<'_>) -> String {
    let c = name.resolve_char_ref().ok().flatten();
    let known = || quick_xml::escape::resolve_xml_entity(name.as_ref());
    c.map(String::from).or_else(|| known().map(str::to_owned)).unwrap_or_default()
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = start.attributes();
    let mut attributes = attributes.with_checks(false).flatten();
    let attribute = attributes.find(|attribute| attribute.key.as_ref() == name)?;
    let value = quick_xml::escape::unescape(&attribute.value).ok()?;
    Some(value.into_owned())
}

/// A count of at least 1.
fn count(start: &BytesStart<'_>, name: &str) -> u32 {
    attribute(start, name).and_then(|count| count.parse().ok()).unwrap_or(1).max(1)
}
