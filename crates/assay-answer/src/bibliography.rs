//! Lists of sources as people and reference managers write them.
//!
//! The four styles give plain text: what they set in italics is left to the page that shows it.
//! APA is the 7th edition, MLA the 9th, Chicago the author-date system of the 17th.

use std::str::FromStr;

use crate::AnswerError;

mod apa;
mod bibtex;
mod chicago;
mod csl;
mod date;
mod ieee;
mod markdown;
mod mla;
mod name;
mod ris;
mod text;

pub use date::Date;
pub(crate) use date::MONTHS;
pub use name::{Author, authors};
use text::tidy;

/// A style for people or a format for reference managers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BibliographyStyle {
    /// A numbered list with links.
    #[default]
    Markdown,
    /// BibTeX.
    Bibtex,
    /// RIS, which EndNote, Zotero and Mendeley read.
    Ris,
    /// APA.
    Apa,
    /// MLA.
    Mla,
    /// Chicago, author-date.
    Chicago,
    /// IEEE.
    Ieee,
    /// CSL-JSON.
    CslJson,
}

impl BibliographyStyle {
    /// Every style, as a request names it.
    pub const NAMES: [&str; 8] =
        ["markdown", "bibtex", "ris", "apa", "mla", "chicago", "ieee", "csl-json"];

    /// Whether its list is sorted by author and its text refers by author and date.
    #[must_use]
    pub const fn is_author_date(self) -> bool {
        matches!(self, Self::Apa | Self::Mla | Self::Chicago)
    }
}

impl FromStr for BibliographyStyle {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        Ok(match text {
            "markdown" => Self::Markdown,
            "bibtex" => Self::Bibtex,
            "ris" => Self::Ris,
            "apa" => Self::Apa,
            "mla" => Self::Mla,
            "chicago" => Self::Chicago,
            "ieee" => Self::Ieee,
            "csl-json" => Self::CslJson,
            _ => {
                return Err(AnswerError::Invalid {
                    what: format!("`{text}` is not a style of bibliography"),
                    hint: "use markdown, bibtex, ris, apa, mla, chicago, ieee or csl-json",
                });
            }
        })
    }
}

/// What a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReferenceKind {
    /// A page or a post on the web.
    #[default]
    Webpage,
    /// An article in a journal, a magazine or a newspaper.
    Article,
    /// A book.
    Book,
    /// A report.
    Report,
}

impl FromStr for ReferenceKind {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        Ok(match text {
            "webpage" => Self::Webpage,
            "article" => Self::Article,
            "book" => Self::Book,
            "report" => Self::Report,
            _ => {
                return Err(AnswerError::Invalid {
                    what: format!("`{text}` is not a kind of source"),
                    hint: "use webpage, article, book or report",
                });
            }
        })
    }
}

/// What is known of a source; empty where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reference {
    /// What it is.
    pub kind: ReferenceKind,
    /// Title.
    pub title: String,
    /// Authors in order.
    pub authors: Vec<Author>,
    /// When it was published.
    pub issued: Option<Date>,
    /// The journal or the web site that it is part of.
    pub container: String,
    /// Publisher.
    pub publisher: String,
    /// Volume of the journal.
    pub volume: String,
    /// Issue of the volume.
    pub issue: String,
    /// `45-67`
    pub pages: String,
    /// DOI, with or without `https://doi.org/`.
    pub doi: String,
    /// Address.
    pub url: String,
    /// When the address was looked at.
    pub accessed: Option<Date>,
    /// Language tag.
    pub language: String,
}

/// A source in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedReference {
    /// Place among the references given, counted from 1: the `n` of `[n]`.
    pub number: usize,
    /// The entry.
    pub text: String,
    /// How a text refers to it, without parentheses: `Smith & Doe, 2020`; `[n]` in the styles that
    /// number.
    pub in_text: String,
}

/// A list of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bibliography {
    /// In the order of the style.
    pub entries: Vec<ListedReference>,
    /// The whole list; empty without entries.
    pub text: String,
}

impl Bibliography {
    /// Lists `references`, whose places are their numbers.
    #[must_use]
    pub fn new(style: BibliographyStyle, references: &[Reference]) -> Self {
        let tidied: Vec<Reference> = references.iter().map(Reference::tidied).collect();
        let entries = match style {
            BibliographyStyle::Markdown => numbered(&tidied, markdown::entry),
            BibliographyStyle::Ieee => numbered(&tidied, ieee::entry),
            BibliographyStyle::Ris => numbered(&tidied, |_, reference| ris::entry(reference)),
            BibliographyStyle::Bibtex => {
                let keys = bibtex::keys(&tidied);
                numbered(&tidied, |number, reference| {
                    bibtex::entry(keys.get(number - 1).map_or("", String::as_str), reference)
                })
            }
            BibliographyStyle::CslJson => numbered(&tidied, csl::entry),
            BibliographyStyle::Apa => by_author(&tidied, apa::entry, apa::in_text),
            BibliographyStyle::Mla => by_author(&tidied, mla::entry, mla::in_text),
            BibliographyStyle::Chicago => by_author(&tidied, chicago::entry, chicago::in_text),
        };
        let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
        let text = match style {
            _ if texts.is_empty() => String::new(),
            BibliographyStyle::CslJson => format!("[{}]\n", texts.join(",\n")),
            BibliographyStyle::Bibtex => format!("{}\n", texts.join("\n\n")),
            BibliographyStyle::Ris => texts.join("\r\n"),
            _ => format!("{}\n", texts.join("\n")),
        };
        Self { entries, text }
    }
}

/// One entry each, in the order given.
fn numbered(
    references: &[Reference],
    entry: impl Fn(usize, &Reference) -> String,
) -> Vec<ListedReference> {
    let listed = (1..).zip(references).map(|(number, reference)| ListedReference {
        number,
        text: entry(number, reference),
        in_text: format!("[{number}]"),
    });
    listed.collect()
}

/// Sorted by author, date and title; references that a text could not tell apart get letters
/// (`2020a`, `2020b`).
fn by_author(
    references: &[Reference],
    entry: fn(&Reference, &str) -> String,
    in_text: fn(&Reference, &str) -> String,
) -> Vec<ListedReference> {
    let mut order: Vec<(usize, &Reference)> = (1..).zip(references).collect();
    order.sort_by_cached_key(|(_, reference)| reference.sort_key());
    let plain: Vec<String> = order.iter().map(|(_, one)| in_text(one, "")).collect();
    let listed = order.iter().zip(&plain).enumerate().map(|(at, ((number, reference), mine))| {
        let same = |texts: &[String]| texts.iter().filter(|text| *text == mine).count();
        let letter = match same(&plain) {
            1 => String::new(),
            _ => letters(same(plain.get(..at).unwrap_or_default())),
        };
        ListedReference {
            number: *number,
            text: entry(reference, &letter),
            in_text: in_text(reference, &letter),
        }
    });
    listed.collect()
}

/// `a`, `b` … `z`, `aa`, `bb` …
fn letters(index: usize) -> String {
    let letter = u8::try_from(index % 26).map_or('z', |at| char::from(b'a' + at));
    String::from(letter).repeat(index / 26 + 1)
}

#[cfg(test)]
mod tests;
