//! The words of a query in the dictionaries of the index: which terms, what they weigh, and what
//! stands in for words that are not there.

use std::collections::HashSet;

use tantivy::{
    DocSet, InvertedIndexReader, Searcher, SegmentReader, TERMINATED, Term, postings::TermInfo,
    query::Bm25StatisticsProvider, schema::IndexRecordOption,
};

use super::{
    bm25::{WeightedTerm, idf},
    compound,
    fields::{Fields, Ids},
    spell,
    words::{
        language::{self, Stemming},
        query::{self, AskedTerm, AskedWord, Kind, Query},
    },
};
use crate::{Readable, Respelling};

/// What a passage gains by a word that was taken in place of the one asked for, as a part of what
/// it would gain by that.
const RESPELLED_WEIGHT: f32 = 0.7;

/// Words that are respelled in one query at most.
const RESPELLED_MAX: usize = 8;

/// Looks words up in one state of the index.
pub(super) struct Lookup<'a> {
    pub(super) searcher: &'a Searcher,
    pub(super) fields: &'a Fields,
    /// What [`present`] gave.
    pub(super) present: &'a [Stemming],
    /// The documents that count; all when none.
    pub(super) readable: Option<&'a Readable>,
}

/// The terms of a query.
pub(super) struct FoundTerms {
    pub(super) terms: Vec<WeightedTerm>,
    pub(super) respelled: Vec<Respelling>,
}

/// What passages hold of one word.
struct Held {
    /// How rare the word is.
    idf: f32,
    /// Its terms with their postings in each segment.
    terms: Vec<(String, Places)>,
}

/// The postings of a term in each segment.
type Places = Vec<Option<TermInfo>>;

/// Where passages hold a word that is written together, its parts together count half as much: a
/// passage that repeats them does not pass one that holds the word.
#[expect(clippy::cast_precision_loss, reason = "a handful of parts")]
fn weight_of_part(parts: usize) -> f32 {
    0.5 / parts as f32
}

/// Which stemmings made the terms of an index.
pub(super) fn present(searcher: &Searcher, fields: &Fields) -> tantivy::Result<Vec<Stemming>> {
    let mut present = vec![language::OTHER];
    for stemming in language::all().filter(|stemming| stemming.code != language::OTHER.code) {
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(fields.text)?;
            let (from, to) = (format!("{} ", stemming.code), format!("{}!", stemming.code));
            if index.terms().range().ge(from).lt(to).into_stream()?.advance() {
                present.push(stemming);
                break;
            }
        }
    }
    Ok(present)
}

/// How many passages of a segment hold a term, of those that count. Without a limit on documents it
/// counts removed passages, too, until the segment is merged.
pub(super) fn holding(
    segment: &SegmentReader,
    inverted: &InvertedIndexReader,
    term: &TermInfo,
    readable: Option<&Readable>,
) -> tantivy::Result<u64> {
    let Some(readable) = readable else { return Ok(u64::from(term.doc_freq)) };
    let ids = Ids::open(segment)?;
    let mut postings = inverted.read_postings_from_terminfo(term, IndexRecordOption::Basic)?;
    let (mut doc, mut count) = (postings.doc(), 0);
    while doc != TERMINATED {
        let counts = !segment.is_deleted(doc) && readable.documents.contains(&ids.document(doc));
        count += u64::from(counts);
        doc = postings.advance();
    }
    Ok(count)
}

