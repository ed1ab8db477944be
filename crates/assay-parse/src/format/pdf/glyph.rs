//! Collects glyphs with their characters and places while a page is drawn.

use assay_core::PageBox;
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
    font::{Glyph as FontGlyph, GlyphRun},
    hayro_cmap::BfString,
    kurbo::{Affine, BezPath, Point, Rect},
};
use unicode_normalization::UnicodeNormalization;

/// Units of the coordinate system of a glyph in one em.
const UNITS_PER_EM: f64 = 1000.0;
/// Glyphs of one page; more are a drawing made of letters or an attack.
const GLYPHS_MAX: usize = 100_000;
/// Rules of one page; more are a drawing.
const RULES_MAX: usize = 2_000;
/// A shape that is no higher is a line, in points.
const RULE_WIDTH: f64 = 3.0;
/// A line that is no longer parts no rows, in points.
const RULE_LENGTH: f32 = 20.0;

/// A direction that text runs in, as quarter turns clockwise from left to right.
pub(super) type Turn = usize;

/// A character, or a few, at a place. Coordinates are points in the page turned so that the text
/// runs from left to right and `y` grows downwards.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) text: String,
    pub(super) x0: f32,
    pub(super) x1: f32,
    /// The line that the text stands on.
    pub(super) baseline: f32,
    /// The font size as shown.
    pub(super) size: f32,
    pub(super) bold: bool,
    /// Whether it is nothing but space.
    pub(super) blank: bool,
    /// Whether it stands above the line, as powers and note numbers do.
    pub(super) raised: bool,
    pub(super) turn: Turn,
}

/// A line drawn from left to right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) x0: f32,
    pub(super) x1: f32,
    pub(super) y: f32,
}

/// What was drawn on a page.
#[derive(Debug)]
pub(super) struct Collector {
    pub(super) width: f32,
    pub(super) height: f32,
    pub(super) glyphs: Vec<Glyph>,
    pub(super) pictures: Vec<PageBox>,
    /// Lines drawn from left to right, as between the rows of a table.
    pub(super) rules: Vec<Rule>,
    /// Glyphs that no character is known for.
    pub(super) unmapped: usize,
    /// Shapes that were drawn.
    pub(super) outlines: usize,
}

impl Collector {
    pub(super) fn new(width: f32, height: f32) -> Self {
        let (glyphs, pictures, rules) = (Vec::new(), Vec::new(), Vec::new());
        Self { width, height, glyphs, pictures, rules, unmapped: 0, outlines: 0 }
    }

    /// Keeps a shape that is a line, or the upper and the lower edge of a box, if it is wide.
    fn add_rules(&mut self, shape: Rect) {
        let (x0, x1) = (shape.x0 as f32, shape.x1 as f32);
        let edges =
            if shape.height() <= RULE_WIDTH { &[shape.y0][..] } else { &[shape.y0, shape.y1][..] };
        let is_rule = x1 - x0 >= RULE_LENGTH && (x0 + x1).is_finite();
        for y in edges.iter().filter(|y| is_rule && y.is_finite()) {
            if self.rules.len() < RULES_MAX {
                self.rules.push(Rule { x0, x1, y: *y as f32 });
            }
        }
    }

    fn add(&mut self, text: String, place: Affine, advance: f64, bold: bool) {
        let origin = place * Point::ZERO;
        let along = place * Point::new(UNITS_PER_EM, 0.0) - origin;
        let across = place * Point::new(0.0, UNITS_PER_EM) - origin;
        let size = across.hypot();
        let width = along.hypot() * advance / UNITS_PER_EM;
        let turn = if along.x.abs() >= along.y.abs() {
            if along.x >= 0.0 { 0 } else { 2 }
        } else if along.y >= 0.0 {
            1
        } else {
            3
        };
        let (page_width, page_height) = (f64::from(self.width), f64::from(self.height));
        let (x, y) = match turn {
            0 => (origin.x, origin.y),
            1 => (origin.y, page_width - origin.x),
            2 => (page_width - origin.x, page_height - origin.y),
            _ => (page_height - origin.y, origin.x),
        };
        let is_sane =
            [x, y, size, width].iter().all(|value| value.is_finite() && value.abs() < 1e5);
        let is_visible = (0.5..1000.0).contains(&size);
        if !is_sane || !is_visible || self.glyphs.len() >= GLYPHS_MAX {
            return;
        }
        self.glyphs.push(Glyph {
            blank: text.trim().is_empty(),
            text,
            x0: x as f32,
            x1: (x + width) as f32,
            baseline: y as f32,
            size: size as f32,
            bold,
            raised: false,
            turn,
        });
    }
}

impl Device<'_> for Collector {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, '_>, props: DrawProps<'_>, _: &DrawMode) {
        let mut bold = None;
        for glyph in run.glyphs() {
            let (advance, unicode) = match &**glyph {
                FontGlyph::Outline(outline) => {
                    bold.get_or_insert_with(|| {
                        outline.font_data().is_some_and(|font| {
                            font.weight.is_some_and(|weight| weight >= 600)
                                || font.postscript_name.is_some_and(|name| name.contains("Bold"))
                        })
                    });
                    (outline.advance_width(), outline.as_unicode())
                }
                FontGlyph::Type3(type3) => (type3.advance_width(), type3.as_unicode()),
            };
            let Some(text) = unicode.map(characters) else {
                self.unmapped += 1;
                continue;
            };
            let place = props.transform * glyph.transform();
            let advance = f64::from(advance.unwrap_or(500.0));
            self.add(text, place, advance, bold.unwrap_or(false));
        }
    }

    fn draw_image(&mut self, _: Image<'_, '_>, props: ImageDrawProps<'_>) {
        let corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)];
        let corners = corners.map(|corner| props.transform * Point::from(corner));
        let xs = corners.map(|point| point.x as f32);
        let ys = corners.map(|point| point.y as f32);
        let fold = |values: [f32; 4], pick: fn(f32, f32) -> f32| values.into_iter().reduce(pick);
        let bounds =
            (fold(xs, f32::min), fold(ys, f32::min), fold(xs, f32::max), fold(ys, f32::max));
        let (Some(x0), Some(y0), Some(x1), Some(y1)) = bounds else { return };
        self.pictures.push(PageBox {
            x0: x0.clamp(0.0, self.width),
            y0: y0.clamp(0.0, self.height),
            x1: x1.clamp(0.0, self.width),
            y1: y1.clamp(0.0, self.height),
        });
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, _: &DrawMode) {
        self.outlines += 1;
        // Rules are straight and of few points; a drawing is not looked at.
        if path.elements().len() <= 6 {
            self.add_rules(props.transform.transform_rect_bbox(path.control_box()));
        }
    }
    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'_>, _: &DrawMode) {
        self.outlines += 1;
        self.add_rules(props.transform.transform_rect_bbox(*rect));
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The characters of a glyph: ligatures, presentation forms and radicals as the letters they stand
/// for, so that words can be found.
fn characters(unicode: BfString) -> String {
    let spelled = match unicode {
        BfString::Char(c) if c.is_ascii() => return c.to_string(),
        BfString::Char(c) => c.to_string(),
        BfString::String(text) => text,
    };
    spelled
        .chars()
        .flat_map(|c| match c {
            '\u{fb00}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{2f00}'..='\u{2fdf}' => {
                std::iter::once(c).nfkc().collect::<Vec<_>>()
            }
            '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => vec![' '],
            _ => vec![c],
        })
        .filter(|c| !c.is_control() && *c != '\u{ad}')
        .collect()
}
