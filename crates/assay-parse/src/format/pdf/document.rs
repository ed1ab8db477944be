//! Blocks of all pages to the document: roles by comparison with the body text, paragraphs that
//! run over columns and pages joined.

use std::collections::HashMap;

use super::{
    block::{PageBlocks, Raw, Shape},
    furniture,
    hyphen::Compounds,
    paragraph,
};
use crate::{
    BlockKind,
    builder::{Builder, Grid, Place},
    format::text::{is_bullet, is_counted, section_level},
    inline::Inline,
};

/// A heading is this much larger than the body text.
const LARGER: f32 = 1.12;
/// Longest heading, in characters.
const HEADING_MAX: usize = 200;

/// Gives all blocks to the builder, page furniture last so that it parts no sentence.
pub(super) fn build(mut pages: Vec<PageBlocks>, out: &mut Builder) {
    let styles = Styles::of(&pages);
    furniture::mark(&mut pages, styles.body);
    let compounds = Compounds::of(pages.iter().flat_map(|page| &page.blocks));
    let (furniture, content): (Vec<Raw>, Vec<Raw>) = pages
        .into_iter()
        .flat_map(|page| page.blocks)
        .partition(|raw| raw.shape == Shape::Furniture);
    for raw in joined(content, &styles) {
        add(raw, &styles, &compounds, out);
    }
    for raw in furniture {
        let text = compounds.whole(&raw.text);
        out.block(BlockKind::PageFurniture, &Inline::plain(text), place(&raw));
    }
}

fn place(raw: &Raw) -> Place {
    Place { page: Some(raw.page), bbox: Some(raw.bbox), origin: None }
}

/// Joins a paragraph that stops in mid-sentence with its rest in the next column or page; notes
/// that stand in between come after it.
fn joined(blocks: Vec<Raw>, styles: &Styles) -> Vec<Raw> {
    let mut joined: Vec<Raw> = Vec::with_capacity(blocks.len());
    let mut notes = Vec::new();
    for raw in blocks {
        if raw.shape == Shape::Footnote {
            notes.push(raw);
            continue;
        }
        let is_prose = |raw: &Raw| raw.shape == Shape::Text && styles.heading(raw).is_none();
        let goes_on = joined.last().is_some_and(|last| {
            let same_size = (last.size - raw.size).abs() < 0.1 * raw.size;
            let moved = last.page != raw.page || raw.bbox.y0 < last.bbox.y1;
            let stops = !last.text.ends_with(['.', '!', '?', ':', ';', '。', '؟', '…']);
            let opens_low = raw.text.starts_with(char::is_lowercase);
            same_size && moved && stops && opens_low && is_prose(last) && is_prose(&raw)
        });
        match joined.last_mut() {
            Some(last) if goes_on => {
                paragraph::push_line(&mut last.text, &raw.text);
                last.lines += raw.lines;
                if last.page == raw.page {
                    last.bbox = last.bbox.union(raw.bbox);
                }
            }
            _ => {
                joined.append(&mut notes);
                joined.push(raw);
            }
        }
    }
    joined.append(&mut notes);
    joined
}

fn add(mut raw: Raw, styles: &Styles, compounds: &Compounds, out: &mut Builder) {
    let place = place(&raw);
    raw.text = compounds.whole(&raw.text);
    let cell = |text: String| Inline::plain(compounds.whole(&text));
    match raw.shape {
        Shape::Picture => out.block(BlockKind::Picture, &Inline::default(), place),
        Shape::Table(rows) => {
            let rows = rows.into_iter().map(|row| row.into_iter().map(cell).collect()).collect();
            out.table(Grid { header_rows: 1, rows, sheet: None }, place);
        }
        Shape::Footnote => out.block(BlockKind::Footnote, &Inline::plain(raw.text), place),
        Shape::Text | Shape::Furniture => {
            let kind = styles.kind(&raw);
            let text = match kind {
                BlockKind::ListItem { ordered: false, .. } => {
                    raw.text.trim_start_matches(is_bullet).trim_start()
                }
                _ => raw.text.as_str(),
            };
            out.block(kind, &Inline::plain(text), place);
        }
    }
}

