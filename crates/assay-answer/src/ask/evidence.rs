//! The evidence of an answer: the passages found, cut into sentences, each with its vector.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use assay_core::{Deadline, DocumentId, PassageId, TenantScope, TextRange};
use assay_gateway::Purpose;
use assay_guard::{Group, Place, Scope};

use crate::{
    AnswerError, Engine, FoundPassage,
    embed::{EmbeddedText, Vector, embedded, unpack},
    guarding::Guards,
    search::blocking,
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
    /// Sentences that read like an order to a model.
    orders: HashSet<usize>,
}

impl Evidence {
    /// Marks the sentences in which the guard finds instructions: they may be told of, but they are
    /// a poor answer.
    pub(crate) fn mark_orders(&mut self, guards: &Guards) {
        for (place, found) in self.passages.iter().enumerate() {
            let at = if found.web.is_some() { Place::Web } else { Place::Document };
            let orders: Vec<TextRange> = guards
                .at(at)
                .scan(&found.passage.text, Scope::Everything)
                .into_iter()
                .filter(|finding| finding.kind.group() == Group::Injection)
                .map(|finding| finding.span)
                .collect();
            let meets = |range: TextRange| {
                orders.iter().any(|order| order.start < range.end && range.start < order.end)
            };
            let sentences = self.sentences.iter().enumerate();
            let marked = sentences
                .filter(|(_, sentence)| sentence.passage == place && meets(sentence.range))
                .map(|(at, _)| at);
            self.orders.extend(marked);
        }
    }

    /// Whether a sentence reads like an order to a model.
    pub(crate) fn is_order(&self, sentence: usize) -> bool {
        self.orders.contains(&sentence)
    }

    /// Cuts passages into sentences. Their vectors are those made when the passage was taken in;
    /// what has none is embedded until `deadline`. Without `with_vectors`, without a model, or when
    /// the time is up, sentences are compared by their words.
    pub(crate) async fn of(
        engine: &Engine,
        scope: &TenantScope,
        found: &[FoundPassage],
        with_vectors: bool,
        deadline: Deadline,
    ) -> Self {
        let passages: Vec<Arc<FoundPassage>> = found.iter().cloned().map(Arc::new).collect();
        let mut sentences = Vec::new();
        for (place, passage) in passages.iter().enumerate() {
            let text = &passage.passage.text;
            sentences.extend(cut(text).map(|range| {
                let words = EmbeddedText { text: range.of(text).to_owned(), vector: None };
                EvidenceSentence { passage: place, range, words }
            }));
        }
        sentences.truncate(SENTENCES_MAX);
        let mut evidence = Self { passages, sentences, orders: HashSet::new() };
        if with_vectors {
            let work = evidence.find_vectors(engine, scope);
            if let Ok(Ok(vectors)) = tokio::time::timeout_at(deadline.instant().into(), work).await
            {
                for (sentence, vector) in evidence.sentences.iter_mut().zip(vectors) {
                    sentence.words.vector = vector;
                }
            }
        }
        evidence
    }

    /// The vectors of the sentences, in their order.
    async fn find_vectors(
        &self,
        engine: &Engine,
        scope: &TenantScope,
    ) -> Result<Vec<Option<Vector>>, AnswerError> {
        let Some(embeddings) = &engine.embeddings else { return Ok(Vec::new()) };
        let tenant = engine.store.tenant(scope)?;
        let fingerprint = embeddings.fingerprint().to_owned();
        let ids: Vec<PassageId> = self.passages.iter().map(|found| found.passage.id).collect();
        let kept = blocking(move || Ok(tenant.sentence_vectors(&fingerprint, &ids)?)).await?;
        let kept: HashMap<PassageId, Vec<Vector>> =
            kept.into_iter().filter_map(|(id, body)| Some((id, unpack(&body)?))).collect();
        // A passage that is cut otherwise today has no vectors.
        let fits = |found: &FoundPassage, vectors: &Vec<Vector>| {
            vectors.len() == cut(&found.passage.text).count()
        };
        let kept: Vec<Option<&Vec<Vector>>> = self
            .passages
            .iter()
            .map(|found| kept.get(&found.passage.id).filter(|vectors| fits(found, vectors)))
            .collect();
        let mut vectors = Vec::with_capacity(self.sentences.len());
        let mut place = (usize::MAX, 0);
        for sentence in &self.sentences {
            place = (sentence.passage, if place.0 == sentence.passage { place.1 + 1 } else { 0 });
            let of = kept.get(sentence.passage).copied().flatten();
            vectors.push(of.and_then(|vectors| vectors.get(place.1)).cloned());
        }
        let missing: Vec<usize> =
            (0..vectors.len()).filter(|at| vectors.get(*at).is_some_and(Option::is_none)).collect();
        let texts: Vec<&str> = missing
            .iter()
            .filter_map(|at| Some(self.sentences.get(*at)?.words.text.as_str()))
            .collect();
        for (at, text) in
            missing.iter().zip(embedded(Some(embeddings), Purpose::of(scope), &texts).await?)
        {
            if let Some(slot) = vectors.get_mut(*at) {
                *slot = text.vector;
            }
        }
        Ok(vectors)
    }

    /// The sentences as the verifier takes them.
    pub(crate) fn as_sentences(&self) -> Vec<Sentence<'_>> {
        self.sentences.iter().map(|sentence| sentence.words.sentence()).collect()
    }

    /// The passage of a sentence.
    pub(crate) fn passage_of(&self, sentence: usize) -> Option<&Arc<FoundPassage>> {
        self.passages.get(self.sentences.get(sentence)?.passage)
    }

    /// The document of a sentence.
    pub(crate) fn document(&self, sentence: usize) -> Option<DocumentId> {
        Some(self.passage_of(sentence)?.passage.document)
    }
}

/// The sentences of a passage. Paragraphs have no line breaks inside: what a line break parts are
/// items of a list, rows of a table, lines of code.
pub(crate) fn cut(text: &str) -> impl Iterator<Item = TextRange> {
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
