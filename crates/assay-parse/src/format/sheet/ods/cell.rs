//! One cell: its value, its text, its note.

use quick_xml::events::{BytesStart, Event};

use crate::format::sheet::{
    event::{attribute, push_text},
    value,
};

/// Most spaces that one element may stand for.
const SPACES_MAX: u32 = 1_000;

/// A cell in the making.
#[derive(Default)]
pub(super) struct Cell {
    kind: String,
    value: String,
    text: String,
    pub(super) note: String,
    pub(super) url: Option<String>,
    pub(super) repeats: u32,
    pub(super) rows: u32,
    pub(super) columns: u32,
    in_note: bool,
    in_paragraph: bool,
}

impl Cell {
    pub(super) fn of(start: &BytesStart<'_>) -> Self {
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

    pub(super) fn start(&mut self, name: &str, start: &BytesStart<'_>) {
        match name {
            "office:annotation" => self.in_note = true,
            "text:p" => {
                self.in_paragraph = true;
                self.line();
            }
            "text:s" => {
                let spaces = count(start, "text:c").min(SPACES_MAX) as usize;
                self.push(&" ".repeat(spaces));
            }
            "text:tab" => self.push("\t"),
            "text:line-break" => self.push("\n"),
            "text:a" if !self.in_note => self.url = attribute(start, "xlink:href"),
            _ => {}
        }
    }

    pub(super) fn end(&mut self, name: &str) {
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
        if let Some(out) = self.out() {
            out.push_str(text);
        }
    }

    /// Takes text.
    pub(super) fn text(&mut self, event: &Event<'_>) {
        if let Some(out) = self.out() {
            push_text(event, out);
        }
    }

    /// Where text belongs; nowhere between paragraphs.
    fn out(&mut self) -> Option<&mut String> {
        let out = if self.in_note { &mut self.note } else { &mut self.text };
        self.in_paragraph.then_some(out)
    }

    /// The value as a person reads it; shares and amounts of money as the program showed them.
    pub(super) fn shown(&self) -> String {
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

/// A count of at least 1.
pub(super) fn count(start: &BytesStart<'_>, name: &str) -> u32 {
    attribute(start, name).and_then(|count| count.parse().ok()).unwrap_or(1).max(1)
}
