//! MLA, 9th edition.

use super::{
    Reference,
    text::{joined, labelled, listed, quoted, stopped},
};

/// `Smith, John A., and Rebecca Doe. “Title.” Site, 3 May 2020, https://…. Accessed 21 Nov. 2026.`
pub(super) fn entry(reference: &Reference, _letter: &str) -> String {
    let name = reference.name();
    let title = if reference.is_whole() { stopped(&name) } else { quoted(&name, '.') };
    let accessed = reference.accessed.filter(|_| !reference.url.is_empty());
    let accessed = accessed.map(|day| format!("Accessed {}.", day.day_first()));
    joined(
        &[
            stopped(&who(reference)),
            title,
            stopped(&within(reference)),
            accessed.unwrap_or_default(),
        ],
        " ",
    )
}

/// The first author is turned round; from three on the others are `et al.`
fn who(reference: &Reference) -> String {
    match reference.authors.as_slice() {
        [] => String::new(),
        [one, _, _, ..] => format!("{}, et al.", one.inverted()),
        [one, rest @ ..] => {
            let mut names = vec![one.inverted()];
            names.extend(rest.iter().map(|author| author.natural()));
            listed(&names, "and", ",")
        }
    }
}

fn within(reference: &Reference) -> String {
    let pages = match reference.pages.contains(['–', ',']) {
        true => "pp. ",
        false => "p. ",
    };
    joined(
        &[
            reference.site().to_owned(),
            labelled("vol. ", &reference.volume),
            labelled("no. ", &reference.issue),
            reference.issued.map(|date| date.day_first()).unwrap_or_default(),
            labelled(pages, &reference.pages),
            reference.link(),
        ],
        ", ",
    )
}

/// `Smith and Doe`; of several works of one author also the title.
pub(super) fn in_text(reference: &Reference, letter: &str) -> String {
    let who = match reference.authors.as_slice() {
        [] => return quoted(&reference.short_title(), ' ').replace(" ”", "”"),
        [one] => one.family().to_owned(),
        [one, other] => format!("{} and {}", one.family(), other.family()),
        [one, ..] => format!("{} et al.", one.family()),
    };
    if letter.is_empty() {
        return who;
    }
    format!("{who}, {}", quoted(&reference.short_title(), ' ').replace(" ”", "”"))
}
