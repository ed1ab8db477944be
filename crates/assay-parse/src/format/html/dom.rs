//! The tree of an HTML file in an arena, filled by html5ever.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
};

use html5ever::{
    Attribute, LocalName, Namespace, ParseOpts, QualName,
    interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink},
    parse_document,
    tendril::{StrTendril, TendrilSink},
    tree_builder::TreeBuilderOpts,
};

use crate::{ParseError, parse::Input};

/// Bytes given to the tokenizer between looks at the clock and at the depth; few, because each tag
/// costs as much as the tree is deep.
const CHUNK: usize = 1 << 10;

/// Index of a node in the arena.
pub(crate) type NodeId = usize;

/// A node; comments and the like have neither a name nor text.
#[derive(Debug, Default)]
pub(crate) struct Node {
    /// The local name of an element.
    name: Option<QualName>,
    attributes: Vec<Attribute>,
    /// The text of a text node.
    pub(crate) text: String,
    parent: Option<NodeId>,
    /// The nodes inside, in order.
    pub(crate) children: Vec<NodeId>,
    depth: u32,
}

/// The tree; node 0 is the document.
#[derive(Debug)]
pub(crate) struct Dom {
    nodes: Vec<Node>,
    /// Whether reading stopped because elements were nested too deep.
    pub(crate) too_deep: bool,
}

impl Dom {
    /// Parses HTML; every text is some tree.
    ///
    /// Reading stops at elements nested deeper than the limit: the cost of a tag grows with the
    /// number of open elements, so that a file of nothing but start tags would take quadratic time.
    pub(crate) fn parse(markup: &str, input: &Input) -> Result<Self, ParseError> {
        let tree_builder = TreeBuilderOpts { scripting_enabled: false, ..Default::default() };
        let options = ParseOpts { tree_builder, ..Default::default() };
        let sink = Sink { nodes: RefCell::default(), deepest: Cell::new(0) };
        sink.add(Node::default());
        let mut parser = parse_document(sink, options);
        let mut rest = markup;
        let mut too_deep = false;
        while !rest.is_empty() && !too_deep {
            input.check_time()?;
            let (chunk, after) = rest.split_at(rest.floor_char_boundary(CHUNK));
            parser.process(StrTendril::from(chunk));
            rest = after;
            too_deep = parser.tokenizer.sink.sink.deepest.get() > input.limits.nesting;
        }
        Ok(Self { nodes: parser.finish(), too_deep })
    }

    /// A node; an empty one for an id of another tree.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        const NOTHING: &Node = &Node {
            name: None,
            attributes: Vec::new(),
            text: String::new(),
            parent: None,
            children: Vec::new(),
            depth: 0,
        };
        self.nodes.get(id).unwrap_or(NOTHING)
    }

    /// The name of the element, lower case; empty for other nodes.
    pub(crate) fn name(&self, id: NodeId) -> &str {
        self.node(id).name.as_ref().map_or("", |name| &name.local)
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, id: NodeId, name: &str) -> Option<&str> {
        let attributes = &self.node(id).attributes;
        attributes.iter().find(|attribute| &*attribute.name.local == name).map(|a| &*a.value)
    }

    /// The nodes below `id` in document order, without `id`.
    pub(crate) fn descendants(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let mut stack: Vec<NodeId> = self.node(id).children.iter().rev().copied().collect();
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            stack.extend(self.node(next).children.iter().rev());
            Some(next)
        })
    }

    /// The elements above `id`, nearest first.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(self.node(id).parent, |above| self.node(*above).parent)
    }

    /// All text below `id` as it stands.
    pub(crate) fn raw_text(&self, id: NodeId) -> String {
        self.descendants(id).map(|id| self.node(id).text.as_str()).collect()
    }
}

/// Collects the tree. The builder holds handles only, so the arena sits behind a cell.
struct Sink {
    nodes: RefCell<Vec<Node>>,
    deepest: Cell<u32>,
}

