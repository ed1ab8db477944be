//! Which character parts the fields.

use super::records::{Records, Step};

/// Bytes of text that are looked at.
const SAMPLE: usize = 64 << 10;
/// Candidates. Of two that part all rows alike the first wins: commas also stand inside numbers
/// and prose, tabs nowhere.
const DELIMITERS: [u8; 4] = [b'\t', b';', b'|', b','];

/// How a file writes its records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// Whether quotes hold fields together.
    pub(super) quoting: bool,
    /// Bytes of the text before the first record.
    pub(super) skip: usize,
}

impl Dialect {
    /// Guesses by how alike the rows come out; the line `sep=;` that some programs write is obeyed.
    pub(super) fn of(text: &str) -> Self {
        let first = text.lines().next().unwrap_or_default();
        if let Some([delimiter]) = first.strip_prefix("sep=").map(str::as_bytes)
            && delimiter.is_ascii()
        {
            let skip = text.find('\n').map_or(text.len(), |at| at + 1);
            return Self { delimiter: *delimiter, quoting: true, skip };
        }
        let sample = text.get(..text.floor_char_boundary(SAMPLE)).unwrap_or(text);
        let is_cut = sample.len() < text.len();
        let mut best = Self { delimiter: b',', quoting: true, skip: 0 };
        let mut best_score = 0.0;
        for delimiter in DELIMITERS {
            let dialect = Self { delimiter, ..best };
            let score = evenness(sample, is_cut, &dialect);
            if score > best_score + 0.02 {
                (best, best_score) = (dialect, score);
            }
        }
        best
    }
}

/// The share of rows that have the most frequent number of fields, 0 when that number is 1.
/// A first row of one field, which no delimiter parts, halves it.
fn evenness(sample: &str, is_cut: bool, dialect: &Dialect) -> f64 {
    let mut records = Records::new(sample, dialect);
    let mut widths: Vec<usize> = Vec::new();
    while records.step() == Step::Record {
        widths.push(records.fields().count());
    }
    if is_cut {
        widths.pop();
    }
    let total = widths.len();
    let is_title = widths.first() == Some(&1);
    widths.sort_unstable();
    let groups = widths.chunk_by(|one, other| one == other);
    let Some(group) = groups.max_by_key(|group| group.len()) else { return 0.0 };
    if group.first().is_none_or(|width| *width == 1) {
        return 0.0;
    }
    let share = group.len() as f64 / total as f64;
    if is_title { share / 2.0 } else { share }
}
