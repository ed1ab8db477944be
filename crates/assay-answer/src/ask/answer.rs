//! What an answer is made of.

use std::{sync::Arc, time::Duration};

use assay_core::{DocumentId, SessionId, TextRange};
use assay_gateway::Usage;

use crate::{AnswerError, FoundPassage, LaneReport, guarding::GuardNote, verify::Verdict};

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerState {
    /// Every claim is supported.
    Supported,
    /// Some claims are only partly supported, or were dropped.
    PartlySupported,
    /// Sources say different things; both are shown.
    Conflicting,
    /// The sources speak of it, but do not hold the answer.
    NotInSources,
    /// Nothing in the sources is related to the question.
    OffTopic,
    /// The question says too little, or can mean several things that the sources hold.
    NeedsClarification,
    /// A lane or the writer ran out of time or failed; what there is was checked.
    PartialTimeout,
}

impl AnswerState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::PartlySupported => "partly_supported",
            Self::Conflicting => "conflicting",
            Self::NotInSources => "not_in_sources",
            Self::OffTopic => "off_topic",
            Self::NeedsClarification => "needs_clarification",
            Self::PartialTimeout => "partial_timeout",
        }
    }
}

/// A place in the evidence that a claim rests on, or that speaks against it.
#[derive(Debug, Clone)]
pub struct Citation {
    /// The `[n]` of the answer, counted from 1.
    pub number: usize,
    /// The passage.
    pub passage: Arc<FoundPassage>,
    /// The quote in the passage's text.
    pub range: TextRange,
    /// Verdict of this quote alone on the claim that cites it first.
    pub verdict: Verdict,
    /// Probability of support.
    pub confidence: f32,
}

impl Citation {
    /// The words of the document, unchanged.
    #[must_use]
    pub fn quote(&self) -> &str {
        self.range.of(&self.passage.passage.text)
    }

    /// The quote's range in characters of the document's text.
    #[must_use]
    pub fn chars(&self) -> (usize, usize) {
        let (start, end) = self.range.in_chars(&self.passage.passage.text);
        let passage = &self.passage.passage;
        let first = passage.chars.0 as usize;
        (first + start, first + end)
    }
}

/// A claim of the answer with its verdict.
#[derive(Debug, Clone)]
pub struct CheckedClaim {
    /// The claim's range in the answer's text.
    pub range: TextRange,
    /// What the evidence says of it.
    pub verdict: Verdict,
    /// Calibrated probability that the evidence supports it.
    pub confidence: f32,
    /// Numbers of its citations; at most three.
    pub citations: Vec<usize>,
}

/// Where the date of a document comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateSource {
    /// Its metadata.
    Metadata,
    /// When it was taken in, because it says nothing itself.
    Received,
}

impl DateSource {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Received => "received",
        }
    }
}

/// What one source says where sources differ.
#[derive(Debug, Clone)]
pub struct Side {
    /// The number of the citation with its words.
    pub citation: usize,
    /// Whether it bears the claim out; else it says otherwise.
    pub supports: bool,
    /// The date of its document, in ISO 8601 with the precision that is known.
    pub date: String,
    /// Where the date comes from.
    pub date_source: DateSource,
}

/// A claim of which sources say different things.
#[derive(Debug, Clone)]
pub struct Conflict {
    /// Place of the claim in the answer's claims.
    pub claim: usize,
    /// What the sources say, newest first.
    pub sides: Vec<Side>,
}

/// One of the things that a question can mean.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What it is, in the words of the source.
    pub label: String,
    /// The document that holds the answer to it.
    pub document: DocumentId,
    /// The title of that document, or its name.
    pub title: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The question as it was understood, where the conversation was needed for that.
    pub rewritten: Option<String>,
    /// The session that it belongs to.
    pub session: Option<SessionId>,
    /// What kind of answer it is.
    pub state: AnswerState,
    /// The sentences, each followed by the numbers of its citations.
    pub text: String,
    /// The claims with their verdicts.
    pub claims: Vec<CheckedClaim>,
    /// What they rest on.
    pub citations: Vec<Citation>,
    /// Claims of which sources say different things.
    pub conflicts: Vec<Conflict>,
    /// What the question can mean, when it has to be asked again.
    pub readings: Vec<Reading>,
    /// The nearest passages, when there is no answer.
    pub nearest: Vec<FoundPassage>,
    /// Documents whose words may stand in the text without being cited: all that a model was shown,
    /// or that a question back names.
    pub read: Vec<DocumentId>,
    /// How each lane fared, the writer included.
    pub lanes: Vec<LaneReport>,
    /// What is missing, in words.
    pub notices: Vec<String>,
    /// What the guard found in the question, in what a model read and in the answer.
    pub guard: Vec<GuardNote>,
    /// `assay`, or the host of the model.
    pub provider: String,
    /// `assay/extractive`, or the model's name.
    pub model: String,
    /// Tokens, when a model counted them.
    pub usage: Option<Usage>,
    /// Whether all was done inside the total budget.
    pub within_budget: bool,
    /// How long it took.
    pub took: Duration,
}

impl Answer {
    /// The least confidence of its claims; 0 without any.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        let least = self.claims.iter().map(|claim| claim.confidence).reduce(f32::min);
        least.unwrap_or(0.0)
    }
}

/// A piece of an answer that was checked.
#[derive(Debug, Clone)]
pub struct Piece {
    /// What it adds to the text, marks of citations included.
    pub text: String,
    /// The claim that it adds; none for what no claim is.
    pub claim: Option<CheckedClaim>,
    /// Citations that it is the first to use.
    pub citations: Vec<Citation>,
}

/// What a streamed answer is made of.
#[derive(Debug)]
pub enum AnswerEvent {
    /// More of the answer, checked.
    Piece(Piece),
    /// The whole answer; nothing follows.
    Done(Box<Answer>),
    /// It failed; nothing follows.
    Failed(AnswerError),
}
