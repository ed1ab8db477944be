//! What a shape inherits from the layout and the master of its slide: place and list styles.

use std::rc::Rc;

use crate::format::{part::Element, reading_order::Area};

/// The layout of a slide and its master.
#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) own: Option<Element>,
    pub(super) master: Option<Rc<Element>>,
}

/// What a shape is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Title,
    /// Footer, date or number of the slide.
    Furniture,
    /// The picture of the slide on its notes.
    SlideImage,
    /// A place that the layout provides.
    Body,
    /// A shape of the slide alone.
    Free,
}

/// The role of a shape.
pub(super) fn role(shape: &Element) -> Role {
    match placeholder(shape) {
        None => Role::Free,
        Some(placeholder) => match kind(placeholder) {
            "title" | "ctrTitle" => Role::Title,
            "dt" | "ftr" | "sldNum" | "hdr" => Role::Furniture,
            "sldImg" => Role::SlideImage,
            _ => Role::Body,
        },
    }
}

impl Layout {
    /// The shapes that a shape inherits from: on the layout, then on the master.
    pub(super) fn ancestors(&self, shape: &Element) -> Vec<&Element> {
        let Some(own) = placeholder(shape) else { return Vec::new() };
        let same_index = |other: &Element| {
            own.attribute("idx").is_some() && own.attribute("idx") == other.attribute("idx")
        };
        let same_kind = |other: &Element| general(kind(own)) == general(kind(other));
        let layout = self.own.as_ref();
        let on_layout = find(layout, same_index).or_else(|| find(layout, same_kind));
        let on_master = find(self.master.as_deref(), same_kind);
        on_layout.into_iter().chain(on_master).collect()
    }

    /// The list styles that hold for the text of a shape, nearest first.
    pub(super) fn list_styles<'a>(
        &'a self,
        shape: &'a Element,
        ancestors: &[&'a Element],
    ) -> Vec<&'a Element> {
        let shapes = std::iter::once(shape).chain(ancestors.iter().copied());
        let own = shapes.filter_map(|shape| shape.child("p:txBody")?.child("a:lstStyle"));
        let styles = self.master.as_deref().and_then(|master| master.child("p:txStyles"));
        let of_master = styles.and_then(|styles| match role(shape) {
            Role::Title => styles.child("p:titleStyle"),
            Role::Body => styles.child("p:bodyStyle"),
            _ => styles.child("p:otherStyle"),
        });
        own.chain(of_master).collect()
    }
}

/// Where a shape says that it stands.
pub(super) fn area(shape: &Element) -> Option<Area> {
    let properties = ["p:spPr", "p:grpSpPr"].iter().find_map(|name| shape.child(name));
    let frame = shape.child("p:xfrm").or_else(|| properties?.child("a:xfrm"))?;
    let number = |element: &str, name: &str| -> Option<f64> {
        frame.child(element)?.attribute(name)?.parse().ok()
    };
    Area::at(
        number("a:off", "x")?,
        number("a:off", "y")?,
        number("a:ext", "cx")?,
        number("a:ext", "cy")?,
    )
}

/// The first shape of a layout or master whose place fits.
fn find(root: Option<&Element>, fits: impl Fn(&Element) -> bool) -> Option<&Element> {
    let mut shapes = root?.descendants().filter(|element| element.name == "p:sp");
    shapes.find(|shape| placeholder(shape).is_some_and(&fits))
}

/// The mark of a shape that fills a place of its layout.
fn placeholder(shape: &Element) -> Option<&Element> {
    // Whatever the kind of shape, the first element holds what does not show.
    shape.children().next()?.child("p:nvPr")?.child("p:ph")
}

fn kind(placeholder: &Element) -> &str {
    placeholder.attribute("type").unwrap_or("obj")
}

/// The kind under which masters hold the styles of a kind.
fn general(kind: &str) -> &str {
    match kind {
        "ctrTitle" => "title",
        "title" | "dt" | "ftr" | "sldNum" | "hdr" => kind,
        _ => "body",
    }
}
