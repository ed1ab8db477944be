//! Styles and what they inherit.

use std::collections::HashMap;

use crate::format::part::Element;

/// How far inheritance is followed; files may hold cycles.
const CHAIN_MAX: usize = 16;

/// The paragraph and character styles by id.
#[derive(Debug, Default)]
pub(crate) struct Styles(HashMap<String, Style>);

#[derive(Debug, Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    numbering: Option<(String, u8)>,
    font: Option<String>,
}

/// What a paragraph is by its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Heading(u8),
    Code,
    Quote,
    Caption,
    Contents,
    Plain,
}

impl Styles {
    pub(super) fn of(part: Option<&Element>) -> Self {
        let styles = part.into_iter().flat_map(Element::children);
        let styles = styles.filter(|element| element.name == "w:style").filter_map(|element| {
            let paragraph = element.child("w:pPr");
            let style = Style {
                name: element.value("w:name").unwrap_or("").to_lowercase(),
                based_on: element.value("w:basedOn").map(str::to_owned),
                outline: paragraph.and_then(outline),
                numbering: paragraph.and_then(numbering),
                font: element.child("w:rPr").and_then(font),
            };
            Some((element.attribute("w:styleId")?.to_owned(), style))
        });
        Self(styles.collect())
    }

    /// The role of a paragraph with these properties.
    pub(super) fn role(&self, properties: Option<&Element>) -> Role {
        let id = properties.and_then(|p| p.value("w:pStyle"));
        let name = id.and_then(|id| self.0.get(id)).map_or("", |style| style.name.as_str());
        let id = id.unwrap_or("");
        // The levels below the title start at 2, so that a title stands above them.
        if name == "title" || id == "Title" {
            return Role::Heading(1);
        }
        let own = properties.and_then(outline);
        let named = name.strip_prefix("heading ").and_then(|level| level.parse::<u8>().ok());
        let inherited = || self.chain(id).find_map(|style| style.outline);
        let level = own.or_else(|| named.map(|level| level.saturating_sub(1))).or_else(inherited);
        if let Some(level) = level.filter(|level| *level < 9) {
            return Role::Heading(level + 2);
        }
        self.chain(id).find_map(|style| by_name(&style.name)).unwrap_or(Role::Plain)
    }

    /// The list of a paragraph: its own, else that of its style.
    pub(super) fn numbering(&self, properties: Option<&Element>) -> Option<(String, u8)> {
        let own = properties.and_then(numbering);
        let id = properties.and_then(|p| p.value("w:pStyle")).unwrap_or("");
        let of_style = self.chain(id).find_map(|style| style.numbering.clone());
        let (number, level) = own.or(of_style)?;
        // Zero takes a paragraph out of the list of its style.
        (number != "0").then_some((number, level))
    }

    /// The font that a character or paragraph style sets.
    pub(super) fn font(&self, id: &str) -> Option<&str> {
        self.chain(id).find_map(|style| style.font.as_deref())
    }

    /// A style and what it is based on.
    fn chain(&self, id: &str) -> impl Iterator<Item = &Style> {
        let next = |style: &&Style| style.based_on.as_deref().and_then(|id| self.0.get(id));
        std::iter::successors(self.0.get(id), next).take(CHAIN_MAX)
    }
}

fn by_name(name: &str) -> Option<Role> {
    match name {
        "source code" | "sourcecode" | "code" | "code block" | "codeblock" | "verbatim"
        | "html preformatted" | "preformatted" | "preformatted text" | "program listing"
        | "macro" | "macro text" => Some(Role::Code),
        "quote" | "intense quote" | "block text" | "quotations" => Some(Role::Quote),
        "caption" | "figure caption" | "table caption" => Some(Role::Caption),
        _ if name.starts_with("toc ") || name == "table of figures" => Some(Role::Contents),
        _ => None,
    }
}

fn outline(properties: &Element) -> Option<u8> {
    properties.value("w:outlineLvl")?.parse().ok()
}

fn numbering(properties: &Element) -> Option<(String, u8)> {
    let list = properties.child("w:numPr")?;
    let level = list.value("w:ilvl").and_then(|level| level.parse().ok()).unwrap_or(0);
    Some((list.value("w:numId")?.to_owned(), level))
}

/// The font of run properties.
pub(super) fn font(properties: &Element) -> Option<String> {
    let fonts = properties.child("w:rFonts")?;
    fonts.attribute("w:ascii").or_else(|| fonts.attribute("w:hAnsi")).map(str::to_lowercase)
}

/// Whether a font gives all characters the same width.
pub(super) fn is_monospaced(font: &str) -> bool {
    ["courier", "consolas", "mono", "menlo", "monaco", "fixedsys", "terminal", "source code"]
        .iter()
        .any(|part| font.contains(part))
}
