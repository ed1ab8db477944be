//! Tables: spanned and repeated cells written out, nested content in one line.

use std::rc::Rc;

use super::{line, list::Counters, style::Styles};
use crate::{
    ParseError,
    builder::Grid,
    format::{cells::Copies, numeral::Label, part::Element},
    inline::Inline,
    parse::Input,
};

/// Most columns or rows that one cell or row may stand for: more is an error or an attack.
const REPEAT_MAX: usize = 200;

/// The cell of a table that has only one: a frame around ordinary blocks.
pub(super) fn only_cell(table: &Element) -> Option<&Element> {
    let mut cells = rows(table).into_iter().flat_map(|(row, _)| row.children());
    let first = cells.next()?;
    let is_one = cells.next().is_none() && number(first, "table:number-columns-repeated") == 1;
    is_one.then_some(first)
}

/// The cells of a table.
pub(super) fn grid(table: &Element, styles: &Styles, input: &Input) -> Result<Grid, ParseError> {
    let mut reader = Reader {
        styles,
        counters: Counters::default(),
        copies: Copies::new(input),
        covers: Vec::new(),
    };
    let mut grid = Grid::default();
    let mut marked = 0;
    for (row, is_header) in rows(table) {
        input.check_time()?;
        let line = reader.row(row);
        let is_blank = line.iter().all(Inline::is_blank);
        let times = if is_blank { 1 } else { number(row, "table:number-rows-repeated") };
        let more: Option<Vec<Vec<Inline>>> = (1..times).map(|_| reader.copy(&line)).collect();
        let before = grid.rows.len();
        grid.rows.push(line);
        grid.rows.extend(more.unwrap_or_default());
        if is_header && marked == before {
            marked = grid.rows.len();
        }
    }
    // Without a mark the first row names the columns, as in nearly all tables.
    grid.header_rows = marked.max(usize::from(grid.rows.len() > 1));
    Ok(grid)
}

struct Reader<'a> {
    styles: &'a Styles,
    counters: Counters,
    copies: Copies,
    /// For each column: the cell that reaches into it and for how many rows, this one included.
    covers: Vec<(Rc<Inline>, usize)>,
}

impl Reader<'_> {
    fn row(&mut self, row: &Element) -> Vec<Inline> {
        let mut line: Vec<Inline> = Vec::new();
        for cell in row.children() {
            let is_open = match cell.name.as_str() {
                "table:table-cell" => true,
                "table:covered-table-cell" => false,
                _ => continue,
            };
            // Some programs leave covered cells out.
            while is_open && let Some(cover) = self.cover(line.len()) {
                line.push(cover);
            }
            let content = is_open.then(|| self.open(cell, line.len()));
            for _ in 0..number(cell, "table:number-columns-repeated") {
                let copy = match &content {
                    Some(content) => self.copies.of(content),
                    None => self.cover(line.len()).or_else(|| self.copies.of(&Inline::default())),
                };
                let Some(copy) = copy else { return line };
                line.push(copy);
            }
        }
        while let Some(cover) = self.cover(line.len()) {
            line.push(cover);
        }
        for (_, rows) in &mut self.covers {
            *rows = rows.saturating_sub(1);
        }
        line
    }

    /// A copy of the cell that reaches into a column of the row.
    fn cover(&mut self, column: usize) -> Option<Inline> {
        let (cell, _) = self.covers.get(column).filter(|(_, rows)| *rows > 0)?;
        self.copies.of(cell)
    }

    /// The text of a cell that is not covered; notes how far it reaches.
    fn open(&mut self, cell: &Element, column: usize) -> Rc<Inline> {
        let mut inline = Inline::default();
        self.flatten(cell, &mut inline);
        let content = Rc::new(inline);
        let columns = number(cell, "table:number-columns-spanned");
        let rows = number(cell, "table:number-rows-spanned");
        if columns > 1 || rows > 1 {
            let end = column + columns;
            self.covers.resize(self.covers.len().max(end), Default::default());
            for cover in self.covers.iter_mut().take(end).skip(column) {
                *cover = (Rc::clone(&content), rows);
            }
        }
        content
    }

    /// A cell in one line, list items with their labels.
    fn flatten(&mut self, element: &Element, inline: &mut Inline) {
        for child in element.children() {
            match child.name.as_str() {
                "text:p" | "text:h" => line::add_paragraph(child, self.styles, inline),
                "text:list" => self.list(child, child.attribute("text:style-name"), 0, inline),
                "office:annotation" => {}
                _ => self.flatten(child, inline),
            }
        }
    }

    fn list(&mut self, list: &Element, style: Option<&str>, depth: usize, inline: &mut Inline) {
        if depth == 0
            && let Some(style) = style
        {
            self.counters.restart(style);
        }
        for item in list.children() {
            if let Some(paragraph) = item.children().next().filter(|first| first.name == "text:p") {
                let style = style.or_else(|| self.styles.list_of(paragraph)).unwrap_or("");
                let levels = self.styles.list(style);
                let label = levels.map(|levels| self.counters.label(levels, style, depth, None));
                inline.space();
                match label.unwrap_or(Label::Bullet) {
                    Label::None => {}
                    Label::Bullet => inline.push("- "),
                    Label::Number(number) => inline.push(&format!("{number} ")),
                }
            }
            for child in item.children() {
                match child.name.as_str() {
                    "text:list" => {
                        let own = child.attribute("text:style-name").or(style);
                        self.list(child, own, depth + 1, inline);
                    }
                    _ => line::add_paragraph(child, self.styles, inline),
                }
            }
        }
    }

    fn copy(&mut self, line: &[Inline]) -> Option<Vec<Inline>> {
        line.iter().map(|cell| self.copies.of(cell)).collect()
    }
}

/// A number of repetitions.
fn number(element: &Element, name: &str) -> usize {
    let number = element.attribute(name).and_then(|number| number.parse().ok());
    number.unwrap_or(1).clamp(1, REPEAT_MAX)
}

/// The rows, with whether they are marked as the head, those in groups too.
fn rows(table: &Element) -> Vec<(&Element, bool)> {
    let mut rows = Vec::new();
    add_rows(table, false, &mut rows);
    rows
}

fn add_rows<'a>(element: &'a Element, is_header: bool, rows: &mut Vec<(&'a Element, bool)>) {
    for child in element.children() {
        match child.name.as_str() {
            "table:table-row" => rows.push((child, is_header)),
            "table:table-header-rows" => add_rows(child, true, rows),
            "table:table-rows" | "table:table-row-group" => add_rows(child, is_header, rows),
            _ => {}
        }
    }
}
