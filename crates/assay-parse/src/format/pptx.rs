//! PPTX: the slides in the order of the presentation, each with its notes.
//!
//! The title of a slide is a heading of level 1. Speaker notes are quotes behind the slide: they
//! are not on it, and nothing is added to the text to tell them apart. Hidden slides count and are
//! read like others.

use std::{collections::HashMap, rc::Rc};

use crate::{
    ParseError, ProblemCode,
    builder::Builder,
    format::{
        ooxml::package::{Package, Relationships},
        part::Element,
    },
    parse::Input,
};
use layout::Layout;
use slide::{Surface, Walker};

mod bullet;
mod diagram;
mod layout;
mod paragraph;
mod slide;
mod table;
#[cfg(test)]
mod tests;

/// Reads PPTX.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut package = Package::open(input)?;
    let (main, presentation) = package.main_part("ppt/presentation.xml", out)?;
    let relationships = package.relationships(&main, out)?;
    package.metadata(out)?;
    let slides = slides(&presentation, &relationships);
    let count = u32::try_from(slides.len()).unwrap_or(u32::MAX);
    out.pages = Some(count);
    let mut deck = Deck { package, input, out, layouts: HashMap::new(), masters: HashMap::new() };
    for (number, name) in (1..).zip(slides) {
        if number > input.limits.pages {
            let message = format!("only the first {} slides were read", input.limits.pages);
            deck.out.problem(ProblemCode::Limit, message, None);
            break;
        }
        input.check_time()?;
        input.meter.set_pages(number - 1, count.min(input.limits.pages));
        if deck.out.is_full() {
            break;
        }
        deck.slide(name, number)?;
    }
    Ok(())
}

/// The names of the slides in their order; all that are there when the list of them is damaged.
fn slides<'a>(presentation: &Element, relationships: &'a Relationships) -> Vec<&'a str> {
    let list = presentation.child("p:sldIdLst");
    let entries = list.into_iter().flat_map(Element::children);
    let ids = entries.filter_map(|entry| entry.attribute("r:id"));
    let listed: Vec<&str> = ids.filter_map(|id| relationships.target(id)).collect();
    if listed.is_empty() { relationships.of_kind("slide").collect() } else { listed }
}

/// What reading the slides needs, and what several of them share.
struct Deck<'a, 'p> {
    package: Package<'p>,
    input: &'p Input,
    out: &'a mut Builder,
    layouts: HashMap<String, Rc<Layout>>,
    masters: HashMap<String, Option<Rc<Element>>>,
}

impl Deck<'_, '_> {
    fn slide(&mut self, name: &str, number: u32) -> Result<(), ParseError> {
        let Some(slide) = self.package.part(name, self.out)? else {
            let message = format!("slide {number} is missing");
            self.out.problem(ProblemCode::Damaged, message, Some(number));
            return Ok(());
        };
        let relationships = self.package.relationships(name, self.out)?;
        let layout = self.layout(relationships.of_kind("slideLayout").next())?;
        let notes = relationships.of_kind("notesSlide").next().map(str::to_owned);
        let surface = Surface { relationships, layout, number, is_notes: false };
        self.walk(&slide, &surface)?;
        let Some(name) = notes else { return Ok(()) };
        let Some(notes) = self.package.part(&name, self.out)? else { return Ok(()) };
        let relationships = self.package.relationships(&name, self.out)?;
        let surface = Surface { relationships, layout: Rc::default(), number, is_notes: true };
        self.walk(&notes, &surface)
    }

    fn walk(&mut self, slide: &Element, surface: &Surface) -> Result<(), ParseError> {
        let Some(tree) = slide.find("p:spTree") else { return Ok(()) };
        Walker { package: &mut self.package, input: self.input, out: self.out, surface }
            .shapes(tree)
    }

    /// The layout of a slide, with the master that it builds on.
    fn layout(&mut self, name: Option<&str>) -> Result<Rc<Layout>, ParseError> {
        let Some(name) = name else { return Ok(Rc::default()) };
        if let Some(layout) = self.layouts.get(name) {
            return Ok(Rc::clone(layout));
        }
        let own = self.package.part(name, self.out)?;
        let relationships = self.package.relationships(name, self.out)?;
        let master = match relationships.of_kind("slideMaster").next() {
            Some(master) => self.master(master)?,
            None => None,
        };
        let layout = Rc::new(Layout { own, master });
        self.layouts.insert(name.to_owned(), Rc::clone(&layout));
        Ok(layout)
    }

    fn master(&mut self, name: &str) -> Result<Option<Rc<Element>>, ParseError> {
        if let Some(master) = self.masters.get(name) {
            return Ok(master.clone());
        }
        let master = self.package.part(name, self.out)?.map(Rc::new);
        self.masters.insert(name.to_owned(), master.clone());
        Ok(master)
    }
}
