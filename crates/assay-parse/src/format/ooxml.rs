//! What the XML office formats of Microsoft share: the package, charts, formulas.

use super::part::{Element, Node};

pub(crate) mod chart;
pub(crate) mod math;
mod math_symbol;
pub(crate) mod package;

/// The branch of alternate content that is read: the first that has content, which is the one for
/// newer programs.
pub(crate) fn branch(element: &Element) -> Option<&Element> {
    element
        .children()
        .find(|branch| branch.nodes.iter().any(|node| matches!(node, Node::Element(_))))
}

/// The description that somebody wrote for a picture. What a program has put there, a guess or the
/// name of a file, says nothing that can be relied on.
pub(crate) fn alt_text(properties: &Element) -> Option<&str> {
    let text = properties.attribute("descr").or_else(|| properties.attribute("title"))?.trim();
    let is_guess = text.ends_with("AI-generated content may be incorrect.")
        || text.ends_with("Description automatically generated");
    (!text.is_empty() && !is_guess && !is_picture_name(text)).then_some(text)
}

/// Whether a text is the name of a picture file.
pub(crate) fn is_picture_name(text: &str) -> bool {
    const ENDINGS: [&str; 11] =
        ["png", "jpg", "jpeg", "gif", "bmp", "svg", "emf", "wmf", "tif", "tiff", "webp"];
    let ending = text.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}
