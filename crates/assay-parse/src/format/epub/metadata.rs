//! What the package document says about the book, in Dublin Core.

use super::{find, local};
use crate::{builder::Builder, format::part::Element};

/// Fields of EPUB 2 and 3; what refines another field is left out.
pub(super) fn read(package: &Element, out: &mut Builder) {
    let fields = || find(package, "metadata").into_iter().flat_map(Element::descendants);
    let title = fields().find(|field| local(field) == "title");
    out.title = Some(title.map(Element::text).unwrap_or_default());
    for field in fields() {
        let text = field.text();
        match local(field) {
            "date" if event(field).is_some_and(|event| event.starts_with("modif")) => {
                out.metadata.take("modified", &text);
            }
            "meta" if field.attribute("property") == Some("dcterms:modified") => {
                out.metadata.take("modified", &text);
            }
            name @ ("creator" | "language" | "date" | "subject" | "publisher" | "identifier"
            | "description" | "rights") => out.metadata.take(name, &text),
            _ => {}
        }
    }
}

/// What happened at a date, in EPUB 2.
fn event(field: &Element) -> Option<&str> {
    field.attribute("opf:event").or_else(|| field.attribute("event"))
}
