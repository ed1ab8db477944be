//! Checking a text that the caller brings against sources that the caller brings.
//!
//! Everything happens inside [`BUDGET`]: reading the sources, then vectors, then verdicts. What did
//! not fit is counted and said.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use assay_core::{Deadline, TenantScope, TextRange};
use assay_gateway::Purpose;

use crate::{
    AnswerError, Engine,
    ask::without_marks,
    bibliography::Date,
    claim::{Claim, claims},
    embed::{Embeddings, Vector},
    search::blocking,
    verify::{Sentence, Verdict},
};

mod disagreement;
mod judge;
mod marks;
mod reading;

pub use disagreement::{Disagreement, DisagreementKind};
pub use marks::{marked, marks_of};

use judge::{Hearing, Judged};
use reading::Sources;

/// The contract of `/citations/process`, with room to put the response together.
const BUDGET: Duration = Duration::from_millis(1_850);
/// Reading ends here, so that there is time to judge.
const READING: Duration = Duration::from_millis(600);
/// From here on words decide alone: a claim without vectors is better than none.
const VECTORS: Duration = Duration::from_millis(1_300);
/// Texts embedded between two looks at the time.
const BATCH: usize = 32;

/// A source that the caller brings.
#[derive(Debug, Clone, Default)]
pub struct SourceText {
    /// When it was published, when that is known.
    pub issued: Option<Date>,
    /// The text.
    pub text: String,
}

impl SourceText {
    /// The language of a text as a tag such as `de`; none where it cannot be told.
    #[must_use]
    pub fn language_of(text: &str) -> Option<String> {
        assay_parse::language(text).map(str::to_owned)
    }
}

/// A place in a source.
#[derive(Debug, Clone)]
pub struct SourceCitation {
    /// The `[n]`: the number of the source among those that are cited, counted from 1.
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
    /// In the order of the claims.
    pub citations: Vec<SourceCitation>,
    /// Places of the cited sources in the request, in the order of their numbers.
    pub cited: Vec<usize>,
    /// Claims that one source bears out and another contradicts.
    pub disagreements: Vec<Disagreement>,
    /// Claims that were left out because the time was up.
    pub unchecked: usize,
    /// Sources that were not read to their end because the time was up.
    pub unread: usize,
    /// What is missing and what to know, in words.
    pub notices: Vec<String>,
    /// The day of the check, in UTC.
    pub day: Option<Date>,
    /// How long it took.
    pub took: Duration,
}

impl Engine {
    /// Judges each claim of `text` against the sources: those at `ranges`, or what the text splits
    /// into.
    ///
    /// # Errors
    /// When the worker that reads the sources fails. A failing embedding model is no error: words
    /// decide alone and a notice says so.
    pub async fn check_text(
        &self,
        scope: &TenantScope,
        text: &str,
        ranges: Option<&[TextRange]>,
        sources: Vec<SourceText>,
    ) -> Result<CheckedText, AnswerError> {
        let start = Instant::now();
        let deadline = Deadline::after(BUDGET);
        let until = deadline.part(READING);
        let issued: Vec<Option<Date>> = sources.iter().map(|one| one.issued).collect();
        let texts: Vec<String> = sources.into_iter().map(|source| source.text).collect();
        let sources = blocking(move || Ok(Sources::read(texts, until))).await?;
        let claims = match ranges {
            Some(ranges) => ranges.iter().copied().map(Claim::given).collect(),
            None => claims(text, &assay_parse::sentences(text)),
        };
        let mut vectors = Vectors::new(Purpose::of(scope), self.embeddings.as_deref(), start);
        let mut checked = CheckedText {
            claims: Vec::new(),
            citations: Vec::new(),
            cited: Vec::new(),
            disagreements: Vec::new(),
            unchecked: 0,
            unread: sources.unread,
            notices: Vec::new(),
            day: self.clock.now().to_string().parse().ok(),
            took: Duration::ZERO,
        };
        for claim in claims {
            if deadline.has_passed() {
                checked.unchecked += 1;
                continue;
            }
            // Judging need not wait for anything: other requests get their turn here.
            tokio::task::yield_now().await;
            let mut judged = vectors.judge(self, &sources, &claim.in_context(text)).await;
            if claim.context.is_some() {
                let alone = vectors.judge(self, &sources, claim.range.of(text)).await;
                // What it leans on may be true and the claim itself not: both have to hold. And a
                // source that denies it in the same words, pronoun included, denies it.
                let holds_less = claim.is_joined() && alone.confidence < judged.confidence;
                let is_denied = judged.verdict == Verdict::Unsupported
                    && alone.verdict == Verdict::Contradicted;
                if holds_less || is_denied {
                    judged = alone;
                }
            }
            checked.add(claim.range, &judged, &sources, &issued);
            checked.notices.extend(judged.note);
        }
        checked.notices.dedup();
        let notices = notices(text, &vectors, &checked);
        checked.notices.extend(notices);
        checked.took = start.elapsed();
        Ok(checked)
    }
}

/// The vectors of the sentences met so far, until the time for them is up.
struct Vectors<'a> {
    purpose: Purpose<'a>,
    model: Option<&'a Embeddings>,
    until: Deadline,
    sentences: HashMap<usize, Vector>,
    /// Claims that words decided alone although there is a model.
    by_words: usize,
}

