//! Walks the body and gives blocks to the builder.

use super::{
    Parts,
    numbering::{Counters, Label},
    run::{self, Content},
    style::Role,
    table,
};
use crate::{
    BlockKind, ParseError,
    builder::{Builder, Place},
    format::{ooxml::chart, part::Element},
    inline::Inline,
    parse::Input,
};

/// The walk over the body.
pub(super) struct Walker<'a> {
    parts: &'a Parts,
    input: &'a Input,
    out: &'a mut Builder,
    counters: Counters,
    /// Lines of the code block that is being gathered.
    code: Vec<String>,
}

impl<'a> Walker<'a> {
    pub(super) fn new(parts: &'a Parts, input: &'a Input, out: &'a mut Builder) -> Self {
        Self { parts, input, out, counters: Counters::default(), code: Vec::new() }
    }

    /// Everything that stands directly inside an element.
    pub(super) fn blocks(&mut self, element: &Element) -> Result<(), ParseError> {
        for child in element.children() {
            self.input.check_time()?;
            if self.out.is_full() {
                return Ok(());
            }
            match child.name.as_str() {
                "w:p" => self.paragraph(child)?,
                "w:tbl" => self.table(child)?,
                "w:sdt"
                | "w:sdtContent"
                | "w:ins"
                | "w:moveTo"
                | "w:customXml"
                | "w:smartTag"
                | "mc:AlternateContent"
                | "mc:Choice" => self.blocks(child)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Gives out what is still held back.
    pub(super) fn finish(&mut self) {
        if !self.code.is_empty() {
            let code = Inline::plain(std::mem::take(&mut self.code).join("\n"));
            self.out.block(BlockKind::Code { language: None }, &code, Place::default());
        }
    }

    /// The notes of a part, but for the separators that it holds too.
    pub(super) fn notes(&mut self, part: &Element) -> Result<(), ParseError> {
        for note in part.children().filter(|note| note.attribute("w:type").is_none()) {
            self.input.check_time()?;
            let text = run::flat(note, self.parts);
            if !text.is_blank() {
                let id = note.attribute("w:id").unwrap_or("");
                let mut inline = Inline::plain(format!("[{id}] "));
                inline.append(&text);
                self.out.block(BlockKind::Footnote, &inline, Place::default());
            }
        }
        Ok(())
    }

    fn table(&mut self, element: &Element) -> Result<(), ParseError> {
        self.finish();
        if let Some(only) = table::only_cell(element) {
            return self.blocks(only);
        }
        let grid = table::grid(element, self.parts, self.input, &mut self.counters)?;
        self.out.table(grid, Place::default());
        Ok(())
    }

    fn paragraph(&mut self, element: &Element) -> Result<(), ParseError> {
        let properties = element.child("w:pPr");
        let role = self.parts.styles.role(properties);
        let content = run::content(element, self.parts);
        let is_code = role == Role::Code || self.reads_as_code(&content, role);
        if is_code && !content.inline.is_blank() {
            self.code.push(content.inline.text.trim_end().to_owned());
        } else {
            self.finish();
            self.text(&content, role, self.parts.styles.numbering(properties));
        }
        self.beside(&content)
    }

    /// Whether a paragraph in a font of one width is code: it goes on with code, or has signs that
    /// prose lacks.
    fn reads_as_code(&self, content: &Content<'_>, role: Role) -> bool {
        let signs = content.inline.text.chars();
        let signs = signs.filter(|c| {
            matches!(
                c,
                '(' | ')' | '{' | '}' | '[' | ']' | '=' | ';' | '<' | '>' | '_' | '$' | '|' | '\\'
            )
        });
        let is_mono = !content.other_font && role == Role::Plain;
        is_mono && (!self.code.is_empty() || signs.count() >= 1)
    }

    fn text(&mut self, content: &Content<'_>, role: Role, list: Option<(String, u8)>) {
        if content.inline.is_blank() {
            return;
        }
        let label = list.map(|(number, level)| {
            (self.parts.numbering.label(&number, level, &mut self.counters), level)
        });
        let kind = match (role, &label) {
            (Role::Heading(level), _) => BlockKind::Heading { level },
            (Role::Caption, _) => BlockKind::Caption,
            (Role::Contents, _) => BlockKind::Navigation,
            (_, Some((label, depth))) => {
                BlockKind::ListItem { depth: *depth, ordered: *label != Label::Bullet }
            }
            (Role::Quote, None) => BlockKind::Quote,
            _ => BlockKind::Paragraph,
        };
        let mut inline = Inline::default();
        if let Some((Label::Number(number), _)) = &label
            && !number.is_empty()
        {
            inline.push_raw(&format!("{number} "));
        }
        inline.append(&content.inline);
        self.out.block(kind, &inline, Place::default());
    }

    /// What stands beside the line: formulas, pictures, charts, text boxes.
    fn beside(&mut self, content: &Content<'_>) -> Result<(), ParseError> {
        for formula in &content.displayed {
            self.out.block(BlockKind::Formula, &Inline::plain(formula.as_str()), Place::default());
        }
        for _ in 0..content.pictures {
            self.out.block(BlockKind::Picture, &Inline::default(), Place::default());
        }
        for id in &content.charts {
            if let Some(chart) = self.parts.charts.get(*id) {
                chart::add(chart, &Place::default(), self.out);
            }
        }
        for text_box in &content.boxes {
            self.blocks(text_box)?;
            self.finish();
        }
        Ok(())
    }
}
