//! Glyphs to lines: rows of one baseline, parted at wide gaps, with spaces where the gaps say so.

use assay_core::PageBox;

use super::{bidi, glyph::Glyph};

/// Baselines nearer than this share of the font size are one row.
const SAME_ROW: f32 = 0.3;
/// A gap of this many font sizes parts a row: a gutter or the space between table cells.
const WIDE_GAP: f32 = 1.3;
/// In a table a gap of this many font sizes parts cells.
const CELL_GAP: f32 = 0.8;
/// A gap of this many font sizes is a space between words.
const WORD_GAP: f32 = 0.16;
/// The same glyph again within this many font sizes is drawn twice to look bold.
const DOUBLE: f32 = 0.06;

/// A piece of a row without wide gaps.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) baseline: f32,
    pub(super) size: f32,
    pub(super) bold: bool,
    /// What lies between gaps that part cells, if this is in a table; empty without such gaps.
    pub(super) parts: Vec<Line>,
}

impl Line {
    /// Upper edge, as high as capitals reach.
    pub(super) fn top(&self) -> f32 {
        self.baseline - self.size * 0.8
    }

    /// Lower edge, as low as descenders reach.
    pub(super) fn bottom(&self) -> f32 {
        self.baseline + self.size * 0.2
    }

    pub(super) fn bbox(&self) -> PageBox {
        PageBox { x0: self.x0, y0: self.top(), x1: self.x1, y1: self.bottom() }
    }
}

/// The lines of one page, all of one direction, in no particular order.
pub(super) fn lines(mut glyphs: Vec<Glyph>) -> Vec<Line> {
    let is_rtl = is_rtl(&glyphs);
    glyphs.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut pieces: Vec<Vec<Glyph>> =
        rows(glyphs).into_iter().flat_map(|row| pieces(row, WIDE_GAP)).collect();
    merge_raised(&mut pieces);
    pieces.into_iter().filter_map(|piece| line(piece, is_rtl)).collect()
}

/// Whether most letters of the glyphs run from right to left.
pub(super) fn is_rtl(glyphs: &[Glyph]) -> bool {
    let texts = glyphs.iter().map(|glyph| glyph.text.as_str());
    bidi::is_mostly_rtl(texts.flat_map(str::chars))
}

/// Glyphs on one baseline. The glyphs are sorted by baseline, so that a row is a run.
fn rows(glyphs: Vec<Glyph>) -> Vec<Vec<Glyph>> {
    let mut rows: Vec<Vec<Glyph>> = Vec::new();
    for glyph in glyphs {
        let joins = rows.last().and_then(|row| row.last()).is_some_and(|last| {
            glyph.baseline - last.baseline <= SAME_ROW * glyph.size.min(last.size) * 0.5
        });
        // Compared with the first glyph too, so that many small steps do not join two rows.
        let near_first = rows.last().and_then(|row| row.first()).is_some_and(|first| {
            glyph.baseline - first.baseline <= SAME_ROW * glyph.size.min(first.size)
        });
        match rows.last_mut() {
            Some(row) if joins && near_first => row.push(glyph),
            _ => rows.push(vec![glyph]),
        }
    }
    rows
}

/// Parts a row at wide gaps. Blank glyphs do not fill a gap: some files draw rows of spaces.
fn pieces(mut row: Vec<Glyph>, widest: f32) -> Vec<Vec<Glyph>> {
    row.sort_by(|a, b| a.x0.total_cmp(&b.x0));
    let mut pieces: Vec<Vec<Glyph>> = Vec::new();
    let mut end = f32::NEG_INFINITY;
    for glyph in row {
        let is_blank = glyph.blank;
        if is_blank && pieces.is_empty() {
            continue;
        }
        let is_wide = !is_blank && glyph.x0 - end > widest * glyph.size;
        if !is_blank {
            end = end.max(glyph.x1);
        }
        match pieces.last_mut() {
            Some(piece) if !is_wide => piece.push(glyph),
            _ => pieces.push(vec![glyph]),
        }
    }
    pieces
}

/// Puts small raised or lowered pieces, such as note numbers, into the line they belong to.
fn merge_raised(pieces: &mut Vec<Vec<Glyph>>) {
    let mut bounds: Vec<Bounds> = pieces.iter().map(|piece| Bounds::of(piece)).collect();
    for small in 0..pieces.len() {
        let Some(own) = bounds.get(small).copied() else { continue };
        let from = bounds.partition_point(|other| other.baseline < own.baseline - own.size * 2.0);
        let near = bounds.iter().enumerate().skip(from);
        let host = near
            .take_while(|(_, other)| other.baseline < own.baseline + own.size * 2.0)
            .find(|(at, other)| *at != small && other.holds(&own))
            .map(|(at, _)| at);
        let Some(host) = host else { continue };
        let moved = pieces.get_mut(small).map(std::mem::take).unwrap_or_default();
        let Some(piece) = pieces.get_mut(host) else { continue };
        let baseline = bounds.get(host).map_or(0.0, |bounds| bounds.baseline);
        piece.extend(moved.into_iter().map(|glyph| {
            let raised = baseline - glyph.baseline > 0.15 * glyph.size;
            Glyph { baseline, raised, ..glyph }
        }));
        piece.sort_by(|a, b| a.x0.total_cmp(&b.x0));
        let joined = Bounds { baseline, ..Bounds::of(piece) };
        if let Some(emptied) = bounds.get_mut(small) {
            // Nothing joins a piece that is no longer there.
            emptied.size = 0.0;
        }
        if let Some(bounds) = bounds.get_mut(host) {
            *bounds = joined;
        }
    }
    pieces.retain(|piece| !piece.is_empty());
}

