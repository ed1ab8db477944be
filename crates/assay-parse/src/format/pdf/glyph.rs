//! Collects glyphs with their characters and places while a page is drawn.

use assay_core::PageBox;
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask,
    font::{Glyph as FontGlyph, GlyphRun},
    hayro_cmap::BfString,
    kurbo::{Affine, BezPath, PathEl, Point, Rect},
};
use unicode_normalization::UnicodeNormalization;

/// Units of the coordinate system of a glyph in one em.
const UNITS_PER_EM: f64 = 1000.0;
/// Glyphs of one page; more are a drawing made of letters or an attack.
const GLYPHS_MAX: usize = 100_000;
/// Rules of one page; more are a drawing.
const RULES_MAX: usize = 2_000;
/// A shape that is no higher is a line, in points.
const RULE_WIDTH: f32 = 3.0;
/// A line that is no longer parts no rows or columns, in points.
const RULE_LENGTH: f32 = 6.0;
/// A box that is no larger is one to be ticked, in points.
const TICK_BOX: f32 = 14.0;
/// Coloured boxes of one page; more are a drawing.
const SHADES_MAX: usize = 1_000;
/// The colour of paper.
pub(super) const WHITE: [u8; 4] = [255; 4];
/// Most points of a shape that may be the lines of a table.
const STROKES_MAX: usize = 1_000;

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

/// A coloured box.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shade {
    pub(super) bbox: PageBox,
    /// Red, green, blue and opacity.
    pub(super) colour: [u8; 4],
}

/// A line drawn from top to bottom.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upright {
    pub(super) x: f32,
    pub(super) y0: f32,
    pub(super) y1: f32,
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
    /// Lines drawn from top to bottom, as between the columns of a table.
    pub(super) uprights: Vec<Upright>,
    /// Lines from left to right without the edges of coloured boxes, of which some are not seen.
    pub(super) strokes: Vec<Rule>,
    /// Coloured boxes, as behind the cells of a table.
    pub(super) shades: Vec<Shade>,
    /// Glyphs that no character is known for.
    pub(super) unmapped: usize,
    /// Shapes that were drawn.
    pub(super) outlines: usize,
}

impl Collector {
    pub(super) fn new(width: f32, height: f32) -> Self {
        Self {
            width,
            height,
            glyphs: Vec::new(),
            pictures: Vec::new(),
            rules: Vec::new(),
            uprights: Vec::new(),
            strokes: Vec::new(),
            shades: Vec::new(),
            unmapped: 0,
            outlines: 0,
        }
    }

    /// Keeps a shape that is a line, or the edges of a box, if it is long.
    fn add_rules(&mut self, shape: Rect, filled: Option<[u8; 4]>) {
        let (x0, x1) = (shape.x0 as f32, shape.x1 as f32);
        let (y0, y1) = (shape.y0 as f32, shape.y1 as f32);
        let (width, height) = (x1 - x0, y1 - y0);
        let is_background = width >= 0.95 * self.width && height >= 0.95 * self.height;
        let is_line = width.min(height) <= RULE_WIDTH;
        let is_tick_box = !is_line && width.max(height) < TICK_BOX;
        let is_finite = [x0, x1, y0, y1].iter().all(|edge| edge.is_finite());
        if is_background || is_tick_box || !is_finite {
            return;
        }
        let rules = [y0, y1].into_iter().take(if height <= RULE_WIDTH { 1 } else { 2 });
        let rules: Vec<Rule> = rules.map(|y| Rule { x0, x1, y }).collect();
        if width >= RULE_LENGTH && self.rules.len() < RULES_MAX {
            self.rules.extend(&rules);
        }
        if let Some(colour) = filled.filter(|_| !is_line) {
            if self.shades.len() < SHADES_MAX {
                self.shades.push(Shade { bbox: PageBox { x0, y0, x1, y1 }, colour });
            }
            return;
        }
        if width >= RULE_LENGTH && self.strokes.len() < RULES_MAX {
            self.strokes.extend(rules);
        }
        if height >= RULE_LENGTH && self.uprights.len() < RULES_MAX {
            let edges = [x0, x1].into_iter().take(if width <= RULE_WIDTH { 1 } else { 2 });
            self.uprights.extend(edges.map(|x| Upright { x, y0, y1 }));
        }
    }

    /// Keeps the level and upright strokes of a shape that may be the lines of a whole table.
    fn add_strokes(&mut self, path: &BezPath, transform: Affine) {
        let mut at = None;
        for element in path.elements() {
            let to = match element {
                PathEl::MoveTo(to) | PathEl::LineTo(to) => Some(*to),
                _ => None,
            };
            if let (PathEl::LineTo(to), Some(from)) = (element, at) {
                let stroke = transform.transform_rect_bbox(Rect::from_points(from, *to));
                if stroke.width().min(stroke.height()) < 1.0 {
                    self.add_rules(stroke, None);
                }
            }
            at = to;
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

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'_>, mode: &DrawMode) {
        self.outlines += 1;
        let filled = filled(&props, mode);
        // Rules are straight and of few points; a drawing is not looked at.
        match path.elements().len() {
            0..=6 => {
                let shape = props.transform.transform_rect_bbox(path.control_box());
                self.add_rules(shape, filled);
            }
            7..=STROKES_MAX if filled.is_none() => self.add_strokes(path, props.transform),
            _ => {}
        }
    }
    fn draw_rect(&mut self, rect: &Rect, props: DrawProps<'_>, mode: &DrawMode) {
        self.outlines += 1;
        let filled = filled(&props, mode);
        self.add_rules(props.transform.transform_rect_bbox(*rect), filled);
    }
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'_>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

/// The colour of a shape that is filled but not outlined.
fn filled(props: &DrawProps<'_>, mode: &DrawMode) -> Option<[u8; 4]> {
    match (mode, &props.paint) {
        (DrawMode::Fill(_), Paint::Color(colour)) => Some(colour.to_rgba().to_rgba8()),
        (DrawMode::Fill(_), Paint::Pattern(_)) => Some(WHITE),
        _ => None,
    }
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
