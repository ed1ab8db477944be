//! What stands above what.

use std::sync::Arc;

use assay_core::{CollectionId, PassageId, TextRange, VersionId};
use assay_store::StoredPassage;

use super::*;
use crate::web::WebOrigin;

const NOW_MS: i64 = 1_800_000_000_000;

fn found(number: u128, text: &str, web: Option<(ProviderName, i64)>) -> FoundPassage {
    let passage = StoredPassage {
        id: PassageId::from_u128(number),
        document: DocumentId::from_u128(number / 10),
        version: VersionId::from_u128(number / 10),
        is_current: true,
        collection: CollectionId::from_u128(0),
        name: String::new(),
        source_key: String::new(),
        title: None,
        ordinal: 0,
        text: text.to_owned(),
        range: TextRange::new(0, text.len()),
        chars: (0, 0),
        page: None,
        bbox: None,
        origin: None,
        heading_path: Vec::new(),
        findings: Vec::new(),
        previous: None,
        next: None,
    };
    let web = web.map(|(provider, age_ms)| {
        Box::new(WebOrigin {
            provider,
            author: None,
            licence: None,
            changed_ms: Some(NOW_MS - age_ms),
            fetched_ms: NOW_MS,
            relevance: 0.0,
            credibility: 0.0,
            recency: 0.0,
            diversity: 0.0,
            text: Arc::from(text),
        })
    });
    FoundPassage { web, ..FoundPassage::new(passage, 0.0) }
}

const OLD: i64 = 90 * 24 * 3_600 * 1_000;
const ALL: &str = "A gear pump moves fluid with meshing gears, as it always has since Kepler.";
const HALF: &str = "A pump is a machine that moves what flows from one place to another place.";
const NONE: &str = "The weather of the coming week will be as it was in the week before this one.";

fn order(question: &str, files: Vec<FoundPassage>, web: Vec<FoundPassage>) -> Vec<u128> {
    let merged = merge(question, files, web, NOW_MS, 10);
    assert!(merged.is_sorted_by(|a, b| a.score >= b.score), "scores do not fall");
    merged.iter().map(|found| found.passage.id.as_u128()).collect()
}

#[test]
fn the_better_kind_comes_first_and_each_keeps_its_order() {
    let wiki = Some((ProviderName::Wikipedia, OLD));
    let file = |number, text, score| FoundPassage { score, ..found(number, text, None) };
    let files = vec![file(10, HALF, 1.0), file(20, NONE, 0.4)];
    let web = vec![found(30, NONE, wiki), found(40, ALL, wiki)];
    assert_eq!(order("gear pump", files, web), [40, 10, 20, 30]);
}

#[test]
fn one_provider_does_not_fill_the_first_places() {
    let github = Some((ProviderName::Github, OLD));
    let web = vec![
        found(10, ALL, github),
        found(11, ALL, github),
        found(20, ALL, github),
        found(30, ALL, Some((ProviderName::StackOverflow, OLD))),
    ];
    assert_eq!(order("gear pump", Vec::new(), web), [10, 30, 20, 11]);
}

#[test]
fn checked_recent_and_long_passages_count_more() {
    let day = 24 * 3_600 * 1_000;
    let web = vec![
        found(10, "Gear pump: 5.", Some((ProviderName::Github, OLD))),
        found(20, ALL, Some((ProviderName::StackOverflow, OLD))),
        found(30, ALL, Some((ProviderName::Wikipedia, OLD))),
        found(40, ALL, Some((ProviderName::Mdn, day))),
    ];
    let merged = merge("gear pump", Vec::new(), web, NOW_MS, 10);
    let ids: Vec<u128> = merged.iter().map(|found| found.passage.id.as_u128()).collect();
    assert_eq!(ids, [40, 30, 20, 10]);
    let factors: Vec<_> = merged
        .iter()
        .filter_map(|found| found.web.as_ref())
        .map(|web| (web.relevance, web.credibility, web.recency))
        .collect();
    assert_eq!(factors, [(1.0, 1.1, 1.2), (1.0, 1.1, 1.0), (1.0, 1.0, 1.0), (0.7, 1.0, 1.0)]);
}
