//! What the head of an HTML file says: its title, its language and its `meta` elements.

use super::dom::{Dom, NodeId};
use crate::{builder::Builder, inline::Inline};

/// Names of `meta` elements that tell of the document; others are for browsers and crawlers.
const TELLING: &[&str] = &[
    "abstract",
    "author",
    "authors",
    "byline",
    "content-language",
    "contributor",
    "copyright",
    "coverage",
    "creator",
    "date",
    "datemodified",
    "datepublished",
    "description",
    "identifier",
    "keywords",
    "language",
    "last-modified",
    "license",
    "og:description",
    "og:locale",
    "og:site_name",
    "og:type",
    "og:url",
    "pubdate",
    "publisher",
    "revised",
    "rights",
    "section",
    "source",
    "subject",
    "summary",
];

/// Vocabularies whose fields tell of the document.
const VOCABULARIES: &[&str] = &["dc.", "dc:", "dcterms.", "dcterms:", "citation_", "article:"];

/// Reads the metadata. What the caller set before, such as the front matter, stays.
pub(super) fn read(dom: &Dom, out: &mut Builder) {
    let mut open_graph_title = None;
    for id in dom.descendants(0) {
        match dom.name(id) {
            "html" => {
                let language = dom.attribute(id, "lang").or_else(|| dom.attribute(id, "xml:lang"));
                out.metadata.take("language", language.unwrap_or_default());
            }
            "title" if out.title.is_none() && !is_in_drawing(dom, id) => out.title = title(dom, id),
            "meta" => {
                let Some((name, value)) = field(dom, id) else { continue };
                if name == "og:title" {
                    open_graph_title = Some(value.to_owned());
                } else if tells(&name) {
                    out.metadata.take(&name, value);
                }
            }
            _ => {}
        }
    }
    if out.title.is_none() {
        out.title = open_graph_title;
    }
}

fn field(dom: &Dom, id: NodeId) -> Option<(String, &str)> {
    let name = ["name", "property", "itemprop", "http-equiv"];
    let name = name.into_iter().find_map(|key| dom.attribute(id, key))?;
    Some((name.trim().to_ascii_lowercase(), dom.attribute(id, "content")?))
}

fn tells(name: &str) -> bool {
    TELLING.contains(&name) || VOCABULARIES.iter().any(|vocabulary| name.starts_with(vocabulary))
}

fn title(dom: &Dom, id: NodeId) -> Option<String> {
    let mut inline = Inline::default();
    inline.push(&dom.raw_text(id));
    (!inline.is_blank()).then_some(inline.text)
}

/// A `title` inside `svg` labels a drawing.
fn is_in_drawing(dom: &Dom, id: NodeId) -> bool {
    dom.ancestors(id).any(|above| dom.name(above) == "svg")
}
