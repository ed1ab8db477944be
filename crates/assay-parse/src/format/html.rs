//! HTML: the text that a reader sees, in blocks, from any encoding and any nesting.

use crate::{
    ParseError, ProblemCode,
    builder::{Builder, Place},
    decode::{Origins, decode},
    parse::Input,
};
use dom::Dom;
use walk::Walker;

mod dom;
mod element;
mod metadata;
mod table;
#[cfg(test)]
mod tests;
mod walk;

/// Bytes in which a file has to declare its encoding.
const DECLARATION_BYTES: usize = 4096;

/// Reads HTML.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let declared = input.charset.clone().or_else(|| declared_charset(&input.bytes));
    let decoded = decode(&input.bytes, declared.as_deref());
    decoded.report(out);
    parse_markup(&decoded.text, input, out)
}

/// Reads HTML that is text already.
pub(crate) fn parse_markup(
    markup: &str,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    parse_markup_at(markup, &Place::default(), input, out)
}

/// Reads HTML that stands somewhere inside another file.
pub(crate) fn parse_markup_at(
    markup: &str,
    place: &Place,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    walk(markup, place, None, input, out)
}

/// Reads HTML that was made from another text: empty elements called `mark` have the place in it,
/// as `start` and `end`, of what follows them.
pub(crate) fn parse_marked(
    markup: &str,
    mark: &str,
    origins: &Origins<'_>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    walk(markup, &Place::default(), Some((mark, origins)), input, out)
}

fn walk(
    markup: &str,
    place: &Place,
    marks: Option<(&str, &Origins<'_>)>,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let dom = Dom::parse(markup, input)?;
    if dom.too_deep {
        let message = format!("elements are nested deeper than {}", input.limits.nesting);
        out.problem(ProblemCode::Limit, message, None);
    }
    metadata::read(&dom, out);
    let mut walker = Walker::new(&dom, place, marks, input, out);
    walker.children(0)?;
    walker.flush();
    Ok(())
}

/// The `charset` of a `meta` element or an XML declaration near the start.
pub(crate) fn declared_charset(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..DECLARATION_BYTES).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    ["charset", "encoding"].into_iter().find_map(|key| {
        head.match_indices(key).find_map(|(at, _)| {
            let rest = head.get(at + key.len()..)?.trim_start().strip_prefix('=')?;
            let label = rest.trim_start().trim_start_matches(['"', '\'']);
            let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c));
            let label = label.get(..end.unwrap_or(label.len()))?;
            (!label.is_empty()).then(|| label.to_owned())
        })
    })
}
