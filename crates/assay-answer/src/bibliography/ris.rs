//! RIS: a line for each field, ended as its definition wants it.

use super::{Reference, ReferenceKind};

/// A record from `TY` to `ER`.
pub(super) fn entry(reference: &Reference) -> String {
    let kind = match reference.kind {
        ReferenceKind::Webpage => "ELEC",
        ReferenceKind::Article => "JOUR",
        ReferenceKind::Book => "BOOK",
        ReferenceKind::Report => "RPRT",
    };
    let (first, last) = match reference.pages.split_once('–') {
        Some((first, last)) => (first, last),
        None => (reference.pages.as_str(), ""),
    };
    let mut record = format!("TY  - {kind}\r\n");
    let mut line = |tag: &str, value: &str| {
        if !value.is_empty() {
            record.push_str(&format!("{tag}  - {value}\r\n"));
        }
    };
    line("TI", &reference.name());
    for author in &reference.authors {
        line("AU", &author.inverted());
    }
    if let Some(date) = reference.issued {
        line("PY", &date.year.to_string());
        line("DA", &date.joined("/"));
    }
    line("T2", &reference.container);
    line("PB", &reference.publisher);
    line("VL", &reference.volume);
    line("IS", &reference.issue);
    line("SP", first);
    line("EP", last);
    line("DO", &reference.doi);
    line("UR", &reference.url);
    line("LA", &reference.language);
    if let Some(day) = reference.accessed.filter(|_| !reference.url.is_empty()) {
        line("Y2", &day.joined("/"));
    }
    record.push_str("ER  - \r\n");
    record
}
