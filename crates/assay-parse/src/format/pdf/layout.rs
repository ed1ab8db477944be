//! Reading order: bands of lines from top to bottom, parted where a gutter runs through them.

use assay_core::PageBox;

use super::{
    block::{PageBlocks, Raw, Shape},
    glyph::{Collector, Glyph, Rule, Turn},
    grid,
    line::{self, Line},
    paragraph, table,
};

/// Narrowest gutter between columns, in font sizes.
const GUTTER: f32 = 0.9;
/// Narrowest column of running text, in font sizes.
const TEXT_COLUMN: f32 = 11.0;
/// How deep columns may be nested.
pub(super) const DEPTH: u32 = 6;

/// The blocks of a page.
pub(super) fn page(mut page: Collector, number: u32) -> PageBlocks {
    let (width, height) = (page.width, page.height);
    let mut by_turn: [Vec<Glyph>; 4] = Default::default();
    for glyph in std::mem::take(&mut page.glyphs) {
        if let Some(glyphs) = by_turn.get_mut(glyph.turn) {
            glyphs.push(glyph);
        }
    }
    // The direction of most glyphs is the direction of the page; stamps at its edge come last.
    let mut turns: Vec<(Turn, Vec<Glyph>)> = by_turn.into_iter().enumerate().collect();
    turns.sort_by_key(|(_, glyphs)| std::cmp::Reverse(glyphs.len()));
    let mut blocks = Vec::new();
    let mut tables = Vec::new();
    for (turn, mut glyphs) in turns {
        // Rules are places on the page as it is shown, not as turned text sees it.
        let rules = if turn == 0 { page.rules.as_slice() } else { &[] };
        let context = Context { rtl: line::is_rtl(&glyphs), page: number, rules };
        if turn == 0 {
            let Collector { strokes, uprights, shades, .. } = &page;
            let lines = grid::Lines { strokes, uprights, shades };
            tables = grid::take(&mut glyphs, &lines, &context);
        }
        let lines = line::lines(glyphs);
        for mut raw in order(lines, &context, DEPTH) {
            raw.bbox = turned_back(raw.bbox, turn, width, height);
            blocks.push(raw);
        }
    }
    grid::place(tables, &mut blocks);
    place_pictures(&mut blocks, &page.pictures, number, width * height);
    PageBlocks { number, height, blocks }
}

/// Puts pictures before the first block that stands lower and shares columns with them. Those that
/// fill the page are its background, those of a few points are ornaments.
fn place_pictures(blocks: &mut Vec<Raw>, pictures: &[PageBox], page: u32, area: f32) {
    for bbox in pictures {
        let size = (bbox.x1 - bbox.x0) * (bbox.y1 - bbox.y0);
        if size < 0.005 * area || size > 0.8 * area {
            continue;
        }
        let is_below =
            |raw: &Raw| raw.bbox.y0 >= bbox.y0 && raw.bbox.x0 < bbox.x1 && raw.bbox.x1 > bbox.x0;
        let at = blocks.iter().position(is_below).unwrap_or(blocks.len());
        let raw = Raw {
            shape: Shape::Picture,
            text: String::new(),
            size: 0.0,
            bold: false,
            lines: 0,
            gap: 0.0,
            bbox: *bbox,
            page,
        };
        blocks.insert(at, raw);
    }
}

/// Lines of one row of the page.
pub(super) type Band = Vec<Line>;

/// What holds for all lines of one direction.
pub(super) struct Context<'a> {
    pub(super) rtl: bool,
    pub(super) page: u32,
    pub(super) rules: &'a [Rule],
}

/// Blocks in reading order.
pub(super) fn order(mut lines: Vec<Line>, context: &Context<'_>, depth: u32) -> Vec<Raw> {
    let Context { rtl, page, .. } = *context;
    lines.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let Some(size) = line::median(lines.iter().map(|line| line.size)) else { return Vec::new() };
    let mut out = Vec::new();
    // Bands that no gutter parts, waiting to be one column of text.
    let mut plain: Vec<Line> = Vec::new();
    for group in groups(bands(lines), GUTTER * size) {
        match columns(&group, size, depth) {
            Some(Split::Text(at)) => {
                out.extend(paragraph::blocks(std::mem::take(&mut plain), rtl, page));
                let (left, right): (Vec<Line>, Vec<Line>) =
                    group.bands.into_iter().flatten().partition(|line| line.x1 <= at);
                let (first, second) = if rtl { (right, left) } else { (left, right) };
                out.extend(order(first, context, depth - 1));
                out.extend(order(second, context, depth - 1));
            }
            Some(Split::Table) => {
                let (before, rows, after) = trimmed(group.bands);
                plain.extend(before);
                out.extend(paragraph::blocks(std::mem::take(&mut plain), rtl, page));
                out.extend(table::table(rows, context));
                plain.extend(after);
            }
            None => plain.extend(group.bands.into_iter().flat_map(|band| joined(band, rtl))),
        }
    }
    out.extend(paragraph::blocks(plain, rtl, page));
    out
}

/// A row that is no part of columns or a table is one line, wide gaps and all.
pub(super) fn joined(mut band: Band, rtl: bool) -> Option<Line> {
    band.sort_by(|a, b| if rtl { b.x0.total_cmp(&a.x0) } else { a.x0.total_cmp(&b.x0) });
    band.into_iter().reduce(|a, b| Line {
        text: format!("{} {}", a.text, b.text),
        x0: a.x0.min(b.x0),
        x1: a.x1.max(b.x1),
        ..a
    })
}

