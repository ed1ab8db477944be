//! What the styles share: the parts of a reference as words.

use super::{Author, Reference, ReferenceKind};

/// The text on one line without control characters: fields come from strangers.
pub(super) fn tidy(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The host of an address, without `www.`; empty when it names none.
pub(super) fn domain(url: &str) -> String {
    let Some((_, rest)) = url.split_once("://") else { return String::new() };
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = host.rsplit('@').next().unwrap_or("");
    let host = host.split(':').next().unwrap_or("").to_lowercase();
    host.strip_prefix("www.").map_or_else(|| host.clone(), str::to_owned)
}

/// The text with a full stop, unless it ends a sentence already; nothing stays nothing.
pub(super) fn stopped(text: &str) -> String {
    let bare = text.trim_end_matches(['”', '’', '"']);
    if text.is_empty() || bare.ends_with(['.', '?', '!', '。', '？', '！', '…']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

/// `“Title.”`: with the stop inside, and quotes of the title turned into single ones.
pub(super) fn quoted(title: &str, stop: char) -> String {
    let mut inner = String::with_capacity(title.len());
    let mut open = true;
    for c in title.chars() {
        match c {
            '“' => inner.push('‘'),
            '”' => inner.push('’'),
            '"' => {
                inner.push(if open { '‘' } else { '’' });
                open = !open;
            }
            c => inner.push(c),
        }
    }
    if !inner.ends_with(['.', '?', '!', '。', '？', '！']) {
        inner.push(stop);
    }
    format!("“{inner}”")
}

/// The parts that are there, with `separator` between.
pub(super) fn joined(parts: &[String], separator: &str) -> String {
    let there: Vec<&str> =
        parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    there.join(separator)
}

/// `a`, `a and b`, `a, b, and c`, with `word` for `and`. `pair` stands before `word` between two.
pub(super) fn listed(names: &[String], word: &str, pair: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [one, other] => format!("{one}{pair} {word} {other}"),
        [most @ .., last] => format!("{}, {word} {last}", most.join(", ")),
    }
}

/// A label with what follows, or nothing when there is nothing: `vol. 3`.
pub(super) fn labelled(label: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{label}{value}") }
}

impl Reference {
    /// The host of its address, without `www.`; empty when there is none.
    #[must_use]
    pub fn domain(&self) -> String {
        domain(&self.url)
    }

    /// Its authors, family names first; none when it names nobody.
    #[must_use]
    pub fn author_names(&self) -> Option<String> {
        let names: Vec<String> = self.authors.iter().map(Author::inverted).collect();
        (!names.is_empty()).then(|| names.join("; "))
    }

    /// The reference with every field on one line and the DOI bare.
    pub(super) fn tidied(&self) -> Self {
        let mut tidied = self.clone();
        for field in [
            &mut tidied.title,
            &mut tidied.container,
            &mut tidied.publisher,
            &mut tidied.volume,
            &mut tidied.issue,
            &mut tidied.pages,
            &mut tidied.doi,
            &mut tidied.url,
            &mut tidied.language,
        ] {
            *field = tidy(field);
        }
        for author in &mut tidied.authors {
            match author {
                Author::Literal(name) => *name = tidy(name),
                Author::Person { family, given, suffix } => {
                    (*family, *given, *suffix) = (tidy(family), tidy(given), tidy(suffix));
                }
            }
        }
        tidied.authors.retain(|author| !author.family().is_empty());
        let bare = ["https://doi.org/", "http://doi.org/", "https://dx.doi.org/", "doi:"];
        let doi = bare.iter().find_map(|start| tidied.doi.strip_prefix(start)).map(str::to_owned);
        if let Some(doi) = doi {
            doi.trim().clone_into(&mut tidied.doi);
        }
        tidied.pages = tidied.pages.replace("--", "–").replace('-', "–");
        tidied
    }

    /// The title, or what a reader would call a source without one.
    pub(super) fn name(&self) -> String {
        let named = [&self.title, &self.container, &domain(&self.url)];
        let named = named.into_iter().find(|name| !name.is_empty());
        named.map_or_else(|| "Untitled".to_owned(), Clone::clone)
    }

    /// What the source is part of or who stands behind it, unless that is said already.
    pub(super) fn site(&self) -> &str {
        let site = if self.container.is_empty() { &self.publisher } else { &self.container };
        let said = self.authors.iter().any(|author| author.family() == site)
            || (self.title.is_empty() && self.name() == *site);
        if said { "" } else { site }
    }

    /// Whether it stands alone, as a book does, and is not a part of something.
    pub(super) const fn is_whole(&self) -> bool {
        matches!(self.kind, ReferenceKind::Book | ReferenceKind::Report)
    }

    /// The DOI as an address, or the address.
    pub(super) fn link(&self) -> String {
        if self.doi.is_empty() { self.url.clone() } else { format!("https://doi.org/{}", self.doi) }
    }

    /// The year, or what a style writes for none.
    pub(super) fn year_or(&self, none: &str) -> String {
        self.issued.map_or_else(|| none.to_owned(), |date| date.year.to_string())
    }

    /// The first words of the title, for a text to refer to a source without an author.
    pub(super) fn short_title(&self) -> String {
        const WORDS: usize = 4;
        let name = self.name();
        let words: Vec<&str> = name.split(' ').take(WORDS).collect();
        words.join(" ").trim_end_matches([',', '.', ':', ';', '-', '–']).to_owned()
    }

    /// Authors, then date, then title; articles at the start of a title do not count.
    pub(super) fn sort_key(&self) -> (String, String, String) {
        let title = self.name().to_lowercase();
        let bare = ["the ", "a ", "an "].iter().find_map(|word| title.strip_prefix(word));
        let title = bare.unwrap_or(&title).to_owned();
        let authors: Vec<String> = self.authors.iter().map(|one| one.inverted()).collect();
        let who =
            if authors.is_empty() { title.clone() } else { authors.join("; ").to_lowercase() };
        // Works without a date stand before those with one.
        (who, self.issued.map(|date| date.to_string()).unwrap_or_default(), title)
    }
}
