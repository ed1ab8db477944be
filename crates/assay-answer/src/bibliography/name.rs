//! Names of authors: people with a family name, and everybody else.

use std::str::FromStr;

/// An author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    /// A person.
    Person {
        /// Family name with its particle: `van Gogh`.
        family: String,
        /// Given names or initials; empty for a person with one name.
        given: String,
        /// `Jr.`, `III`; empty when there is none.
        suffix: String,
    },
    /// An organisation, or a name that has no parts to be turned round.
    Literal(String),
}

/// Words that occur in the names of organisations and not in those of people.
const ORGANISATION: [&str; 38] = [
    "academy",
    "administration",
    "agency",
    "alliance",
    "association",
    "authority",
    "bank",
    "board",
    "bureau",
    "center",
    "centers",
    "centre",
    "college",
    "commission",
    "committee",
    "company",
    "consortium",
    "corporation",
    "council",
    "department",
    "foundation",
    "gmbh",
    "group",
    "inc",
    "institute",
    "institut",
    "laboratory",
    "ltd",
    "ministry",
    "museum",
    "nations",
    "office",
    "organization",
    "organisation",
    "press",
    "society",
    "team",
    "university",
];
/// What follows a name and is no part of it.
const SUFFIXES: [&str; 7] = ["jr", "sr", "ii", "iii", "iv", "phd", "md"];

impl FromStr for Author {
    type Err = std::convert::Infallible;

    /// Reads `Family, Given`, `Family, Jr., Given` or `Given Family`; `{…}` keeps a name whole.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = super::tidy(text);
        if let Some(whole) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            return Ok(Self::Literal(whole.trim().to_owned()));
        }
        if is_organisation(&text) {
            return Ok(Self::Literal(text));
        }
        let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
        Ok(match *parts.as_slice() {
            [family, given] if is_suffix(given) => natural(&format!("{family} {given}")),
            [family, given] => person(family, given, ""),
            [family, a, b] if is_suffix(a) => person(family, b, a),
            [family, a, b] if is_suffix(b) => person(family, a, b),
            _ => natural(&text),
        })
    }
}

fn person(family: &str, given: &str, suffix: &str) -> Author {
    Author::Person { family: family.into(), given: given.into(), suffix: suffix.into() }
}

/// `Given Family Jr.`; a particle in lower case opens the family name.
fn natural(text: &str) -> Author {
    let mut words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let suffix = match words.last() {
        Some(last) if words.len() > 2 && is_suffix(last) => words.pop().unwrap_or(""),
        _ => "",
    };
    let particle = words.iter().skip(1).position(|word| word.starts_with(char::is_lowercase));
    let family = particle.map_or_else(|| words.len().saturating_sub(1), |at| at + 1);
    match words.split_at(family.min(words.len())) {
        ([], _) | (_, []) => Author::Literal(text.to_owned()),
        (given, family) => person(family.join(" ").trim_end_matches(','), &given.join(" "), suffix),
    }
}

fn is_suffix(word: &str) -> bool {
    SUFFIXES.contains(&word.to_lowercase().replace('.', "").as_str())
}

fn is_organisation(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.split(|c: char| !c.is_alphanumeric()).any(|word| ORGANISATION.contains(&word))
}

/// The authors that one text names: parted by `;`, ` and ` or ` & `.
#[must_use]
pub fn authors(text: &str) -> Vec<Author> {
    let parts: Vec<&str> = if text.contains(';') {
        text.split(';').collect()
    } else if is_organisation(text) {
        vec![text]
    } else {
        text.split(" and ").flat_map(|part| part.split(" & ")).collect()
    };
    let named = parts.into_iter().filter(|part| !part.trim().is_empty());
    named.map(|part| part.parse().unwrap_or_else(|never| match never {})).collect()
}

impl Author {
    /// What stands in front in a list and in the text: the family name.
    pub(super) fn family(&self) -> &str {
        match self {
            Self::Person { family, .. } => family,
            Self::Literal(name) => name,
        }
    }

    /// `King, Martin Luther, Jr.`
    pub(super) fn inverted(&self) -> String {
        self.family_first(str::to_owned)
    }

    /// `King, M. L., Jr.`
    pub(super) fn inverted_initials(&self) -> String {
        self.family_first(initials)
    }

    fn family_first(&self, given_as: impl Fn(&str) -> String) -> String {
        match self {
            Self::Literal(name) => name.clone(),
            Self::Person { family, given, suffix } => {
                let parts = [family.clone(), given_as(given), suffix.clone()];
                join(parts.into_iter(), ", ")
            }
        }
    }

    /// `Martin Luther King Jr.`
    pub(super) fn natural(&self) -> String {
        self.given_first(str::to_owned)
    }

    /// `M. L. King Jr.`
    pub(super) fn natural_initials(&self) -> String {
        self.given_first(initials)
    }

    fn given_first(&self, given_as: impl Fn(&str) -> String) -> String {
        match self {
            Self::Literal(name) => name.clone(),
            Self::Person { family, given, suffix } => {
                join([given_as(given), family.clone(), suffix.clone()].into_iter(), " ")
            }
        }
    }
}

fn join(parts: impl Iterator<Item = String>, separator: &str) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(separator)
}

/// `Jean-Paul A.` as `J.-P. A.`. Names in scripts without capitals stay whole.
fn initials(given: &str) -> String {
    let word = |word: &str| {
        let parts = word.split('-').filter(|part| !part.is_empty());
        let short = parts.map(|part| match part.chars().next() {
            Some(c) if c.is_uppercase() => format!("{c}."),
            Some(c) if c.is_ascii_lowercase() => format!("{}.", c.to_ascii_uppercase()),
            _ => part.to_owned(),
        });
        short.collect::<Vec<_>>().join("-")
    };
    let words = given.split([' ', '.']).filter(|part| !part.is_empty() && *part != "-");
    // `J.-P.` was parted at its dot: the second half still opens with its hyphen.
    let mut initials = String::new();
    for part in words {
        let joined = part.starts_with('-') && !initials.is_empty();
        if joined {
            initials.push('-');
        } else if !initials.is_empty() {
            initials.push(' ');
        }
        initials.push_str(&word(part));
    }
    initials
}
