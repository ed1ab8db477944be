//! Cuts a document into passages: what is indexed, found and cited.

use assay_core::{Origin, PageBox, TextRange};
use serde::{Deserialize, Serialize};

use crate::{BlockKind, Parsed};
use unit::Unit;

#[cfg(test)]
mod tests;
mod unit;

/// How long passages are, in tokens of the embedding model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PassageSettings {
    /// A passage is closed when the next sentence would take it past this.
    pub target_tokens: usize,
    /// No passage is longer, unless one word is.
    pub max_tokens: usize,
    /// Whole sentences from the end of one passage, up to this many tokens, open the next one of
    /// the same section.
    pub overlap_tokens: usize,
}

impl Default for PassageSettings {
    fn default() -> Self {
        Self { target_tokens: 200, max_tokens: 240, overlap_tokens: 0 }
    }
}

/// A piece of a document that reads alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// Where it stands in the text of the document.
    pub range: TextRange,
    /// The headings above it, outermost first, its own included; where a table goes on from an
    /// earlier passage, its header rows come last.
    pub heading_path: Vec<String>,
    /// The page it starts on.
    pub page: Option<u32>,
    /// The box of its blocks on that page.
    pub bbox: Option<PageBox>,
    /// Where it stands in the original, for formats without pages.
    pub origin: Option<Origin>,
    /// What it holds.
    pub kind: PassageKind,
    /// Its length, as the sum over its sentences.
    pub tokens: usize,
}

/// What a passage holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassageKind {
    /// Prose, lists, or several kinds.
    Text,
    /// Rows of one table.
    Table,
    /// Program text.
    Code,
}

/// Cuts the content of a document into passages, in order.
///
/// A passage ends between sentences, table rows or lines of code, and inside one only when it
/// alone is longer than the maximum. A heading starts a new passage; navigation and page furniture
/// are left out.
#[must_use]
pub fn passages(
    parsed: &Parsed,
    settings: &PassageSettings,
    count_tokens: &dyn Fn(&str) -> usize,
) -> Vec<Passage> {
    let mut cutter = Cutter {
        parsed,
        settings,
        headings: Vec::new(),
        current: Vec::new(),
        table_header: None,
        passages: Vec::new(),
    };
    for (index, block) in parsed.blocks.iter().enumerate() {
        if let BlockKind::Heading { level } = block.kind {
            cutter.open_section(level, block.range);
        } else if !block.kind.is_content() {
            cutter.close(false);
        }
        let units = unit::units(parsed, index, settings.max_tokens, count_tokens);
        cutter.add_block(&units);
    }
    cutter.close(false);
    cutter.passages
}

struct Cutter<'a> {
    parsed: &'a Parsed,
    settings: &'a PassageSettings,
    headings: Vec<(u8, TextRange)>,
    current: Vec<Unit>,
    /// The header rows of the table that the current passage goes on with.
    table_header: Option<TextRange>,
    passages: Vec<Passage>,
}

