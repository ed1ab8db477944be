//! Which passages hold the phrases of a query.

use tantivy::{
    DocId, DocSet, Searcher, SegmentReader, TERMINATED, Term,
    query::{EnableScoring, PhraseQuery, Query, TermQuery, Weight},
    schema::IndexRecordOption,
};

use super::fields::Fields;

/// The phrases of a query, made ready for one state of the index.
pub(super) struct Phrases(Vec<Box<dyn Weight>>);

impl Phrases {
    /// Takes the folded words of each phrase with their places.
    pub(super) fn new(
        searcher: &Searcher,
        fields: &Fields,
        phrases: &[Vec<(usize, String)>],
    ) -> tantivy::Result<Self> {
        let weights = phrases.iter().map(|phrase| {
            let term = |word: &String| Term::from_field_text(fields.exact, word);
            let query: Box<dyn Query> = match phrase.as_slice() {
                [(_, word)] => Box::new(TermQuery::new(term(word), IndexRecordOption::Basic)),
                words => {
                    let words = words.iter().map(|(place, word)| (*place, term(word)));
                    Box::new(PhraseQuery::new_with_offset(words.collect()))
                }
            };
            query.weight(EnableScoring::disabled_from_searcher(searcher))
        });
        Ok(Self(weights.collect::<Result<_, _>>()?))
    }

    /// Looks through one segment.
    pub(super) fn matches(&self, segment: &SegmentReader) -> tantivy::Result<Matches> {
        let matches = self.0.iter().map(|weight| {
            let mut flags = vec![false; segment.max_doc() as usize];
            let mut docs = weight.scorer(segment, 1.0)?;
            while docs.doc() != TERMINATED {
                if let Some(flag) = flags.get_mut(docs.doc() as usize) {
                    *flag = true;
                }
                docs.advance();
            }
            Ok(flags)
        });
        Ok(Matches(matches.collect::<tantivy::Result<_>>()?))
    }
}

/// For each phrase a flag for each passage of a segment.
pub(super) struct Matches(Vec<Vec<bool>>);

impl Matches {
    /// Whether the passage holds every phrase.
    pub(super) fn contains(&self, doc: DocId) -> bool {
        self.0.iter().all(|flags| flags.get(doc as usize).is_some_and(|flag| *flag))
    }
}
