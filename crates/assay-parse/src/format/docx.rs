//! DOCX: the parts of the package, read by hand, to blocks.

use std::collections::HashMap;

use crate::{
    BlockKind, ParseError,
    builder::Builder,
    format::{
        ooxml::package::{Package, Relationships},
        part::Element,
    },
    inline::Inline,
    parse::Input,
};
use body::Walker;
use numbering::Numbering;
use style::Styles;

mod body;
mod numbering;
mod run;
mod style;
mod table;
#[cfg(test)]
mod tests;

/// What the parts beside the body say.
pub(crate) struct Parts {
    styles: Styles,
    numbering: Numbering,
    relationships: Relationships,
    /// Charts by the id of their relationship.
    charts: HashMap<String, Element>,
}

/// Reads DOCX.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut package = Package::open(input)?;
    let (main, document) = package.main_part("word/document.xml", out)?;
    let relationships = package.relationships(&main, out)?;
    package.metadata(out)?;
    let mut beside = |kind: &str| -> Result<Option<Element>, ParseError> {
        relationships.of_kind(kind).next().map_or(Ok(None), |target| package.part(target, out))
    };
    let styles = Styles::of(beside("styles")?.as_ref());
    let numbering = Numbering::of(beside("numbering")?.as_ref());
    let notes = [beside("footnotes")?, beside("endnotes")?];
    let mut charts = HashMap::new();
    for (id, target) in relationships.with_ids("chart") {
        if let Some(chart) = package.part(target, out)? {
            charts.insert(id.to_owned(), chart);
        }
    }
    let mut furniture = Vec::new();
    for target in relationships.of_kind("header").chain(relationships.of_kind("footer")) {
        furniture.extend(package.part(target, out)?);
    }
    let parts = Parts { styles, numbering, relationships, charts };
    let mut walker = Walker::new(&parts, input, out);
    if let Some(body) = document.find("w:body") {
        walker.blocks(body)?;
    }
    walker.finish();
    for note in notes.iter().flatten() {
        walker.notes(note)?;
    }
    add_furniture(&furniture, &parts, out);
    Ok(())
}

/// Headers and footers, each text once.
fn add_furniture(elements: &[Element], parts: &Parts, out: &mut Builder) {
    let mut seen: Vec<String> = Vec::new();
    for element in elements {
        let inline = run::flat(element, parts);
        if !inline.is_blank() && !seen.contains(&inline.text) {
            let text = Inline::plain(inline.text.as_str());
            out.block(BlockKind::PageFurniture, &text, Default::default());
            seen.push(inline.text);
        }
    }
}
