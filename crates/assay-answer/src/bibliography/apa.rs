//! APA, 7th edition.

use super::{
    Reference, ReferenceKind,
    text::{joined, labelled, quoted, stopped},
};

/// From one author more on, the list names 19 and the last.
const AUTHORS_MAX: usize = 20;

/// `Smith, J. A., & Doe, R. (2020, May 3). Title. Site. https://…`
pub(super) fn entry(reference: &Reference, letter: &str) -> String {
    let title = stopped(&reference.name());
    let date = format!("({}).", date(reference, letter));
    let head = match who(reference) {
        who if who.is_empty() => [title, date],
        who => [stopped(&who), joined(&[date, title], " ")],
    };
    joined(&[joined(&head, " "), stopped(&within(reference)), link(reference)], " ")
}

fn who(reference: &Reference) -> String {
    let mut names: Vec<String> =
        reference.authors.iter().map(|author| author.inverted_initials()).collect();
    let Some(last) = names.pop() else { return String::new() };
    if names.len() + 1 > AUTHORS_MAX {
        names.truncate(AUTHORS_MAX - 1);
        return format!("{}, … {last}", names.join(", "));
    }
    if names.is_empty() { last } else { format!("{}, & {last}", names.join(", ")) }
}

fn date(reference: &Reference, letter: &str) -> String {
    match reference.issued {
        None if letter.is_empty() => "n.d.".to_owned(),
        None => format!("n.d.-{letter}"),
        Some(date) if reference.kind == ReferenceKind::Webpage => {
            let rest = date.year_first();
            let rest = rest.strip_prefix(&date.year.to_string()).unwrap_or_default();
            format!("{}{letter}{rest}", date.year)
        }
        Some(date) => format!("{}{letter}", date.year),
    }
}

/// `Journal, 12(3), 45–67`
fn within(reference: &Reference) -> String {
    let issue =
        if reference.issue.is_empty() { String::new() } else { format!("({})", reference.issue) };
    let volume = format!("{}{issue}", reference.volume);
    joined(&[reference.site().to_owned(), volume, reference.pages.clone()], ", ")
}

/// The address; what has no date may change, so it says when it was read.
fn link(reference: &Reference) -> String {
    let link = reference.link();
    match reference.accessed {
        Some(day) if reference.issued.is_none() && reference.doi.is_empty() => {
            labelled(&format!("Retrieved {}, from ", day.american()), &link)
        }
        _ => link,
    }
}

/// `Smith & Doe, 2020`
pub(super) fn in_text(reference: &Reference, letter: &str) -> String {
    let who = match reference.authors.as_slice() {
        [] => quoted(&reference.short_title(), ','),
        [one] => format!("{},", one.family()),
        [one, other] => format!("{} & {},", one.family(), other.family()),
        [one, ..] => format!("{} et al.,", one.family()),
    };
    let year = match reference.issued {
        None if !letter.is_empty() => format!("n.d.-{letter}"),
        _ => format!("{}{letter}", reference.year_or("n.d.")),
    };
    format!("{who} {year}")
}
