//! What stands beside the cells of a sheet: charts, pictures, text boxes, comments.

use super::{Relationships, named};
use crate::{
    BlockKind, ParseError,
    builder::{Builder, Place},
    format::{
        ooxml::{chart, package::Package},
        xml::Element,
    },
    inline::Inline,
};
use assay_core::Origin;

/// Adds all of it.
pub(super) fn add(
    sheet: &str,
    relationships: &Relationships,
    package: &mut Package<'_>,
    out: &mut Builder,
) -> Result<(), ParseError> {
    for target in relationships.of_kind("drawing") {
        if let Some(drawing) = package.part(target, out)? {
            let related = package.relationships(target, out)?;
            add_drawing(&drawing, &related, package, out)?;
        }
    }
    for target in relationships.of_kind("comments") {
        if let Some(comments) = package.part(target, out)? {
            add_comments(sheet, &comments, out);
        }
    }
    Ok(())
}

fn add_drawing(
    drawing: &Element,
    relationships: &Relationships,
    package: &mut Package<'_>,
    out: &mut Builder,
) -> Result<(), ParseError> {
    for anchor in drawing.children() {
        for shape in named(anchor, "sp") {
            let lines: Vec<String> = named(shape, "p").map(Element::text).collect();
            let text = Inline::plain(lines.join("\n"));
            out.block(BlockKind::Paragraph, &text, Place::default());
        }
        for _ in named(anchor, "blip") {
            out.block(BlockKind::Picture, &Inline::default(), Place::default());
        }
        let ids = named(anchor, "chart").filter_map(|chart| chart.attribute("r:id"));
        for target in ids.filter_map(|id| relationships.target(id)) {
            if let Some(data) = package.part(target, out)? {
                chart::add(&data, &Place::default(), out);
            }
        }
    }
    Ok(())
}

fn add_comments(sheet: &str, comments: &Element, out: &mut Builder) {
    for comment in named(comments, "comment") {
        let texts = named(comment, "t").map(Element::text);
        let mut inline = Inline::default();
        inline.push_raw(&texts.collect::<String>());
        let cell = comment.attribute("ref").unwrap_or_default();
        let origin = Origin::Cells { sheet: sheet.to_owned(), range: cell.to_owned() };
        let place = Place { origin: Some(origin), ..Place::default() };
        out.block(BlockKind::Footnote, &inline, place);
    }
}
