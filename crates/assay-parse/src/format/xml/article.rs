//! Articles and books: running text with its headings, lists, tables and listings.

use std::ops::Range;

use super::{PARAGRAPHS, tree::Element};
use crate::{
    BlockKind, ParseError,
    builder::{Builder, Grid},
    decode::Origins,
    inline::Inline,
    parse::Input,
};

const TITLES: &[&str] = &["title", "head", "heading", "article-title", "subtitle", "titre"];
const ITEMS: &[&str] = &["li", "item", "listitem", "list-item"];
const LISTINGS: &[&str] = &["pre", "programlisting", "screen", "code", "verbatim", "listing"];
const ROWS: &[&str] = &["tr", "row"];
const CAPTIONS: &[&str] = &["caption", "figdesc"];

/// Writes the text of an article.
pub(super) fn write(
    root: &Element,
    origins: &Origins<'_>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let mut writer = Writer { origins, input, out, fields: Inline::default(), range: 0..0 };
    writer.element(root, 1)?;
    writer.flush();
    Ok(())
}

struct Writer<'a> {
    origins: &'a Origins<'a>,
    input: &'a Input,
    out: &'a mut Builder,
    /// Short elements that are no running text, one a line.
    fields: Inline,
    /// Where they stand.
    range: Range<usize>,
}

impl Writer<'_> {
    fn inside(&mut self, element: &Element, level: u8) -> Result<(), ParseError> {
        self.input.check_time()?;
        // What has a title is a section.
        let has_title = element.children().any(|child| TITLES.contains(&child.local()));
        let level = level + u8::from(has_title && level < 6);
        for child in element.children() {
            if self.out.is_full() {
                break;
            }
            self.element(child, level)?;
        }
        self.flush();
        Ok(())
    }

    fn element(&mut self, element: &Element, level: u8) -> Result<(), ParseError> {
        let name = element.local().to_lowercase();
        let is = |names: &[&str]| names.contains(&name.as_str());
        let is_text = element.has_text() || is(PARAGRAPHS);
        if is(TITLES) {
            if self.out.title.is_none() {
                self.out.title = Some(line(element).text);
            }
            self.block(BlockKind::Heading { level: level.saturating_sub(1).max(1) }, element);
        } else if is(LISTINGS) {
            self.flush();
            let mut code = Inline::default();
            code.push_raw(&element.text());
            let kind = BlockKind::Code { language: None };
            self.out.block(kind, &code, self.origins.place(element.range.clone()));
        } else if rows(element).next().is_some() {
            self.table(element);
        } else if is(ITEMS) {
            self.block(BlockKind::ListItem { depth: 0, ordered: false }, element);
        } else if is(CAPTIONS) {
            self.block(BlockKind::Caption, element);
        } else if is(PARAGRAPHS) || element.is_mixed() {
            let has_blocks = element.children().any(|child| {
                let name = child.local();
                PARAGRAPHS.contains(&name) || TITLES.contains(&name)
            });
            if has_blocks && !element.has_text() {
                return self.inside(element, level);
            }
            self.block(BlockKind::Paragraph, element);
        } else if is_text {
            self.field(element);
        } else {
            self.inside(element, level)?;
        }
        Ok(())
    }

    fn block(&mut self, kind: BlockKind, element: &Element) {
        self.flush();
        self.out.block(kind, &line(element), self.origins.place(element.range.clone()));
    }

    fn field(&mut self, element: &Element) {
        let text = line(element);
        if text.text.len() > 300 {
            return self.block(BlockKind::Paragraph, element);
        }
        self.fields.line();
        self.fields.push(element.local());
        self.fields.push_raw(": ");
        self.fields.append(&text);
        let start = if self.range.is_empty() { element.range.start } else { self.range.start };
        self.range = start..element.range.end;
    }

    fn flush(&mut self) {
        let fields = std::mem::take(&mut self.fields);
        let place = self.origins.place(std::mem::take(&mut self.range));
        self.out.block(BlockKind::Paragraph, &fields, place);
    }

    fn table(&mut self, element: &Element) {
        self.flush();
        let mut header_rows = 0;
        let mut grid = Vec::new();
        for (is_head, row) in rows(element) {
            let is_head = is_head || row.children().all(|cell| cell.local() == "th");
            header_rows += usize::from(is_head && header_rows == grid.len());
            grid.push(row.children().map(line).collect());
        }
        let grid = Grid { header_rows, rows: grid, sheet: None };
        self.out.table(grid, self.origins.place(element.range.clone()));
    }
}

/// The rows directly inside a table or its parts, and whether they name the columns.
fn rows(table: &Element) -> impl Iterator<Item = (bool, &Element)> {
    let is_row = |element: &&Element| ROWS.contains(&element.local());
    let own = table.children().filter(is_row).map(|row| (false, row));
    let parts = table.children().filter(|part| matches!(part.local(), "thead" | "tbody" | "tfoot"));
    let of_parts = parts.flat_map(move |part| {
        part.children().filter(is_row).map(move |row| (part.local() == "thead", row))
    });
    own.chain(of_parts)
}

/// The text of an element in one line.
fn line(element: &Element) -> Inline {
    let mut inline = Inline::default();
    inline.push(&element.text());
    inline.text.truncate(inline.text.trim_end().len());
    inline
}
