//! Tables with spans, and content flattened to one line or kept as it is.

use super::{
    dom::{Dom, NodeId},
    element::{Role, role},
};
use crate::{ParseError, builder::Grid, inline::Inline, parse::Input};

/// Most cells that one cell may stand for: a span of a million columns is an attack or an error.
const SPAN_MAX: usize = 200;
/// Text of one cell, in bytes, from which on a table without header cells lays out a page.
const LAYOUT_CELL_BYTES: usize = 2_000;

/// Whether a table only places blocks on the page.
pub(crate) fn is_layout(dom: &Dom, table: NodeId) -> bool {
    if matches!(dom.attribute(table, "role"), Some("presentation" | "none")) {
        return true;
    }
    let cells: Vec<NodeId> = rows(dom, table).flat_map(|row| cells(dom, row)).collect();
    let has_blocks = |cell: NodeId| {
        dom.descendants(cell).any(|id| {
            matches!(
                role(dom, id),
                Role::Heading(_) | Role::Table | Role::List | Role::Preformatted
            )
        })
    };
    match cells.as_slice() {
        [] => true,
        [only] => has_blocks(*only),
        _ => {
            !cells.iter().any(|cell| dom.name(*cell) == "th")
                && cells
                    .iter()
                    .any(|cell| has_blocks(*cell) && dom.raw_text(*cell).len() > LAYOUT_CELL_BYTES)
        }
    }
}

/// The cells of a table, those that span several places repeated in each.
pub(crate) fn grid(dom: &Dom, table: NodeId, input: &Input) -> Result<Grid, ParseError> {
    let mut grid = Grid::default();
    // Cells that reach down from rows above: how many rows are left, and the content.
    let mut hanging: Vec<Option<(usize, Inline)>> = Vec::new();
    let mut in_header = true;
    for row in rows(dom, table) {
        input.check_time()?;
        let mut line = Vec::new();
        let mut only_headers = true;
        for cell in cells(dom, row) {
            only_headers &= dom.name(cell) == "th";
            fill(&mut line, &mut hanging);
            let content = flat(dom, cell);
            let down = span(dom, cell, "rowspan");
            for _ in 0..span(dom, cell, "colspan") {
                hanging.resize(hanging.len().max(line.len() + 1), None);
                if let Some(slot) = hanging.get_mut(line.len()) {
                    *slot = (down > 1).then(|| (down - 1, content.clone()));
                }
                line.push(content.clone());
            }
        }
        fill(&mut line, &mut hanging);
        in_header &= only_headers || is_in_head(dom, row);
        if in_header {
            grid.header_rows += 1;
        }
        grid.rows.push(line);
    }
    Ok(grid)
}

/// Takes over the cells from above at the current place of the row.
fn fill(line: &mut Vec<Inline>, hanging: &mut [Option<(usize, Inline)>]) {
    while let Some(slot) = hanging.get_mut(line.len()) {
        let Some((left, content)) = slot else { return };
        line.push(content.clone());
        *left -= 1;
        if *left == 0 {
            *slot = None;
        }
    }
}

/// The rows of a table, not those of tables inside it.
fn rows(dom: &Dom, table: NodeId) -> impl Iterator<Item = NodeId> {
    let is_group = |id: &NodeId| matches!(dom.name(*id), "thead" | "tbody" | "tfoot");
    dom.node(table)
        .children
        .iter()
        .copied()
        .flat_map(move |child| {
            let inner = if is_group(&child) { dom.node(child).children.as_slice() } else { &[] };
            std::iter::once(child).chain(inner.iter().copied())
        })
        .filter(|id| dom.name(*id) == "tr" && role(dom, *id) != Role::Skipped)
}

fn cells(dom: &Dom, row: NodeId) -> impl Iterator<Item = NodeId> {
    let children = dom.node(row).children.iter().copied();
    children.filter(|id| matches!(dom.name(*id), "td" | "th") && role(dom, *id) != Role::Skipped)
}

fn is_in_head(dom: &Dom, row: NodeId) -> bool {
    dom.ancestors(row).next().is_some_and(|above| dom.name(above) == "thead")
}

fn span(dom: &Dom, cell: NodeId, name: &str) -> usize {
    let span = dom.attribute(cell, name).and_then(|span| span.trim().parse().ok());
    span.unwrap_or(1).clamp(1, SPAN_MAX)
}

