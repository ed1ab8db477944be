//! HTML: the text that a reader sees, in blocks, from any encoding and any nesting.

use crate::{
    ParseError, ProblemCode, builder::Builder, decode::decode, inline::Inline, parse::Input,
};
use dom::Dom;
use walk::Walker;

mod dom;
mod element;
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
    if decoded.lossy {
        let message = format!("some bytes are not valid {} and were replaced", decoded.encoding);
        out.problem(ProblemCode::Encoding, message, None);
    }
    parse_markup(&decoded.text, input, out)
}

/// Reads HTML that is text already.
pub(crate) fn parse_markup(
    markup: &str,
    input: &Input,
    out: &mut Builder,
) -> Result<(), ParseError> {
    let dom = Dom::parse(markup, input)?;
    if dom.too_deep {
        let message = format!("elements are nested deeper than {}", input.limits.nesting);
        out.problem(ProblemCode::Limit, message, None);
    }
    if out.title.is_none() {
        out.title = title(&dom);
    }
    if out.language.is_none() {
        let html = dom.descendants(0).find(|id| dom.name(*id) == "html");
        out.language = html.and_then(|id| dom.attribute(id, "lang")).map(str::to_owned);
    }
    let mut walker = Walker::new(&dom, input, out);
    walker.children(0)?;
    walker.flush();
    Ok(())
}

fn title(dom: &Dom) -> Option<String> {
    // A `title` inside `svg` labels a drawing.
    let is_title = |id: &usize| {
        dom.name(*id) == "title" && !dom.ancestors(*id).any(|above| dom.name(above) == "svg")
    };
    let id = dom.descendants(0).find(is_title)?;
    let mut inline = Inline::default();
    inline.push(&dom.raw_text(id));
    (!inline.is_blank()).then_some(inline.text)
}

/// The `charset` of a `meta` element or an XML declaration near the start.
fn declared_charset(bytes: &[u8]) -> Option<String> {
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
