//! The verdict on one claim: of each source by itself, then of all together.

use assay_gateway::Purpose;
use std::collections::HashMap;

use super::reading::Sources;
use crate::{
    Engine,
    embed::Vector,
    verify::{Judgement, Mismatch, Sentence, Verdict},
};

/// Citations for a claim, and against it, at most.
const CITATIONS_MAX: usize = 3;

/// A sentence of a source and what it says to the claim by itself.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quote {
    pub(super) sentence: usize,
    pub(super) verdict: Verdict,
    pub(super) confidence: f32,
}

/// What the sources say to a claim.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) confidence: f32,
    /// Sentences that bear it out, in whole or in part.
    pub(super) for_it: Vec<Quote>,
    /// Sentences that contradict it, one for each source that does.
    pub(super) against: Vec<Quote>,
    /// Whether a source bears it out by itself.
    pub(super) has_supporter: bool,
    /// What differs in the sources that contradict it.
    pub(super) mismatches: Vec<Mismatch>,
    /// Why a configured model did not judge.
    pub(super) note: Option<String>,
}

/// What one source says, or several together, with the sentences that decide, best first.
struct Voice {
    judgement: Judgement,
    deciding: Vec<usize>,
}

/// A claim before the sources.
pub(super) struct Hearing<'a> {
    pub(super) engine: &'a Engine,
    pub(super) purpose: Purpose<'a>,
    pub(super) claim: Sentence<'a>,
    pub(super) sources: &'a Sources,
    pub(super) vectors: &'a HashMap<usize, Vector>,
}

impl Hearing<'_> {
    /// What `near`, the closest sentences source by source, say to the claim.
    ///
    /// A source that holds it all by itself decides; else all sources together may, of which each
    /// may hold a part; else one that contradicts it does.
    pub(super) async fn judge(&self, near: &[Vec<usize>]) -> Judged {
        let mut voices = Vec::with_capacity(near.len());
        for source in near {
            voices.push(self.hear(source).await);
        }
        let supporters = saying(Verdict::Supported, &voices);
        let opponents = saying(Verdict::Contradicted, &voices);
        let everything: Vec<usize> = near.iter().flatten().copied().collect();
        let together = match supporters.is_empty() && near.len() > 1 {
            true => Some(self.hear(&everything).await),
            false => None,
        };
        let together = together.iter().filter(|one| one.judgement.verdict == Verdict::Supported);
        let in_order = supporters.iter().copied().chain(together);
        let partial = saying(Verdict::Partial, &voices);
        let decides = in_order.chain(opponents.iter().copied()).chain(partial).next();
        let verdict = decides.map_or(Verdict::Unsupported, |voice| voice.judgement.verdict);
        let quoted: Vec<usize> = match (supporters.as_slice(), decides) {
            ([_, _, ..], _) => supporters.iter().filter_map(|one| one.first()).collect(),
            (_, Some(voice)) if verdict != Verdict::Contradicted => voice.deciding.clone(),
            _ => Vec::new(),
        };
        let quoted = quoted.into_iter().take(CITATIONS_MAX).map(|at| self.alone(at));
        let against = opponents.iter().filter_map(|one| one.first()).take(CITATIONS_MAX);
        let against = against.map(|at| Quote { verdict: Verdict::Contradicted, ..self.alone(at) });
        let mut mismatches: Vec<Mismatch> =
            opponents.iter().flat_map(|voice| voice.judgement.mismatches.clone()).collect();
        mismatches.sort_unstable();
        mismatches.dedup();
        Judged {
            verdict,
            confidence: decides.map_or(0.0, |voice| voice.judgement.confidence),
            for_it: telling(quoted.collect()),
            against: against.collect(),
            has_supporter: !supporters.is_empty(),
            mismatches,
            note: voices.iter().find_map(|voice| voice.judgement.note.clone()),
        }
    }

    async fn hear(&self, sentences: &[usize]) -> Voice {
        let judgement =
            self.engine.judge(self.purpose, &self.claim, &self.evidence(sentences)).await;
        let deciding = judgement.deciding.iter();
        let deciding = deciding.filter_map(|at| sentences.get(*at).copied()).collect();
        Voice { judgement, deciding }
    }

    fn evidence(&self, sentences: &[usize]) -> Vec<Sentence<'_>> {
        let sentence = |at: &usize| Sentence {
            text: self.sources.sentence(*at),
            vector: self.vectors.get(at).map(AsRef::as_ref),
        };
        sentences.iter().map(sentence).collect()
    }

    /// What a sentence says by itself. The built-in verifier tells, also where a model judges:
    /// asking it once more for every quote would take too long.
    fn alone(&self, sentence: usize) -> Quote {
        let evidence = self.evidence(&[sentence]);
        let Judgement { verdict, confidence, .. } =
            self.engine.verifier.check(&self.claim, &evidence);
        Quote { sentence, verdict, confidence }
    }
}

impl Voice {
    fn first(&self) -> Option<usize> {
        self.deciding.first().copied()
    }
}

/// The voices with a verdict, the surest first.
fn saying(verdict: Verdict, voices: &[Voice]) -> Vec<&Voice> {
    let mut saying: Vec<&Voice> =
        voices.iter().filter(|voice| voice.judgement.verdict == verdict).collect();
    saying.sort_by(|a, b| b.judgement.confidence.total_cmp(&a.judgement.confidence));
    saying
}

/// Without the quotes that say nothing by themselves, as long as one does.
fn telling(quotes: Vec<Quote>) -> Vec<Quote> {
    let tells = |quote: &Quote| matches!(quote.verdict, Verdict::Supported | Verdict::Partial);
    if quotes.iter().any(tells) {
        quotes.into_iter().filter(tells).collect()
    } else {
        quotes.into_iter().take(1).collect()
    }
}