/// Everything inside an element as one line.
pub(crate) fn flat(dom: &Dom, id: NodeId) -> Inline {
    let mut inline = Inline::default();
    flatten(dom, id, &mut inline);
    inline
}

fn flatten(dom: &Dom, id: NodeId, inline: &mut Inline) {
    for child in &dom.node(id).children {
        inline.push(&dom.node(*child).text);
        match role(dom, *child) {
            Role::Skipped => {}
            Role::Inline => flatten(dom, *child, inline),
            Role::LineBreak => inline.space(),
            Role::CheckBox => inline.push(check_box(dom, *child)),
            Role::Formula => formula(dom, *child, inline),
            Role::Image => {
                if let Some(picture) = picture(dom, *child) {
                    inline.push(&picture.text);
                }
            }
            Role::Superscript => {
                superscript(dom, *child, inline);
                flatten(dom, *child, inline);
            }
            Role::Link => {
                inline.open_link(dom.attribute(*child, "href").unwrap_or("").trim());
                flatten(dom, *child, inline);
                inline.close_link();
            }
            _ => {
                inline.space();
                flatten(dom, *child, inline);
                inline.space();
            }
        }
    }
}

/// Marks a power or a note, so that `10<sup>6</sup>` does not read as a hundred and six.
pub(crate) fn superscript(dom: &Dom, id: NodeId, inline: &mut Inline) {
    let opens = dom
        .raw_text(id)
        .trim_start()
        .starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '\u{2212}'));
    if opens && inline.text.ends_with(char::is_alphanumeric) {
        inline.push("^");
    }
}

/// The picture of an `img`; none for the invisible ones that count visits.
pub(crate) fn picture(dom: &Dom, id: NodeId) -> Option<Inline> {
    let is_dot = |name| matches!(dom.attribute(id, name), Some("0" | "1"));
    if is_dot("width") || is_dot("height") {
        return None;
    }
    let mut inline = Inline::default();
    // What a caption says need not be said twice.
    if !has_caption(dom, id) {
        inline.push(dom.attribute(id, "alt").unwrap_or(""));
    }
    Some(inline)
}

fn has_caption(dom: &Dom, id: NodeId) -> bool {
    let figure = dom.ancestors(id).take(4).find(|above| dom.name(*above) == "figure");
    figure.is_some_and(|figure| dom.descendants(figure).any(|id| dom.name(id) == "figcaption"))
}

/// A check box as GitHub writes it.
pub(crate) fn check_box(dom: &Dom, id: NodeId) -> &'static str {
    if dom.attribute(id, "checked").is_some() { "[x] " } else { "[ ] " }
}

/// A formula: its LaTeX source where the file has it, else what it shows.
pub(crate) fn formula(dom: &Dom, id: NodeId, inline: &mut Inline) {
    let source = dom.descendants(id).find(|inner| {
        dom.name(*inner) == "annotation"
            && dom.attribute(*inner, "encoding") == Some("application/x-tex")
    });
    let source = source.map(|inner| dom.raw_text(inner));
    match source.as_deref().or_else(|| dom.attribute(id, "alttext")) {
        Some(latex) => inline.push(&format!("${}$", latex.trim())),
        None => inline.push(&dom.raw_text(id)),
    }
}

/// Text whose line breaks and spaces count.
pub(crate) fn preformatted(dom: &Dom, id: NodeId, inline: &mut Inline) {
    for child in &dom.node(id).children {
        inline.push_raw(&dom.node(*child).text);
        match role(dom, *child) {
            Role::Skipped => {}
            Role::LineBreak => inline.push_raw("\n"),
            Role::Link => {
                inline.open_link(dom.attribute(*child, "href").unwrap_or("").trim());
                preformatted(dom, *child, inline);
                inline.close_link();
            }
            _ => preformatted(dom, *child, inline),
        }
    }
}

/// The language that highlighters note in the class of a code block or around it.
pub(crate) fn language(dom: &Dom, id: NodeId) -> Option<String> {
    let inner = dom.descendants(id).find(|inner| dom.name(*inner) == "code");
    let around = dom.ancestors(id).take(2);
    inner.into_iter().chain([id]).chain(around).find_map(|id| {
        dom.attribute(id, "class")?.split_whitespace().find_map(|class| {
            ["language-", "lang-", "highlight-source-", "sourceCode "]
                .iter()
                .find_map(|prefix| class.strip_prefix(prefix))
                .map(str::to_owned)
        })
    })
}
