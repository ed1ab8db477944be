//! Lines of one column to paragraphs.

use assay_core::PageBox;

use super::{
    block::{Raw, Shape},
    line::{Line, is_han, median},
};
use crate::format::text::{is_bullet, is_counted};

/// The paragraphs of a column, from lines sorted from top to bottom.
pub(super) fn blocks(lines: Vec<Line>, rtl: bool, page: u32) -> Vec<Raw> {
    let column = Column::of(&lines, rtl);
    let mut blocks = Vec::new();
    let mut current: Vec<Line> = Vec::new();
    let mut gap = f32::INFINITY;
    for line in lines {
        if let Some(last) = current.last() {
            let step = line.baseline - last.baseline;
            if column.parts(&current, last, &line) {
                let done = std::mem::take(&mut current);
                blocks.extend(raw(&done, gap, page));
                gap = step / line.size;
            }
        }
        current.push(line);
    }
    blocks.extend(raw(&current, gap, page));
    blocks
}

/// What the lines of a column have in common. Right-to-left text is measured from the right.
struct Column {
    start: f32,
    end: f32,
    /// Usual distance between baselines.
    leading: f32,
    /// Whether most lines stand further in than the first line of a paragraph.
    hangs: bool,
    rtl: bool,
}

impl Column {
    fn of(lines: &[Line], rtl: bool) -> Self {
        let mut column = Self { start: 0.0, end: 0.0, leading: 0.0, hangs: false, rtl };
        column.start = lines.iter().map(|line| column.from(line)).fold(f32::INFINITY, f32::min);
        column.end = lines.iter().map(|line| column.to(line)).fold(f32::NEG_INFINITY, f32::max);
        let steps = lines.windows(2).filter_map(|pair| match pair {
            [a, b] => {
                Some(b.baseline - a.baseline).filter(|step| *step > 0.0 && *step < 3.0 * b.size)
            }
            _ => None,
        });
        column.leading = median(steps).unwrap_or(0.0);
        let indented = lines.iter().filter(|line| column.is_indented(line)).count();
        column.hangs = indented * 2 > lines.len();
        column
    }

    fn from(&self, line: &Line) -> f32 {
        if self.rtl { -line.x1 } else { line.x0 }
    }

    fn to(&self, line: &Line) -> f32 {
        if self.rtl { -line.x0 } else { line.x1 }
    }

    fn is_indented(&self, line: &Line) -> bool {
        self.from(line) > self.start + 0.8 * line.size
    }

    /// Whether a paragraph ends between two lines.
    fn parts(&self, current: &[Line], last: &Line, next: &Line) -> bool {
        let step = next.baseline - last.baseline;
        let size = last.size.max(next.size);
        let is_far = step > 1.3 * self.leading.max(1.05 * size) && step > 1.15 * size;
        let other_size = (last.size - next.size).abs() > 0.12 * size;
        let has_words = |line: &Line| line.text.chars().filter(|c| c.is_alphabetic()).count() > 3;
        let other_weight = last.bold != next.bold && has_words(last) && has_words(next);
        is_far || other_size || other_weight || self.opens(current, last, next)
    }

    /// Whether the next line looks like the first of a paragraph.
    fn opens(&self, current: &[Line], last: &Line, next: &Line) -> bool {
        if next.text.starts_with(is_bullet) && next.text.contains(' ') {
            return true;
        }
        let is_item = |line: &Line| line.text.starts_with(is_bullet) || is_counted(&line.text);
        let in_item = current.first().is_some_and(is_item);
        let ends = last.text.ends_with(['.', '!', '?', ':', ';', '。', '؟', '”', '"']);
        if is_counted(&next.text) && (in_item || ends) {
            return true;
        }
        let is_short = self.to(last) < self.end - 0.2 * (self.end - self.start);
        let starts_big =
            next.text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
        if is_short && ends && starts_big {
            return true;
        }
        if self.hangs {
            return self.is_indented(last) && !self.is_indented(next);
        }
        let deeper = self.from(next) - self.from(last) > 0.8 * next.size;
        let is_centred = self.to(next) < self.end - 0.8 * next.size;
        deeper && self.is_indented(next) && !self.is_indented(last) && !in_item && !is_centred
    }
}

fn raw(lines: &[Line], gap: f32, page: u32) -> Option<Raw> {
    let bbox = lines.iter().map(Line::bbox).reduce(PageBox::union)?;
    let mut text = String::new();
    for line in lines {
        push_line(&mut text, &line.text);
    }
    Some(Raw {
        shape: Shape::Text,
        text,
        size: median(lines.iter().map(|line| line.size))?,
        bold: lines.iter().all(|line| line.bold),
        lines: lines.len(),
        gap,
        bbox,
        page,
    })
}

/// Stands where a word was parted at the end of a line, until it is known how it is written.
pub(super) const PARTED: char = '\u{ad}';

/// Adds a line to a paragraph: a word parted at the line end becomes whole but for [`PARTED`],
/// scripts without spaces get none.
pub(super) fn push_line(text: &mut String, line: &str) {
    let Some(last) = text.chars().next_back() else {
        text.push_str(line);
        return;
    };
    let Some(first) = line.chars().next() else { return };
    if is_hyphen(last) {
        let word = text.rsplit(' ').next().unwrap_or("").trim_end_matches(is_hyphen);
        let is_parted = first.is_lowercase() && word.ends_with(char::is_alphabetic);
        // `state-of-the-` keeps its hyphen; so does a number or a name.
        if is_parted && !word.contains(is_hyphen) {
            text.pop();
            text.push(PARTED);
        }
    } else if !(is_han(last) && is_han(first)) {
        text.push(' ');
    }
    text.push_str(line);
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}' | '\u{ad}')
}
