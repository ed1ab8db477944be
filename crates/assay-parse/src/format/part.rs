//! XML parts as a tree of elements, bounded in depth and number.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use namespace::Namespaces;

use crate::{ParseError, ProblemCode, builder::Builder, parse::Input};

mod namespace;
#[cfg(test)]
mod tests;

/// Most elements of one part; a text of 5000 pages has fewer.
const ELEMENTS_MAX: usize = 3_000_000;
/// Attribute of the root that says why the part was read only in part.
const CUT: &str = "cut";

/// An element; its name and those of its attributes have the usual prefix of their namespace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    pub(crate) nodes: Vec<Node>,
}

/// What is inside an element.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// Parses a part. What follows a fault is lost, what came before is kept; the root then knows
    /// why, for [`Self::report_cut`].
    pub(crate) fn parse(bytes: &[u8], input: &Input) -> Result<Self, ParseError> {
        let text = crate::decode::decode(bytes, None);
        let mut tree =
            Tree { stack: vec![Self::default()], elements: 0, namespaces: Namespaces::default() };
        let mut reader = Reader::from_str(&text.text);
        reader.config_mut().check_end_names = false;
        let cut = loop {
            match reader.read_event() {
                Ok(Event::Eof) if tree.stack.len() > 1 => {
                    break Some("it ends too early".to_owned());
                }
                Ok(Event::Eof) => break None,
                Ok(event) => {
                    if let Some(reason) = tree.take(event, input)? {
                        break Some(reason);
                    }
                }
                Err(error) => break Some(error.to_string()),
            }
        };
        while tree.stack.len() > 1 {
            tree.close();
        }
        let top = tree.stack.pop().unwrap_or_default();
        let mut root = top.into_elements().next().unwrap_or_default();
        if let Some(reason) = cut {
            root.attributes.push((CUT.to_owned(), reason));
        }
        Ok(root)
    }

    /// Records that the part of this name was read only in part, if so.
    pub(crate) fn report_cut(&self, name: &str, out: &mut Builder) {
        if let Some(reason) = self.attribute(CUT) {
            let message = format!("the part `{name}` was read in part: {reason}");
            out.problem(ProblemCode::Damaged, message, None);
        }
    }

    /// The name without its prefix.
    pub(crate) fn local_name(&self) -> &str {
        self.name.rsplit_once(':').map_or(&self.name, |(_, name)| name)
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The elements inside, in order.
    pub(crate) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    fn into_elements(self) -> impl Iterator<Item = Self> {
        self.nodes.into_iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of a name directly inside.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children().find(|child| child.name == name)
    }

    /// The `w:val` of an element directly inside.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.child(name)?.attribute("w:val")
    }

    /// Whether a switch such as `w:b` is on: there, and not set to off.
    pub(crate) fn is_on(&self, name: &str) -> bool {
        self.child(name)
            .is_some_and(|child| !matches!(child.attribute("w:val"), Some("0" | "false" | "off")))
    }

    /// The first element of a name at any depth.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        self.descendants().find(|element| element.name == name)
    }

    /// All elements inside at any depth, in document order.
    pub(crate) fn descendants(&self) -> impl Iterator<Item = &Self> {
        let mut stack: Vec<&Self> = self.children().collect();
        stack.reverse();
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            let from = stack.len();
            stack.extend(next.children());
            if let Some(added) = stack.get_mut(from..) {
                added.reverse();
            }
            Some(next)
        })
    }

    /// All text inside.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        self.push_text(&mut text);
        text
    }

    fn push_text(&self, out: &mut String) {
        for node in &self.nodes {
            match node {
                Node::Element(element) => element.push_text(out),
                Node::Text(text) => out.push_str(text),
            }
        }
    }
}

struct Tree {
    stack: Vec<Element>,
    elements: usize,
    namespaces: Namespaces,
}

impl Tree {
    /// Takes one event; a reason to stop when a limit is reached.
    fn take(&mut self, event: Event<'_>, input: &Input) -> Result<Option<String>, ParseError> {
        match event {
            Event::Start(start) => {
                if self.stack.len() > input.limits.nesting as usize {
                    return Ok(Some("elements are nested too deep".to_owned()));
                }
                if self.count(input)? {
                    return Ok(Some("it has too many elements".to_owned()));
                }
                let element = self.element(&start);
                self.stack.push(element);
            }
            Event::Empty(start) => {
                if self.count(input)? {
                    return Ok(Some("it has too many elements".to_owned()));
                }
                let element = self.element(&start);
                self.namespaces.close(self.stack.len());
                self.add(Node::Element(element));
            }
            Event::End(_) if self.stack.len() > 1 => self.close(),
            Event::Text(text) => self.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(name) => {
                let c = name.resolve_char_ref().ok().flatten();
                let known = || quick_xml::escape::resolve_xml_entity(name.as_ref());
                self.text(
                    &c.map(String::from).or_else(|| known().map(str::to_owned)).unwrap_or_default(),
                );
            }
            _ => {}
        }
        Ok(None)
    }

    /// Counts one more element; whether that is too many.
    fn count(&mut self, input: &Input) -> Result<bool, ParseError> {
        if self.elements.is_multiple_of(1024) {
            input.check_time()?;
        }
        self.elements += 1;
        Ok(self.elements > ELEMENTS_MAX)
    }

    fn text(&mut self, text: &str) {
        if let Some(Node::Text(last)) = self.stack.last_mut().and_then(|top| top.nodes.last_mut()) {
            last.push_str(text);
        } else if !text.is_empty() {
            self.add(Node::Text(text.to_owned()));
        }
    }

    fn close(&mut self) {
        if let Some(done) = self.stack.pop() {
            self.namespaces.close(self.stack.len());
            self.add(Node::Element(done));
        }
    }

    fn add(&mut self, node: Node) {
        if let Some(top) = self.stack.last_mut() {
            top.nodes.push(node);
        }
    }

    /// An element without the attributes that only tell the history of editing.
    fn element(&mut self, start: &BytesStart<'_>) -> Element {
        self.namespaces.open(start, self.stack.len() + 1);
        let mut attributes = start.attributes();
        let attributes = attributes.with_checks(false).flatten().filter_map(|attribute| {
            let key = attribute.key.as_ref();
            if key.starts_with("xmlns") || key.starts_with("w:rsid") || key.starts_with("w14:") {
                return None;
            }
            let value = quick_xml::escape::unescape(&attribute.value)
                .map_or_else(|_| attribute.value.clone().into_owned(), Cow::into_owned);
            Some((self.namespaces.attribute(key), value))
        });
        Element {
            name: self.namespaces.element(start.name().as_ref()),
            attributes: attributes.collect(),
            nodes: Vec::new(),
        }
    }
}