impl Lookup<'_> {
    /// The terms that the index holds of a query.
    pub(super) fn terms(&self, query: &Query) -> tantivy::Result<FoundTerms> {
        let mut found = FoundTerms { terms: Vec::new(), respelled: Vec::new() };
        let mut part_weight = 1.0;
        for word in &query.words {
            let weight = if word.kind == Kind::Part { part_weight } else { 1.0 };
            let is_held = self.push(&word.terms, weight, &mut found.terms)?;
            match word.kind {
                Kind::Whole(parts) => {
                    part_weight = if is_held { weight_of_part(parts) } else { 1.0 }
                }
                Kind::Plain if !is_held && found.respelled.len() < RESPELLED_MAX => {
                    self.respell(word, &mut found)?;
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// Takes the parts of a word that no passage holds, or else the word closest to it.
    fn respell(&self, word: &AskedWord, found: &mut FoundTerms) -> tantivy::Result<()> {
        let taken = match self.parts(&word.form)? {
            Some((head, tail)) => vec![head, tail],
            None => spell::closest(self.searcher, self.fields.exact, self.readable, &word.form)?
                .into_iter()
                .collect(),
        };
        let mut any = false;
        for taken in &taken {
            let terms = query::terms(taken, self.present);
            any |= self.push(&terms, RESPELLED_WEIGHT, &mut found.terms)?;
        }
        if any {
            let taken = taken.join(" ");
            found.respelled.push(Respelling { asked: word.form.clone(), taken });
        }
        Ok(())
    }

    /// The parts of a word in the languages that write words together.
    fn parts(&self, word: &str) -> tantivy::Result<Option<(String, String)>> {
        let writes_together = |stemming: &Stemming| compound::LANGUAGES.contains(&stemming.code);
        let present: Vec<_> = self.present.iter().copied().filter(writes_together).collect();
        if present.is_empty() {
            return Ok(None);
        }
        compound::parts(word, |part| {
            let mut passages = 0;
            for asked in query::terms(part, &present) {
                passages += self.find(&asked.term)?.0;
            }
            Ok(passages)
        })
    }

    /// How rare each of `words` is: as its rarest form, 0 when a query of all of them leaves it out.
    pub(super) fn rarity(&self, words: &[&str]) -> tantivy::Result<Vec<f32>> {
        let query = Query::read(&words.join(" "), self.present);
        let asked: HashSet<&str> =
            query.words.iter().flat_map(|word| &word.terms).map(|asked| &*asked.term).collect();
        let rarest = |word: &&str| {
            let mut rarest = 0.0_f32;
            for mut form in Query::read(word, self.present).words {
                form.terms.retain(|term| asked.contains(&*term.term));
                if !form.terms.is_empty() {
                    rarest = rarest.max(self.held(&form.terms)?.idf);
                }
            }
            Ok(rarest)
        };
        words.iter().map(rarest).collect()
    }

    /// Adds the terms of one word as far as passages hold them; says whether any does.
    fn push(
        &self,
        asked: &[AskedTerm],
        weight: f32,
        found: &mut Vec<WeightedTerm>,
    ) -> tantivy::Result<bool> {
        let Held { idf, terms } = self.held(asked)?;
        let any = !terms.is_empty();
        let weighted = |(text, places)| WeightedTerm { text, places, weight: weight * idf };
        found.extend(terms.into_iter().map(weighted));
        Ok(any)
    }

    /// Looks up the terms of one word, which is as rare as it is in all languages together.
    fn held(&self, asked: &[AskedTerm]) -> tantivy::Result<Held> {
        let mut terms = Vec::new();
        let mut holding = 0;
        for AskedTerm { term, bare } in asked {
            for text in [Some(term), bare.as_ref()].into_iter().flatten() {
                let (count, places) = self.find(text)?;
                if count > 0 {
                    holding += count;
                    terms.push((text.clone(), places));
                    break;
                }
            }
        }
        let total = match self.readable {
            Some(readable) => readable.passages,
            None => self.searcher.total_num_docs()?,
        };
        Ok(Held { idf: idf(total, holding), terms })
    }

    /// In how many passages a term is, and where its postings are in each segment.
    fn find(&self, text: &str) -> tantivy::Result<(u64, Places)> {
        let term = Term::from_field_text(self.fields.text, text);
        let mut count = 0;
        let mut places = Vec::new();
        for segment in self.searcher.segment_readers() {
            let inverted = segment.inverted_index(self.fields.text)?;
            let place = inverted.get_term_info(&term)?;
            if let Some(place) = &place {
                count += holding(segment, &inverted, place, self.readable)?;
            }
            places.push(place);
        }
        Ok((count, places))
    }
}
