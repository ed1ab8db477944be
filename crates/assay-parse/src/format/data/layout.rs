//! Trees of values as text that reads alone: lines `path.to.key: value`, tables for lists of like
//! records, headings for what is too large for either.

use std::ops::Range;

use super::{Node, Value, record};
use crate::{
    BlockKind, ParseError,
    builder::{Builder, Grid},
    decode::Origins,
    inline::Inline,
    parse::Input,
};

/// Bytes up to which a value is shown as lines of the block around it; about a passage.
const SMALL_BYTES: usize = 500;
/// Bytes up to which a text is shown on the line of its key.
const LINE_BYTES: usize = 300;
/// The level from which on headings show paths instead of going deeper.
const DEEPEST: u8 = 6;

/// Writes trees into the document.
pub(crate) struct Layout<'a> {
    input: &'a Input,
    out: &'a mut Builder,
    origins: &'a Origins<'a>,
    /// Lines of the block in the making.
    lines: String,
    range: Range<usize>,
    /// Whether a record has a heading: what follows needs one too, so as not to stand below it.
    has_titles: bool,
}

/// Where a value stands among the headings.
#[derive(Clone, Copy)]
struct Section<'a> {
    /// The level of headings in it.
    level: u8,
    /// What opens the text of headings where levels have run out.
    prefix: &'a str,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(input: &'a Input, out: &'a mut Builder, origins: &'a Origins<'a>) -> Self {
        Self { input, out, origins, lines: String::new(), range: 0..0, has_titles: false }
    }

    /// Writes the values of a file, several ones as records.
    pub(crate) fn roots(&mut self, roots: &[Node]) -> Result<(), ParseError> {
        if let [root] = roots {
            return self.value(root, Section { level: 1, prefix: "" });
        }
        for (number, root) in (1_usize..).zip(roots) {
            self.record(root, &number.to_string())?;
        }
        Ok(())
    }

    fn value(&mut self, node: &Node, section: Section<'_>) -> Result<(), ParseError> {
        self.input.check_time()?;
        match &node.value {
            Value::Scalar(text) => self.text("", text, node),
            Value::Map(entries) => self.map(entries, section)?,
            Value::List(nodes) => self.list(node, nodes, section)?,
        }
        self.flush();
        Ok(())
    }

    /// What fits on lines comes first: below the heading of a large value it would seem to belong
    /// to that.
    fn map(&mut self, entries: &[(String, Node)], section: Section<'_>) -> Result<(), ParseError> {
        let is_large = |node: &Node| !is_scalar(node) && !is_small(node);
        for (key, node) in entries {
            match &node.value {
                Value::Scalar(text) => self.text(key, text, node),
                _ if is_large(node) => self.flush(),
                _ => self.small(key, node),
            }
        }
        self.flush();
        for (key, node) in entries.iter().filter(|(_, node)| is_large(node)) {
            if self.out.is_full() {
                break;
            }
            self.titled(key, node, section)?;
        }
        Ok(())
    }

    /// A large value below a heading of its own.
    fn titled(&mut self, title: &str, node: &Node, section: Section<'_>) -> Result<(), ParseError> {
        self.flush();
        let title = format!("{}{title}", section.prefix);
        let place = self.origins.place(node.range.clone());
        let mut heading = Inline::default();
        heading.push(&title);
        self.out.block(BlockKind::Heading { level: section.level }, &heading, place);
        let prefix = format!("{title}.");
        let inner = match section.level {
            DEEPEST => Section { level: DEEPEST, prefix: &prefix },
            level => Section { level: level + 1, prefix: "" },
        };
        self.value(node, inner)
    }

    fn list(
        &mut self,
        list: &Node,
        nodes: &[Node],
        section: Section<'_>,
    ) -> Result<(), ParseError> {
        if let Some((header_rows, rows)) = record::table(nodes) {
            let cell = |text: String| {
                let mut cell = Inline::default();
                cell.push(&text);
                cell
            };
            let rows = rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect();
            let place = self.origins.place(list.range.clone());
            self.out.table(Grid { header_rows, rows, sheet: None }, place);
            return Ok(());
        }
        if nodes.iter().all(is_word) {
            for group in nodes.chunks(SMALL_BYTES / 10) {
                let words: Vec<String> = group.iter().map(super::line).collect();
                group.iter().for_each(|node| self.cover(&node.range));
                self.lines.push_str(&words.join(", "));
                self.flush();
            }
            return Ok(());
        }
        let has_sections = nodes.iter().any(|node| !is_small(node));
        for (number, node) in (1_usize..).zip(nodes) {
            if self.out.is_full() {
                break;
            }
            match &node.value {
                Value::Scalar(text) => self.item(text, node),
                _ if has_sections => {
                    let title = record::name(node).unwrap_or_else(|| number.to_string());
                    self.titled(&title, node, section)?;
                }
                _ => self.value(node, section)?,
            }
        }
        Ok(())
    }

    /// The document that is written to.
    pub(crate) fn out(&mut self) -> &mut Builder {
        self.out
    }

    /// A record of its own: small ones are one block.
    pub(crate) fn record(&mut self, node: &Node, name: &str) -> Result<(), ParseError> {
        if is_small(node) && !self.has_titles {
            self.small("", node);
            self.flush();
            return Ok(());
        }
        self.has_titles = true;
        let title = record::name(node).unwrap_or_else(|| name.to_owned());
        self.titled(&title, node, Section { level: 1, prefix: "" })
    }

    /// A text among those of a list.
    fn item(&mut self, text: &str, node: &Node) {
        self.flush();
        let kind = BlockKind::ListItem { depth: 0, ordered: false };
        let mut inline = Inline::default();
        inline.push_raw(text.trim());
        self.out.block(kind, &inline, self.origins.place(node.range.clone()));
    }

    /// A text with its key: short on the line of the key, else in paragraphs of its own.
    fn text(&mut self, key: &str, text: &str, node: &Node) {
        let is_short = text.len() <= LINE_BYTES && !text.trim().contains('\n');
        if is_short {
            return self.line(key, text, &node.range);
        }
        self.flush();
        let text = text.replace("\r\n", "\n");
        let opening = if key.is_empty() { String::new() } else { format!("{key}: ") };
        for (number, paragraph) in text.trim().split("\n\n").enumerate() {
            let mut inline = Inline::plain(if number == 0 { opening.as_str() } else { "" });
            inline.push_raw(paragraph);
            self.out.block(BlockKind::Paragraph, &inline, self.origins.place(node.range.clone()));
        }
    }

    /// A small value as lines.
    fn small(&mut self, path: &str, node: &Node) {
        match &node.value {
            Value::Scalar(text) => self.line(path, text, &node.range),
            Value::List(nodes) if nodes.iter().all(is_word) => {
                self.line(path, &super::line(node), &node.range);
            }
            Value::List(nodes) => {
                for (number, node) in nodes.iter().enumerate() {
                    self.small(&format!("{path}[{number}]"), node);
                }
            }
            Value::Map(entries) if entries.is_empty() => self.line(path, "", &node.range),
            Value::Map(entries) => {
                for (key, node) in entries {
                    let dot = if path.is_empty() || key.is_empty() { "" } else { "." };
                    self.small(&format!("{path}{dot}{key}"), node);
                }
            }
        }
    }

    fn line(&mut self, path: &str, text: &str, range: &Range<usize>) {
        let mut line = Inline::default();
        line.push(path);
        if !path.is_empty() {
            line.push_raw(":");
            line.space();
        }
        line.push(text.trim());
        if self.lines.len() + line.text.len() > SMALL_BYTES {
            self.flush();
        }
        if !self.lines.is_empty() {
            self.lines.push('\n');
        }
        self.lines.push_str(line.text.trim_end());
        self.cover(range);
    }

    /// Makes the block in the making stand for a place too.
    fn cover(&mut self, range: &Range<usize>) {
        if self.range.is_empty() {
            self.range = range.clone();
        } else {
            self.range = self.range.start.min(range.start)..self.range.end.max(range.end);
        }
    }

    fn flush(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        let place = self.origins.place(std::mem::take(&mut self.range));
        self.out.block(BlockKind::Paragraph, &Inline::plain(lines), place);
    }
}

/// Whether a value fits on a few lines. Looks at no more of it than that.
fn is_small(node: &Node) -> bool {
    let mut room = SMALL_BYTES;
    fits(node, &mut room)
}

fn fits(node: &Node, room: &mut usize) -> bool {
    let mut take = |bytes: usize| {
        let left = room.checked_sub(bytes + 2);
        *room = left.unwrap_or(0);
        left.is_some()
    };
    match &node.value {
        Value::Scalar(text) => !text.trim().contains('\n') && take(text.len()),
        // Several records are a table or sections.
        Value::List(nodes) if nodes.len() > 1 && !nodes.iter().all(is_scalar) => false,
        Value::List(nodes) => take(0) && nodes.iter().all(|node| fits(node, room)),
        Value::Map(entries) => {
            take(0)
                && entries.iter().all(|(key, node)| {
                    *room = room.saturating_sub(key.len());
                    fits(node, room)
                })
        }
    }
}

fn is_scalar(node: &Node) -> bool {
    matches!(node.value, Value::Scalar(_))
}

/// Whether a value reads well among others on one line.
fn is_word(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(text) if text.len() <= 60 && !text.contains('\n'))
}
