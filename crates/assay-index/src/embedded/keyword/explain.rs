//! Where the keyword score of a passage comes from, term by term.

use tantivy::{
    DocId, DocSet, SegmentReader, TERMINATED, Term, postings::Postings, schema::IndexRecordOption,
};

use super::bm25::Asked;
use crate::TermScore;

impl Asked<'_> {
    /// What each term adds to the score of each of `passages` (terms of their ids).
    pub(super) fn explain(&self, passages: &[Term]) -> tantivy::Result<Vec<Vec<TermScore>>> {
        let norms = self.norms()?;
        let mut explained = vec![Vec::new(); passages.len()];
        for (number, segment) in self.searcher.segment_readers().iter().enumerate() {
            let phrases = self.phrases.matches(segment)?;
            let lengths = segment.get_fieldnorms_reader(self.fields.text)?;
            for (passage, parts) in passages.iter().zip(&mut explained) {
                if let Some(doc) = find(segment, passage)?
                    && phrases.contains(doc)
                {
                    let norm = norms[usize::from(lengths.fieldnorm_id(doc))];
                    *parts = self.parts(segment, number, doc, norm)?;
                }
            }
        }
        Ok(explained)
    }

    /// The parts of the score of one passage in the segment of this number.
    fn parts(
        &self,
        segment: &SegmentReader,
        number: usize,
        doc: DocId,
        norm: f32,
    ) -> tantivy::Result<Vec<TermScore>> {
        let inverted = segment.inverted_index(self.fields.text)?;
        let mut parts = Vec::new();
        for term in &self.terms {
            let Some(Some(place)) = term.places.get(number) else { continue };
            let mut postings =
                inverted.read_postings_from_terminfo(place, IndexRecordOption::WithFreqs)?;
            if seek(&mut postings, doc) {
                let frequency = postings.term_freq();
                parts.push(TermScore {
                    term: term.text.clone(),
                    weight: term.weight,
                    frequency,
                    score: self.bm25.gain(term.weight, frequency, norm),
                });
            }
        }
        Ok(parts)
    }
}

/// The place of a passage in a segment that holds it.
fn find(segment: &SegmentReader, passage: &Term) -> tantivy::Result<Option<DocId>> {
    let inverted = segment.inverted_index(passage.field())?;
    let Some(mut postings) = inverted.read_postings(passage, IndexRecordOption::Basic)? else {
        return Ok(None);
    };
    while postings.doc() != TERMINATED {
        if !segment.is_deleted(postings.doc()) {
            return Ok(Some(postings.doc()));
        }
        postings.advance();
    }
    Ok(None)
}

/// Moves to `doc`; false when it is not among the postings.
fn seek(postings: &mut impl DocSet, doc: DocId) -> bool {
    postings.doc() <= doc && postings.seek(doc) == doc
}
