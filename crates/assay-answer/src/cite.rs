//! Checking a text that the caller brings against sources that the caller brings.

use std::time::{Duration, Instant};

use assay_core::{Deadline, TextRange};

use crate::{
    AnswerError, Engine,
    claim::claims,
    embed::{EmbeddedText, embedded},
    verify::{Judgement, Sentence, Verdict},
};

/// The contract of `/citations/process`.
const BUDGET: Duration = Duration::from_secs(2);
/// Citations of one claim at most.
const CITATIONS_MAX: usize = 3;
/// Sentences of one source that get a vector; in longer sources the words decide alone.
const VECTORS_MAX: usize = 400;

/// A source that the caller brings.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
    /// The text.
    pub text: String,
}

/// A place in a source.
#[derive(Debug, Clone)]
pub struct SourceCitation {
    /// The `[n]`, counted from 1.
    pub number: usize,
    /// The claim that it is for: its place in [`CheckedText::claims`].
    pub claim: usize,
    /// Place of the source in the request.
    pub source: usize,
    /// The quote in the source's text.
    pub range: TextRange,
    /// Verdict of the quote on the claim.
    pub verdict: Verdict,
    /// Probability of support.
    pub confidence: f32,
}

/// A text with its claims judged.
#[derive(Debug, Clone)]
pub struct CheckedText {
    /// The claims with their ranges in the text and the numbers of their citations.
    pub claims: Vec<crate::CheckedClaim>,
    /// In order of number.
    pub citations: Vec<SourceCitation>,
    /// Claims that were left out because the time was up.
    pub unchecked: usize,
    /// How long it took.
    pub took: Duration,
}

/// A sentence of a source.
struct SourceSentence {
    source: usize,
    range: TextRange,
}

impl Engine {
    /// Splits `text` into claims and judges each against the sources.
    ///
    /// # Errors
    /// When the embedding model fails.
    pub async fn check_text(
        &self,
        text: &str,
        sources: &[SourceText],
    ) -> Result<CheckedText, AnswerError> {
        let start = Instant::now();
        let deadline = Deadline::after(BUDGET);
        let (places, words) = self.source_sentences(sources).await?;
        let sentences: Vec<Sentence<'_>> = words.iter().map(EmbeddedText::sentence).collect();
        let mut checked = CheckedText {
            claims: Vec::new(),
            citations: Vec::new(),
            unchecked: 0,
            took: Duration::ZERO,
        };
        for claim in claims(text, &assay_parse::sentences(text)) {
            if deadline.has_passed() {
                checked.unchecked += 1;
                continue;
            }
            let words = claim.in_context(text);
            let embedded = embedded(self.embeddings.as_deref(), &[&words]).await?;
            let Some(sentence) = embedded.first().map(EmbeddedText::sentence) else { continue };
            let judgement = self.judge(&sentence, &sentences).await;
            checked.add(self, claim.range, sentence, &judgement, &places, &sentences);
        }
        checked.took = start.elapsed();
        Ok(checked)
    }

    async fn source_sentences(
        &self,
        sources: &[SourceText],
    ) -> Result<(Vec<SourceSentence>, Vec<EmbeddedText>), AnswerError> {
        let mut places = Vec::new();
        let mut texts = Vec::new();
        for (source, brought) in sources.iter().enumerate() {
            for range in assay_parse::sentences(&brought.text) {
                texts.push(range.of(&brought.text));
                places.push(SourceSentence { source, range });
            }
        }
        let (first, rest) = texts.split_at(texts.len().min(VECTORS_MAX));
        let mut words = embedded(self.embeddings.as_deref(), first).await?;
        words.extend(embedded(None, rest).await?);
        Ok((places, words))
    }
}

impl CheckedText {
    fn add(
        &mut self,
        engine: &Engine,
        range: TextRange,
        claim: Sentence<'_>,
        judgement: &Judgement,
        places: &[SourceSentence],
        sentences: &[Sentence<'_>],
    ) {
        let mut numbers = Vec::new();
        for index in judgement.deciding.iter().take(CITATIONS_MAX) {
            let (Some(place), Some(sentence)) = (places.get(*index), sentences.get(*index)) else {
                continue;
            };
            let alone = engine.verifier.check(&claim, &[*sentence]);
            let number = self.citations.len() + 1;
            numbers.push(number);
            self.citations.push(SourceCitation {
                number,
                claim: self.claims.len(),
                source: place.source,
                range: place.range,
                verdict: alone.verdict,
                confidence: alone.confidence,
            });
        }
        self.claims.push(crate::CheckedClaim {
            range,
            verdict: judgement.verdict,
            confidence: judgement.confidence,
            citations: numbers,
        });
    }
}
