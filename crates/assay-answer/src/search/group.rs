//! Results of a document stand together, and neighbours become one passage.

use std::collections::HashMap;

use assay_core::{DocumentId, Origin, TextRange};
use assay_store::{StoreError, StoredPassage, TenantStore};

use super::{FoundPassage, GroupBy, plan::Ranked};
use crate::AnswerError;

/// Hits of one document that are looked at: what joins its best passage or stands beside it.
const HITS_OF_DOCUMENT: usize = 8;
/// Other passages of a document that are shown beside its best one.
const OTHERS_MAX: usize = 3;
/// Passages that become one at most.
const JOINED_MAX: usize = 4;
/// A neighbour joins when its score is at least this share of the best passage's: what was hardly
/// found would only dilute it.
const JOIN_SHARE: f32 = 0.5;

/// The hits in groups, one for each result, in the order of their first.
pub(super) fn groups(ranked: Vec<Ranked>, group_by: GroupBy) -> Vec<Vec<Ranked>> {
    if group_by == GroupBy::Passage {
        return ranked.into_iter().map(|hit| vec![hit]).collect();
    }
    let mut places: HashMap<DocumentId, usize> = HashMap::new();
    let mut groups: Vec<Vec<Ranked>> = Vec::new();
    for hit in ranked {
        let place = *places.entry(hit.hit.document).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) if group.len() < HITS_OF_DOCUMENT => group.push(hit),
            Some(_) => {}
            None => groups.push(vec![hit]),
        }
    }
    groups
}

/// One result of the passages of a document, best first: the best, joined with its neighbours
/// among the others, and the rest beside it.
pub(super) fn result(
    tenant: &TenantStore,
    mut found: Vec<FoundPassage>,
) -> Result<Option<FoundPassage>, AnswerError> {
    if found.is_empty() {
        return Ok(None);
    }
    let mut best = found.remove(0);
    let mut parts = vec![best.passage.clone()];
    while parts.len() < JOINED_MAX
        && let Some(place) = found.iter().position(|other| joins(&best, &parts, other))
    {
        parts.push(found.remove(place).passage);
    }
    if parts.len() > 1 {
        parts.sort_by_key(|part| part.ordinal);
        match join(tenant, &best.passage, &parts) {
            Ok(passage) => {
                best.passage = passage;
                best.parts = parts.iter().map(|part| part.id).collect();
            }
            // It was replaced meanwhile: the passage alone is still right.
            Err(StoreError::NotFound { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    found.truncate(OTHERS_MAX);
    best.more = found;
    Ok(Some(best))
}

/// Whether a passage stands directly beside the parts, in the same section.
fn joins(best: &FoundPassage, parts: &[StoredPassage], other: &FoundPassage) -> bool {
    let passage = &other.passage;
    let beside = |part: &StoredPassage| part.ordinal.abs_diff(passage.ordinal) == 1;
    other.score >= best.score * JOIN_SHARE
        && passage.version == best.passage.version
        && passage.heading_path == best.passage.heading_path
        && parts.iter().any(beside)
        && !matches!(passage.origin, Some(Origin::Cells { .. }))
}

/// The passages, sorted and without gaps, as one: its text is the document's, from the first
/// character to the last.
fn join(
    tenant: &TenantStore,
    best: &StoredPassage,
    parts: &[StoredPassage],
) -> Result<StoredPassage, StoreError> {
    let mut joined = best.clone();
    for part in parts {
        joined.range = TextRange {
            start: joined.range.start.min(part.range.start),
            end: joined.range.end.max(part.range.end),
        };
        joined.chars = (joined.chars.0.min(part.chars.0), joined.chars.1.max(part.chars.1));
        if let (
            Some(Origin::Bytes { start, end }),
            Some(Origin::Bytes { start: other_start, end: other_end }),
        ) = (&mut joined.origin, &part.origin)
        {
            *start = (*start).min(*other_start);
            *end = (*end).max(*other_end);
        }
    }
    joined.text = tenant.text_range(joined.version, joined.range)?;
    if let (Some(first), Some(last)) = (parts.first(), parts.last()) {
        joined.page = first.page;
        joined.previous = first.previous;
        joined.next = last.next;
    }
    // A box holds one passage.
    joined.bbox = None;
    Ok(joined)
}
