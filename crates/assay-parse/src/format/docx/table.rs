//! Tables: merged cells repeated, nested content in one line.

use super::{
    Parts,
    numbering::{Counters, Label},
    run,
};
use crate::{
    ParseError,
    builder::Grid,
    format::{cells::Copies, part::Element},
    inline::Inline,
    parse::Input,
};

/// Most columns that one cell may span: more is an error or an attack.
const SPAN_MAX: usize = 200;

/// The cell of a table that has only one: a frame around ordinary blocks.
pub(super) fn only_cell(table: &Element) -> Option<&Element> {
    let mut cells = rows(table).into_iter().flat_map(cells);
    let first = cells.next()?;
    cells.next().is_none().then_some(first)
}

/// The cells of a table.
pub(super) fn grid(
    table: &Element,
    parts: &Parts,
    input: &Input,
    counters: &mut Counters,
) -> Result<Grid, ParseError> {
    let mut grid = Grid::default();
    let mut copies = Copies::new(input);
    let mut marked = 0;
    for row in rows(table) {
        input.check_time()?;
        let properties = row.child("w:trPr");
        let skipped = properties.and_then(|p| number(p, "w:gridBefore")).unwrap_or(0);
        let blank = |_| copies.of(&Inline::default());
        let mut line: Vec<Inline> = (0..skipped.min(SPAN_MAX)).map_while(blank).collect();
        for cell in cells(row) {
            let properties = cell.child("w:tcPr");
            let merge = properties.and_then(|p| p.child("w:vMerge"));
            let goes_on = merge.is_some_and(|m| m.attribute("w:val") != Some("restart"));
            let above = grid.rows.last().and_then(|above: &Vec<Inline>| above.get(line.len()));
            let content = match above.filter(|_| goes_on) {
                Some(above) => copies.of(above).unwrap_or_default(),
                None => flat_cell(cell, parts, counters),
            };
            let span = properties.and_then(|p| number(p, "w:gridSpan")).unwrap_or(1);
            let more: Vec<Inline> =
                (1..span.min(SPAN_MAX)).map_while(|_| copies.of(&content)).collect();
            line.push(content);
            line.extend(more);
        }
        let is_header = properties.is_some_and(|p| p.is_on("w:tblHeader"));
        if is_header && marked == grid.rows.len() {
            marked += 1;
        }
        grid.rows.push(line);
    }
    // Without a mark the first row names the columns, as in nearly all tables.
    grid.header_rows = marked.max(usize::from(grid.rows.len() > 1));
    Ok(grid)
}

fn number(properties: &Element, name: &str) -> Option<usize> {
    properties.value(name)?.parse().ok()
}

/// The rows that are in the text, those inside content controls too.
fn rows(table: &Element) -> Vec<&Element> {
    inside(table, "w:tr")
        .filter(|row| {
            row.child("w:trPr").is_none_or(|properties| properties.child("w:del").is_none())
        })
        .collect()
}

fn cells(row: &Element) -> impl Iterator<Item = &Element> {
    inside(row, "w:tc")
}

/// Elements of a name directly inside or inside wrappers.
fn inside<'a>(element: &'a Element, name: &'static str) -> impl Iterator<Item = &'a Element> {
    element.children().flat_map(move |child| {
        let is_wrapper = matches!(child.name.as_str(), "w:sdt" | "w:customXml" | "w:ins");
        let content = child.child("w:sdtContent").unwrap_or(child);
        let wrapped = is_wrapper.then(|| content.children()).into_iter().flatten();
        std::iter::once(child).chain(wrapped).filter(move |found| found.name == name)
    })
}

/// A cell in one line, list items with their labels.
fn flat_cell(cell: &Element, parts: &Parts, counters: &mut Counters) -> Inline {
    let mut inline = Inline::default();
    for child in cell.children() {
        inline.space();
        if child.name == "w:p"
            && let Some((number, level)) = parts.styles.numbering(child.child("w:pPr"))
        {
            match parts.numbering.label(&number, level, counters) {
                Label::Bullet => inline.push("- "),
                Label::Number(label) => inline.push(&format!("{label} ")),
            }
        }
        run::flatten_node(child, parts, &mut inline);
    }
    inline
}
