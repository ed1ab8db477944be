//! What stands beside the cells of a sheet: charts, pictures, text boxes, comments.

use assay_core::Origin;

use super::{Relationships, named};
use crate::{
    BlockKind, ParseError,
    builder::{Builder, Place},
    format::{
        ooxml::package::Package,
        part::Element,
        sheet::float::{Content, Float},
    },
    inline::Inline,
};

/// Charts, pictures and text boxes of a sheet, from top to bottom.
pub(super) fn floats(
    relationships: &Relationships,
    package: &mut Package<'_>,
    out: &mut Builder,
) -> Result<Vec<Float>, ParseError> {
    let mut floats = Vec::new();
    for target in relationships.of_kind("drawing") {
        let Some(drawing) = package.part(target, out)? else { continue };
        let related = package.relationships(target, out)?;
        for anchor in drawing.children() {
            let (row, column) = (offset(anchor, "row"), offset(anchor, "col"));
            let mut add = |content| floats.push(Float { row, column, content });
            for shape in named(anchor, "sp") {
                let lines: Vec<String> = named(shape, "p").map(Element::text).collect();
                add(Content::Text(lines.join("\n")));
            }
            named(anchor, "blip").for_each(|_| add(Content::Picture));
            let ids = named(anchor, "chart").filter_map(|chart| chart.attribute("r:id"));
            for target in ids.filter_map(|id| related.target(id)) {
                if let Some(root) = package.part(target, out)? {
                    add(Content::Chart(root));
                }
            }
        }
    }
    floats.sort_by_key(|float| (float.row, float.column));
    Ok(floats)
}

/// The row or column of the upper left corner, 0 where only the distance to the edge is given.
fn offset(anchor: &Element, name: &str) -> u32 {
    let from = named(anchor, "from").next();
    let element = from.and_then(|from| named(from, name).next());
    element.and_then(|element| element.text().trim().parse().ok()).unwrap_or(0)
}

/// Adds the comments of a sheet.
pub(super) fn add_comments(
    sheet: &str,
    relationships: &Relationships,
    package: &mut Package<'_>,
    out: &mut Builder,
) -> Result<(), ParseError> {
    for target in relationships.of_kind("comments") {
        let Some(comments) = package.part(target, out)? else { continue };
        for comment in named(&comments, "comment") {
            let texts = named(comment, "t").map(Element::text);
            let mut inline = Inline::default();
            inline.push_raw(&texts.collect::<String>());
            let cell = comment.attribute("ref").unwrap_or_default();
            let origin = Origin::Cells { sheet: sheet.to_owned(), range: cell.to_owned() };
            let place = Place { origin: Some(origin), ..Place::default() };
            out.block(BlockKind::Footnote, &inline, place);
        }
    }
    Ok(())
}
