//! The content of paragraphs: runs, links, fields, notes, formulas.

use super::{Parts, style};
use crate::{
    format::{
        ooxml::{branch, math},
        part::Element,
    },
    inline::Inline,
};

/// A paragraph taken apart.
#[derive(Default)]
pub(super) struct Content<'a> {
    pub(super) inline: Inline,
    /// Text boxes, which stand apart from the line.
    pub(super) boxes: Vec<&'a Element>,
    pub(super) pictures: usize,
    /// Ids of charts.
    pub(super) charts: Vec<&'a str>,
    /// Formulas on a line of their own.
    pub(super) displayed: Vec<String>,
    /// Whether every character so far is of a font with one width.
    pub(super) other_font: bool,
    field: Field,
}

/// A field spells its instruction first and its result after a separator; links are fields too.
#[derive(Default, PartialEq, Eq)]
enum Field {
    #[default]
    None,
    Instruction(String),
    Result,
}

/// Takes a paragraph apart.
pub(super) fn content<'a>(paragraph: &'a Element, parts: &Parts) -> Content<'a> {
    let mut content = Content::default();
    content.children(paragraph, parts);
    content.inline.close_link();
    content
}

/// Everything inside an element as one line.
pub(super) fn flat(element: &Element, parts: &Parts) -> Inline {
    let mut inline = Inline::default();
    flatten(element, parts, &mut inline);
    inline
}

fn flatten(element: &Element, parts: &Parts, inline: &mut Inline) {
    for child in element.children() {
        flatten_node(child, parts, inline);
    }
}

/// An element itself as a part of a line.
pub(super) fn flatten_node(element: &Element, parts: &Parts, inline: &mut Inline) {
    match element.name.as_str() {
        "w:p" => {
            inline.space();
            let content = content(element, parts);
            inline.append(&content.inline);
            for formula in &content.displayed {
                inline.space();
                inline.push_raw(&format!("${formula}$"));
            }
            for text_box in content.boxes {
                inline.space();
                flatten(text_box, parts, inline);
            }
        }
        name if is_gone(name) => {}
        "mc:AlternateContent" => {
            if let Some(branch) = branch(element) {
                flatten(branch, parts, inline);
            }
        }
        _ => flatten(element, parts, inline),
    }
}

impl<'a> Content<'a> {
    fn children(&mut self, element: &'a Element, parts: &Parts) {
        for child in element.children() {
            self.node(child, parts);
        }
    }

    fn node(&mut self, element: &'a Element, parts: &Parts) {
        match element.name.as_str() {
            "w:r" => self.run(element, parts),
            "w:hyperlink" => self.link(element, parts),
            "w:txbxContent" => self.boxes.push(element),
            "mc:AlternateContent" => {
                if let Some(branch) = branch(element) {
                    self.children(branch, parts);
                }
            }
            "m:oMathPara" => {
                let formulas = element.children().filter(|child| child.name == "m:oMath");
                self.displayed.extend(formulas.map(math::latex).filter(|latex| !latex.is_empty()));
            }
            "m:oMath" => self.formula(element),
            "a:blip" | "v:imagedata" => self.pictures += 1,
            "c:chart" => self.charts.extend(element.attribute("r:id")),
            "w:ruby" => {
                // The base only: the reading above it would stand in the middle of the word.
                if let Some(base) = element.child("w:rubyBase") {
                    self.children(base, parts);
                }
            }
            name if is_gone(name) => {}
            _ => self.children(element, parts),
        }
    }

    fn formula(&mut self, element: &Element) {
        let latex = math::latex(element);
        if !latex.is_empty() {
            self.inline.space();
            self.inline.push_raw(&format!("${latex}$"));
        }
    }

    fn link(&mut self, element: &'a Element, parts: &Parts) {
        let target = element.attribute("r:id").and_then(|id| parts.relationships.target(id));
        let anchor = element.attribute("w:anchor").map(|anchor| format!("#{anchor}"));
        match target.map(str::to_owned).or(anchor) {
            // Links inside the document, as in its table of contents, lead nowhere outside it.
            Some(url) if !url.starts_with('#') => {
                self.inline.open_link(&url);
                self.children(element, parts);
                self.inline.close_link();
            }
            _ => self.children(element, parts),
        }
    }

    fn run(&mut self, run: &'a Element, parts: &Parts) {
        let properties = run.child("w:rPr");
        if properties.is_some_and(|p| p.is_on("w:vanish")) {
            return;
        }
        let raised = properties.and_then(|p| p.value("w:vertAlign")) == Some("superscript");
        for child in run.children() {
            match child.name.as_str() {
                "w:t" => self.text(&child.text(), raised, properties, parts),
                "w:tab" | "w:ptab" => self.inline.push_raw(" "),
                "w:br" | "w:cr" => self.line_break(child),
                "w:noBreakHyphen" => self.inline.push_raw("-"),
                "w:footnoteReference" | "w:endnoteReference" => {
                    let id = child.attribute("w:id").unwrap_or("");
                    self.inline.push_raw(&format!("[{id}]"));
                }
                "w:fldChar" => self.field(child),
                "w:instrText" => {
                    if let Field::Instruction(instruction) = &mut self.field {
                        instruction.push_str(&child.text());
                    }
                }
                _ => self.node(child, parts),
            }
        }
    }

    fn text(&mut self, text: &str, raised: bool, properties: Option<&Element>, parts: &Parts) {
        if matches!(self.field, Field::Instruction(_)) {
            return;
        }
        let opens_number =
            text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '\u{2212}'));
        if raised && opens_number && self.inline.text.ends_with(char::is_alphanumeric) {
            self.inline.push_raw("^");
        }
        self.inline.push_raw(text);
        let own = properties.and_then(style::font);
        let of_style =
            || properties.and_then(|p| p.value("w:rStyle")).and_then(|id| parts.styles.font(id));
        let font = own.as_deref().or_else(of_style);
        if !text.trim().is_empty() && !font.is_some_and(style::is_monospaced) {
            self.other_font = true;
        }
    }

    fn line_break(&mut self, element: &Element) {
        match element.attribute("w:type") {
            Some("page" | "column") => self.inline.push_raw(" "),
            _ => self.inline.push_raw("\n"),
        }
    }

    fn field(&mut self, element: &Element) {
        match element.attribute("w:fldCharType") {
            Some("begin") => self.field = Field::Instruction(String::new()),
            Some("separate") => {
                if let Field::Instruction(instruction) = &self.field
                    && let Some(url) = link_of(instruction)
                {
                    self.inline.open_link(&url);
                }
                self.field = Field::Result;
            }
            Some("end") => {
                if self.field == Field::Result {
                    self.inline.close_link();
                }
                self.field = Field::None;
            }
            _ => {}
        }
    }
}

/// The address in an instruction such as `HYPERLINK "https://…"`.
fn link_of(instruction: &str) -> Option<String> {
    let rest = instruction.trim().strip_prefix("HYPERLINK")?.trim_start();
    let url = rest.strip_prefix('"')?.split('"').next()?;
    Some(url.to_owned())
}

/// Whether an element holds what is no longer, or not yet, in the text.
fn is_gone(name: &str) -> bool {
    matches!(
        name,
        "w:del"
            | "w:moveFrom"
            | "w:rPr"
            | "w:pPr"
            | "w:instrText"
            | "w:delText"
            | "w:sdtPr"
            | "w:tblPr"
            | "w:tcPr"
            | "w:trPr"
            | "wp:positionH"
            | "wp:positionV"
            | "wp14:sizeRelH"
            | "wp14:sizeRelV"
            | "w:comment"
            | "w:annotationRef"
    )
}
