//! BM25 by walking the postings of every query term.
//!
//! The engine's own scorer fixes k1 = 1.2 and b = 0.75; this one takes both. It skips nothing, so
//! its time grows with the postings of the query's terms (see `examples/speed.rs`). The engine's
//! order among equal scores is that of its segments; here it is that of the ids.

use std::collections::HashSet;

use assay_core::DocumentId;
use tantivy::{
    DocId, DocSet, Searcher, SegmentReader, TERMINATED,
    fieldnorm::FieldNormReader,
    postings::{Postings, TermInfo},
    query::Bm25StatisticsProvider,
    schema::{Field, IndexRecordOption},
};

use super::{
    allowed::Allowed,
    fields::{Fields, Ids},
    phrase::{Matches, Phrases},
};
use crate::{Filter, Hit, Readable, embedded::best::Best};

/// Bytes of a word of running text with the space behind it, in the languages of Europe about; only
/// the ratio of a passage's length to the mean comes from it.
const TOKEN_BYTES: u64 = 6;

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
    /// As it is indexed.
    pub(super) text: String,
    /// Its postings in each segment.
    pub(super) places: Vec<Option<TermInfo>>,
    pub(super) weight: f32,
}

/// What a query asks of passages, looked up in one state of the index.
pub(super) struct Asked<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) fields: &'a Fields,
    pub(super) bm25: Bm25,
    /// A passage that is found holds one of these ...
    pub(super) terms: Vec<WeightedTerm>,
    /// ... and all of these.
    pub(super) phrases: Phrases,
    /// The documents that count; all when none.
    pub(super) readable: Option<&'a Readable>,
}

/// Inverse document frequency of a word that `holding` of `total` passages hold. Like the lengths,
/// it counts removed passages until their segment is merged.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn idf(total: u64, holding: u64) -> f32 {
    let (total, holding) = (total.max(holding) as f64, holding as f64);
    (1.0 + (total - holding + 0.5) / (holding + 0.5)).ln() as f32
}

impl Bm25 {
    /// What a term of this weight and frequency adds to the score of a passage of this norm.
    #[expect(clippy::cast_precision_loss, reason = "term frequencies are small")]
    pub(super) fn gain(self, weight: f32, frequency: u32, norm: f32) -> f32 {
        let frequency = frequency as f32;
        weight * frequency * (self.k1 + 1.0) / (frequency + norm)
    }

    /// For each of the 256 lengths that the engine tells apart: what is added to a term's
    /// frequency in the denominator.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    pub(super) fn norms(
        self,
        searcher: &Searcher,
        text: Field,
        readable: Option<&Readable>,
    ) -> tantivy::Result<[f32; 256]> {
        let (tokens, passages) = match readable {
            Some(readable) => (readable.bytes / TOKEN_BYTES, readable.passages),
            None => (searcher.total_num_tokens(text)?, searcher.total_num_docs()?),
        };
        let average = (tokens.max(1) as f64 / passages.max(1) as f64) as f32;
        let mut norms = [0.0; 256];
        for (id, norm) in (0..=u8::MAX).zip(&mut norms) {
            let length = FieldNormReader::id_to_fieldnorm(id) as f32;
            *norm = self.k1 * (1.0 - self.b + self.b * length / average);
        }
        Ok(norms)
    }
}

impl Asked<'_> {
    /// The `limit` best passages.
    pub(super) fn search(&self, filter: &Filter, limit: usize) -> tantivy::Result<Vec<Hit>> {
        let mut best = Best::new(limit);
        if limit == 0 || self.terms.is_empty() {
            return Ok(Vec::new());
        }
        let norms = self.norms()?;
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let found = self.found(segment, number, &norms, filter)?;
            for (doc, score) in (0..).zip(found.scores.iter().copied()) {
                if score > 0.0 && best.may_take(score) && found.may_return(doc) {
                    best.offer(score, || Hit {
                        passage: found.ids.passage(doc),
                        document: found.ids.document(doc),
                        score,
                    });
                }
            }
        }
        Ok(best.into_hits())
    }

    /// The documents of all passages that [`Self::search`] could return.
    pub(super) fn documents(&self, filter: &Filter) -> tantivy::Result<HashSet<DocumentId>> {
        let mut documents = HashSet::new();
        if self.terms.is_empty() {
            return Ok(documents);
        }
        let norms = self.norms()?;
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let found = self.found(segment, number, &norms, filter)?;
            for (doc, score) in (0..).zip(found.scores.iter().copied()) {
                if score > 0.0 && found.may_return(doc) {
                    documents.insert(found.ids.document(doc));
                }
            }
        }
        Ok(documents)
    }

    pub(super) fn norms(&self) -> tantivy::Result<[f32; 256]> {
        self.bm25.norms(self.searcher, self.fields.text, self.readable)
    }

    /// Looks through the segment of this number.
    fn found<'a>(
        &self,
        segment: &'a SegmentReader,
        number: usize,
        norms: &[f32; 256],
        filter: &'a Filter,
    ) -> tantivy::Result<Found<'a>> {
        Ok(Found {
            segment,
            scores: self.scores(segment, number, norms)?,
            phrases: self.phrases.matches(segment)?,
            allowed: Allowed::new(segment, self.fields, filter)?,
            ids: Ids::open(segment)?,
        })
    }

    /// The score of every passage of a segment; 0 for those that hold no term.
    fn scores(
        &self,
        segment: &SegmentReader,
        number: usize,
        norms: &[f32; 256],
    ) -> tantivy::Result<Vec<f32>> {
        let inverted = segment.inverted_index(self.fields.text)?;
        let lengths = segment.get_fieldnorms_reader(self.fields.text)?;
        let mut scores = vec![0.0; segment.max_doc() as usize];
        for WeightedTerm { places, weight, .. } in &self.terms {
            let Some(Some(place)) = places.get(number) else { continue };
            let mut postings =
                inverted.read_postings_from_terminfo(place, IndexRecordOption::WithFreqs)?;
            let mut doc = postings.doc();
            while doc != TERMINATED {
                let norm = norms[usize::from(lengths.fieldnorm_id(doc))];
                if let Some(score) = scores.get_mut(doc as usize) {
                    *score += self.bm25.gain(*weight, postings.term_freq(), norm);
                }
                doc = postings.advance();
            }
        }
        Ok(scores)
    }
}

/// What a query finds in one segment.
struct Found<'a> {
    segment: &'a SegmentReader,
    scores: Vec<f32>,
    phrases: Matches,
    allowed: Allowed<'a>,
    ids: Ids,
}

impl Found<'_> {
    /// Whether a passage that holds a term may be returned: what is dear to ask comes last.
    fn may_return(&self, doc: DocId) -> bool {
        !self.segment.is_deleted(doc)
            && self.phrases.contains(doc)
            && self.allowed.contains(doc, &self.ids)
    }
}