impl<'a> Vectors<'a> {
    fn new(purpose: Purpose<'a>, model: Option<&'a Embeddings>, start: Instant) -> Self {
        let until = Deadline::after(VECTORS.saturating_sub(start.elapsed()));
        Self { purpose, model, until, sentences: HashMap::new(), by_words: 0 }
    }

    /// What the sources say to a claim; marks of its own are no part of it.
    async fn judge(&mut self, engine: &Engine, sources: &Sources, claim: &str) -> Judged {
        let words = without_marks(claim);
        let near = sources.near(&words);
        let vector = self.add(&words, sources, &near).await;
        let claim = Sentence { text: &words, vector: vector.as_deref() };
        let purpose = self.purpose;
        Hearing { engine, purpose, claim, sources, vectors: &self.sentences }.judge(&near).await
    }

    /// Adds the vectors of the sentences near a claim and returns that of the claim; none when the
    /// model is absent, late or broken.
    async fn add(&mut self, claim: &str, sources: &Sources, near: &[Vec<usize>]) -> Option<Vector> {
        let model = self.model?;
        let new = |at: &&usize| !self.sentences.contains_key(*at);
        let new: Vec<usize> = near.iter().flatten().filter(new).copied().collect();
        let outcome = async {
            let own = model.sentences(self.purpose, &[claim]).await?;
            for batch in new.chunks(BATCH) {
                let texts: Vec<&str> = batch.iter().map(|&at| sources.sentence(at)).collect();
                let vectors = model.sentences(self.purpose, &texts).await?;
                self.sentences.extend(batch.iter().copied().zip(vectors));
            }
            Ok::<_, AnswerError>(own.into_iter().next())
        };
        match tokio::time::timeout_at(self.until.instant().into(), outcome).await {
            Ok(Ok(vector)) => vector,
            Err(_) => {
                self.by_words += 1;
                None
            }
            Ok(Err(error)) => {
                tracing::warn!(%error, "citations are judged by words alone");
                self.by_words += 1;
                self.until = Deadline::after(Duration::ZERO);
                None
            }
        }
    }
}

impl CheckedText {
    fn add(
        &mut self,
        range: TextRange,
        judged: &Judged,
        sources: &Sources,
        issued: &[Option<Date>],
    ) {
        let claim = self.claims.len();
        let mut numbers = Vec::new();
        for quote in judged.for_it.iter().chain(&judged.against) {
            let Some(place) = sources.place(quote.sentence) else { continue };
            let number = self.number(place.source);
            let citation = SourceCitation {
                number,
                claim,
                source: place.source,
                range: place.range,
                verdict: quote.verdict,
                confidence: quote.confidence,
            };
            let rests = (quote.verdict == Verdict::Contradicted)
                == (judged.verdict == Verdict::Contradicted);
            if rests && !numbers.contains(&number) {
                numbers.push(number);
            }
            self.citations.push(citation);
        }
        self.disagreements.extend(judged.disagreement(claim, sources, issued));
        self.claims.push(crate::CheckedClaim {
            range,
            verdict: judged.verdict,
            confidence: judged.confidence,
            citations: numbers,
        });
    }

    /// The number of a source, given on its first use.
    fn number(&mut self, source: usize) -> usize {
        let known = self.cited.iter().position(|cited| *cited == source);
        known.unwrap_or_else(|| {
            self.cited.push(source);
            self.cited.len() - 1
        }) + 1
    }

    /// Share of the claims that the sources support, those left out counted as not supported; 0
    /// without claims.
    #[must_use]
    pub fn coverage(&self) -> f32 {
        let supported = |claim: &&crate::CheckedClaim| claim.verdict == Verdict::Supported;
        let all = self.claims.len() + self.unchecked;
        if all == 0 {
            0.0
        } else {
            self.claims.iter().filter(supported).count() as f32 / all as f32
        }
    }

    /// Mean confidence of the claims that were checked; 0 without any.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        let sum: f32 = self.claims.iter().map(|claim| claim.confidence).sum();
        if self.claims.is_empty() { 0.0 } else { sum / self.claims.len() as f32 }
    }
}

fn notices(text: &str, vectors: &Vectors<'_>, checked: &CheckedText) -> Vec<String> {
    let mut notices = Vec::new();
    let mut say = |count: usize, one: &str, many: &str| match count {
        0 => {}
        1 => notices.push(format!("1 {one}")),
        count => notices.push(format!("{count} {many}")),
    };
    say(
        checked.unchecked,
        "claim was not checked: the time was up; send the text in parts",
        "claims were not checked: the time was up; send the text in parts",
    );
    say(
        checked.unread,
        "source was not read to its end: the time was up; send fewer or shorter ones",
        "sources were not read to their end: the time was up; send fewer or shorter ones",
    );
    say(
        vectors.by_words,
        "claim was judged by its words alone, without sentence vectors",
        "claims were judged by their words alone, without sentence vectors",
    );
    let own = without_marks(text) != text;
    if own {
        notices.push("the text has `[n]` marks of its own: they were left as they are".to_owned());
    }
    if checked.claims.is_empty() && checked.unchecked == 0 {
        notices.push("the text holds no claim that could be checked".to_owned());
    }
    notices
}

#[cfg(test)]
mod tests;
