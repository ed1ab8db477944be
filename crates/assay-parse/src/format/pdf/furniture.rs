//! Headers, footers and page numbers: blocks near the edge of pages that say the same on several;
//! and notes at the foot of pages.

use std::collections::{HashMap, HashSet};

use super::block::{PageBlocks, Raw, Shape};

/// Share of the height of the page, at the top and at the bottom, that headers and footers use.
const MARGIN: f32 = 0.15;

/// Marks furniture in all pages.
pub(super) fn mark(pages: &mut [PageBlocks], body_size: f32) {
    let mut seen: HashMap<String, HashSet<u32>> = HashMap::new();
    for page in pages.iter() {
        for raw in page.blocks.iter().filter(|raw| is_marginal(raw, page.height)) {
            seen.entry(pattern(&raw.text)).or_default().insert(page.number);
        }
    }
    // Half of the pages at most: left and right pages often differ.
    let needed = (pages.len() / 4).clamp(2, 10);
    for page in pages.iter_mut() {
        let height = page.height;
        for raw in page.blocks.iter_mut().filter(|raw| is_marginal(raw, height)) {
            let repeated = seen.get(&pattern(&raw.text)).is_some_and(|on| on.len() >= needed);
            if repeated || is_running_head(raw, height, body_size) {
                raw.shape = Shape::Furniture;
            }
        }
        page.blocks.iter_mut().filter(|raw| is_note(raw, height, body_size)).for_each(|raw| {
            raw.shape = Shape::Footnote;
        });
    }
}

/// Small type in the lower half of the page that starts with the sign of a note.
fn is_note(raw: &Raw, height: f32, body_size: f32) -> bool {
    let digits = raw.text.len() - raw.text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let rest = raw.text.get(digits..).unwrap_or("").trim_start_matches(')').trim_start();
    let opens_word = |text: &str| {
        text.starts_with(|c: char| c.is_alphabetic() || matches!(c, '“' | '„' | '"' | '«' | '「'))
    };
    let is_numbered = (1..=3).contains(&digits) && opens_word(rest);
    let is_marked = raw.text.starts_with(['*', '†', '‡', '§', '¶'])
        && opens_word(raw.text.trim_start_matches(['*', '†', '‡', '§', '¶', ' ']));
    raw.shape == Shape::Text
        && raw.size < 0.93 * body_size
        && raw.bbox.y0 > 0.5 * height
        && (is_numbered || is_marked)
}

fn is_marginal(raw: &Raw, height: f32) -> bool {
    let is_at_edge = raw.bbox.y1 < MARGIN * height || raw.bbox.y0 > (1.0 - MARGIN) * height;
    raw.shape == Shape::Text && raw.lines <= 2 && is_at_edge
}

/// A line of smaller type with a page number at either end, or nothing but a page number.
fn is_running_head(raw: &Raw, height: f32, body_size: f32) -> bool {
    let is_number = |word: &str| word.len() <= 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = raw.text.split_whitespace().collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let has_number = is_number(first) || is_number(last);
    let is_alone = words.len() == 1 || pattern(&raw.text).starts_with("page #");
    let is_outer = raw.bbox.y1 < 0.08 * height || raw.bbox.y0 > 0.92 * height;
    let is_small = raw.size < 0.95 * body_size;
    raw.lines == 1
        && has_number
        && ((is_alone && is_outer) || (is_small && raw.bbox.y1 < MARGIN * height))
}

/// The text without what changes from page to page.
fn pattern(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        let c = if c.is_numeric() { '#' } else { c };
        if c != '#' || !pattern.ends_with('#') {
            pattern.push(c);
        }
    }
    pattern
}
