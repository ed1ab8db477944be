//! Where the keyword score of a passage comes from, term by term.

use tantivy::{
    DocId, DocSet, Searcher, SegmentReader, TERMINATED, Term,
    postings::Postings,
    schema::{Field, IndexRecordOption},
};

use super::bm25::{Bm25, length_norms, weights};
use crate::TermScore;

/// What each of `terms` adds to the score of each of `passages` (terms of their ids).
pub(super) fn explain(
    searcher: &Searcher,
    text: Field,
    bm25: Bm25,
    terms: &[Term],
    passages: &[Term],
) -> tantivy::Result<Vec<Vec<TermScore>>> {
    let weights = weights(searcher, terms)?;
    let norms = length_norms(searcher, text, bm25)?;
    let mut explained = Vec::with_capacity(passages.len());
    for passage in passages {
        let mut parts = Vec::new();
        if let Some((segment, doc)) = find(searcher, passage)? {
            let inverted = segment.inverted_index(text)?;
            let norm = norms[usize::from(segment.get_fieldnorms_reader(text)?.fieldnorm_id(doc))];
            for (term, weight) in terms.iter().zip(&weights) {
                let Some(mut postings) =
                    inverted.read_postings(term, IndexRecordOption::WithFreqs)?
                else {
                    continue;
                };
                if seek(&mut postings, doc) {
                    parts.push(part(bm25, term, *weight, postings.term_freq(), norm));
                }
            }
        }
        explained.push(parts);
    }
    Ok(explained)
}

#[expect(clippy::cast_precision_loss, reason = "term frequencies are small")]
fn part(bm25: Bm25, term: &Term, weight: f32, count: u32, norm: f32) -> TermScore {
    let frequency = count as f32;
    TermScore {
        term: term.value().as_str().unwrap_or_default().to_owned(),
        weight,
        frequency: count,
        score: weight * frequency * (bm25.k1 + 1.0) / (frequency + norm),
    }
}

/// The segment that holds a passage, and its place there.
fn find<'a>(
    searcher: &'a Searcher,
    passage: &Term,
) -> tantivy::Result<Option<(&'a SegmentReader, DocId)>> {
    for segment in searcher.segment_readers() {
        let inverted = segment.inverted_index(passage.field())?;
        let Some(mut postings) = inverted.read_postings(passage, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.doc() != TERMINATED {
            if !segment.is_deleted(postings.doc()) {
                return Ok(Some((segment, postings.doc())));
            }
            postings.advance();
        }
    }
    Ok(None)
}

/// Moves to `doc`; false when it is not among the postings.
fn seek(postings: &mut impl DocSet, doc: DocId) -> bool {
    postings.doc() <= doc && postings.seek(doc) == doc
}
