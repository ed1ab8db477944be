//! What a file says about itself beside its text.

use std::collections::BTreeMap;

use jiff::fmt::{rfc2822, temporal::Pieces};
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Most authors, keywords and custom fields.
const FIELDS_MAX: usize = 100;
/// Most bytes of one value.
const VALUE_BYTES: usize = 4 << 10;

const AUTHORS: &[&str] = &["author", "authors", "creator", "by"];
const KEYWORDS: &[&str] = &["keywords", "keyword", "tags", "tag", "subject", "categories"];

/// What a file says about itself; the title stands in [`Parsed::title`](crate::Parsed::title).
///
/// Nothing is guessed. Lists hold at most 100 entries, values at most 4 KiB.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Metadata {
    /// Who wrote it, in order, as written.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// Its language as written, mostly a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// When it was written or published, in ISO 8601 with the precision that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last changed, in ISO 8601 with the precision that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modified: Option<String>,
    /// Keywords, tags and subjects.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// All further fields; nested ones with a dot between the names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, String>,
}

impl Metadata {
    /// Takes a field by the names that Dublin Core, front matter and `meta` elements use, in any
    /// case; what has another name is custom. For a field with one value the first one stays. A
    /// list comes as one call for each value, keywords also as one text with commas.
    pub(crate) fn take(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let name = bare(name);
        match name.to_lowercase().as_str() {
            name if AUTHORS.contains(&name) => self.authors.push(value.to_owned()),
            name if KEYWORDS.contains(&name) => {
                let words = value.split([',', ';']).map(|word| word.trim().to_owned());
                self.keywords.extend(words);
            }
            "language" | "lang" | "locale" | "content-language" => {
                keep_first(&mut self.language, value);
            }
            "created" | "date" | "issued" | "published" | "published_time" | "publication_date"
            | "pubdate" | "datepublished" => self.take_date(name, value, |own| &mut own.created),
            "modified" | "modified_time" | "updated" | "lastmod" | "last-modified"
            | "last_modified" | "datemodified" | "revised" => {
                self.take_date(name, value, |own| &mut own.modified);
            }
            _ => self.take_custom(name, value),
        }
    }

    /// Whether a field of this name has several values.
    pub(crate) fn is_list(name: &str) -> bool {
        let name = bare(name).to_lowercase();
        AUTHORS.contains(&&*name) || KEYWORDS.contains(&&*name)
    }

    /// Takes a field as custom, whatever its name.
    pub(crate) fn take_custom(&mut self, name: &str, value: &str) {
        let value = value.trim();
        let is_known = self.custom.contains_key(name);
        if !value.is_empty() && !is_known && self.custom.len() < FIELDS_MAX {
            self.custom.insert(shortened(name), shortened(value));
        }
    }

    /// A text that is no date is kept under its own name.
    fn take_date(&mut self, name: &str, value: &str, field: fn(&mut Self) -> &mut Option<String>) {
        match iso_date(value) {
            Some(date) => keep_first(field(self), &date),
            None => self.take_custom(name, value),
        }
    }

    /// The metadata within its bounds, without blank and repeated values.
    pub(crate) fn bounded(mut self) -> Self {
        for list in [&mut self.authors, &mut self.keywords] {
            let mut kept: Vec<String> = Vec::new();
            for value in list.drain(..).map(|value| shortened(&value)) {
                if !value.is_empty() && !kept.contains(&value) && kept.len() < FIELDS_MAX {
                    kept.push(value);
                }
            }
            *list = kept;
        }
        for field in [&mut self.language, &mut self.created, &mut self.modified] {
            *field = field.take().map(|value| shortened(&value)).filter(|value| !value.is_empty());
        }
        self
    }
}

/// A date in ISO 8601, from that or from the form of mails; none when it is no date.
pub(crate) fn iso_date(text: &str) -> Option<String> {
    let text = text.trim();
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_month = |month: &str| {
        month.len() == 2 && month.parse().is_ok_and(|month: u8| (1..=12).contains(&month))
    };
    let year = text.split('-').next().filter(|year| year.len() == 4 && is_digits(year));
    match (year, text.get(5..)) {
        (Some(year), _) if year == text => return Some(text.to_owned()),
        (Some(_), Some(month)) if is_digits(month) && is_month(month) => {
            return Some(text.to_owned());
        }
        _ => {}
    }
    if let Ok(pieces) = Pieces::parse(text) {
        return Some(pieces.to_string());
    }
    let zoned = rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    Some(Pieces::from(zoned.datetime()).with_offset(zoned.offset()).to_string())
}

/// A name without the prefix of its vocabulary.
fn bare(name: &str) -> &str {
    const VOCABULARIES: [&str; 9] =
        ["og:", "article:", "dc:", "dc.", "dcterms:", "dcterms.", "citation_", "cp:", "meta:"];
    let bare = VOCABULARIES.iter().find_map(|prefix| {
        let (own, rest) = name.split_at_checked(prefix.len())?;
        own.eq_ignore_ascii_case(prefix).then_some(rest)
    });
    bare.unwrap_or(name)
}

fn keep_first(field: &mut Option<String>, value: &str) {
    if field.is_none() && !value.is_empty() {
        *field = Some(value.to_owned());
    }
}

/// A value in one line, without control characters, cut to its bound.
fn shortened(value: &str) -> String {
    let cut = value.get(..value.floor_char_boundary(VALUE_BYTES)).unwrap_or("");
    let lines = cut.chars().map(|c| if c.is_whitespace() { ' ' } else { c });
    lines.filter(|c| !c.is_control()).collect::<String>().trim().to_owned()
}
