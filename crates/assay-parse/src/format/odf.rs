//! ODT and ODP: OpenDocument text and presentations.
//!
//! The title of a text document is a heading of level 1 and its headings follow from level 2, as in
//! DOCX; the title of a slide is a heading of level 1, and speaker notes are quotes behind their
//! slide, as in PPTX.

use crate::{
    BlockKind, ParseError,
    builder::{Builder, Place},
    format::part::Element,
    inline::Inline,
    parse::Input,
    unpack::Archive,
};
use body::Walker;
use style::Styles;

mod body;
mod frame;
mod line;
mod list;
mod math;
pub(crate) mod meta;
mod slide;
mod style;
mod table;
#[cfg(test)]
mod tests;

/// Reads ODT and ODP.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut archive = Archive::open(input)?;
    let manifest = archive.tree("META-INF/manifest.xml", out)?;
    if manifest.is_some_and(|manifest| manifest.find("manifest:encryption-data").is_some()) {
        return Err(ParseError::Encrypted);
    }
    let Some(content) = archive.tree("content.xml", out)? else {
        return Err(ParseError::malformed("its part `content.xml` cannot be read"));
    };
    let meta = archive.tree("meta.xml", out)?;
    meta.iter().for_each(|meta| meta::read(meta, out));
    let common = archive.tree("styles.xml", out)?;
    let styles = Styles::of(&content, common.as_ref());
    let body = content.child("office:body");
    let mut walker = Walker::new(&mut archive, input, out, &styles);
    if let Some(slides) = body.and_then(|body| body.child("office:presentation")) {
        slide::all(slides, &mut walker)?;
    } else if let Some(text) = body.and_then(|body| body.child("office:text")) {
        walker.blocks(text)?;
        walker.finish();
        walker.notes(text)?;
        add_furniture(common.as_ref(), &styles, out);
    }
    Ok(())
}

/// Headers and footers of all kinds of pages, each text once.
fn add_furniture(common: Option<&Element>, styles: &Styles, out: &mut Builder) {
    let masters = common.and_then(|common| common.child("office:master-styles"));
    let pages = masters.into_iter().flat_map(Element::children);
    let mut seen: Vec<String> = Vec::new();
    for element in pages.flat_map(Element::children) {
        let name = element.name.as_str();
        if !name.starts_with("style:header") && !name.starts_with("style:footer") {
            continue;
        }
        let inline = line::flat(element, styles);
        if !seen.contains(&inline.text) {
            out.block(
                BlockKind::PageFurniture,
                &Inline::plain(inline.text.as_str()),
                Place::default(),
            );
            seen.push(inline.text);
        }
    }
}
