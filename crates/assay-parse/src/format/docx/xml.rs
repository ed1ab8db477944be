//! XML parts as a tree of elements, bounded in depth and number.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use crate::{ParseError, parse::Input};

/// Most elements of one part; a text of 5000 pages has fewer.
const ELEMENTS_MAX: usize = 3_000_000;
/// Attribute of the root that says why the part was read only in part.
pub(crate) const CUT: &str = "cut";

/// An element with its name as written, prefix included: office programs all use the same
/// prefixes.
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
    /// Parses a part. What follows a fault is lost, what came before is kept; the root then says
    /// so in [`CUT`].
    pub(crate) fn parse(bytes: &[u8], input: &Input) -> Result<Self, ParseError> {
        let text = crate::decode::decode(bytes, None);
        let mut tree = Tree { stack: vec![Self::default()], elements: 0 };
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
}

impl Tree {
    /// Takes one event; a reason to stop when a limit is reached.
    fn take(&mut self, event: Event<'_>, input: &Input) -> Result<Option<String>, ParseError> {
        match event {
            Event::Start(start) => {
                if self.stack.len() > input.limits.nesting as usize {
                    return Ok(Some("elements are nested too deep".to_owned()));
                }
                if self.elements > ELEMENTS_MAX {
                    return Ok(Some("it has too many elements".to_owned()));
                }
                if self.elements.is_multiple_of(1024) {
                    input.check_time()?;
                }
                self.elements += 1;
                self.stack.push(element(&start));
            }
            Event::Empty(start) => {
                self.elements += 1;
                self.add(Node::Element(element(&start)));
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

    fn text(&mut self, text: &str) {
        if let Some(Node::Text(last)) = self.stack.last_mut().and_then(|top| top.nodes.last_mut()) {
            last.push_str(text);
        } else if !text.is_empty() {
            self.add(Node::Text(text.to_owned()));
        }
    }

    fn close(&mut self) {
        if let Some(done) = self.stack.pop() {
            self.add(Node::Element(done));
        }
    }

    fn add(&mut self, node: Node) {
        if let Some(top) = self.stack.last_mut() {
            top.nodes.push(node);
        }
    }
}

/// An element without the attributes that only tell the history of editing.
fn element(start: &BytesStart<'_>) -> Element {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().filter_map(|attribute| {
        let key = attribute.key.as_ref().to_owned();
        if key.starts_with("xmlns") || key.starts_with("w:rsid") || key.starts_with("w14:") {
            return None;
        }
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_or_else(|_| attribute.value.clone().into_owned(), Cow::into_owned);
        Some((key, value))
    });
    Element {
        name: start.name().as_ref().to_owned(),
        attributes: attributes.collect(),
        nodes: Vec::new(),
    }
}