/// A name lent to the tree builder; a copy, because the arena may not stay borrowed. Names are
/// interned, so that a copy is cheap.
#[derive(Debug)]
struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl Sink {
    fn add(&self, node: Node) -> NodeId {
        let mut nodes = self.nodes.borrow_mut();
        nodes.push(node);
        nodes.len() - 1
    }

    fn with<T>(&self, id: NodeId, act: impl FnOnce(&mut Node) -> T) -> Option<T> {
        self.nodes.borrow_mut().get_mut(id).map(act)
    }

    fn detach(&self, id: NodeId) -> Option<NodeId> {
        let parent = self.with(id, |node| node.parent.take())??;
        self.with(parent, |node| node.children.retain(|child| *child != id));
        Some(parent)
    }

    /// Puts a node or text into `parent` at a position among its children.
    fn insert(&self, parent: NodeId, position: usize, child: NodeOrText<NodeId>) {
        let id = match child {
            NodeOrText::AppendNode(id) => {
                self.detach(id);
                id
            }
            NodeOrText::AppendText(text) => {
                let before = self.with(parent, |node| {
                    position.checked_sub(1).and_then(|at| node.children.get(at).copied())
                });
                let merged = before.flatten().and_then(|id| {
                    self.with(id, |node| {
                        let is_text = !node.text.is_empty();
                        if is_text {
                            node.text.push_str(&text);
                        }
                        is_text
                    })
                });
                if merged == Some(true) {
                    return;
                }
                self.add(Node { text: text.to_string(), ..Node::default() })
            }
        };
        let depth = self.with(parent, |node| {
            node.children.insert(position.min(node.children.len()), id);
            node.depth + 1
        });
        let depth = depth.unwrap_or(0);
        self.with(id, |node| {
            node.parent = Some(parent);
            node.depth = depth;
        });
        self.deepest.set(self.deepest.get().max(depth));
    }

    fn child_count(&self, id: NodeId) -> usize {
        self.with(id, |node| node.children.len()).unwrap_or(0)
    }
}

impl TreeSink for Sink {
    type Handle = NodeId;
    type Output = Vec<Node>;
    type ElemName<'a> = Name;

    fn finish(self) -> Vec<Node> {
        self.nodes.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        0
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Name {
        let name = self.with(*target, |node| node.name.clone()).flatten();
        Name(
            name.unwrap_or_else(|| QualName::new(None, Namespace::default(), LocalName::default())),
        )
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        _: ElementFlags,
    ) -> NodeId {
        self.add(Node { name: Some(name), attributes, ..Node::default() })
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.add(Node::default())
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> NodeId {
        self.add(Node::default())
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.insert(*parent, self.child_count(*parent), child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        if self.with(*element, |node| node.parent.is_some()) == Some(true) {
            self.append_before_sibling(element, child);
        } else {
            self.append(previous, child);
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// The content of a template is not shown; as children of the element it is skipped with it.
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        *target
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        if let NodeOrText::AppendNode(id) = &child {
            self.detach(*id);
        }
        let Some(parent) = self.with(*sibling, |node| node.parent).flatten() else { return };
        let position =
            self.with(parent, |node| node.children.iter().rposition(|child| child == sibling));
        self.insert(parent, position.flatten().unwrap_or(0), child);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        self.with(*target, |node| {
            for attribute in attributes {
                if !node.attributes.iter().any(|present| present.name == attribute.name) {
                    node.attributes.push(attribute);
                }
            }
        });
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.detach(*target);
    }

    fn reparent_children(&self, node: &NodeId, new_parent: &NodeId) {
        let children = self.with(*node, |node| std::mem::take(&mut node.children));
        for child in children.into_iter().flatten() {
            self.with(child, |node| node.parent = None);
            self.append(new_parent, NodeOrText::AppendNode(child));
        }
    }
}