/// What the sizes of type in a document mean.
struct Styles {
    /// Size of the body text.
    body: f32,
    body_is_bold: bool,
    /// Sizes of headings in half points, largest first.
    headings: Vec<i32>,
}

impl Styles {
    fn of(pages: &[PageBlocks]) -> Self {
        let mut counts: HashMap<(i32, bool), usize> = HashMap::new();
        let texts =
            || pages.iter().flat_map(|page| &page.blocks).filter(|raw| raw.shape == Shape::Text);
        for raw in texts() {
            *counts.entry((half_points(raw.size), raw.bold)).or_default() += raw.text.len();
        }
        let most = counts.into_iter().max_by_key(|(style, count)| (*count, *style));
        let ((size, body_is_bold), _) = most.unwrap_or_default();
        let mut styles = Self { body: size as f32 / 2.0, body_is_bold, headings: Vec::new() };
        let mut sizes: Vec<i32> =
            texts().filter(|raw| styles.is_larger(raw)).map(|raw| half_points(raw.size)).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        sizes.dedup();
        styles.headings = sizes;
        styles
    }

    fn is_larger(&self, raw: &Raw) -> bool {
        raw.size > LARGER * self.body
            && raw.lines <= 4
            && raw.text.chars().count() <= HEADING_MAX
            && raw.text.chars().any(char::is_alphabetic)
    }

    /// The level of a heading: by size, then by weight, then by its number.
    fn heading(&self, raw: &Raw) -> Option<u8> {
        let level = |at: usize| u8::try_from(at + 1).unwrap_or(6).min(6);
        if self.is_larger(raw) {
            let rank = self.headings.iter().position(|size| *size == half_points(raw.size));
            return Some(level(rank.unwrap_or(0)));
        }
        let ends = raw.text.ends_with(['.', ',', ';', ':', '!', '?', '…']);
        let is_short = || raw.lines <= 2 && (3..=120).contains(&raw.text.chars().count());
        let has_letters = || raw.text.chars().filter(|c| c.is_alphabetic()).nth(2).is_some();
        let stands_apart = raw.gap > 1.2;
        if ends || raw.size < 0.9 * self.body || !is_short() || !has_letters() {
            return None;
        }
        if raw.bold && !self.body_is_bold && !is_counted_item(&raw.text) {
            return Some(level(self.headings.len()));
        }
        let number = section_level(&raw.text).filter(|_| stands_apart && raw.lines == 1)?;
        Some(level(self.headings.len() + usize::from(number) - 1))
    }

    fn kind(&self, raw: &Raw) -> BlockKind {
        if let Some(level) = self.heading(raw) {
            BlockKind::Heading { level }
        } else if is_caption(&raw.text) {
            BlockKind::Caption
        } else if raw.text.starts_with(is_bullet) && raw.text.contains(' ') {
            BlockKind::ListItem { depth: 0, ordered: false }
        } else if is_counted(&raw.text) {
            BlockKind::ListItem { depth: 0, ordered: true }
        } else {
            BlockKind::Paragraph
        }
    }
}

fn is_counted_item(text: &str) -> bool {
    text.starts_with(is_bullet)
}

fn half_points(size: f32) -> i32 {
    (size * 2.0).round() as i32
}

/// `Figure 3: …`, `Table 1. …` and the like.
fn is_caption(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let label = words.next().unwrap_or("").trim_end_matches('.').to_lowercase();
    let number = words.next().unwrap_or("");
    let is_label = matches!(
        label.as_str(),
        "figure"
            | "fig"
            | "table"
            | "abbildung"
            | "abb"
            | "tabelle"
            | "figura"
            | "tableau"
            | "tabla"
    );
    is_label
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number.ends_with(['.', ':', ')'])
}
