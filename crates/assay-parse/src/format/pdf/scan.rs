//! Recognised lines of a page to blocks, as if they had been drawn with glyphs.

use assay_core::PageBox;

use super::{
    block::{PageBlocks, Raw},
    document, layout,
    line::{Line, median},
};
use crate::{ReadLine, builder::Builder};

/// Share of the height of a line's box that is the size of its type.
const TYPE_SIZE: f32 = 0.75;
/// Share of the height by which a box goes beyond its text on each side.
const MARGIN: f32 = 0.2;
/// Heights within these factors of the usual one are the same size of type: the box of a line
/// without descenders is lower.
const SAME_SIZE: std::ops::Range<f32> = 0.65..1.45;

/// Gives the lines of one page to the builder, as blocks in reading order.
pub(crate) fn build(lines: &[ReadLine], page: u32, out: &mut Builder) {
    let mut turns: [Vec<&ReadLine>; 4] = Default::default();
    for line in lines.iter().filter(|line| line.is_sane()) {
        let quarter = (line.angle() / std::f32::consts::FRAC_PI_2).round() as i32;
        if let Some(lines) = turns.get_mut(quarter.rem_euclid(4) as usize) {
            lines.push(line);
        }
    }
    // The direction of most lines is the direction of the page.
    turns.sort_by_key(|lines| std::cmp::Reverse(lines.len()));
    let blocks: Vec<Raw> = turns.iter().flat_map(|lines| one_direction(lines, page)).collect();
    let height = blocks.iter().map(|raw| raw.bbox.y1).fold(0.0, f32::max);
    document::build(vec![PageBlocks { number: page, height, blocks }], out);
}

/// The blocks of lines that run about the same way.
fn one_direction(lines: &[&ReadLine], page: u32) -> Vec<Raw> {
    // A long line tells the angle of a skewed page better than a short one.
    let longest = lines.iter().map(|line| line.width()).fold(0.0, f32::max);
    let long = lines.iter().filter(|line| line.width() > 0.5 * longest);
    let Some(angle) = median(long.map(|line| line.angle())) else { return Vec::new() };
    let usual = median(lines.iter().map(|line| line.height())).unwrap_or(0.0);
    let texts = lines.iter().flat_map(|line| line.text.chars());
    let is_rtl = super::bidi::is_mostly_rtl(texts);
    let context = layout::Context { rtl: is_rtl, page, rules: &[] };
    let lines = lines.iter().map(|line| level(line, angle, usual)).collect();
    let mut blocks = layout::order(lines, &context, layout::DEPTH);
    for raw in &mut blocks {
        raw.bbox = turned(raw.bbox, angle);
    }
    blocks
}

/// The line with the page turned by `angle`, so that the text is level.
fn level(line: &ReadLine, angle: f32, usual: f32) -> Line {
    let corners = line.corners.map(|corner| rotated(corner, -angle));
    let [[x0, top], [x1, _], [_, bottom], _] = corners;
    let ratio = line.height() / usual.max(1e-3);
    let ratio = if SAME_SIZE.contains(&ratio) { 1.0 } else { (ratio * 2.0).round().max(1.0) / 2.0 };
    let size = usual * ratio * TYPE_SIZE;
    let margin = (MARGIN * line.height()).min(0.25 * (x1 - x0).abs());
    Line {
        text: line.text.split_whitespace().collect::<Vec<_>>().join(" "),
        x0: x0.min(x1) + margin,
        x1: x0.max(x1) - margin,
        baseline: f32::midpoint(top, bottom) + 0.3 * size,
        size,
        bold: false,
        parts: Vec::new(),
    }
}

/// The upright box around a box of the levelled page.
fn turned(b: PageBox, angle: f32) -> PageBox {
    let corners = [[b.x0, b.y0], [b.x1, b.y0], [b.x0, b.y1], [b.x1, b.y1]];
    let points = corners.map(|corner| rotated(corner, angle));
    let point = |[x, y]: [f32; 2]| PageBox { x0: x, y0: y, x1: x, y1: y };
    let [first, rest @ ..] = points.map(point);
    rest.into_iter().fold(first, PageBox::union)
}

fn rotated([x, y]: [f32; 2], angle: f32) -> [f32; 2] {
    let (sin, cos) = angle.sin_cos();
    [x * cos - y * sin, x * sin + y * cos]
}
