//! ODT and ODP: OpenDocument text and presentations.
//!
//! The title of a text document is a heading of level 1 and its headings follow from level 2, as in
//! DOCX; the title of a slide is a heading of level 1, and speaker notes are quotes behind their
//! slide, as in PPTX.

use crate::{
    BlockKind, ParseError, ProblemCode,
    builder::{Builder, Place},
    format::xml::Element,
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
mod slide;
mod style;
mod table;
#[cfg(test)]
mod tests;

/// Reads ODT and ODP.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let mut archive = Archive::open(input)?;
    let manifest = part(&mut archive, "META-INF/manifest.xml", input, out)?;
    if manifest.is_some_and(|manifest| manifest.find("manifest:encryption-data").is_some()) {
        return Err(ParseError::Encrypted);
    }
    let Some(content) = part(&mut archive, "content.xml", input, out)? else {
        return Err(ParseError::malformed("its part `content.xml` cannot be read"));
    };
    let meta = part(&mut archive, "meta.xml", input, out)?;
    out.title = meta.and_then(|meta| meta.find("dc:title").map(Element::text));
    let common = part(&mut archive, "styles.xml", input, out)?;
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

/// The tree of a part; none when there is no such part or, as a problem, when it is damaged.
fn part(
    archive: &mut Archive<'_>,
    name: &str,
    input: &Input,
    out: &mut Builder,
) -> Result<Option<Element>, ParseError> {
    let bytes = match archive.read(name) {
        Err(ParseError::Malformed { reason }) => {
            let message = format!("the part `{name}` could not be read: {reason}");
            out.problem(ProblemCode::Damaged, message, None);
            None
        }
        bytes => bytes?,
    };
    let Some(bytes) = bytes else { return Ok(None) };
    let tree = Element::parse(&bytes, input)?;
    tree.report_cut(name, out);
    Ok(Some(tree))
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
