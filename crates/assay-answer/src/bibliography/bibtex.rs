//! BibTeX.

use super::{Author, Reference, ReferenceKind};

/// An entry under `key`.
pub(super) fn entry(key: &str, reference: &Reference) -> String {
    let (kind, container, publisher) = match reference.kind {
        ReferenceKind::Webpage => ("misc", "howpublished", "organization"),
        ReferenceKind::Article => ("article", "journal", "publisher"),
        ReferenceKind::Book => ("book", "series", "publisher"),
        ReferenceKind::Report => ("techreport", "series", "institution"),
    };
    let authors: Vec<String> = reference.authors.iter().map(author).collect();
    // A second pair of braces keeps the capitals of a title.
    let mut fields = vec![
        ("title", braced(&format!("{{{}}}", escaped(&reference.name())))),
        ("author", braced(&authors.join(" and "))),
        (container, braced(&escaped(&reference.container))),
        (publisher, braced(&escaped(&reference.publisher))),
        ("volume", braced(&escaped(&reference.volume))),
        ("number", braced(&escaped(&reference.issue))),
        ("pages", braced(&escaped(&reference.pages).replace('–', "--"))),
        ("doi", braced(&verbatim(&reference.doi))),
        ("url", braced(&verbatim(&reference.url))),
        ("language", braced(&escaped(&reference.language))),
    ];
    if let Some(date) = reference.issued {
        fields.push(("year", braced(&date.year.to_string())));
        fields.push(("month", date.macro_name().unwrap_or_default()));
        fields.push(("day", date.day.map(|day| braced(&day.to_string())).unwrap_or_default()));
    }
    let accessed = reference.accessed.filter(|_| !reference.url.is_empty());
    fields.push(("urldate", accessed.map(|day| braced(&day.to_string())).unwrap_or_default()));
    let lines: String = fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!(",\n  {name} = {value}"))
        .collect();
    format!("@{kind}{{{key}{lines}\n}}")
}

fn braced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{{{text}}}") }
}

/// `von Last, Jr., First`; an organisation in braces is not taken apart.
fn author(author: &Author) -> String {
    match author {
        Author::Literal(name) => format!("{{{}}}", escaped(name)),
        Author::Person { family, given, suffix } => {
            let parts = [family, suffix, given].map(|part| protected(&escaped(part)));
            let there: Vec<&str> =
                parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            there.join(", ")
        }
    }
}

/// In braces when it holds the word or the comma that parts names.
fn protected(part: &str) -> String {
    let parts_names = part.split(' ').any(|word| word == "and") || part.contains(',');
    if parts_names { format!("{{{part}}}") } else { part.to_owned() }
}

/// The text with TeX's own characters as commands, braces balanced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => escaped.push_str(r"\textbackslash{}"),
            '{' => escaped.push_str(r"\textbraceleft{}"),
            '}' => escaped.push_str(r"\textbraceright{}"),
            '~' => escaped.push_str(r"\textasciitilde{}"),
            '^' => escaped.push_str(r"\textasciicircum{}"),
            '&' | '%' | '$' | '#' | '_' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// An address, which is not TeX; only what would end its field is encoded.
fn verbatim(address: &str) -> String {
    let mut verbatim = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            '{' | '}' | '\\' | ' ' | '"' => verbatim.push_str(&format!("%{:02X}", u32::from(c))),
            c => verbatim.push(c),
        }
    }
    verbatim
}

/// One key each, such as `smith2020effect`; equal ones get letters.
pub(super) fn keys(references: &[Reference]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::with_capacity(references.len());
    for (at, reference) in references.iter().enumerate() {
        let family = reference.authors.first().map_or("", Author::family);
        let name = reference.name();
        let word = name.split(' ').find(|word| plain(word).len() > 3).unwrap_or(&name);
        let base = format!("{}{}{}", plain(family), reference.year_or(""), plain(word));
        let base = if base.is_empty() { format!("source{}", at + 1) } else { base };
        let mut key = base.clone();
        let mut copy = 0;
        while keys.contains(&key) {
            key = format!("{base}{}", super::letters(copy));
            copy += 1;
        }
        keys.push(key);
    }
    keys
}

/// ASCII letters and digits in lower case: what every BibTeX takes as a key.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_lowercase()).collect()
}
