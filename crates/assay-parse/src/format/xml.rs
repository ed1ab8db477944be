//! XML of any vocabulary: articles as text, feeds as items, everything else as records. Entities of
//! a document type are neither expanded nor fetched.

use crate::{
    ParseError, ProblemCode,
    builder::Builder,
    decode::decode,
    format::{code, data::layout::Layout, html},
    parse::Input,
};
use tree::{Element, Node};

mod article;
mod feed;
mod record;
#[cfg(test)]
mod tests;
mod tree;

/// Elements of running text in vocabularies such as JATS, DocBook and TEI.
const PARAGRAPHS: &[&str] = &["p", "para", "simpara", "paragraph", "ab", "l", "abstract", "quote"];
/// Share of the text, in parts of ten, that stands in running text when the file is an article.
const RUNNING_TENTHS: usize = 3;

/// Reads XML. What follows a fault is lost and a problem; where nothing comes before it, the file is
/// read as text.
pub(crate) fn parse(input: &Input, out: &mut Builder) -> Result<(), ParseError> {
    let declared = input.charset.clone().or_else(|| html::declared_charset(&input.bytes));
    let decoded = decode(&input.bytes, declared.as_deref());
    decoded.report(out);
    let tree = tree::read(&decoded.text, input)?;
    if tree.is_too_deep {
        let message = format!("elements nested deeper than {} were left out", input.limits.nesting);
        out.problem(ProblemCode::Limit, message, None);
    }
    if let Some((at, reason)) = tree.fault {
        let line = 1 + decoded.text.get(..at).unwrap_or("").matches('\n').count();
        let message = format!("line {line} is not valid XML: {reason}");
        out.problem(ProblemCode::Damaged, message, None);
    }
    let origins = decoded.origins();
    match tree.root {
        None => code::plain(&decoded, Some("xml"), input, out),
        Some(root) if root.local() == "html" => html::parse_markup(&decoded.text, input, out),
        Some(root) if feed::is_feed(&root) => feed::write(&root, &origins, input, out),
        Some(root) if is_article(&root) => article::write(&root, &origins, input, out),
        Some(root) => Layout::new(input, out, &origins).roots(&[record::document(&root)]),
    }
}

fn is_article(root: &Element) -> bool {
    let (mut all, mut running) = (0, 0);
    count(root, false, &mut all, &mut running);
    running * 10 > all * RUNNING_TENTHS
}

/// Bytes of all text, and of the text that stands in paragraphs or between elements.
fn count(element: &Element, is_running: bool, all: &mut usize, running: &mut usize) {
    let is_running = is_running || element.is_mixed() || PARAGRAPHS.contains(&element.local());
    for node in &element.nodes {
        match node {
            Node::Element(inner) => count(inner, is_running, all, running),
            Node::Text(text) => {
                let length = text.trim().len();
                *all += length;
                *running += if is_running { length } else { 0 };
            }
        }
    }
}
