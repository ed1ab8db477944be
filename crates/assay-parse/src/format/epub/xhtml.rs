//! XHTML in a form that an HTML parser understands.

/// Elements that never have content; the HTML parser closes them itself.
const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// The markup with a start and an end tag for each empty element: in HTML, `<title/>` only opens
/// the title, and the whole book would be in it.
pub(super) fn as_html(markup: &str) -> String {
    let mut out = String::with_capacity(markup.len() + markup.len() / 16);
    let mut rest = markup;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        let is_comment = tag.starts_with("<!--");
        let end = if is_comment { tag.find("-->").map(|end| end + 3) } else { tag_end(tag) };
        let (tag, after) = tag.split_at(end.unwrap_or(tag.len()));
        rest = after;
        let opening = tag.strip_prefix('<').and_then(|tag| tag.strip_suffix("/>"));
        let name = opening.and_then(|opening| opening.split_whitespace().next());
        match (opening.filter(|_| !is_comment), name) {
            (Some(opening), Some(name)) if !VOID.contains(&name) => {
                out.push('<');
                out.push_str(opening);
                out.push_str("></");
                out.push_str(name);
                out.push('>');
            }
            _ => out.push_str(tag),
        }
    }
    out.push_str(rest);
    out
}

/// The length of a tag; a `>` in quotes does not end it.
fn tag_end(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in tag.char_indices() {
        match (quote, c) {
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            (None, '>') => return Some(at + 1),
            // A tag that is never closed, such as a lone `<` in text.
            (None, '<') if at > 0 => return Some(at),
            _ => {}
        }
    }
    None
}
