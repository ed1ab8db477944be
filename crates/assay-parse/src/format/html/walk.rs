//! Walks the tree and gives blocks to the builder.

use super::{
    dom::{Dom, NodeId},
    element::{Role, role},
    table,
};
use crate::{
    BlockKind, ParseError,
    builder::{Builder, Place},
    decode::Origins,
    inline::Inline,
    parse::Input,
};

/// The walk: what was gathered of the current block, and what the elements around it say.
pub(crate) struct Walker<'a> {
    dom: &'a Dom,
    /// The name of elements that say where the text comes from.
    marks: Option<(&'a str, &'a Origins<'a>)>,
    /// Where the current block comes from.
    place: Place,
    input: &'a Input,
    out: &'a mut Builder,
    inline: Inline,
    pictures: Vec<Inline>,
    kind: BlockKind,
    in_navigation: bool,
    /// One entry for each open list: its counter, if it counts.
    lists: Vec<Option<i64>>,
}

impl<'a> Walker<'a> {
    pub(crate) fn new(
        dom: &'a Dom,
        place: &Place,
        marks: Option<(&'a str, &'a Origins<'a>)>,
        input: &'a Input,
        out: &'a mut Builder,
    ) -> Self {
        Self {
            dom,
            marks,
            place: place.clone(),
            input,
            out,
            inline: Inline::default(),
            pictures: Vec::new(),
            kind: BlockKind::Paragraph,
            in_navigation: false,
            lists: Vec::new(),
        }
    }

    /// Walks what is inside an element.
    pub(crate) fn children(&mut self, id: NodeId) -> Result<(), ParseError> {
        self.input.check_time()?;
        for child in &self.dom.node(id).children {
            if self.out.is_full() {
                break;
            }
            self.node(*child)?;
        }
        Ok(())
    }

    /// Ends the current block.
    pub(crate) fn flush(&mut self) {
        let link = self.inline.open_url().map(str::to_owned);
        self.inline.close_link();
        let inline = std::mem::take(&mut self.inline);
        let kind = if self.in_navigation { BlockKind::Navigation } else { self.kind.clone() };
        self.out.block(kind, &inline, self.place.clone());
        for picture in std::mem::take(&mut self.pictures) {
            self.out.block(BlockKind::Picture, &picture, self.place.clone());
        }
        // A link may hold several blocks: it goes on in the next one.
        if let Some(url) = link {
            self.inline.open_link(&url);
        }
    }

    /// Takes a mark; false when the element is none.
    fn mark(&mut self, id: NodeId) -> bool {
        let Some((name, origins)) = self.marks else { return false };
        if self.dom.name(id) != name {
            return false;
        }
        let at = |name: &str| self.dom.attribute(id, name)?.parse().ok();
        if let (Some(start), Some(end)) = (at("start"), at("end")) {
            let place = origins.place(start..end);
            if matches!(self.kind, BlockKind::Paragraph) {
                self.flush();
            }
            // A block that goes on comes from both places.
            let both = match (self.place.origin.take(), &place.origin) {
                (Some(own), Some(next)) if !self.inline.is_blank() => own.join(next),
                _ => place.origin,
            };
            self.place.origin = both;
        }
        true
    }

    fn node(&mut self, id: NodeId) -> Result<(), ParseError> {
        if self.mark(id) {
            return Ok(());
        }
        self.inline.push(&self.dom.node(id).text);
        match role(self.dom, id) {
            Role::Skipped => Ok(()),
            Role::Inline => self.children(id),
            Role::Block => self.block(id),
            Role::Heading(level) => self.as_kind(BlockKind::Heading { level }, id),
            Role::Quote => self.as_kind(BlockKind::Quote, id),
            Role::Caption => self.as_kind(BlockKind::Caption, id),
            Role::Navigation => self.navigation(id),
            Role::List => self.list(id),
            Role::Item => self.item(id),
            Role::Table => self.table(id),
            Role::Preformatted => {
                self.preformatted(id);
                Ok(())
            }
            Role::Link => self.link(id),
            Role::Superscript => {
                table::superscript(self.dom, id, &mut self.inline);
                self.children(id)
            }
            Role::LineBreak | Role::Image | Role::CheckBox | Role::Formula => {
                self.leaf(id);
                Ok(())
            }
        }
    }

    fn leaf(&mut self, id: NodeId) {
        match role(self.dom, id) {
            Role::LineBreak => self.inline.line(),
            Role::Image => {
                if let Some(picture) = table::picture(self.dom, id) {
                    self.pictures.push(picture);
                }
            }
            Role::CheckBox => self.inline.push(table::check_box(self.dom, id)),
            _ => table::formula(self.dom, id, &mut self.inline),
        }
    }

    /// A block. Inside a list item it is a line of the item.
    fn block(&mut self, id: NodeId) -> Result<(), ParseError> {
        self.boundary();
        self.children(id)?;
        self.boundary();
        Ok(())
    }

    fn boundary(&mut self) {
        if matches!(self.kind, BlockKind::ListItem { .. } | BlockKind::Heading { .. }) {
            self.inline.line();
        } else {
            self.flush();
        }
    }

    /// Gives everything inside an element one kind.
    fn as_kind(&mut self, kind: BlockKind, id: NodeId) -> Result<(), ParseError> {
        self.flush();
        let is_heading = matches!(kind, BlockKind::Heading { .. });
        let outer = std::mem::replace(&mut self.kind, kind);
        self.children(id)?;
        if is_heading {
            // A heading is one line.
            self.inline.text = self.inline.text.replace('\n', " ");
        }
        self.flush();
        self.kind = after(outer);
        Ok(())
    }

    fn navigation(&mut self, id: NodeId) -> Result<(), ParseError> {
        self.flush();
        let outer = std::mem::replace(&mut self.in_navigation, true);
        self.children(id)?;
        self.flush();
        self.in_navigation = outer;
        Ok(())
    }

    fn list(&mut self, id: NodeId) -> Result<(), ParseError> {
        self.flush();
        let start = self.dom.attribute(id, "start").and_then(|start| start.trim().parse().ok());
        let counts = self.dom.name(id) == "ol";
        self.lists.push(counts.then(|| start.unwrap_or(1)));
        let outer = std::mem::replace(&mut self.kind, BlockKind::Paragraph);
        self.children(id)?;
        self.flush();
        self.lists.pop();
        self.kind = after(outer);
        Ok(())
    }

    fn item(&mut self, id: NodeId) -> Result<(), ParseError> {
        self.flush();
        let depth = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(u8::MAX);
        let number = self.lists.last_mut().and_then(Option::as_mut).map(|next| {
            let value = self.dom.attribute(id, "value").and_then(|value| value.trim().parse().ok());
            let number = value.unwrap_or(*next);
            *next = number.saturating_add(1);
            number
        });
        let ordered = number.is_some();
        let outer = std::mem::replace(&mut self.kind, BlockKind::ListItem { depth, ordered });
        if let Some(number) = number {
            self.inline.push(&format!("{number}. "));
        }
        self.children(id)?;
        self.flush();
        self.kind = outer;
        Ok(())
    }

    fn table(&mut self, id: NodeId) -> Result<(), ParseError> {
        self.flush();
        if table::is_layout(self.dom, id) {
            let outer = std::mem::replace(&mut self.kind, BlockKind::Paragraph);
            self.children(id)?;
            self.flush();
            self.kind = outer;
            return Ok(());
        }
        for child in &self.dom.node(id).children {
            if self.dom.name(*child) == "caption" {
                self.as_kind(BlockKind::Caption, *child)?;
            }
        }
        self.out.table(table::grid(self.dom, id, self.input)?, self.place.clone());
        self.kind = after(self.kind.clone());
        Ok(())
    }

    fn preformatted(&mut self, id: NodeId) {
        self.flush();
        let mut code = Inline::default();
        table::preformatted(self.dom, id, &mut code);
        let language = table::language(self.dom, id);
        self.out.block(BlockKind::Code { language }, &code, self.place.clone());
        self.kind = after(self.kind.clone());
    }

    fn link(&mut self, id: NodeId) -> Result<(), ParseError> {
        match self.dom.attribute(id, "href") {
            Some(url) => self.inline.open_link(url.trim()),
            None => return self.children(id),
        }
        self.children(id)?;
        self.inline.close_link();
        Ok(())
    }
}

/// What follows a block inside a list item is a paragraph: the item itself has ended.
fn after(kind: BlockKind) -> BlockKind {
    if is_list_item(&kind) { BlockKind::Paragraph } else { kind }
}

fn is_list_item(kind: &BlockKind) -> bool {
    matches!(kind, BlockKind::ListItem { .. })
}
