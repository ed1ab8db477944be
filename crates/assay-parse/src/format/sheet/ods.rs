//! ODS, read here and not by `calamine`, which lays out every cell up to the last one, even where
//! two words say that a row is repeated a million times.

use std::collections::HashSet;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    add_content, add_heading,
    event::{EVENTS_A_CHECK, attribute},
};
use crate::{
    BlockKind, ParseError, ProblemCode,
    builder::{Builder, Place},
    decode::decode,
    format::{odf, ooxml::package::Package},
    inline::Inline,
    parse::Input,
};
use sheet::Sheet;

mod cell;
mod sheet;

/// Reads ODS.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut package = Package::open(input)?;
    let manifest = package.part("META-INF/manifest.xml", out)?;
    if manifest.is_some_and(|manifest| manifest.find("manifest:encryption-data").is_some()) {
        return Err(ParseError::Encrypted);
    }
    let meta = package.part("meta.xml", out)?;
    meta.iter().for_each(|meta| odf::meta::read(meta, out));
    let Some(content) = package.bytes("content.xml", out)? else {
        return Err(ParseError::malformed("its part `content.xml` is missing"));
    };
    drop(package);
    let mut walker =
        Walker { input, out, style: String::new(), hidden: HashSet::new(), sheet: None };
    if let Some(reason) = walker.walk(&decode(&content, None).text)? {
        let message = format!("the sheets were read in part: {reason}");
        walker.out.problem(ProblemCode::Damaged, message, None);
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

impl Walker<'_> {
    /// Goes through the part; a reason where it is read only in part.
    fn walk(&mut self, content: &str) -> Result<Option<String>, ParseError> {
        let mut reader = Reader::from_str(content);
        reader.config_mut().check_end_names = false;
        let mut depth = 0_usize;
        for number in 0_usize.. {
            if number.is_multiple_of(EVENTS_A_CHECK) {
                self.input.check_time()?;
            }
            let event = match reader.read_event() {
                Ok(Event::Eof) if depth == 0 => break,
                Ok(Event::Eof) => return Ok(Some("it ends too early".to_owned())),
                Ok(event) => event,
                Err(error) => return Ok(Some(error.to_string())),
            };
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.take(&event)?;
        }
        Ok(None)
    }

    fn take(&mut self, event: &Event<'_>) -> Result<(), ParseError> {
        match event {
            Event::Start(start) => self.start(start),
            Event::Empty(start) => {
                self.start(start);
                self.end(start.name().as_ref())?;
            }
            Event::End(end) => self.end(end.name().as_ref())?,
            event => {
                if let Some(sheet) = self.sheet.as_mut().filter(|sheet| sheet.nested == 0) {
                    sheet.text(event);
                }
            }
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
        let name = attribute(start, "table:name").unwrap_or_default();
        self.sheet = Some(Sheet::new(name, is_full, self.input.limits.text_bytes));
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
        add_content(&sheet.name, &mut sheet.cells, Vec::new(), self.input, self.out)?;
        for note in &sheet.notes {
            let mut inline = Inline::default();
            inline.push_raw(note);
            self.out.block(BlockKind::Footnote, &inline, Place::default());
        }
        Ok(())
    }
}
