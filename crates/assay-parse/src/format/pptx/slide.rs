//! Walks the shapes of a slide, or of its notes, and gives blocks to the builder.

use std::rc::Rc;

use super::{
    bullet::{self, Counters},
    diagram,
    layout::{self, Layout, Role},
    paragraph, table,
};
use crate::{
    BlockKind, ParseError, ProblemCode,
    builder::{Builder, Place},
    format::{
        numeral::Label,
        ooxml::{
            alt_text, branch, chart,
            package::{Package, Relationships},
        },
        part::Element,
        reading_order,
    },
    inline::Inline,
    parse::Input,
};

/// What holds for all shapes of a slide or of its notes.
pub(super) struct Surface {
    pub(super) relationships: Relationships,
    pub(super) layout: Rc<Layout>,
    /// The number of the slide, from 1.
    pub(super) number: u32,
    pub(super) is_notes: bool,
}

/// The walk over the shapes.
pub(super) struct Walker<'a, 'p> {
    pub(super) package: &'a mut Package<'p>,
    pub(super) input: &'a Input,
    pub(super) out: &'a mut Builder,
    pub(super) surface: &'a Surface,
}

impl Walker<'_, '_> {
    /// All shapes inside an element, titles first, the others as people read them.
    pub(super) fn shapes(&mut self, tree: &Element) -> Result<(), ParseError> {
        let (titles, others): (Vec<&Element>, Vec<&Element>) = inside(tree)
            .filter(|shape| has_content(shape))
            .partition(|shape| layout::role(shape) == Role::Title);
        let surface = self.surface;
        let area = |shape: &Element| {
            let inherited = || surface.layout.ancestors(shape).into_iter().find_map(layout::area);
            layout::area(shape).or_else(inherited)
        };
        let mut placed = Vec::with_capacity(others.len());
        for shape in others {
            self.input.check_time()?;
            placed.push((area(shape), shape));
        }
        for shape in titles.into_iter().chain(reading_order::sort(placed)) {
            self.input.check_time()?;
            match shape.name.as_str() {
                "p:sp" => self.text(shape)?,
                "p:grpSp" => self.shapes(shape)?,
                "p:pic" if !self.surface.is_notes => self.picture(shape),
                "p:graphicFrame" => self.graphic(shape)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn block(&mut self, kind: BlockKind, inline: &Inline) {
        self.out.block(kind, inline, Place::page(self.surface.number));
    }

    fn text(&mut self, shape: &Element) -> Result<(), ParseError> {
        let role = layout::role(shape);
        let body = shape.child("p:txBody").into_iter().flat_map(Element::children);
        let paragraphs = body.filter(|child| child.name == "a:p");
        let surface = self.surface;
        let line = |paragraph| paragraph::line(paragraph, &surface.relationships);
        if matches!(role, Role::Title | Role::Furniture) && !surface.is_notes {
            let mut whole = Inline::default();
            for paragraph in paragraphs {
                whole.space();
                whole.append(&line(paragraph));
            }
            let kind = match role {
                Role::Title => BlockKind::Heading { level: 1 },
                _ => BlockKind::PageFurniture,
            };
            self.block(kind, &whole);
            return Ok(());
        }
        if matches!(role, Role::Furniture | Role::SlideImage) {
            return Ok(());
        }
        let styles = surface.layout.list_styles(shape, &surface.layout.ancestors(shape));
        let mut counters = Counters::default();
        for paragraph in paragraphs {
            self.input.check_time()?;
            let content = line(paragraph);
            if !content.is_blank() {
                let label = counters.label(paragraph.child("a:pPr"), &styles);
                self.paragraph(&content, &label, bullet::level(paragraph.child("a:pPr")));
            }
        }
        Ok(())
    }

    fn paragraph(&mut self, content: &Inline, label: &Label, depth: u8) {
        let kind = match label {
            _ if self.surface.is_notes => BlockKind::Quote,
            Label::None => BlockKind::Paragraph,
            Label::Bullet => BlockKind::ListItem { depth, ordered: false },
            Label::Number(_) => BlockKind::ListItem { depth, ordered: true },
        };
        let mut inline = Inline::default();
        if let Label::Number(number) = label {
            inline.push_raw(&format!("{number} "));
        }
        inline.append(content);
        self.block(kind, &inline);
    }

    /// A picture, with what is written about it. One that is not in the file shows nothing.
    fn picture(&mut self, shape: &Element) {
        let alt = shape.child("p:nvPicPr").and_then(|p| p.child("p:cNvPr")).and_then(alt_text);
        let blip = shape.find("a:blip");
        let embedded = blip.and_then(|blip| blip.attribute("r:embed"));
        let target = embedded.and_then(|id| self.surface.relationships.target(id));
        let is_there = target.is_some_and(|target| self.package.holds(target));
        let is_linked = blip.is_some_and(|blip| blip.attribute("r:link").is_some());
        if !is_there && !is_linked {
            let message = format!("a picture of slide {} is missing", self.surface.number);
            self.out.problem(ProblemCode::Damaged, message, Some(self.surface.number));
        }
        if is_there || alt.is_some() {
            self.block(BlockKind::Picture, &Inline::plain(alt.unwrap_or("")));
        }
    }

    /// A frame around a table, a chart or a diagram.
    fn graphic(&mut self, frame: &Element) -> Result<(), ParseError> {
        let place = Place::page(self.surface.number);
        let data = frame.child("a:graphic").and_then(|graphic| graphic.child("a:graphicData"));
        for content in data.into_iter().flat_map(Element::children) {
            match content.name.as_str() {
                "a:tbl" => {
                    let grid = table::grid(content, &self.surface.relationships, self.input)?;
                    self.out.table(grid, place.clone());
                }
                "c:chart" => {
                    if let Some(chart) = self.related(content, "r:id")? {
                        chart::add(&chart, &place, self.out);
                    }
                }
                "dgm:relIds" => {
                    if let Some(data) = self.related(content, "r:dm")? {
                        diagram::add(&data, &place, self.out);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The part that an attribute refers to.
    fn related(&mut self, element: &Element, name: &str) -> Result<Option<Element>, ParseError> {
        let id = element.attribute(name);
        let target = id.and_then(|id| self.surface.relationships.target(id));
        target.map_or(Ok(None), |target| self.package.part(target, self.out))
    }
}

/// The shapes directly inside, those of alternate content too.
fn inside(tree: &Element) -> impl Iterator<Item = &Element> {
    tree.children().flat_map(|child| {
        let is_choice = child.name == "mc:AlternateContent";
        let chosen = if is_choice { branch(child) } else { None };
        let own = (!is_choice).then_some(child);
        own.into_iter().chain(chosen.into_iter().flat_map(Element::children))
    })
}

/// Whether there is something to read in a shape, so that it takes part in the order.
fn has_content(shape: &Element) -> bool {
    match shape.name.as_str() {
        "p:sp" => shape.descendants().any(|e| matches!(e.name.as_str(), "a:t" | "m:oMath")),
        "p:grpSp" => inside(shape).any(has_content),
        "p:pic" | "p:graphicFrame" => true,
        _ => false,
    }
}
