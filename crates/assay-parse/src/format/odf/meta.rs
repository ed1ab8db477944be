//! What an OpenDocument package says about itself, in its part `meta.xml`.

use crate::{builder::Builder, format::part::Element};

/// Reads the fields. Who wrote a document is its first author; who saved it last stands for that
/// where none is named.
pub(crate) fn read(meta: &Element, out: &mut Builder) {
    let fields = || meta.child("office:meta").unwrap_or(meta).children();
    let has_first = fields().any(|field| field.name == "meta:initial-creator");
    for field in fields() {
        let text = field.text();
        match field.name.as_str() {
            "dc:title" => out.title = Some(text),
            "meta:initial-creator" => out.metadata.take("author", &text),
            "dc:creator" if has_first => out.metadata.take_custom("lastModifiedBy", &text),
            "meta:creation-date" => out.metadata.take("created", &text),
            "dc:date" => out.metadata.take("modified", &text),
            "dc:subject" => out.metadata.take_custom("subject", &text),
            "meta:user-defined" => {
                out.metadata.take_custom(field.attribute("meta:name").unwrap_or_default(), &text);
            }
            name @ ("dc:creator" | "dc:language" | "dc:description" | "meta:keyword") => {
                out.metadata.take(name, &text);
            }
            _ => {}
        }
    }
}
