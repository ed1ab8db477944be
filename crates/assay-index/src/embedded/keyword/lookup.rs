//! The words of a query in the dictionaries of the index: which terms, what they weigh, and what
//! stands in for words that are not there.

use tantivy::{Searcher, Term, query::Bm25StatisticsProvider};

use super::{
    bm25::{WeightedTerm, idf},
    fields::Fields,
    spell,
    words::{
        language::{self, Stemming},
        query::{self, AskedTerm, AskedWord, Query},
    },
};
use crate::Respelling;

/// What a passage gains by a word that was taken in place of the one asked for, as a part of what
/// it would gain by that.
const RESPELLED_WEIGHT: f32 = 0.7;

/// Words that are respelled in one query at most.
const RESPELLED_MAX: usize = 8;

/// Looks words up in one state of the index.
pub(super) struct Lookup<'a> {
    searcher: &'a Searcher,
    fields: &'a Fields,
    passages: u64,
    present: Vec<Stemming>,
}

/// The terms of a query.
pub(super) struct FoundTerms {
    pub(super) terms: Vec<WeightedTerm>,
    pub(super) respelled: Vec<Respelling>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(searcher: &'a Searcher, fields: &'a Fields) -> tantivy::Result<Self> {
        let mut present = vec![language::OTHER];
        for segment in searcher.segment_readers() {
            let codes = segment.inverted_index(fields.stemming)?;
            let mut codes = codes.terms().stream()?;
            while codes.advance() {
                let stemming = language::of_term(str::from_utf8(codes.key()).unwrap_or_default());
                if present.iter().all(|other| other.code != stemming.code) {
                    present.push(stemming);
                }
            }
        }
        Ok(Self { searcher, fields, passages: searcher.total_num_docs()?, present })
    }

    /// The stemmings that made the terms of the index.
    pub(super) fn present(&self) -> &[Stemming] {
        &self.present
    }

    /// The terms that the index holds of a query.
    pub(super) fn terms(&self, query: &Query) -> tantivy::Result<FoundTerms> {
        let mut found = FoundTerms { terms: Vec::new(), respelled: Vec::new() };
        for word in &query.words {
            if self.push(&word.terms, 1.0, &mut found.terms)? || !word.is_plain {
                continue;
            }
            if found.respelled.len() < RESPELLED_MAX {
                self.respell(word, &mut found)?;
            }
        }
        Ok(found)
    }

    fn respell(&self, word: &AskedWord, found: &mut FoundTerms) -> tantivy::Result<()> {
        let Some(taken) = spell::closest(self.searcher, self.fields.exact, &word.form)? else {
            return Ok(());
        };
        let terms = query::terms(&taken, &self.present);
        if self.push(&terms, RESPELLED_WEIGHT, &mut found.terms)? {
            found.respelled.push(Respelling { asked: word.form.clone(), taken });
        }
        Ok(())
    }

    /// Adds the terms of one word as far as passages hold them; says whether any does. The word is
    /// as rare as it is in all languages together.
    fn push(
        &self,
        asked: &[AskedTerm],
        weight: f32,
        found: &mut Vec<WeightedTerm>,
    ) -> tantivy::Result<bool> {
        let mut held = Vec::new();
        let mut holding = 0;
        for AskedTerm { term, bare } in asked {
            for text in [Some(term), bare.as_ref()].into_iter().flatten() {
                let term = Term::from_field_text(self.fields.text, text);
                let count = self.searcher.doc_freq(&term)?;
                if count > 0 {
                    holding += count;
                    held.push(term);
                    break;
                }
            }
        }
        let weight = weight * idf(self.passages, holding);
        let any = !held.is_empty();
        found.extend(held.into_iter().map(|term| WeightedTerm { term, weight }));
        Ok(any)
    }
}
