//! Trees of values: what JSON, YAML and records in XML have in common.

use std::ops::Range;

pub(crate) mod layout;
mod record;

use crate::{ProblemCode, builder::Builder, parse::Input};

/// Most values of one file; they take some 100 bytes each.
const VALUES_MAX: usize = 4_000_000;
/// Bytes that all aliases of one file may stand for; a value counts as [`VALUE_BYTES`] and its text.
pub(crate) const ALIAS_BYTES: usize = 16 << 20;
const VALUE_BYTES: usize = 64;

/// A value and where it stands in the decoded text; in a map it stands there with its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) range: Range<usize>,
    pub(crate) value: Value,
}

/// A value. Text, numbers and the like are text as the file writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Scalar(String),
    List(Vec<Node>),
    /// Keys may repeat. An empty key is the value of the map itself, such as the text of an XML
    /// element with attributes.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// A copy that stands somewhere else.
    fn moved(&self, range: &Range<usize>) -> Self {
        let value = match &self.value {
            Value::Scalar(text) => Value::Scalar(text.clone()),
            Value::List(nodes) => Value::List(nodes.iter().map(|node| node.moved(range)).collect()),
            Value::Map(entries) => {
                let moved = |(key, node): &(String, Self)| (key.clone(), node.moved(range));
                Value::Map(entries.iter().map(moved).collect())
            }
        };
        Self { range: range.clone(), value }
    }

    /// What the node costs in memory, roughly, in bytes.
    pub(crate) fn weight(&self) -> usize {
        VALUE_BYTES
            + match &self.value {
                Value::Scalar(text) => text.len(),
                Value::List(nodes) => nodes.iter().map(Self::weight).sum(),
                Value::Map(entries) => {
                    entries.iter().map(|(key, node)| key.len() + node.weight()).sum()
                }
            }
    }
}

/// Builds trees from events, within bounds.
#[derive(Debug)]
pub(crate) struct Tree {
    open: Vec<Open>,
    /// The finished values, in order.
    pub(crate) roots: Vec<Node>,
    values: usize,
    scalars: usize,
    nesting: usize,
    /// How many containers are open below the limit on nesting; nothing in them is kept.
    skipped: usize,
    too_deep: bool,
    alias_bytes: usize,
}

#[derive(Debug)]
struct Open {
    start: usize,
    /// The key of the next value, and where it starts.
    key: Option<(String, usize)>,
    value: Value,
}

impl Tree {
    pub(crate) fn new(input: &Input) -> Self {
        Self {
            open: Vec::new(),
            roots: Vec::new(),
            values: 0,
            scalars: 0,
            nesting: input.limits.nesting as usize,
            skipped: 0,
            too_deep: false,
            alias_bytes: 0,
        }
    }

    /// Whether no more values fit.
    pub(crate) fn is_full(&self) -> bool {
        self.values >= VALUES_MAX
    }

    /// Whether anything but containers was read.
    pub(crate) fn has_scalars(&self) -> bool {
        self.scalars > 0
    }

    /// How deep the next value is nested.
    pub(crate) fn depth(&self) -> usize {
        self.open.len() + self.skipped
    }

    /// The value added last to the container that is open now.
    pub(crate) fn last(&self) -> Option<&Node> {
        let Some(open) = self.open.last() else { return self.roots.last() };
        match &open.value {
            Value::Scalar(_) => None,
            Value::List(nodes) => nodes.last(),
            Value::Map(entries) => entries.last().map(|(_, node)| node),
        }
    }

    pub(crate) fn open_list(&mut self, start: usize) {
        self.open(start, Value::List(Vec::new()));
    }

    pub(crate) fn open_map(&mut self, start: usize) {
        self.open(start, Value::Map(Vec::new()));
    }

    fn open(&mut self, start: usize, value: Value) {
        if self.open.len() >= self.nesting {
            self.skipped += 1;
            self.too_deep = true;
        } else {
            self.open.push(Open { start, key: None, value });
        }
    }

    /// The key of the next value, for formats that tell keys and values apart.
    pub(crate) fn key(&mut self, start: usize, key: String) {
        if let Some(open) = self.open.last_mut().filter(|_| self.skipped == 0) {
            open.key = Some((key, start));
        }
    }

    /// Ends the innermost container.
    pub(crate) fn close(&mut self, end: usize) {
        if self.skipped > 0 {
            self.skipped -= 1;
            if self.skipped == 0 {
                // A key may wait for the value that was left out.
                self.add(Node { range: end..end, value: Value::Scalar("…".to_owned()) });
            }
        } else if let Some(open) = self.open.pop() {
            self.add(Node { range: open.start..end.max(open.start), value: open.value });
        }
    }

    pub(crate) fn scalar(&mut self, range: Range<usize>, text: String) {
        self.scalars += 1;
        self.add(Node { range, value: Value::Scalar(text) });
    }

    /// Adds a copy of a value; false when all copies together would be too large.
    pub(crate) fn copy(&mut self, node: &Node, range: &Range<usize>) -> bool {
        self.alias_bytes = self.alias_bytes.saturating_add(node.weight());
        let fits = self.alias_bytes <= ALIAS_BYTES;
        if fits {
            self.add(node.moved(range));
        }
        fits
    }

    /// A map without a waiting key takes a value as the next key, as YAML has it.
    fn add(&mut self, node: Node) {
        if self.skipped > 0 || self.is_full() {
            return;
        }
        self.values += 1;
        let Some(open) = self.open.last_mut() else {
            self.roots.push(node);
            return;
        };
        match &mut open.value {
            Value::Scalar(_) => {}
            Value::List(nodes) => nodes.push(node),
            Value::Map(entries) => match open.key.take() {
                Some((key, start)) => {
                    let range = start.min(node.range.start)..node.range.end;
                    entries.push((key, Node { range, ..node }));
                }
                None => open.key = Some((line(&node), node.range.start)),
            },
        }
    }

    /// Closes what is open and gives the values.
    pub(crate) fn finish(mut self, end: usize, out: &mut Builder) -> Vec<Node> {
        let limit = |what: String, out: &mut Builder| out.problem(ProblemCode::Limit, what, None);
        if self.is_full() {
            limit(format!("only {VALUES_MAX} values were read"), out);
        }
        if self.too_deep {
            limit(format!("values nested deeper than {} were left out", self.nesting), out);
        }
        self.skipped = 0;
        while !self.open.is_empty() {
            self.close(end);
        }
        self.roots
    }
}

/// A value in one line.
pub(crate) fn line(node: &Node) -> String {
    match &node.value {
        Value::Scalar(text) => text.clone(),
        Value::List(nodes) => nodes.iter().map(line).collect::<Vec<_>>().join(", "),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(key, node)| format!("{key}: {}", line(node)));
            entries.collect::<Vec<_>>().join("; ")
        }
    }
}
