//! BM25 by walking the postings of every query term.
//!
//! The engine's own scorer fixes k1 = 1.2 and b = 0.75; this one takes both. It skips nothing, so
//! its time grows with the postings of the query's terms (see `examples/speed.rs`). The engine's
//! order among equal scores is that of its segments; here it is that of the ids.

use assay_core::{CollectionId, DocumentId};
use tantivy::{
    DocId, DocSet, Searcher, SegmentReader, TERMINATED, Term,
    fieldnorm::FieldNormReader,
    postings::{Postings, TermInfo},
    query::Bm25StatisticsProvider,
    schema::{Field, IndexRecordOption},
};

use super::{
    fields::{Fields, Ids},
    phrase::Phrases,
};
use crate::{Filter, Hit, embedded::best::Best};

/// The two constants of BM25 (Robertson and Zaragoza, 2009).
#[derive(Debug, Clone, Copy)]
pub(super) struct Bm25 {
    /// How soon repeating a term stops to count.
    pub(super) k1: f32,
    /// How much a long passage has to pay for its length: 0 nothing, 1 in proportion.
    pub(super) b: f32,
}

/// A term and what one passage that holds it once gains: idf and the weight of the word.
pub(super) struct WeightedTerm {
    /// Its postings in each segment.
    pub(super) places: Vec<Option<TermInfo>>,
    pub(super) weight: f32,
}

/// Inverse document frequency of a word that `holding` of `total` passages hold. Like the lengths,
/// it counts removed passages until their segment is merged.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn idf(total: u64, holding: u64) -> f32 {
    let (total, holding) = (total.max(holding) as f64, holding as f64);
    (1.0 + (total - holding + 0.5) / (holding + 0.5)).ln() as f32
}

/// The `limit` best passages that hold one of `terms` and all of `phrases`.
pub(super) fn search(
    searcher: &Searcher,
    fields: &Fields,
    bm25: Bm25,
    terms: &[WeightedTerm],
    phrases: &Phrases,
    filter: &Filter,
    limit: usize,
) -> tantivy::Result<Vec<Hit>> {
    let mut best = Best::new(limit);
    if limit == 0 || terms.is_empty() {
        return Ok(Vec::new());
    }
    let norms = length_norms(searcher, fields.text, bm25)?;
    for (number, segment) in searcher.segment_readers().iter().enumerate() {
        let phrases = phrases.matches(segment)?;
        let scores = score(segment, number, fields.text, bm25, terms, &norms)?;
        let allowed = Allowed::new(segment, fields, filter)?;
        let ids = Ids::open(segment)?;
        for (doc, score) in (0..).zip(scores) {
            let found = score > 0.0 && !segment.is_deleted(doc) && allowed.contains(doc);
            if found && phrases.contains(doc) {
                best.offer(score, || Hit {
                    passage: ids.passage(doc),
                    document: ids.document(doc),
                    score,
                });
            }
        }
    }
    Ok(best.into_hits())
}

/// For each of the 256 lengths that the engine tells apart: what is added to a term's frequency
/// in the denominator.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn length_norms(searcher: &Searcher, text: Field, bm25: Bm25) -> tantivy::Result<[f32; 256]> {
    let tokens = searcher.total_num_tokens(text)?.max(1) as f64;
    let average = (tokens / searcher.total_num_docs()?.max(1) as f64) as f32;
    let mut norms = [0.0; 256];
    for (id, norm) in (0..=u8::MAX).zip(&mut norms) {
        let length = FieldNormReader::id_to_fieldnorm(id) as f32;
        *norm = bm25.k1 * (1.0 - bm25.b + bm25.b * length / average);
    }
    Ok(norms)
}

/// The score of every passage in the segment of this number; 0 for those that hold no term.
#[expect(clippy::cast_precision_loss, reason = "term frequencies are small")]
fn score(
    segment: &SegmentReader,
    number: usize,
    text: Field,
    bm25: Bm25,
    terms: &[WeightedTerm],
    norms: &[f32; 256],
) -> tantivy::Result<Vec<f32>> {
    let inverted = segment.inverted_index(text)?;
    let lengths = segment.get_fieldnorms_reader(text)?;
    let mut scores = vec![0.0; segment.max_doc() as usize];
    for WeightedTerm { places, weight } in terms {
        let Some(Some(place)) = places.get(number) else { continue };
        let mut postings =
            inverted.read_postings_from_terminfo(place, IndexRecordOption::WithFreqs)?;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            let frequency = postings.term_freq() as f32;
            let norm = norms[usize::from(lengths.fieldnorm_id(doc))];
            if let Some(score) = scores.get_mut(doc as usize) {
                *score += weight * frequency * (bm25.k1 + 1.0) / (frequency + norm);
            }
            doc = postings.advance();
        }
    }
    Ok(scores)
}

/// The passages of a segment that a filter allows.
struct Allowed {
    /// One flag a passage; none when all are allowed.
    collections: Option<Vec<bool>>,
    documents: Option<Vec<bool>>,
}

impl Allowed {
    fn new(segment: &SegmentReader, fields: &Fields, filter: &Filter) -> tantivy::Result<Self> {
        let collection = |id: &CollectionId| fields.collection_term(*id);
        let document = |id: &DocumentId| fields.document_term(*id);
        Ok(Self {
            collections: holding(segment, filter.collections.iter().map(collection))?,
            documents: holding(segment, filter.documents.iter().map(document))?,
        })
    }

    fn contains(&self, doc: DocId) -> bool {
        [&self.collections, &self.documents].into_iter().flatten().all(|flags| flags[doc as usize])
    }
}

/// A flag for each passage of a segment: whether it holds one of `terms`; none without terms.
fn holding(
    segment: &SegmentReader,
    terms: impl ExactSizeIterator<Item = Term>,
) -> tantivy::Result<Option<Vec<bool>>> {
    if terms.len() == 0 {
        return Ok(None);
    }
    let mut flags = vec![false; segment.max_doc() as usize];
    for term in terms {
        let inverted = segment.inverted_index(term.field())?;
        let Some(mut postings) = inverted.read_postings(&term, IndexRecordOption::Basic)? else {
            continue;
        };
        while postings.doc() != TERMINATED {
            if let Some(flag) = flags.get_mut(postings.doc() as usize) {
                *flag = true;
            }
            postings.advance();
        }
    }
    Ok(Some(flags))
}
