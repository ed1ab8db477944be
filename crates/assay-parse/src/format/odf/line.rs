//! The line of a paragraph: text, links, notes, and the frames that hang on it.

use super::{frame::is_shape, style::Styles};
use crate::{
    format::part::{Element, Node},
    inline::Inline,
};

/// Most spaces that one element may stand for.
const SPACES_MAX: usize = 40;

/// A paragraph taken apart.
#[derive(Default)]
pub(super) struct Content<'a> {
    pub(super) inline: Inline,
    /// Frames and shapes, which stand apart from the line.
    pub(super) frames: Vec<&'a Element>,
}

/// Takes a paragraph apart.
pub(super) fn content<'a>(paragraph: &'a Element, styles: &Styles) -> Content<'a> {
    let mut content = Content::default();
    content.children(paragraph, styles, false);
    content.inline.close_link();
    content
}

/// Everything inside an element as one line.
pub(super) fn flat(element: &Element, styles: &Styles) -> Inline {
    let mut inline = Inline::default();
    flatten(element, styles, &mut inline);
    inline
}

fn flatten(element: &Element, styles: &Styles, inline: &mut Inline) {
    for child in element.children() {
        match child.name.as_str() {
            "text:p" | "text:h" => add_paragraph(child, styles, inline),
            "text:tracked-changes" | "office:annotation" => {}
            _ => flatten(child, styles, inline),
        }
    }
}

/// Adds a paragraph and the texts that hang on it to a line.
pub(super) fn add_paragraph(paragraph: &Element, styles: &Styles, inline: &mut Inline) {
    let content = content(paragraph, styles);
    inline.space();
    inline.append(&content.inline);
    for frame in content.frames {
        flatten(frame, styles, inline);
    }
}

impl<'a> Content<'a> {
    fn children(&mut self, element: &'a Element, styles: &Styles, raised: bool) {
        for node in &element.nodes {
            match node {
                Node::Text(text) => self.text(text, raised),
                Node::Element(element) => self.node(element, styles, raised),
            }
        }
    }

    fn text(&mut self, text: &str, raised: bool) {
        let opens_number =
            text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '\u{2212}'));
        if raised && opens_number && self.inline.text.ends_with(char::is_alphanumeric) {
            self.inline.push_raw("^");
        }
        self.inline.push(text);
    }

    fn node(&mut self, element: &'a Element, styles: &Styles, raised: bool) {
        match element.name.as_str() {
            "text:s" => {
                let count = element.attribute("text:c").and_then(|count| count.parse().ok());
                let count: usize = count.unwrap_or(1);
                self.inline.push_raw(&" ".repeat(count.min(SPACES_MAX)));
            }
            "text:tab" => self.inline.push_raw(" "),
            "text:line-break" => self.inline.push_raw("\n"),
            "text:span" => self.children(element, styles, raised || styles.is_raised(element)),
            "text:a" => self.link(element, styles, raised),
            "text:note" => {
                let mark = element.child("text:note-citation").map(Element::text);
                self.inline.push_raw(&format!("[{}]", mark.unwrap_or_default().trim()));
            }
            "text:ruby" => {
                // The base only: the reading above it would stand in the middle of the word.
                if let Some(base) = element.child("text:ruby-base") {
                    self.children(base, styles, raised);
                }
            }
            "office:annotation" | "text:tracked-changes" | "text:hidden-text" | "text:script" => {}
            name if is_shape(name) => self.frames.push(element),
            _ => self.children(element, styles, raised),
        }
    }

    fn link(&mut self, element: &'a Element, styles: &Styles, raised: bool) {
        // Links inside the document, as in its table of contents, lead nowhere outside it.
        let url = element.attribute("xlink:href").filter(|url| !url.starts_with('#'));
        let Some(url) = url else { return self.children(element, styles, raised) };
        self.inline.open_link(url);
        self.children(element, styles, raised);
        self.inline.close_link();
    }
}
