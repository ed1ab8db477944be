//! Text that was recognised in the picture of a page, put into the document.

use assay_core::{ParseLimits, TextRange};
use serde::{Deserialize, Serialize};

use crate::{Block, BlockKind, Link, Parsed, Problem, ProblemCode, builder::Builder, format::pdf};

/// Pages whose characters have a lower mean confidence are reported.
const CONFIDENT: f32 = 0.8;

/// A line that was recognised in the picture of a page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadLine {
    /// Its text.
    pub text: String,
    /// The corners of its box in points of the page (`x` to the right, `y` down), in the order in
    /// which the text is framed: start and end of its upper edge, end and start of its lower edge.
    pub corners: [[f32; 2]; 4],
    /// How sure the reader is, 0 to 1.
    pub confidence: f32,
}

impl ReadLine {
    pub(crate) fn is_sane(&self) -> bool {
        let mut coordinates = self.corners.iter().flatten();
        let is_near = coordinates.all(|value| value.is_finite() && value.abs() < 1e6);
        is_near && self.width() > 0.0 && self.height() > 0.0
    }

    /// The direction of the text, in radians clockwise from left to right.
    pub(crate) fn angle(&self) -> f32 {
        let [[x0, y0], [x1, y1], ..] = self.corners;
        (y1 - y0).atan2(x1 - x0)
    }

    pub(crate) fn width(&self) -> f32 {
        let [[x0, y0], [x1, y1], ..] = self.corners;
        (x1 - x0).hypot(y1 - y0)
    }

    pub(crate) fn height(&self) -> f32 {
        let [[x0, y0], _, _, [x1, y1]] = self.corners;
        (x1 - x0).hypot(y1 - y0)
    }
}

impl Parsed {
    /// The pages whose text has to be recognised: those that are pictures, and those whose glyphs
    /// have no known characters. In order, each once.
    #[must_use]
    pub fn pages_to_read(&self) -> Vec<u32> {
        let to_read = self.problems.iter().filter(|problem| wants_reading(problem));
        let mut pages: Vec<u32> = to_read.filter_map(|problem| problem.page).collect();
        pages.sort_unstable();
        pages.dedup();
        pages
    }
}

fn wants_reading(problem: &Problem) -> bool {
    matches!(problem.code, ProblemCode::NoText | ProblemCode::UnmappedGlyphs)
}

/// Puts the lines recognised on a page into the document, as blocks at the place of the page, and
/// drops the problem that made the page one to read.
///
/// What the page said before is replaced: the lines are those of the whole page. Without lines the
/// document stays as it is. A page that was read with little confidence becomes a problem of its
/// own ([`ProblemCode::Doubtful`]).
#[must_use]
pub fn add_read_lines(mut parsed: Parsed, page: u32, lines: &[ReadLine]) -> Parsed {
    let limits = ParseLimits::default();
    let mut out = Builder::new(&limits);
    pdf::build_read(lines, page, &mut out);
    let new = out.finish(parsed.media_type);
    if new.text.is_empty() {
        return parsed;
    }
    if parsed.text.len() + new.text.len() > limits.text_bytes as usize {
        let message = format!("the text was cut at {} bytes", limits.text_bytes);
        let problem = Problem { code: ProblemCode::Limit, message, page: Some(page) };
        parsed.problems.push(problem);
        return parsed;
    }
    parsed.problems.retain(|problem| problem.page != Some(page) || !wants_reading(problem));
    parsed.problems.extend(doubt(lines, page));
    merged(parsed, &new, page)
}

/// A problem when the lines were read with little confidence.
fn doubt(lines: &[ReadLine], page: u32) -> Option<Problem> {
    let (sum, count) = lines.iter().fold((0.0, 0.0), |(sum, count), line| {
        let letters = line.text.chars().count() as f32;
        (sum + line.confidence * letters, count + letters)
    });
    let mean = sum / count;
    (mean < CONFIDENT).then(|| Problem {
        code: ProblemCode::Doubtful,
        message: format!("the text was recognised with a confidence of {:.0} %", mean * 100.0),
        page: Some(page),
    })
}

/// The document with the blocks of `page` replaced by those of `new`.
fn merged(parsed: Parsed, new: &Parsed, page: u32) -> Parsed {
    let is_after = |block: &Block| {
        block.page.is_some_and(|other| other > page) || block.kind == BlockKind::PageFurniture
    };
    let at = parsed.blocks.iter().position(is_after).unwrap_or(parsed.blocks.len());
    let mut out = Assembly::default();
    let stays = |block: &&Block| block.page != Some(page) || block.kind == BlockKind::Picture;
    for block in parsed.blocks.iter().take(at).filter(stays) {
        out.push(block, &parsed);
    }
    for block in &new.blocks {
        out.push(block, new);
    }
    for block in parsed.blocks.iter().skip(at).filter(stays) {
        out.push(block, &parsed);
    }
    Parsed { text: out.text, blocks: out.blocks, links: out.links, ..parsed }
}

/// A document put together from blocks of others.
#[derive(Default)]
struct Assembly {
    text: String,
    blocks: Vec<Block>,
    links: Vec<Link>,
}

impl Assembly {
    /// Adds a block with its text and links.
    fn push(&mut self, block: &Block, from: &Parsed) {
        let text = block.range.of(&from.text);
        if !text.is_empty() && !self.text.is_empty() {
            let is_item = |block: &Block| matches!(block.kind, BlockKind::ListItem { .. });
            let together = is_item(block) && self.blocks.last().is_some_and(is_item);
            self.text.push_str(if together { "\n" } else { "\n\n" });
        }
        let start = TextRange::new(self.text.len(), self.text.len()).start;
        let moved = |range: TextRange| TextRange {
            start: range.start.saturating_sub(block.range.start).saturating_add(start),
            end: range.end.saturating_sub(block.range.start).saturating_add(start),
        };
        self.text.push_str(text);
        let mut block_moved = Block { range: moved(block.range), ..block.clone() };
        if let BlockKind::Table(table) = &mut block_moved.kind {
            table.rows.iter_mut().flatten().for_each(|cell| *cell = moved(*cell));
        }
        self.blocks.push(block_moved);
        // Links are sorted, so those of the block are a run.
        let first = from.links.partition_point(|link| link.range.start < block.range.start);
        let own = from.links.iter().skip(first);
        let own = own.take_while(|link| block.range.contains(link.range));
        self.links.extend(own.map(|link| Link { range: moved(link.range), ..link.clone() }));
    }
}

#[cfg(test)]
mod tests;
