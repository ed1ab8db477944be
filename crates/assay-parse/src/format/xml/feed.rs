//! Feeds (RSS and Atom): one heading for each item, then its fields, then its text, which is HTML.

use super::tree::{Element, Node};
use crate::{
    BlockKind, ParseError, builder::Builder, decode::Origins, format::html, inline::Inline,
    metadata::iso_date, parse::Input,
};

/// Elements that hold the text of an item, best first.
const TEXTS: [&str; 4] = ["encoded", "content", "description", "summary"];

/// Whether the root is that of a feed.
pub(super) fn is_feed(root: &Element) -> bool {
    matches!(root.local(), "rss" | "RDF") && channel(root).is_some() || root.local() == "feed"
}

fn channel(root: &Element) -> Option<&Element> {
    root.child("channel")
}

/// Writes a feed.
pub(super) fn write(
    root: &Element,
    origins: &Origins<'_>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let head = channel(root).unwrap_or(root);
    out.title = head.child("title").map(|title| title.text().trim().to_owned());
    for name in ["language", "author", "managingEditor", "updated", "lastBuildDate"] {
        if let Some(field) = head.child(name) {
            out.metadata.take(name, &value(field));
        }
    }
    entry(head, 1, origins, input, out)?;
    let is_item = |element: &&Element| matches!(element.local(), "item" | "entry");
    // Items of RSS 1.0 stand beside the channel.
    let beside = channel(root).map(|_| root.children());
    for item in head.children().chain(beside.into_iter().flatten()).filter(is_item) {
        input.check_time()?;
        if out.is_full() {
            break;
        }
        entry(item, 2, origins, input, out)?;
    }
    Ok(())
}

fn entry(
    item: &Element,
    level: u8,
    origins: &Origins<'_>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let place = || origins.place(item.range.clone());
    if let Some(title) = item.child("title") {
        let mut heading = Inline::default();
        heading.push(&title.text());
        out.block(BlockKind::Heading { level }, &heading, place());
    }
    let mut fields = Inline::default();
    for field in item.children() {
        let name = field.local();
        let is_known = matches!(
            name,
            "pubDate"
                | "published"
                | "updated"
                | "date"
                | "author"
                | "creator"
                | "category"
                | "link"
        );
        let text = value(field);
        if is_known && !text.is_empty() {
            fields.line();
            fields.push_raw(name);
            fields.push_raw(": ");
            fields.push(&iso_date(&text).unwrap_or(text));
        }
    }
    out.block(BlockKind::Paragraph, &fields, place());
    let text = TEXTS.iter().find_map(|name| item.child(name));
    if let Some(text) = text {
        // The text of an item is HTML inside XML, escaped or not.
        let markup = markup(text);
        out.origin = place().origin;
        html::parse_markup(&markup, input, out)?;
        out.origin = None;
    }
    Ok(())
}

/// The text of a field, of its name where it is a person, or its target where it is a link.
fn value(field: &Element) -> String {
    let named = field.child("name").unwrap_or(field);
    let text = named.text().trim().to_owned();
    let attribute = || {
        let mut attributes = field.attributes.iter();
        attributes.find(|(name, _)| matches!(name.as_str(), "href" | "term"))
    };
    if text.is_empty() { attribute().map_or(text, |(_, value)| value.clone()) } else { text }
}

fn markup(element: &Element) -> String {
    let mut markup = String::new();
    let is_html = element.children().next().is_none();
    if is_html {
        return element.text();
    }
    push(element, &mut markup);
    markup
}

/// XHTML inside, written again as HTML.
fn push(element: &Element, out: &mut String) {
    for node in &element.nodes {
        match node {
            Node::Text(text) => out.push_str(&quick_xml::escape::escape(text.as_str())),
            Node::Element(inner) => {
                let name = inner.local();
                out.push_str(&format!("<{name}"));
                for (key, value) in &inner.attributes {
                    out.push_str(&format!(
                        " {key}=\"{}\"",
                        quick_xml::escape::escape(value.as_str())
                    ));
                }
                out.push('>');
                push(inner, out);
                if !inner.nodes.is_empty() {
                    out.push_str(&format!("</{name}>"));
                }
            }
        }
    }
}
