//! Walks text and gives blocks to the builder.

use super::{
    line,
    list::Counters,
    style::{Role, Styles},
    table,
};
use crate::{
    BlockKind, ParseError,
    builder::{Builder, Place},
    format::{numeral::Label, part::Element},
    inline::Inline,
    parse::Input,
    unpack::Archive,
};

/// What the text around is for, which decides the kind of its blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Surface {
    /// The document itself.
    Text,
    /// A table of contents or another index.
    Index,
    /// Speaker notes.
    Notes,
}

/// The walk over text.
pub(super) struct Walker<'a, 'p> {
    pub(super) archive: &'a mut Archive<'p>,
    pub(super) input: &'a Input,
    pub(super) out: &'a mut Builder,
    pub(super) styles: &'a Styles,
    pub(super) counters: Counters,
    pub(super) surface: Surface,
    /// Where the text stands.
    pub(super) place: Place,
    /// Lines of the code block that is being gathered.
    code: Vec<String>,
}

/// A list that is being walked.
#[derive(Clone, Copy)]
struct List<'a> {
    style: Option<&'a str>,
    depth: u8,
    /// Whether it starts counting anew.
    restarts: bool,
}

impl<'a, 'p> Walker<'a, 'p> {
    pub(super) fn new(
        archive: &'a mut Archive<'p>,
        input: &'a Input,
        out: &'a mut Builder,
        styles: &'a Styles,
    ) -> Self {
        let (counters, place, code) = Default::default();
        Self { archive, input, out, styles, counters, surface: Surface::Text, place, code }
    }

    /// Everything that stands directly inside an element.
    pub(super) fn blocks(&mut self, element: &Element) -> Result<(), ParseError> {
        for child in element.children() {
            self.input.check_time()?;
            if self.out.is_full() {
                return Ok(());
            }
            match child.name.as_str() {
                "text:p" | "text:h" => self.paragraph(child, None)?,
                "text:list" => self.list(child, List { style: None, depth: 0, restarts: true })?,
                "text:section"
                | "text:index-body"
                | "text:index-title"
                | "text:bibliography"
                | "text:numbered-paragraph" => self.blocks(child)?,
                "table:table" => self.table(child)?,
                "text:table-of-content"
                | "text:alphabetical-index"
                | "text:user-index"
                | "text:illustration-index"
                | "text:table-index"
                | "text:object-index" => {
                    self.on(Surface::Index, |walker| walker.blocks(child))?;
                }
                _ => self.shape(child)?,
            }
        }
        Ok(())
    }

    /// Does something on another surface.
    pub(super) fn on(
        &mut self,
        surface: Surface,
        work: impl FnOnce(&mut Self) -> Result<(), ParseError>,
    ) -> Result<(), ParseError> {
        let before = std::mem::replace(&mut self.surface, surface);
        let done = work(self);
        self.finish();
        self.surface = before;
        done
    }

    /// Gives out what is still held back.
    pub(super) fn finish(&mut self) {
        if !self.code.is_empty() {
            let code = Inline::plain(std::mem::take(&mut self.code).join("\n"));
            self.block(BlockKind::Code { language: None }, &code);
        }
    }

    /// The footnotes and endnotes of a text.
    pub(super) fn notes(&mut self, text: &Element) -> Result<(), ParseError> {
        let parts = text.children().filter(|part| part.name != "text:tracked-changes");
        let notes = parts.flat_map(|part| part.descendants()).filter(|e| e.name == "text:note");
        for note in notes {
            self.input.check_time()?;
            let Some(body) = note.child("text:note-body") else { continue };
            let content = line::flat(body, self.styles);
            if !content.is_blank() {
                let mark = note.child("text:note-citation").map(Element::text).unwrap_or_default();
                let mut inline = Inline::plain(format!("[{}] ", mark.trim()));
                inline.append(&content);
                self.block(BlockKind::Footnote, &inline);
            }
        }
        Ok(())
    }

    pub(super) fn block(&mut self, kind: BlockKind, inline: &Inline) {
        self.out.block(kind, inline, self.place.clone());
    }

    pub(super) fn table(&mut self, element: &Element) -> Result<(), ParseError> {
        self.finish();
        if let Some(only) = table::only_cell(element) {
            return self.blocks(only);
        }
        let grid = table::grid(element, self.styles, self.input)?;
        self.out.table(grid, self.place.clone());
        Ok(())
    }

