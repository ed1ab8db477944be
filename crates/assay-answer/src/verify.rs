//! Checks a claim against sentences of evidence: a verdict, how sure it is, and what decided.
//!
//! No model is called: the features are words, facts and, where given, sentence vectors; a small
//! table of weights judges them. The same input always gives the same judgement.

use serde::{Deserialize, Serialize};

pub(crate) mod align;
pub(crate) mod coverage;
mod edit;
pub(crate) mod facts;
pub(crate) mod features;
mod model;
mod polarity;
mod weights;
pub(crate) mod words;

/// A sentence and, where an embedder runs, its unit vector (the weights are fitted to
/// all-MiniLM-L6-v2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sentence<'a> {
    /// The text.
    pub text: &'a str,
    /// The vector.
    pub vector: Option<&'a [f32]>,
}

/// What the evidence says to a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds all of it.
    Supported,
    /// It holds a part.
    Partial,
    /// It says something else in the same place.
    Contradicted,
    /// It does not hold it.
    Unsupported,
}

impl Verdict {
    /// The verdict as it stands on the wire, such as `supported`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Partial => "partial",
            Self::Contradicted => "contradicted",
            Self::Unsupported => "unsupported",
        }
    }
}

/// What a claim says that its evidence does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mismatch {
    /// Another number.
    Number,
    /// The same number in another unit.
    Unit,
    /// Another date.
    Date,
    /// Another name.
    Name,
    /// A denial of what is said, or the opposite word.
    Negation,
    /// Another quantifier: `all` for `some`.
    Quantifier,
    /// More for less, before for after.
    Comparative,
    /// Another sureness: `will` for `may`, a cause for a company.
    Modality,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judgement {
    /// What the evidence says.
    pub verdict: Verdict,
    /// Calibrated probability that the claim is fully supported, from 0 to 1.
    pub confidence: f32,
    /// Evidence sentences that decide, best first; at most three, none for an unsupported claim.
    pub deciding: Vec<usize>,
    /// Kinds of mismatch that were found, in the order of [`Mismatch`].
    pub mismatches: Vec<Mismatch>,
    /// Evidence sentences that come nearest to the claim, best first; at most eight, whatever the
    /// verdict. A model that judges in the verifier's place is shown these.
    pub nearest: Vec<usize>,
    /// Why a model that should have judged did not, when the built-in weights stood in for it.
    pub note: Option<String>,
}

impl Judgement {
    /// Whether the claim is a sentence of the evidence, word for word.
    pub(crate) fn is_verbatim(&self) -> bool {
        self.verdict == Verdict::Supported && self.confidence >= VERBATIM
    }
}

/// From this probability on a claim counts as supported. Of the claims of WiCE a third is
/// supported; there this value weighs both kinds of error alike.
pub(crate) const SUPPORTED_MIN: f32 = 0.35;
/// The confidence in a claim that is a sentence of the evidence: what is left is that the sentence
/// means something else where it stands.
const VERBATIM: f32 = 0.99;
/// From this probability on a claim counts as supported in part.
pub(crate) const PARTIAL_MIN: f32 = 0.15;
/// The probability left to a claim that its closest sentence contradicts, or whose numbers or
/// dates stand nowhere: of such claims of WiCE at most one in twenty was labelled as supported.
const REFUTED_MAX: f32 = 0.05;

/// The probability left to a claim that copies a sentence and puts words of its own in one place:
/// below what counts as supported, as most such words that are no error were never asked for.
const REWORDED_MAX: f32 = 0.3;

/// Checks claims against evidence.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Verifier;

impl Verifier {
    /// A verifier with the built-in weights.
    #[must_use]
    pub(crate) const fn new() -> Self {
        Self
    }

    /// Judges `claim` by `evidence`, in reading order. Without evidence nothing is supported.
    #[must_use]
    pub(crate) fn check(&self, claim: &Sentence<'_>, evidence: &[Sentence<'_>]) -> Judgement {
        let reading = features::read(claim, evidence);
        if let Some(copy) = reading.verbatim {
            return Judgement {
                verdict: Verdict::Supported,
                confidence: VERBATIM,
                deciding: vec![copy],
                mismatches: Vec::new(),
                nearest: reading.nearest,
                note: None,
            };
        }
        let vectors = claim.vector.is_some() && evidence.iter().any(|one| one.vector.is_some());
        let fitted = model::probability(&reading.features, vectors);
        let refuted = reading.contradicted || reading.unfounded;
        let confidence = match evidence {
            [] => 0.0,
            _ if refuted => fitted.min(REFUTED_MAX),
            _ if reading.reworded => fitted.min(REWORDED_MAX),
            _ => fitted,
        };
        let verdict = if reading.contradicted {
            Verdict::Contradicted
        } else if confidence >= SUPPORTED_MIN {
            Verdict::Supported
        } else if !evidence.is_empty() && fitted >= PARTIAL_MIN {
            Verdict::Partial
        } else {
            Verdict::Unsupported
        };
        let deciding = if verdict == Verdict::Unsupported { Vec::new() } else { reading.deciding };
        let (mismatches, nearest) = (reading.mismatches, reading.nearest);
        Judgement { verdict, confidence, deciding, mismatches, nearest, note: None }
    }
}

#[cfg(test)]
mod tests;
