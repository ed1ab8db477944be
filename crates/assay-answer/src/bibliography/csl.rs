//! CSL-JSON, which citation processors read.

use serde_json::{Map, Value, json};

use super::{Author, Date, Reference, ReferenceKind};

/// One item.
pub(super) fn entry(number: usize, reference: &Reference) -> String {
    let kind = match reference.kind {
        ReferenceKind::Webpage => "webpage",
        ReferenceKind::Article => "article-journal",
        ReferenceKind::Book => "book",
        ReferenceKind::Report => "report",
    };
    let mut item = Map::new();
    item.insert("id".to_owned(), json!(number.to_string()));
    item.insert("type".to_owned(), json!(kind));
    for (name, value) in [
        ("title", reference.name().as_str()),
        ("container-title", &reference.container),
        ("publisher", &reference.publisher),
        ("volume", &reference.volume),
        ("issue", &reference.issue),
        ("page", &reference.pages),
        ("DOI", &reference.doi),
        ("URL", &reference.url),
        ("language", &reference.language),
    ] {
        if !value.is_empty() {
            item.insert(name.to_owned(), json!(value));
        }
    }
    if !reference.authors.is_empty() {
        let authors: Vec<Value> = reference.authors.iter().map(author).collect();
        item.insert("author".to_owned(), Value::Array(authors));
    }
    for (name, day) in [("issued", reference.issued), ("accessed", reference.accessed)] {
        if let Some(day) = day {
            item.insert(name.to_owned(), date(day));
        }
    }
    Value::Object(item).to_string()
}

fn author(author: &Author) -> Value {
    match author {
        Author::Literal(name) => json!({ "literal": name }),
        Author::Person { family, given, suffix } if suffix.is_empty() => {
            json!({ "family": family, "given": given })
        }
        Author::Person { family, given, suffix } => {
            json!({ "family": family, "given": given, "suffix": suffix })
        }
    }
}

fn date(date: Date) -> Value {
    let parts = [date.month, date.day].into_iter().flatten().map(u16::from);
    let parts: Vec<u16> = std::iter::once(date.year).chain(parts).collect();
    json!({ "date-parts": [parts] })
}