    fn list(&mut self, element: &Element, list: List<'_>) -> Result<(), ParseError> {
        let is_on = |name| element.attribute(name).is_some_and(|value| value != "false");
        let goes_on = is_on("text:continue-numbering") || is_on("text:continue-list");
        let own = element.attribute("text:style-name");
        let is_other = own.is_some() && own != list.style;
        let restarts = (list.restarts || is_other) && !goes_on;
        let mut list = List { style: own.or(list.style), restarts, ..list };
        for item in element.children() {
            let mut label_due = item.name == "text:list-item";
            for child in item.children() {
                self.input.check_time()?;
                match child.name.as_str() {
                    "text:p" | "text:h" => {
                        let label = label_due.then(|| self.label(child, item, list));
                        list.restarts &= label.is_none();
                        self.paragraph(child, label.map(|label| (label, list.depth)))?;
                        label_due = false;
                    }
                    "text:list" => {
                        let depth = list.depth.saturating_add(1);
                        self.list(child, List { depth, ..list })?;
                        list.restarts = false;
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Counts an item by the first paragraph in it.
    fn label(&mut self, paragraph: &Element, item: &Element, list: List<'_>) -> Label {
        let style = list.style.or_else(|| self.styles.list_of(paragraph)).unwrap_or("");
        let Some(levels) = self.styles.list(style) else { return Label::Bullet };
        if list.restarts {
            self.counters.restart(style);
        }
        let start = item.attribute("text:start-value").and_then(|start| start.parse().ok());
        self.counters.label(levels, style, usize::from(list.depth), start)
    }

    /// A paragraph or heading; `item` holds its label and depth when it opens an item of a list.
    fn paragraph(
        &mut self,
        element: &Element,
        item: Option<(Label, u8)>,
    ) -> Result<(), ParseError> {
        let content = line::content(element, self.styles);
        let role = match self.heading_level(element) {
            Some(level) => Role::Heading(level.saturating_add(1)),
            None => self.styles.role(element),
        };
        if role == Role::Code && self.surface == Surface::Text && item.is_none() {
            self.code.push(content.inline.text.trim_end().to_owned());
        } else if !content.inline.is_blank() {
            self.finish();
            let label = item.or_else(|| Some((self.outline_label(element)?, 0)));
            self.text(&content.inline, role, label);
        }
        for frame in content.frames {
            self.shape(frame)?;
        }
        Ok(())
    }

    /// The level of a heading, from 1.
    fn heading_level(&self, element: &Element) -> Option<u8> {
        let own = element.attribute("text:outline-level").and_then(|level| level.parse().ok());
        let level = (element.name == "text:h").then(|| own.unwrap_or(1));
        level.or_else(|| self.styles.outline_level(element)).filter(|level| *level > 0)
    }

    /// The label that a heading gets from the numbering of headings.
    fn outline_label(&mut self, element: &Element) -> Option<Label> {
        let level = self.heading_level(element)?;
        let is_out = element.attribute("text:is-list-header") == Some("true")
            || self.styles.list_of(element) == Some("");
        let levels = self.styles.outline.as_ref().filter(|_| !is_out)?;
        let start = element.attribute("text:start-value").and_then(|start| start.parse().ok());
        // No list style has an empty name.
        Some(self.counters.label(levels, "", usize::from(level).saturating_sub(1), start))
    }

    fn text(&mut self, content: &Inline, role: Role, label: Option<(Label, u8)>) {
        let kind = match (self.surface, role, &label) {
            (Surface::Index, ..) => BlockKind::Navigation,
            (Surface::Notes, ..) => BlockKind::Quote,
            (_, Role::Heading(level), _) => BlockKind::Heading { level },
            (_, Role::Caption, _) => BlockKind::Caption,
            (_, _, Some((Label::Bullet, depth))) => {
                BlockKind::ListItem { depth: *depth, ordered: false }
            }
            (_, _, Some((Label::Number(_), depth))) => {
                BlockKind::ListItem { depth: *depth, ordered: true }
            }
            (_, Role::Quote, _) => BlockKind::Quote,
            _ => BlockKind::Paragraph,
        };
        let mut inline = Inline::default();
        if let Some((Label::Number(number), _)) = &label {
            inline.push_raw(&format!("{number} "));
        }
        inline.append(content);
        self.block(kind, &inline);
    }
}
