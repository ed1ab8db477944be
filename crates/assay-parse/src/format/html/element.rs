//! What elements mean for the text: hidden, navigation, blocks.

use super::dom::{Dom, NodeId};

/// How an element lays out its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Not shown.
    Skipped,
    /// Part of the line.
    Inline,
    /// Stands apart.
    Block,
    /// Stands apart and opens a section.
    Heading(u8),
    List,
    Item,
    Table,
    Preformatted,
    Quote,
    Caption,
    Navigation,
    LineBreak,
    Link,
    Image,
    CheckBox,
    Superscript,
    Formula,
}

/// The role of an element.
pub(crate) fn role(dom: &Dom, id: NodeId) -> Role {
    if is_hidden(dom, id) {
        return Role::Skipped;
    }
    match dom.name(id) {
        "script" | "style" | "template" | "head" | "noscript" | "iframe" | "object" | "embed"
        | "svg" | "canvas" | "audio" | "video" | "select" | "datalist" | "textarea" | "rp" => {
            Role::Skipped
        }
        "h1" => Role::Heading(1),
        "h2" => Role::Heading(2),
        "h3" => Role::Heading(3),
        "h4" => Role::Heading(4),
        "h5" => Role::Heading(5),
        "h6" => Role::Heading(6),
        "ul" | "ol" | "dl" | "menu" | "dir" => Role::List,
        "li" | "dd" => Role::Item,
        "table" => Role::Table,
        "pre" | "listing" | "xmp" | "plaintext" => Role::Preformatted,
        "blockquote" => Role::Quote,
        "figcaption" | "caption" => Role::Caption,
        "nav" => Role::Navigation,
        "footer" if !is_inside_article(dom, id) => Role::Navigation,
        "br" => Role::LineBreak,
        "a" => Role::Link,
        "img" => Role::Image,
        "sup" => Role::Superscript,
        "math" => Role::Formula,
        "input" => input(dom, id),
        "html" | "body" | "p" | "div" | "section" | "article" | "main" | "header" | "footer"
        | "aside" | "address" | "details" | "summary" | "dt" | "figure" | "fieldset" | "legend"
        | "form" | "center" | "hr" | "hgroup" | "search" | "dialog" | "tr" | "td" | "th"
        | "tbody" | "thead" | "tfoot" | "option" | "optgroup" => Role::Block,
        _ => by_aria(dom, id),
    }
}

fn by_aria(dom: &Dom, id: NodeId) -> Role {
    match dom.attribute(id, "role") {
        Some("heading") => {
            let level = dom.attribute(id, "aria-level").and_then(|level| level.parse().ok());
            Role::Heading(level.unwrap_or(2_u8).clamp(1, 6))
        }
        Some("navigation") => Role::Navigation,
        _ => Role::Inline,
    }
}

fn input(dom: &Dom, id: NodeId) -> Role {
    match dom.attribute(id, "type") {
        Some("checkbox") => Role::CheckBox,
        _ => Role::Skipped,
    }
}

fn is_hidden(dom: &Dom, id: NodeId) -> bool {
    if dom.attribute(id, "hidden").is_some() {
        return true;
    }
    let Some(style) = dom.attribute(id, "style") else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let style = style.to_ascii_lowercase();
    style.contains("display:none") || style.contains("visibility:hidden")
}

fn is_inside_article(dom: &Dom, id: NodeId) -> bool {
    dom.ancestors(id).any(|above| {
        matches!(dom.name(above), "article" | "main" | "section" | "blockquote" | "td")
    })
}