impl Cutter<'_> {
    fn open_section(&mut self, level: u8, heading: TextRange) {
        // Headings without text between them share a passage with the text that follows.
        if !self.current.iter().all(|unit| self.is_heading(unit)) {
            self.close(false);
        }
        self.headings.retain(|(above, _)| *above < level);
        self.headings.push((level, heading));
    }

    fn add_block(&mut self, units: &[Unit]) {
        let total: usize = units.iter().map(|unit| unit.tokens).sum();
        // Code that fits into one passage stays whole.
        if self.is_code(units) && total <= self.settings.max_tokens {
            if self.tokens() + total > self.settings.max_tokens {
                self.close(false);
            }
            self.current.extend_from_slice(units);
            return;
        }
        for (number, unit) in units.iter().enumerate() {
            let tokens = self.tokens() + unit.tokens;
            let is_last = number + 1 == units.len();
            let limit = if is_last { self.settings.max_tokens } else { self.target() };
            if tokens > limit && !self.current.is_empty() {
                self.close(true);
                self.table_header = if number > 0 { self.header_of(unit) } else { None };
                if self.tokens() + unit.tokens > self.settings.max_tokens {
                    self.current.clear();
                }
            }
            self.current.push(*unit);
        }
    }

    fn close(&mut self, goes_on: bool) {
        let (Some(first), Some(last)) = (self.current.first(), self.current.last()) else { return };
        let range = TextRange { start: first.range.start, end: last.range.end };
        let mut heading_path: Vec<String> =
            self.headings.iter().map(|(_, range)| self.line(*range)).collect();
        heading_path.extend(self.table_header.map(|range| self.line(range)));
        let page = self.parsed.blocks.get(first.block).and_then(|block| block.page);
        self.passages.push(Passage {
            range,
            heading_path,
            page,
            bbox: self.bbox(page),
            origin: self.origin(),
            kind: self.kind(),
            tokens: self.tokens(),
        });
        self.table_header = None;
        let overlap = if goes_on { self.overlap() } else { 0 };
        self.current.drain(..self.current.len() - overlap);
    }

    /// How many units from the end of the current passage open the next one too.
    fn overlap(&self) -> usize {
        let mut room = self.settings.overlap_tokens.min(self.target() / 2);
        let tail = self.current.get(1..).unwrap_or_default();
        let mut count = 0;
        for unit in tail.iter().rev() {
            if self.is_heading(unit) || unit.tokens > room {
                break;
            }
            room -= unit.tokens;
            count += 1;
        }
        count
    }

    fn bbox(&self, page: Option<u32>) -> Option<PageBox> {
        let blocks = self.current.iter().filter_map(|unit| self.parsed.blocks.get(unit.block));
        blocks
            .filter(|block| block.page == page)
            .filter_map(|block| block.bbox)
            .reduce(PageBox::union)
    }

    /// The rows of the first table that knows their place, else the place that holds all blocks.
    fn origin(&self) -> Option<Origin> {
        let (first, last) = (self.current.first()?, self.current.last()?);
        let rows = self.current.iter().find_map(|unit| match self.block_kind(unit)? {
            BlockKind::Table(table) => table.origin(0, 0).map(|_| (unit.block, table)),
            _ => None,
        });
        if let Some((block, table)) = rows {
            // Rows lie one after the other: those that end before a place are found by halving.
            let before = |at: u32| {
                table.rows.partition_point(|row| row.last().is_none_or(|cell| cell.end < at))
            };
            let own = |unit: &&Unit| unit.block == block;
            let top = self.current.iter().find(own).map_or(0, |unit| before(unit.range.start));
            let bottom = self.current.iter().rfind(own).map_or(0, |unit| before(unit.range.end));
            return table.origin(top, bottom.min(table.rows.len().saturating_sub(1)));
        }
        let blocks = self.parsed.blocks.get(first.block..=last.block)?;
        let mut origins = blocks.iter().map(|block| block.origin.as_ref());
        let first = origins.next()??.clone();
        origins.try_fold(first, |joined, origin| joined.join(origin?))
    }

    fn kind(&self) -> PassageKind {
        let body: Vec<Unit> =
            self.current.iter().filter(|unit| !self.is_heading(unit)).copied().collect();
        if self.is_code(&body) {
            PassageKind::Code
        } else if !body.is_empty() && body.iter().all(|unit| self.is_table(unit)) {
            PassageKind::Table
        } else {
            PassageKind::Text
        }
    }

    fn header_of(&self, unit: &Unit) -> Option<TextRange> {
        let BlockKind::Table(table) = self.block_kind(unit)? else { return None };
        let last = (table.header_rows as usize).checked_sub(1)?;
        let start = table.rows.first()?.first()?.start;
        let end = table.rows.get(last)?.last()?.end;
        Some(TextRange { start, end })
    }

    fn block_kind(&self, unit: &Unit) -> Option<&BlockKind> {
        self.parsed.blocks.get(unit.block).map(|block| &block.kind)
    }

    fn is_heading(&self, unit: &Unit) -> bool {
        matches!(self.block_kind(unit), Some(BlockKind::Heading { .. }))
    }

    fn is_table(&self, unit: &Unit) -> bool {
        matches!(self.block_kind(unit), Some(BlockKind::Table(_)))
    }

    fn is_code(&self, units: &[Unit]) -> bool {
        let is_code = |unit| matches!(self.block_kind(unit), Some(BlockKind::Code { .. }));
        !units.is_empty() && units.iter().all(is_code)
    }

    fn line(&self, range: TextRange) -> String {
        range.of(&self.parsed.text).split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn tokens(&self) -> usize {
        self.current.iter().map(|unit| unit.tokens).sum()
    }

    fn target(&self) -> usize {
        self.settings.target_tokens.min(self.settings.max_tokens)
    }
}
