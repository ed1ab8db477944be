//! The slides of a presentation.

use super::{
    body::{Surface, Walker},
    line,
};
use crate::{BlockKind, ParseError, ProblemCode, builder::Place, format::part::Element};

/// All slides in their order, each with its notes.
pub(super) fn all(slides: &Element, walker: &mut Walker<'_, '_>) -> Result<(), ParseError> {
    let pages = || slides.children().filter(|child| child.name == "draw:page");
    let count = u32::try_from(pages().count()).unwrap_or(u32::MAX);
    walker.out.pages = Some(count);
    for (number, page) in (1..).zip(pages()) {
        let most = walker.input.limits.pages;
        if number > most {
            let message = format!("only the first {most} slides were read");
            walker.out.problem(ProblemCode::Limit, message, None);
            break;
        }
        walker.input.check_time()?;
        walker.input.meter.set_pages(number - 1, count.min(most));
        if walker.out.is_full() {
            break;
        }
        walker.place = Place::page(number);
        slide(page, walker)?;
    }
    Ok(())
}

/// The shapes of a slide, its title first, and its notes.
fn slide(page: &Element, walker: &mut Walker<'_, '_>) -> Result<(), ParseError> {
    for title in page.children().filter(|shape| class(shape) == Some("title")) {
        let title = line::flat(title, walker.styles);
        walker.block(BlockKind::Heading { level: 1 }, &title);
    }
    walker.shapes(
        page.children()
            .filter(|shape| !matches!(class(shape), Some("title")) && !is_furniture(shape)),
    )?;
    for furniture in page.children().filter(|shape| is_furniture(shape)) {
        let text = line::flat(furniture, walker.styles);
        walker.block(BlockKind::PageFurniture, &text);
    }
    let notes = page.child("presentation:notes").into_iter().flat_map(Element::children);
    let notes = notes.filter(|shape| !is_furniture(shape));
    walker.on(Surface::Notes, |walker| walker.shapes(notes))
}

/// What a shape of a slide is for.
fn class(shape: &Element) -> Option<&str> {
    shape.attribute("presentation:class")
}

fn is_furniture(shape: &Element) -> bool {
    matches!(class(shape), Some("page-number" | "date-time" | "header" | "footer"))
}
