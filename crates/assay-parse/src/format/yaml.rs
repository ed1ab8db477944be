//! YAML documents.

use std::{collections::HashMap, ops::Range};

use saphyr_parser::{Event, Parser, Span};

use crate::{
    ParseError, ProblemCode,
    builder::Builder,
    decode::decode,
    format::{
        code,
        data::{ALIAS_BYTES, Node, Tree, Value, layout::Layout},
    },
    parse::Input,
};

#[cfg(test)]
mod tests;

/// Reads YAML. Where nothing can be read as values, the file is read as text.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let decoded = decode(&input.bytes, input.charset.as_deref());
    decoded.report(out);
    let documents = read(&decoded.text, input, out)?;
    if documents.is_empty() {
        return code::plain(&decoded, Some("yaml"), input, out);
    }
    Layout::new(input, out, &decoded.origins()).roots(&documents)
}

/// Reads YAML that is text already into the values of its documents. What follows a fault is
/// lost and a problem.
pub(crate) fn read(text: &str, input: &Input, out: &mut Builder) -> Result<Vec<Node>, ParseError> {
    let places = Places::new(text);
    let mut tree = Tree::new(input);
    let mut anchors = Anchors::default();
    for (number, event) in Parser::new_from_str(text).enumerate() {
        if number.is_multiple_of(256) {
            input.check_time()?;
        }
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let line = error.marker().line();
                let message = format!("line {line} is not valid YAML: {}", error.info());
                out.problem(ProblemCode::Damaged, message, None);
                break;
            }
        };
        if tree.is_full() {
            break;
        }
        if !anchors.take(event, places.range(span), &mut tree) {
            let message = "aliases that stand for too much text were left out".to_owned();
            out.problem(ProblemCode::Limit, message, None);
            break;
        }
    }
    Ok(tree.finish(text.len(), out))
}

/// Values with a name that later parts of the file refer to.
#[derive(Debug, Default)]
struct Anchors {
    nodes: HashMap<usize, Node>,
    /// What they cost in memory. Named values may lie inside each other.
    bytes: usize,
    /// The open containers that have a name, by their depth.
    open: Vec<(usize, usize)>,
}

impl Anchors {
    /// Takes one event; false when aliases stand for too much.
    fn take(&mut self, event: Event<'_>, range: Range<usize>, tree: &mut Tree) -> bool {
        match event {
            Event::Scalar(text, _, anchor, _) => {
                if anchor > 0 {
                    let value = Value::Scalar(text.clone().into_owned());
                    self.keep(anchor, &Node { range: range.clone(), value });
                }
                tree.scalar(range, text.into_owned());
            }
            Event::SequenceStart(anchor, _) => {
                self.open_at(tree.depth(), anchor);
                tree.open_list(range.start);
            }
            Event::MappingStart(anchor, _) => {
                self.open_at(tree.depth(), anchor);
                tree.open_map(range.start);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                tree.close(range.end);
                self.close_at(tree);
            }
            // An alias to a container that is still open would never end; one to a value that is
            // too large to be kept is left out.
            Event::Alias(anchor) => match self.nodes.get(&anchor) {
                Some(node) => return tree.copy(node, &range),
                None => tree.scalar(range, "…".to_owned()),
            },
            _ => {}
        }
        true
    }

    fn open_at(&mut self, depth: usize, anchor: usize) {
        if anchor > 0 {
            self.open.push((depth, anchor));
        }
    }

    fn close_at(&mut self, tree: &Tree) {
        if let Some((_, anchor)) = self.open.pop_if(|(depth, _)| *depth == tree.depth())
            && let Some(node) = tree.last()
        {
            self.keep(anchor, node);
        }
    }

    fn keep(&mut self, anchor: usize, node: &Node) {
        self.bytes = self.bytes.saturating_add(node.weight());
        if self.bytes <= ALIAS_BYTES {
            self.nodes.insert(anchor, node.clone());
        }
    }
}

/// From the characters that the parser counts to bytes.
struct Places<'a> {
    text: &'a str,
    /// The byte of every 256th character.
    marks: Vec<usize>,
}

impl<'a> Places<'a> {
    const STEP: usize = 256;

    fn new(text: &'a str) -> Self {
        let marks = text.char_indices().step_by(Self::STEP).map(|(at, _)| at).collect();
        Self { text, marks }
    }

    fn byte(&self, character: usize) -> usize {
        let Some(mark) = self.marks.get(character / Self::STEP) else { return self.text.len() };
        let within = character % Self::STEP;
        if self.marks.get(character / Self::STEP + 1) == Some(&(mark + Self::STEP)) {
            // As many bytes as characters: ASCII up to the next mark.
            return mark + within;
        }
        let rest = self.text.get(*mark..).unwrap_or_default();
        let within = rest.char_indices().nth(within);
        within.map_or(self.text.len(), |(at, _)| mark + at)
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.byte(span.start.index());
        start..self.byte(span.end.index()).max(start)
    }
}
