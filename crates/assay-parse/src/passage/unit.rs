//! The pieces that passages are made of: sentences, table rows, lines of code.

use assay_core::TextRange;

use crate::{BlockKind, Parsed, sentences};

/// A piece that is cut only when it is longer than a whole passage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) range: TextRange,
    pub(super) tokens: usize,
    /// Index of its block.
    pub(super) block: usize,
}

/// The units of a block; none for blocks that are no content.
pub(super) fn units(
    parsed: &Parsed,
    block_index: usize,
    max_tokens: usize,
    count_tokens: &dyn Fn(&str) -> usize,
) -> Vec<Unit> {
    let Some(block) = parsed.blocks.get(block_index) else { return Vec::new() };
    let text = block.range.of(&parsed.text);
    let pieces = match &block.kind {
        kind if !kind.is_content() => return Vec::new(),
        BlockKind::Table(_) | BlockKind::Code { .. } => lines(text),
        BlockKind::Heading { .. } | BlockKind::Formula => trimmed(text, 0).into_iter().collect(),
        _ => sentences(text),
    };
    let mut units = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let range = piece.shifted(block.range.start);
        let tokens = count_tokens(range.of(&parsed.text));
        if tokens <= max_tokens {
            units.push(Unit { range, tokens, block: block_index });
            continue;
        }
        for range in cut(&parsed.text, range, max_tokens, count_tokens) {
            let tokens = count_tokens(range.of(&parsed.text));
            units.push(Unit { range, tokens, block: block_index });
        }
    }
    units
}

fn lines(text: &str) -> Vec<TextRange> {
    let mut at = 0;
    let mut ranges = Vec::new();
    for line in text.split('\n') {
        ranges.extend(trimmed(line, at));
        at += line.len() + 1;
    }
    ranges
}

fn trimmed(text: &str, offset: usize) -> Option<TextRange> {
    let start = offset + (text.len() - text.trim_start().len());
    let body = text.trim();
    (!body.is_empty()).then(|| TextRange::new(start, start + body.len()))
}

/// Cuts a sentence that is too long between words, into pieces of the maximum. Text without
/// spaces is cut between characters.
fn cut(
    text: &str,
    range: TextRange,
    max_tokens: usize,
    count_tokens: &dyn Fn(&str) -> usize,
) -> Vec<TextRange> {
    let mut ranges = Vec::new();
    let mut rest = range;
    while !rest.is_empty() {
        let length = longest(rest.of(text), max_tokens, count_tokens);
        let end = rest.start as usize + length;
        ranges
            .extend(trimmed(text.get(rest.start as usize..end).unwrap_or(""), rest.start as usize));
        rest = TextRange::new(end, range.end as usize);
    }
    ranges
}

/// Bytes of the longest start of `text` that holds at most `max_tokens`, found by halving; ends
/// after a word if it holds one, and is never nothing.
fn longest(text: &str, max_tokens: usize, count_tokens: &dyn Fn(&str) -> usize) -> usize {
    // A token has rarely more than 16 bytes: longer text need not be counted to be too long.
    let (mut fits, mut over) = (0, text.len().min(max_tokens.saturating_mul(16)) + 1);
    while over - fits > 1 {
        let middle = fits + (over - fits) / 2;
        let end = text.floor_char_boundary(middle);
        if count_tokens(text.get(..end).unwrap_or("")) <= max_tokens {
            fits = middle;
        } else {
            over = middle;
        }
    }
    let end = text.floor_char_boundary(fits);
    let head = text.get(..end).unwrap_or("");
    let word_end = head.rfind(char::is_whitespace).filter(|at| end < text.len() && *at > end / 2);
    let first_char = text.chars().next().map_or(0, char::len_utf8);
    word_end.unwrap_or(end).max(first_char)
}
