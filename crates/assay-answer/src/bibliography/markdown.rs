//! A numbered list with links.

use super::{
    Reference,
    text::{joined, stopped},
};

/// `1. Smith, John A.; Doe, Rebecca. [Title](https://…). Site. 2020-05-03. Accessed 2026-11-21.`
pub(super) fn entry(number: usize, reference: &Reference) -> String {
    let authors: Vec<String> = reference.authors.iter().map(|author| author.inverted()).collect();
    let title = escaped(&reference.name());
    let link = reference.link();
    let title = if is_web(&link) {
        format!("[{title}]({})", address(&link))
    } else {
        // What is no web address is shown, and leads nowhere.
        joined(&[title, escaped(&link)], ", ")
    };
    let accessed = reference.accessed.filter(|_| is_web(&link));
    let accessed = accessed.map(|day| format!("Accessed {day}."));
    let parts = [
        stopped(&escaped(&authors.join("; "))),
        stopped(&title),
        stopped(&escaped(reference.site())),
        reference.issued.map(|date| format!("{date}.")).unwrap_or_default(),
        accessed.unwrap_or_default(),
    ];
    format!("{number}. {}", joined(&parts, " "))
}

fn is_web(link: &str) -> bool {
    ["http://", "https://"].iter().any(|scheme| link.to_ascii_lowercase().starts_with(scheme))
}

/// The text with everything escaped that Markdown or HTML would read as more than text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// An address that cannot end its parentheses.
fn address(link: &str) -> String {
    let mut address = String::with_capacity(link.len());
    for c in link.chars() {
        match c {
            '(' | ')' | '<' | '>' | '[' | ']' | '\\' | ' ' | '"' | '`' => {
                address.push_str(&format!("%{:02X}", u32::from(c)));
            }
            c => address.push(c),
        }
    }
    address
}
