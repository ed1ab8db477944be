//! From pages to passages: parsed and cut like files, without what is there twice.

use std::{collections::HashSet, sync::Arc, time::Duration};

use assay_core::{CollectionId, DocumentId, ParseLimits, PassageId, TextRange, VersionId};
use assay_parse::{FileHint, PassageSettings};
use assay_store::StoredPassage;
use assay_web::{PageFormat, WebPage};
use sha2::{Digest, Sha256};

use super::{WebOrigin, words::Asked};
use crate::{FoundPassage, embed::estimate_tokens};

/// Passages of one page that take part, those with the most words of the question first.
const PASSAGES_PER_PAGE: usize = 3;
/// Characters of a text that tell it apart from others with the same title.
const OPENING_CHARS: usize = 200;
/// From this share of common words on, two titles or openings of one provider are the same.
const SAME: f32 = 0.8;
/// From this share on, the openings of pages with the same title are of one text.
const SAME_OPENING: f32 = 0.5;
/// What parsing one page may take; it is at most some tens of kilobytes.
const PARSE: Duration = Duration::from_millis(300);
/// Stands where a passage of a file has its collection; no collection has this id.
const NO_COLLECTION: CollectionId = CollectionId::from_u128(0);

/// A page with its text.
struct ReadPage {
    page: WebPage,
    text: Arc<str>,
    passages: Vec<assay_parse::Passage>,
}

/// The passages of the pages that have most words of the question in common, the best passage of
/// every page before the second of any.
pub(super) fn passages(
    pages: Vec<WebPage>,
    asked: &Asked,
    tokens: usize,
    now_ms: i64,
) -> Vec<FoundPassage> {
    let read = pages.into_iter().filter_map(|page| read(page, tokens)).collect();
    let mut found: Vec<(usize, usize, FoundPassage)> = Vec::new();
    for page in without_copies(read) {
        let mut passages: Vec<(usize, FoundPassage)> = of_page(&page, now_ms)
            .into_iter()
            .map(|found| (count(asked, &found.passage.text), found))
            .collect();
        // The order of the text stays among those with the same number of words.
        passages.sort_by_key(|(words, _)| std::cmp::Reverse(*words));
        let best = passages.into_iter().take(PASSAGES_PER_PAGE).enumerate();
        found.extend(best.map(|(place, (words, passage))| (place, words, passage)));
    }
    found.sort_by_key(|(place, words, _)| (*place, std::cmp::Reverse(*words)));
    found.into_iter().map(|(_, _, passage)| passage).collect()
}

fn count(asked: &Asked, text: &str) -> usize {
    asked.found_in(text).into_iter().filter(|&is| is).count()
}

fn read(page: WebPage, tokens: usize) -> Option<ReadPage> {
    let name = match page.format {
        PageFormat::Html => "page.html",
        PageFormat::Markdown => "page.md",
        PageFormat::Text => "page.txt",
    };
    let media_type = match page.format {
        PageFormat::Html => "text/html; charset=utf-8",
        PageFormat::Markdown => "text/markdown; charset=utf-8",
        PageFormat::Text => "text/plain; charset=utf-8",
    };
    let hint = FileHint { name: Some(name), media_type: Some(media_type) };
    let limits = ParseLimits { nesting: 64, time: PARSE, ..ParseLimits::default() };
    let parsed = assay_parse::parse(page.content.as_bytes(), &hint, &limits).ok()?;
    let settings = PassageSettings {
        target_tokens: tokens,
        max_tokens: tokens + tokens / 5,
        ..PassageSettings::default()
    };
    let passages = assay_parse::passages(&parsed, &settings, &estimate_tokens);
    (!passages.is_empty()).then(|| ReadPage { page, text: parsed.text.into(), passages })
}

/// Leaves out a page that is there already: under the same address, with the same title and
/// opening, or of the same provider with nearly the same title. Two sources that write different
/// things under one title are two pages.
fn without_copies(pages: Vec<ReadPage>) -> Vec<ReadPage> {
    let mut kept: Vec<(ReadPage, Words, Words)> = Vec::new();
    for page in pages {
        let opening: String = page.text.chars().take(OPENING_CHARS).collect();
        let (title, opening) = (Words::of(&page.page.title), Words::of(&opening));
        let is_copy = kept.iter().any(|(other, other_title, other_opening)| {
            let same_title = title.share(other_title) > SAME;
            other.page.url == page.page.url
                || same_title && other.page.provider == page.page.provider
                || same_title && opening.share(other_opening) > SAME_OPENING
        });
        if !is_copy {
            kept.push((page, title, opening));
        }
    }
    kept.into_iter().map(|(page, _, _)| page).collect()
}

/// The words of a title or an opening, without order.
struct Words(HashSet<String>);

impl Words {
    fn of(text: &str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        Self(words.map(str::to_lowercase).collect())
    }

    /// Jaccard: the words in common, as a share of all; 0 without words.
    fn share(&self, other: &Self) -> f32 {
        let common = self.0.intersection(&other.0).count();
        let all = self.0.len() + other.0.len() - common;
        if all == 0 { 0.0 } else { common as f32 / all as f32 }
    }
}

fn of_page(read: &ReadPage, now_ms: i64) -> Vec<FoundPassage> {
    let page = &read.page;
    let document = DocumentId::from_bytes(id(&["page", &page.url]));
    let version = VersionId::from_bytes(id(&["text", &page.url, &read.text]));
    let origin = WebOrigin {
        provider: page.provider,
        author: page.author.clone(),
        licence: page.licence.clone(),
        changed_ms: page.changed.map(|changed| changed.as_millisecond()),
        fetched_ms: now_ms,
        relevance: 0.0,
        credibility: 1.0,
        recency: 1.0,
        diversity: 1.0,
        text: Arc::clone(&read.text),
    };
    let passage = |(ordinal, passage): (u32, &assay_parse::Passage)| {
        let number = ordinal.to_string();
        let stored = StoredPassage {
            id: PassageId::from_bytes(id(&["passage", &version.to_string(), &number])),
            document,
            version,
            is_current: true,
            collection: NO_COLLECTION,
            name: page.title.clone(),
            source_key: page.url.clone(),
            title: Some(page.title.clone()),
            ordinal,
            text: passage.range.of(&read.text).to_owned(),
            range: passage.range,
            chars: chars(passage.range, &read.text),
            page: None,
            bbox: None,
            origin: None,
            heading_path: passage.heading_path.clone(),
            findings: Vec::new(),
            previous: None,
            next: None,
        };
        FoundPassage { web: Some(Box::new(origin.clone())), ..FoundPassage::new(stored, 0.0) }
    };
    (0..).zip(&read.passages).map(passage).collect()
}

fn chars(range: TextRange, text: &str) -> (u32, u32) {
    let (start, end) = range.in_chars(text);
    // A page has some tens of kilobytes.
    (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX))
}

/// Sixteen bytes that the same parts always give: the same text of the same page is cited under the
/// same id, whoever asks and whenever. They are a UUID of version 8 (RFC 9562).
fn id(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

#[cfg(test)]
mod tests;
