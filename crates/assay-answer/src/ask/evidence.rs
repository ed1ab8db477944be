//! The evidence of an answer: the passages found, cut into sentences, each with its vector.

use std::sync::Arc;

use assay_core::{Deadline, TextRange};

use crate::{
    FoundPassage,
    embed::{EmbeddedText, Embeddings, embedded},
    verify::Sentence,
};

/// Sentences that are compared with a claim at most: what eight passages of 200 tokens hold, and a
/// bound on the time of a check.
const SENTENCES_MAX: usize = 160;

/// One sentence of the evidence.
#[derive(Debug, Clone)]
pub(crate) struct EvidenceSentence {
    /// Place of its passage in the evidence, best first.
    pub(crate) passage: usize,
    /// Its range in the passage's text.
    pub(crate) range: TextRange,
    /// Its words and vector.
    pub(crate) words: EmbeddedText,
}

/// Passages and their sentences.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    /// Best first.
    pub(crate) passages: Vec<Arc<FoundPassage>>,
    /// In the order of the passages and of their text.
    pub(crate) sentences: Vec<EvidenceSentence>,
}

impl Evidence {
    /// Cuts passages into sentences. Without a model, or when the time is up, sentences have no
    /// vectors and are compared by their words.
    pub(crate) async fn of(
        embeddings: Option<&Embeddings>,
        found: &[FoundPassage],
        deadline: Deadline,
    ) -> Self {
        let passages: Vec<Arc<FoundPassage>> = found.iter().cloned().map(Arc::new).collect();
        let mut places = Vec::new();
        for (index, passage) in passages.iter().enumerate() {
            places.extend(sentences(&passage.passage.text).map(|range| (index, range)));
        }
        places.truncate(SENTENCES_MAX);
        let texts: Vec<&str> = places
            .iter()
            .filter_map(|(index, range)| Some(range.of(&passages.get(*index)?.passage.text)))
            .collect();
        let work = embedded(embeddings, &texts);
        let in_time = tokio::time::timeout_at(deadline.instant().into(), work).await;
        let words = match in_time.ok().and_then(Result::ok) {
            Some(words) => words,
            None => embedded(None, &texts).await.unwrap_or_default(),
        };
        let sentences = places
            .into_iter()
            .zip(words)
            .map(|((passage, range), words)| EvidenceSentence { passage, range, words });
        let sentences = sentences.collect();
        Self { passages, sentences }
    }

    /// The sentences as the verifier takes them.
    pub(crate) fn as_sentences(&self) -> Vec<Sentence<'_>> {
        self.sentences.iter().map(|sentence| sentence.words.sentence()).collect()
    }
}

/// The sentences of a passage. Paragraphs have no line breaks inside: what a line break parts are
/// items of a list, rows of a table, lines of code.
fn sentences(text: &str) -> impl Iterator<Item = TextRange> {
    let mut start = 0;
    text.split_inclusive('\n').flat_map(move |line| {
        let first = start;
        start += line.len();
        let within = assay_parse::sentences(line).into_iter();
        within.map(move |range| {
            TextRange::new(first + range.start as usize, first + range.end as usize)
        })
    })
}
