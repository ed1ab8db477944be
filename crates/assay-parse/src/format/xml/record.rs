//! Elements as records: attributes and elements inside become fields.

use super::tree::{Element, Node as XmlNode};
use crate::format::data::{Node, Value};

/// The document as a record with one field, its root.
pub(super) fn document(root: &Element) -> Node {
    let entries = vec![(root.local().to_owned(), node(root))];
    Node { range: root.range.clone(), value: Value::Map(entries) }
}

/// An element without attributes and elements is its text. Elements of one name are a list.
fn node(element: &Element) -> Node {
    let range = element.range.clone();
    let scalar = |text: &str| Node { range: range.clone(), value: Value::Scalar(text.to_owned()) };
    if element.is_mixed() {
        return scalar(element.text().trim());
    }
    let attributes = element.attributes.iter();
    let mut entries: Vec<(String, Node)> =
        attributes.map(|(name, value)| (name.clone(), scalar(value.trim()))).collect();
    let mut text = String::new();
    let mut lists: Vec<(&str, Vec<Node>)> = Vec::new();
    for child in &element.nodes {
        match child {
            XmlNode::Text(own) => text.push_str(own),
            // Elements of one name stand together, most of the time.
            XmlNode::Element(child) => {
                match lists.iter_mut().rev().take(64).find(|(name, _)| *name == child.local()) {
                    Some((_, nodes)) => nodes.push(node(child)),
                    None => lists.push((child.local(), vec![node(child)])),
                }
            }
        }
    }
    if !text.trim().is_empty() {
        if entries.is_empty() {
            return scalar(text.trim());
        }
        entries.push((String::new(), scalar(text.trim())));
    }
    if entries.is_empty() && lists.is_empty() {
        return scalar("");
    }
    // A list that is all there is needs no name of its own.
    let is_one_list = entries.is_empty() && lists.len() == 1;
    if let Some((_, nodes)) = lists.pop_if(|(_, nodes)| is_one_list && nodes.len() > 1) {
        return Node { range, value: Value::List(nodes) };
    }
    entries.extend(lists.into_iter().map(|(name, nodes)| (name.to_owned(), joined(nodes))));
    Node { range, value: Value::Map(entries) }
}

/// One element, or the list of several.
fn joined(mut nodes: Vec<Node>) -> Node {
    if nodes.len() == 1
        && let Some(only) = nodes.pop()
    {
        return only;
    }
    let start = nodes.first().map_or(0, |node| node.range.start);
    let end = nodes.last().map_or(start, |node| node.range.end);
    Node { range: start..end, value: Value::List(nodes) }
}
