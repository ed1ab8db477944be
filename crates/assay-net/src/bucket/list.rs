//! The list of objects as the service sends it, and what it says when it refuses.

use jiff::Timestamp;

use crate::{Answer, xml::each_text};

/// Objects on a page at most, whatever the service sends.
const OBJECTS_MAX: usize = 10_000;
/// Characters of a refusal that are shown.
const REFUSAL_MAX: usize = 300;

/// One page of the list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// The objects of the page.
    pub objects: Vec<Object>,
    /// Where keys were grouped by a sign: the parts up to it, with it.
    pub prefixes: Vec<String>,
    /// How to ask for the next page.
    pub next: Option<String>,
}

/// An object.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its entity tag, without quotes.
    pub etag: String,
    /// Bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Option<Timestamp>,
}

/// Reads a page whose keys are percent-encoded.
///
/// # Errors
/// What is wrong with it, for a person.
pub fn read_page(bytes: &[u8]) -> Result<Page, String> {
    let mut page = Page::default();
    let mut object = Object::default();
    let (mut is_list, mut is_cut) = (false, false);
    each_text(&String::from_utf8_lossy(bytes), &mut |parent, name, text| {
        match (parent, name) {
            ("Contents", "Key") => object.key = decoded(text)?,
            ("Contents", "ETag") => object.etag = entity_tag(text),
            ("Contents", "Size") => object.size = text.trim().parse().unwrap_or(0),
            ("Contents", "LastModified") => object.modified = text.trim().parse().ok(),
            ("ListBucketResult", "Contents") => page.objects.push(std::mem::take(&mut object)),
            ("CommonPrefixes", "Prefix") => page.prefixes.push(decoded(text)?),
            ("ListBucketResult", "IsTruncated") => is_cut = text.trim() == "true",
            ("ListBucketResult", "NextContinuationToken") => page.next = Some(text.to_owned()),
            ("", "ListBucketResult") => is_list = true,
            _ => {}
        }
        if page.objects.len() + page.prefixes.len() > OBJECTS_MAX {
            return Err(format!("a page of the list has more than {OBJECTS_MAX} objects"));
        }
        Ok(())
    })
    .map_err(|reason| format!("the list of objects cannot be read: {reason}"))?;
    match (is_list, is_cut, &page.next) {
        (false, ..) => Err("the answer is no list of objects".to_owned()),
        (_, true, None) => Err("the list has a next page, but not its token".to_owned()),
        (_, false, _) => Ok(Page { next: None, ..page }),
        _ => Ok(page),
    }
}

/// An entity tag without its quotes, which some services leave out in the list.
#[must_use]
pub fn entity_tag(text: &str) -> String {
    text.trim().trim_matches('"').to_owned()
}

fn decoded(key: &str) -> Result<String, String> {
    // Services encode a space as `+` or as `%20`; a plus sign is always `%2B`.
    let key = key.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&key).decode_utf8();
    decoded.map(Into::into).map_err(|_| "a key is not valid Unicode".to_owned())
}

/// What the service says in the place of an object.
#[must_use]
pub fn refusal(answer: &Answer) -> String {
    let mut said = String::new();
    // A body that is no XML adds nothing to the status.
    let _ = each_text(&String::from_utf8_lossy(&answer.bytes), &mut |parent, name, text| {
        if parent == "Error" && matches!(name, "Code" | "Message") {
            said.push_str(": ");
            said.push_str(text);
        }
        Ok(())
    });
    let said: String = said.chars().take(REFUSAL_MAX).collect();
    format!("the service answered with status {}{said}", answer.status)
}