#[derive(Clone, Copy)]
struct Bounds {
    x0: f32,
    x1: f32,
    baseline: f32,
    size: f32,
}

impl Bounds {
    fn of(piece: &[Glyph]) -> Self {
        let visible = || piece.iter().filter(|glyph| !glyph.blank);
        Self {
            x0: visible().map(|glyph| glyph.x0).fold(f32::INFINITY, f32::min),
            x1: visible().map(|glyph| glyph.x1).fold(f32::NEG_INFINITY, f32::max),
            baseline: piece.first().map_or(0.0, |glyph| glyph.baseline),
            size: visible().map(|glyph| glyph.size).fold(0.0, f32::max),
        }
    }

    /// Whether `small` is raised or lowered text of this line.
    fn holds(&self, small: &Self) -> bool {
        let is_smaller = small.size < 0.85 * self.size;
        let rise = self.baseline - small.baseline;
        let is_near = rise > -0.4 * self.size && rise < 0.8 * self.size;
        let reach = 0.4 * self.size;
        let touches = small.x0 < self.x1 + reach && small.x1 > self.x0 - reach;
        is_smaller && is_near && touches
    }
}

/// The text of a piece. Its size and weight are those of most of its characters.
fn line(mut piece: Vec<Glyph>, page_is_rtl: bool) -> Option<Line> {
    drop_doubles(&mut piece);
    attach_marks(&mut piece);
    let visible: Vec<&Glyph> = piece.iter().filter(|g| !g.blank).collect();
    let size = median(visible.iter().map(|glyph| glyph.size))?;
    let x0 = visible.iter().map(|glyph| glyph.x0).reduce(f32::min)?;
    let x1 = visible.iter().map(|glyph| glyph.x1).reduce(f32::max)?;
    let baseline = median(visible.iter().map(|glyph| glyph.baseline))?;
    let bold = visible.iter().filter(|glyph| glyph.bold).count() * 2 > visible.len();
    let text = bidi::logical(with_spaces(&piece), page_is_rtl).concat();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = Vec::new();
    let gaps = visible.windows(2).filter_map(|pair| Some(pair.last()?.x0 - pair.first()?.x1));
    if gaps.fold(0.0, f32::max) > CELL_GAP * size {
        let pieces = pieces(piece, CELL_GAP);
        if pieces.len() > 1 {
            parts = pieces.into_iter().filter_map(|part| line(part, page_is_rtl)).collect();
        }
    }
    Some(Line { text, x0, x1, baseline, size, bold, parts })
}

/// The texts from left to right, with a space where the gap is one.
fn with_spaces(piece: &[Glyph]) -> Vec<&str> {
    let gaps = piece.windows(2).map(|pair| match pair {
        [a, b] => (b.x0 - a.x1) / a.size.max(b.size),
        _ => 0.0,
    });
    // Letters set apart evenly are no words of one letter.
    let tracking = median(gaps.filter(|gap| *gap < WIDE_GAP)).unwrap_or(0.0).max(0.0);
    let threshold = WORD_GAP + if piece.len() > 5 { tracking } else { 0.0 };
    let mut texts: Vec<&str> = Vec::with_capacity(piece.len());
    let mut end = f32::INFINITY;
    let mut last_raised = false;
    for glyph in piece {
        let is_cjk = glyph.text.chars().any(is_han);
        let threshold = if is_cjk { threshold + 0.15 } else { threshold };
        let is_blank = glyph.blank;
        if is_blank || glyph.x0 - end > threshold * glyph.size {
            texts.push(" ");
        }
        if !is_blank {
            if glyph.raised && !last_raised && is_digit(&glyph.text) && ends_word(&texts) {
                // `10^6` and `word^1`: a power or a note, not a part of the number or word.
                texts.push("^");
            }
            texts.push(&glyph.text);
            end = glyph.x1;
            last_raised = glyph.raised;
        }
    }
    texts
}

fn is_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn ends_word(texts: &[&str]) -> bool {
    texts.last().is_some_and(|text| text.ends_with(char::is_alphanumeric))
}

/// Drops glyphs drawn twice at one place, as files do to make them bold.
fn drop_doubles(piece: &mut Vec<Glyph>) {
    piece.dedup_by(|next, glyph| {
        next.text == glyph.text
            && (next.x0 - glyph.x0).abs() < DOUBLE * glyph.size
            && (next.baseline - glyph.baseline).abs() < DOUBLE * glyph.size
    });
}

/// Puts combining marks behind the letter they stand over: by place alone they could come before.
fn attach_marks(piece: &mut Vec<Glyph>) {
    let is_mark = |glyph: &Glyph| !glyph.text.is_empty() && glyph.text.chars().all(is_combining);
    if !piece.iter().any(is_mark) {
        return;
    }
    let (marks, mut letters): (Vec<Glyph>, Vec<Glyph>) = piece.drain(..).partition(is_mark);
    for mark in marks {
        let middle = f32::midpoint(mark.x0, mark.x1);
        let distance = |glyph: &Glyph| (f32::midpoint(glyph.x0, glyph.x1) - middle).abs();
        let nearest = letters.iter_mut().min_by(|a, b| distance(a).total_cmp(&distance(b)));
        match nearest {
            Some(letter) => letter.text.push_str(&mark.text),
            None => letters.push(mark),
        }
    }
    *piece = letters;
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{6d6}'..='\u{6dc}')
}

/// Whether a character is of a script that puts no spaces between words.
pub(super) fn is_han(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3134f}')
}

/// The middle value; none of nothing.
pub(super) fn median(values: impl Iterator<Item = f32>) -> Option<f32> {
    let mut values: Vec<f32> = values.collect();
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied()
}
