//! Chicago, 17th edition, author-date.

use super::{
    Reference,
    text::{joined, labelled, listed, quoted, stopped},
};

/// From one author more on, the list names seven.
const AUTHORS_MAX: usize = 10;
/// Authors named of a longer list.
const AUTHORS_SHOWN: usize = 7;

/// `Smith, John A., and Rebecca Doe. 2020. “Title.” Site. May 3, 2020. https://….`
pub(super) fn entry(reference: &Reference, letter: &str) -> String {
    let name = reference.name();
    let title = if reference.is_whole() { stopped(&name) } else { quoted(&name, '.') };
    let year = stopped(&year(reference, letter));
    let head = match who(reference) {
        who if who.is_empty() => [title, year],
        who => [stopped(&who), format!("{year} {title}")],
    };
    let accessed = reference.accessed.filter(|_| {
        reference.issued.is_none() && reference.doi.is_empty() && !reference.url.is_empty()
    });
    let accessed = accessed.map(|day| format!("Accessed {}.", day.american()));
    joined(
        &[
            joined(&head, " "),
            stopped(&within(reference)),
            full_date(reference),
            accessed.unwrap_or_default(),
            stopped(&reference.link()),
        ],
        " ",
    )
}

fn year(reference: &Reference, letter: &str) -> String {
    match reference.issued {
        None if !letter.is_empty() => format!("n.d.-{letter}"),
        _ => format!("{}{letter}", reference.year_or("n.d.")),
    }
}

fn who(reference: &Reference) -> String {
    let turned = |(at, author): (usize, &super::Author)| {
        if at == 0 { author.inverted() } else { author.natural() }
    };
    let mut names: Vec<String> = reference.authors.iter().enumerate().map(turned).collect();
    if names.len() > AUTHORS_MAX {
        names.truncate(AUTHORS_SHOWN);
        return format!("{}, et al.", names.join(", "));
    }
    listed(&names, "and", ",")
}

/// `Journal 12 (3): 45–67`, or the site or publisher.
fn within(reference: &Reference) -> String {
    let issue =
        if reference.issue.is_empty() { String::new() } else { format!("({})", reference.issue) };
    let place = [reference.site().to_owned(), reference.volume.clone(), issue];
    format!("{}{}", joined(&place, " "), labelled(": ", &reference.pages))
}

/// The day of a source that is no volume; the year stands in front already.
fn full_date(reference: &Reference) -> String {
    let day = reference.issued.filter(|date| {
        date.month.is_some() && reference.volume.is_empty() && !reference.is_whole()
    });
    day.map(|date| stopped(&date.american())).unwrap_or_default()
}

/// `Smith and Doe 2020`
pub(super) fn in_text(reference: &Reference, letter: &str) -> String {
    let families: Vec<String> =
        reference.authors.iter().map(|author| author.family().to_owned()).collect();
    let who = match families.as_slice() {
        [] => quoted(&reference.short_title(), ' ').replace(" ”", "”"),
        [one, _, _, _, ..] => format!("{one} et al."),
        few => listed(few, "and", ""),
    };
    format!("{who} {}", year(reference, letter))
}
