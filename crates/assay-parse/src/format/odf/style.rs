//! Styles of paragraphs and characters, and what they inherit.

use std::collections::HashMap;

use super::list::Levels;
use crate::format::part::Element;

/// How far inheritance is followed; files may hold cycles.
const CHAIN_MAX: usize = 16;

/// The styles of a document by name.
#[derive(Debug, Default)]
pub(super) struct Styles {
    paragraphs: HashMap<String, Style>,
    /// Styles of characters that raise the text.
    raised: HashMap<String, bool>,
    lists: HashMap<String, Levels>,
    /// How headings are numbered.
    pub(super) outline: Option<Levels>,
}

#[derive(Debug)]
struct Style {
    name: String,
    parent: Option<String>,
    list: Option<String>,
    outline: Option<u8>,
}

/// What a paragraph is by its style.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Heading(u8),
    Code,
    Quote,
    Caption,
    Plain,
}

impl Styles {
    /// The styles that the body uses: those of its own part and the common ones.
    pub(super) fn of(content: &Element, common: Option<&Element>) -> Self {
        let mut styles = Self::default();
        let own = content.child("office:automatic-styles");
        let common = common.and_then(|common| common.child("office:styles"));
        for element in common.into_iter().chain(own).flat_map(Element::children) {
            styles.add(element);
        }
        styles
    }

    fn add(&mut self, element: &Element) {
        if element.name == "text:outline-style" {
            self.outline = Some(Levels::of(element));
        }
        let Some(name) = element.attribute("style:name") else { return };
        match (element.name.as_str(), element.attribute("style:family")) {
            ("text:list-style", _) => {
                self.lists.insert(name.to_owned(), Levels::of(element));
            }
            ("style:style", Some("paragraph")) => {
                let own = |name| element.attribute(name).map(str::to_owned);
                let style = Style {
                    name: element.attribute("style:display-name").unwrap_or(name).to_lowercase(),
                    parent: own("style:parent-style-name"),
                    list: own("style:list-style-name"),
                    outline: own("style:default-outline-level")
                        .and_then(|level| level.parse().ok()),
                };
                self.paragraphs.insert(name.to_owned(), style);
            }
            ("style:style", Some("text")) => {
                let position = element.child("style:text-properties");
                let position = position.and_then(|p| p.attribute("style:text-position"));
                self.raised.insert(name.to_owned(), position.is_some_and(is_raised));
            }
            _ => {}
        }
    }

    /// The role of a paragraph by the nearest style that has one.
    pub(super) fn role(&self, paragraph: &Element) -> Role {
        let by_name = |(name, style): (&str, Option<&Style>)| {
            // Without the common styles, the names that automatic styles build on still tell.
            let name = style.map_or(name, |style| style.name.as_str());
            match name.replace("_20_", " ").to_lowercase().as_str() {
                "title" => Some(Role::Heading(1)),
                "subtitle" => Some(Role::Heading(2)),
                "preformatted text" | "source code" | "code" | "code block" | "source text" => {
                    Some(Role::Code)
                }
                "quotations" | "quote" | "intense quote" | "block text" => Some(Role::Quote),
                "caption" | "illustration" | "figure" | "table" | "drawing" => Some(Role::Caption),
                _ => None,
            }
        };
        self.chain(paragraph).find_map(by_name).unwrap_or(Role::Plain)
    }

    /// The outline level, from 1, that the style of a paragraph gives it.
    pub(super) fn outline_level(&self, paragraph: &Element) -> Option<u8> {
        self.chain(paragraph).find_map(|(_, style)| style?.outline)
    }

    /// The list style that the style of a paragraph sets; an empty name takes it out of lists.
    pub(super) fn list_of(&self, paragraph: &Element) -> Option<&str> {
        self.chain(paragraph).find_map(|(_, style)| style?.list.as_deref())
    }

    pub(super) fn list(&self, name: &str) -> Option<&Levels> {
        self.lists.get(name)
    }

    /// Whether a span stands above the line.
    pub(super) fn is_raised(&self, span: &Element) -> bool {
        let name = span.attribute("text:style-name");
        name.and_then(|name| self.raised.get(name)).copied().unwrap_or(false)
    }

    /// The style of a paragraph and what it is based on, each with its name.
    fn chain<'s: 'p, 'p>(
        &'s self,
        paragraph: &'p Element,
    ) -> impl Iterator<Item = (&'p str, Option<&'s Style>)> {
        let style = |name: &'p str| (name, self.paragraphs.get(name));
        let first = paragraph.attribute("text:style-name").map(style);
        let next =
            move |(_, own): &(&'p str, Option<&'s Style>)| (*own)?.parent.as_deref().map(style);
        std::iter::successors(first, next).take(CHAIN_MAX)
    }
}

/// Whether a position such as `super 58%` or `33% 58%` is above the line.
fn is_raised(position: &str) -> bool {
    match position.split_whitespace().next() {
        Some("super") => true,
        Some(height) => {
            height.trim_end_matches('%').parse::<f32>().is_ok_and(|height| height > 0.0)
        }
        None => false,
    }
}
