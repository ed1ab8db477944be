//! A parsed document as Markdown, for people and for measuring against expected files.

use assay_core::TextRange;

use crate::{Block, BlockKind, Link, Parsed, Table};

/// Renders everything but page furniture as Markdown.
#[must_use]
pub fn to_markdown(parsed: &Parsed) -> String {
    let mut out = String::with_capacity(parsed.text.len() + parsed.text.len() / 4);
    let mut after_item = false;
    for block in parsed.blocks.iter().filter(|block| block.kind != BlockKind::PageFurniture) {
        let is_item = matches!(block.kind, BlockKind::ListItem { .. });
        if !out.is_empty() {
            out.push_str(if is_item && after_item { "\n" } else { "\n\n" });
        }
        after_item = is_item;
        render(parsed, block, &mut out);
    }
    out
}

fn render(parsed: &Parsed, block: &Block, out: &mut String) {
    let raw = block.range.of(&parsed.text);
    let text = || inline(parsed, block.range, escape_text);
    match &block.kind {
        BlockKind::Heading { level } => {
            let marks = "######".get(..usize::from(*level).min(6)).unwrap_or("######");
            out.push_str(&format!("{marks} {}", text().replace('\n', " ")));
        }
        BlockKind::ListItem { depth, ordered } => {
            let indent = "    ".repeat(usize::from(*depth));
            let mark = if *ordered { "" } else { "- " };
            out.push_str(&format!(
                "{indent}{mark}{}",
                text().replace('\n', &format!("\n{indent}  "))
            ));
        }
        BlockKind::Table(table) => render_table(parsed, table, out),
        BlockKind::Code { language } => {
            let fence = if raw.contains("```") { "~~~~" } else { "```" };
            out.push_str(&format!("{fence}{}\n{raw}\n{fence}", language.as_deref().unwrap_or("")));
        }
        BlockKind::Formula => out.push_str(&format!("$${raw}$$")),
        BlockKind::Quote => out.push_str(&format!("> {}", text().replace('\n', "\n> "))),
        BlockKind::Picture => {
            let text = text();
            let gap = if text.is_empty() { "" } else { "\n\n" };
            out.push_str(&format!("{text}{gap}<!-- image -->"));
        }
        BlockKind::Paragraph
        | BlockKind::Caption
        | BlockKind::Footnote
        | BlockKind::Navigation
        | BlockKind::PageFurniture => out.push_str(&text()),
    }
}

fn render_table(parsed: &Parsed, table: &Table, out: &mut String) {
    for (number, row) in table.rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().map(|cell| inline(parsed, *cell, escape_cell)).collect();
        if number > 0 {
            out.push('\n');
        }
        out.push_str(&format!("| {} |", cells.join(" | ")));
        if number == 0 {
            out.push_str(&format!("\n|{}", " - |".repeat(row.len())));
        }
    }
}

/// The text of a range with its links.
fn inline(parsed: &Parsed, range: TextRange, escape: fn(&str) -> String) -> String {
    let first = parsed.links.partition_point(|link| link.range.end <= range.start);
    let links = parsed.links.get(first..).unwrap_or_default();
    let mut out = String::new();
    let mut at = range.start;
    for Link { range: linked, url } in links.iter().take_while(|link| link.range.end <= range.end) {
        let before = TextRange { start: at, end: linked.start.max(at) };
        out.push_str(&escape(before.of(&parsed.text)));
        let text = escape(linked.of(&parsed.text));
        if url.is_empty() {
            out.push_str(&text);
        } else {
            out.push_str(&format!("[{text}]({url})"));
        }
        at = linked.end;
    }
    out.push_str(&escape(TextRange { start: at, end: range.end }.of(&parsed.text)));
    out
}

fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn escape_cell(text: &str) -> String {
    text.replace('|', "&#124;")
}