/// Lines on about one baseline, from lines sorted by theirs.
pub(super) fn bands(lines: Vec<Line>) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for line in lines {
        let joins = bands
            .last()
            .and_then(|band| band.first())
            .is_some_and(|first| line.baseline - first.baseline < 0.4 * line.size.min(first.size));
        match bands.last_mut() {
            Some(band) if joins => band.push(line),
            _ => bands.push(vec![line]),
        }
    }
    bands
}

/// Bands that share white space from top to bottom.
struct Group {
    bands: Vec<Band>,
    /// White intervals with text on both sides.
    gutters: Vec<(f32, f32)>,
}

/// Groups neighbouring bands as long as some gutter runs through all of them.
fn groups(bands: Vec<Band>, narrowest: f32) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut free = Vec::new();
    for band in bands {
        let rest = without(&free, &band, narrowest);
        let inner = gutters(&rest);
        match groups.last_mut() {
            Some(group) if !inner.is_empty() && !is_apart(&group.bands, &band) => {
                free = rest;
                group.gutters = inner;
                group.bands.push(band);
            }
            _ => {
                free = without(&[(f32::NEG_INFINITY, f32::INFINITY)], &band, narrowest);
                groups.push(Group { gutters: gutters(&free), bands: vec![band] });
            }
        }
    }
    groups
}

/// Whether a band stands well below others and in another size of type: a heading, not a row.
fn is_apart(bands: &[Band], next: &[Line]) -> bool {
    let (Some(last), Some(next)) = (bands.last().and_then(|band| band.first()), next.first())
    else {
        return false;
    };
    let size = last.size.max(next.size);
    next.baseline - last.baseline > 1.8 * size && (next.size - last.size).abs() > 0.08 * size
}

/// The white intervals with lines on both sides: all but the margins.
pub(super) fn gutters(free: &[(f32, f32)]) -> Vec<(f32, f32)> {
    let is_inner = |(start, end): &&(f32, f32)| start.is_finite() && end.is_finite();
    free.iter().filter(is_inner).copied().collect()
}

/// The intervals that the lines leave white.
pub(super) fn without(free: &[(f32, f32)], band: &[Line], narrowest: f32) -> Vec<(f32, f32)> {
    let mut free = free.to_vec();
    for line in band {
        free = free
            .into_iter()
            .flat_map(|(start, end)| [(start, end.min(line.x0)), (start.max(line.x1), end)])
            .filter(|(start, end)| end - start >= narrowest)
            .collect();
        free.dedup();
    }
    free
}

/// How a group with gutters is read.
enum Split {
    /// As two columns of text, parted here.
    Text(f32),
    /// As a table.
    Table,
}

fn columns(group: &Group, size: f32, depth: u32) -> Option<Split> {
    let lines: Vec<&Line> = group.bands.iter().flatten().collect();
    let widest = group.gutters.iter().filter(|(start, end)| {
        let is_text = |line: &&&Line| line.x1 <= *start || line.x0 >= *end;
        let (left, right): (Vec<&&Line>, Vec<&&Line>) =
            lines.iter().filter(is_text).partition(|line| line.x1 <= *start);
        is_column(&left, size) && is_column(&right, size)
    });
    let widest = widest.max_by(|a, b| (a.1 - a.0).total_cmp(&(b.1 - b.0)));
    if let Some((start, end)) = widest {
        return (depth > 0).then(|| Split::Text(f32::midpoint(*start, *end)));
    }
    let rows = group.bands.iter().filter(|band| band.len() > 1).count();
    (rows >= 2 && !group.gutters.is_empty()).then_some(Split::Table)
}

/// Whether lines look like running text: wide enough, and most lines nearly full.
fn is_column(lines: &[&&Line], size: f32) -> bool {
    let left = lines.iter().map(|line| line.x0).fold(f32::INFINITY, f32::min);
    let right = lines.iter().map(|line| line.x1).fold(f32::NEG_INFINITY, f32::max);
    let width = right - left;
    let full = lines.iter().filter(|line| line.x1 - line.x0 > 0.7 * width).count();
    let has_words = lines.iter().filter(|line| line.text.chars().count() > 12).count();
    lines.len() >= 3
        && width > TEXT_COLUMN * size
        && full * 2 >= lines.len()
        && has_words * 2 > lines.len()
}

/// The rows of a table without the single lines above and below it.
fn trimmed(mut bands: Vec<Band>) -> (Vec<Line>, Vec<Band>, Vec<Line>) {
    let first = bands.iter().position(|band| band.len() > 1).unwrap_or(0);
    let last = bands.iter().rposition(|band| band.len() > 1).map_or(bands.len(), |at| at + 1);
    let after = bands.split_off(last);
    let rows = bands.split_off(first);
    (bands.into_iter().flatten().collect(), rows, after.into_iter().flatten().collect())
}

/// A box of turned text in the coordinates of the page.
fn turned_back(b: PageBox, turn: Turn, width: f32, height: f32) -> PageBox {
    match turn {
        0 => b,
        1 => PageBox { x0: width - b.y1, y0: b.x0, x1: width - b.y0, y1: b.x1 },
        2 => PageBox { x0: width - b.x1, y0: height - b.y1, x1: width - b.x0, y1: height - b.y0 },
        _ => PageBox { x0: b.y0, y0: height - b.x1, x1: b.y1, y1: height - b.x0 },
    }
}
