//! Tables on slides: merged cells repeated, each cell in one line.

use super::{bullet::Counters, paragraph};
use crate::{
    ParseError,
    builder::Grid,
    format::{cells::Copies, numeral::Label, ooxml::package::Relationships, part::Element},
    inline::Inline,
    parse::Input,
};

/// The cells of a table.
pub(super) fn grid(
    table: &Element,
    relationships: &Relationships,
    input: &Input,
) -> Result<Grid, ParseError> {
    let mut grid = Grid::default();
    let mut copies = Copies::new(input);
    for row in table.children().filter(|child| child.name == "a:tr") {
        input.check_time()?;
        let mut line: Vec<Inline> = Vec::new();
        for cell in row.children().filter(|child| child.name == "a:tc") {
            let is_on = |name| matches!(cell.attribute(name), Some("1" | "true"));
            let above = grid.rows.last().and_then(|above| above.get(line.len()));
            let content = match (is_on("hMerge"), is_on("vMerge")) {
                (true, _) => line.last().and_then(|left| copies.of(left)),
                (_, true) => above.and_then(|above| copies.of(above)),
                _ => None,
            };
            line.push(content.unwrap_or_else(|| flat(cell, relationships)));
        }
        grid.rows.push(line);
    }
    // Whether the first row looks different is a matter of style; nearly always it names the
    // columns.
    grid.header_rows = usize::from(grid.rows.len() > 1);
    Ok(grid)
}

/// A cell in one line, list items with their labels.
fn flat(cell: &Element, relationships: &Relationships) -> Inline {
    let mut inline = Inline::default();
    let mut counters = Counters::default();
    let body = cell.child("a:txBody");
    let paragraphs = body.into_iter().flat_map(Element::children).filter(|p| p.name == "a:p");
    for paragraph in paragraphs {
        let line = paragraph::line(paragraph, relationships);
        if line.is_blank() {
            continue;
        }
        inline.space();
        let style: Vec<&Element> =
            body.and_then(|body| body.child("a:lstStyle")).into_iter().collect();
        match counters.label(paragraph.child("a:pPr"), &style) {
            Label::None => {}
            Label::Bullet => inline.push("- "),
            Label::Number(number) => inline.push(&format!("{number} ")),
        }
        inline.append(&line);
    }
    inline
}
