//! IEEE.

use super::{
    Reference, ReferenceKind,
    text::{joined, labelled, listed, quoted, stopped},
};

/// From one author more on, only the first is named.
const AUTHORS_MAX: usize = 6;

/// `[1] J. A. Smith and R. Doe, “Title,” Journal, vol. 12, no. 3, pp. 45–67, May 2020, doi: ….`
pub(super) fn entry(number: usize, reference: &Reference) -> String {
    let name = reference.name();
    let who = labelled_end(&who(reference), ",");
    let date = reference.issued.map(|date| date.american_short()).unwrap_or_default();
    let body = if reference.is_whole() {
        let made = joined(&[reference.site().to_owned(), date], ", ");
        joined(&[who, stopped(&name), stopped(&made)], " ")
    } else if reference.kind == ReferenceKind::Webpage {
        let last = reference.site().is_empty() && date.is_empty();
        let title = quoted(&name, if last { '.' } else { ',' });
        let site = joined(&[reference.site().to_owned(), date], ", ");
        joined(&[who, title, stopped(&site)], " ")
    } else {
        let within = [
            reference.site().to_owned(),
            labelled("vol. ", &reference.volume),
            labelled("no. ", &reference.issue),
            labelled("pp. ", &reference.pages),
            date,
            labelled("doi: ", &reference.doi),
        ];
        let within = joined(&within, ", ");
        let title = quoted(&name, if within.is_empty() { '.' } else { ',' });
        joined(&[who, title, stopped(&within)], " ")
    };
    joined(&[format!("[{number}]"), body, online(reference)], " ")
}

fn labelled_end(text: &str, end: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text}{end}") }
}

fn who(reference: &Reference) -> String {
    let names: Vec<String> =
        reference.authors.iter().map(|author| author.natural_initials()).collect();
    match names.as_slice() {
        [one, ..] if names.len() > AUTHORS_MAX => format!("{one} et al."),
        names => listed(names, "and", ""),
    }
}

/// `Accessed: Nov. 21, 2026. [Online]. Available: https://…`, unless a DOI says it.
fn online(reference: &Reference) -> String {
    if reference.url.is_empty() || !reference.doi.is_empty() {
        return String::new();
    }
    let accessed = reference.accessed.map(|day| format!("Accessed: {}.", day.american_short()));
    let available = format!("[Online]. Available: {}", reference.url);
    joined(&[accessed.unwrap_or_default(), available], " ")
}
