//! Diagrams (SmartArt): their texts as a list, in the order and depth of the diagram.

use std::collections::{HashMap, HashSet};

use super::paragraph;
use crate::{
    BlockKind,
    builder::{Builder, Place},
    format::{ooxml::package::Relationships, part::Element},
    inline::Inline,
};

/// Adds the texts of a diagram.
pub(super) fn add(data: &Element, place: &Place, out: &mut Builder) {
    let list = |name: &'static str| data.child(name).into_iter().flat_map(Element::children);
    let mut children: HashMap<&str, Vec<(u32, &str)>> = HashMap::new();
    for link in list("dgm:cxnLst").filter(|link| is_kind(link, "parOf")) {
        let (Some(from), Some(to)) = (link.attribute("srcId"), link.attribute("destId")) else {
            continue;
        };
        let order = link.attribute("srcOrd").and_then(|order| order.parse().ok()).unwrap_or(0);
        children.entry(from).or_default().push((order, to));
    }
    let points: HashMap<&str, &Element> =
        list("dgm:ptLst").filter_map(|point| Some((point.attribute("modelId")?, point))).collect();
    // The document is a point of its own above all others.
    let roots = list("dgm:ptLst").filter(|point| point.attribute("type") == Some("doc"));
    let mut stack: Vec<(&str, u8)> =
        roots.filter_map(|root| Some((root.attribute("modelId")?, 0))).collect();
    let mut seen = HashSet::new();
    while let Some((id, depth)) = stack.pop() {
        if !seen.insert(id) {
            continue;
        }
        if let Some(point) = points.get(id).filter(|_| depth > 0) {
            let kind = BlockKind::ListItem { depth: depth - 1, ordered: false };
            out.block(kind, &text(point), place.clone());
        }
        let mut below = children.remove(id).unwrap_or_default();
        below.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
        stack.extend(below.into_iter().map(|(_, id)| (id, depth.saturating_add(1))));
    }
}

/// Whether an element is of a kind; the kind that is not written is `parOf`.
fn is_kind(link: &Element, kind: &str) -> bool {
    link.attribute("type").unwrap_or("parOf") == kind
}

fn text(point: &Element) -> Inline {
    let mut inline = Inline::default();
    let body = point.child("dgm:t");
    for paragraph in body.into_iter().flat_map(Element::children).filter(|p| p.name == "a:p") {
        inline.space();
        inline.append(&paragraph::line(paragraph, &Relationships::default()));
    }
    inline
}
