//! XML as a tree of elements, bounded in depth and number.

use std::{borrow::Cow, ops::Range};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesRef, BytesStart, Event},
};

use crate::{ParseError, parse::Input};

/// Most elements of one file.
const ELEMENTS_MAX: usize = 3_000_000;

/// An element and where it stands in the decoded text.
#[derive(Debug, Clone, Default)]
pub(super) struct Element {
    /// Its name as written, prefix included.
    pub(super) name: String,
    /// Without those that declare namespaces.
    pub(super) attributes: Vec<(String, String)>,
    pub(super) nodes: Vec<Node>,
    pub(super) range: Range<usize>,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

/// What was read.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// None when there is no element.
    pub(super) root: Option<Element>,
    /// Where reading stopped before the end, and why.
    pub(super) fault: Option<(usize, String)>,
    pub(super) is_too_deep: bool,
}

impl Element {
    /// The name without its prefix.
    pub(super) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or(&self.name)
    }

    pub(super) fn children(&self) -> impl Iterator<Item = &Self> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element inside with a name, given without prefix.
    pub(super) fn child(&self, local: &str) -> Option<&Self> {
        self.children().find(|child| child.local() == local)
    }

    /// Whether text stands beside elements.
    pub(super) fn is_mixed(&self) -> bool {
        self.has_text() && self.children().next().is_some()
    }

    /// Whether text stands directly inside.
    pub(super) fn has_text(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node, Node::Text(text) if !text.trim().is_empty()))
    }

    /// All text inside as it stands.
    pub(super) fn text(&self) -> String {
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

/// Reads XML as far as it goes. End tags close the innermost element, whatever they name.
pub(super) fn read(text: &str, input: &Input) -> Result<Tree, ParseError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut state = State::default();
    let fault = loop {
        let start = position(&reader);
        match reader.read_event() {
            Ok(Event::Eof) => {
                let is_open = state.open.len() + state.skipped > 0;
                break is_open.then(|| (text.len(), "it ends too early".to_owned()));
            }
            Ok(event) => state.take(event, start..position(&reader), input)?,
            Err(error) => break Some((start, error.to_string())),
        }
        if state.elements > ELEMENTS_MAX {
            break Some((start, "it has too many elements".to_owned()));
        }
    };
    let end = fault.as_ref().map_or(text.len(), |(at, _)| *at);
    while !state.open.is_empty() {
        state.close(end);
    }
    Ok(Tree { root: state.root, fault, is_too_deep: state.is_too_deep })
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

#[derive(Default)]
struct State {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    /// Open elements below the limit on nesting.
    skipped: usize,
    is_too_deep: bool,
}

impl State {
    fn take(
        &mut self,
        event: Event<'_>,
        range: Range<usize>,
        input: &Input,
    ) -> Result<(), ParseError> {
        match event {
            Event::Start(start) => {
                self.elements += 1;
                if self.elements.is_multiple_of(1024) {
                    input.check_time()?;
                }
                if self.skipped > 0 || self.open.len() >= input.limits.nesting as usize {
                    self.skipped += 1;
                    self.is_too_deep = true;
                } else {
                    self.open.push(element(&start, range));
                }
            }
            Event::Empty(start) if self.skipped == 0 => {
                self.elements += 1;
                self.add(element(&start, range));
            }
            Event::End(_) if self.skipped > 0 => self.skipped -= 1,
            Event::End(_) => self.close(range.end),
            Event::Text(text) => self.text(&text.xml_content(XmlVersion::Implicit1_0)),
            Event::CData(text) => self.text(&text),
            Event::GeneralRef(name) => self.text(&referenced(&name)),
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let Some(top) = self.open.last_mut().filter(|_| self.skipped == 0) else { return };
        match top.nodes.last_mut() {
            Some(Node::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => top.nodes.push(Node::Text(text.to_owned())),
        }
    }

    fn close(&mut self, end: usize) {
        if let Some(mut done) = self.open.pop() {
            done.range.end = end.max(done.range.start);
            self.add(done);
        }
    }

    fn add(&mut self, element: Element) {
        match self.open.last_mut() {
            Some(top) => top.nodes.push(Node::Element(element)),
            None if self.root.is_none() => self.root = Some(element),
            None => {}
        }
    }
}

/// The character of a reference; one that only a document type knows stays as written.
fn referenced(name: &BytesRef<'_>) -> String {
    let character = name.resolve_char_ref().ok().flatten().map(String::from);
    let known = || quick_xml::escape::resolve_xml_entity(name.as_ref()).map(str::to_owned);
    character.or_else(known).unwrap_or_else(|| format!("&{};", name.as_ref()))
}

fn element(start: &BytesStart<'_>, range: Range<usize>) -> Element {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().filter_map(|attribute| {
        let key = attribute.key.as_ref().to_owned();
        if key.starts_with("xmlns") || key.ends_with("schemaLocation") {
            return None;
        }
        let value = quick_xml::escape::unescape(&attribute.value)
            .map_or_else(|_| attribute.value.clone().into_owned(), Cow::into_owned);
        Some((key, value))
    });
    let name = start.name().as_ref().to_owned();
    Element { name, attributes: attributes.collect(), nodes: Vec::new(), range }
}
