//! The verdict on one claim: of each source by itself, then of all together.

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
}

/// What one source says, with the sentences that decide, best first.
struct Voice {
    judgement: Judgement,
    deciding: Vec<usize>,
}

impl Judged {
    pub(super) fn new(
        engine: &Engine,
        claim: &Sentence<'_>,
        sources: &Sources,
        near: &[Vec<usize>],
        vectors: &HashMap<usize, Vector>,
    ) -> Self {
        let check = |sentences: &[usize]| {
            let evidence: Vec<Sentence<'_>> = sentences
                .iter()
                .map(|at| Sentence {
                    text: sources.sentence(*at),
                    vector: vectors.get(at).map(AsRef::as_ref),
                })
                .collect();
            let judgement = engine.verifier.check(claim, &evidence);
            let deciding = judgement.deciding.iter();
            let deciding = deciding.filter_map(|at| sentences.get(*at).copied()).collect();
            Voice { judgement, deciding }
        };
        let voices: Vec<Voice> = near.iter().map(|source| check(source)).collect();
        let of = |verdict: Verdict| {
            let mut of: Vec<&Voice> =
                voices.iter().filter(|voice| voice.judgement.verdict == verdict).collect();
            of.sort_by(|a, b| b.judgement.confidence.total_cmp(&a.judgement.confidence));
            of
        };
        let (supporters, opponents) = (of(Verdict::Supported), of(Verdict::Contradicted));
        let everything: Vec<usize> = near.iter().flatten().copied().collect();
        // Two sources may hold a half each; one that holds it all needs no help.
        let together = (supporters.is_empty() && near.len() > 1).then(|| check(&everything));
        let whole = together.iter().find(|voice| voice.judgement.verdict == Verdict::Supported);
        let partial = of(Verdict::Partial);
        let decides = match (supporters.first(), whole) {
            (Some(best), _) => Some(*best),
            (None, Some(whole)) => Some(whole),
            (None, None) => opponents.first().or_else(|| partial.first()).copied(),
        };
        let alone = |sentence: usize| {
            let judgement = check(&[sentence]).judgement;
            Quote { sentence, verdict: judgement.verdict, confidence: judgement.confidence }
        };
        let against = opponents.iter().filter_map(|voice| voice.deciding.first());
        let against = against
            .take(CITATIONS_MAX)
            .map(|at| Quote { verdict: Verdict::Contradicted, ..alone(*at) });
        let verdict = decides.map_or(Verdict::Unsupported, |voice| voice.judgement.verdict);
        let quoted: Vec<usize> = match supporters.as_slice() {
            [] | [_] if verdict == Verdict::Contradicted => Vec::new(),
            [] | [_] => decides.map(|voice| voice.deciding.clone()).unwrap_or_default(),
            several => several.iter().filter_map(|voice| voice.deciding.first()).copied().collect(),
        };
        let mut mismatches: Vec<Mismatch> =
            opponents.iter().flat_map(|voice| voice.judgement.mismatches.clone()).collect();
        mismatches.sort_unstable();
        mismatches.dedup();
        Self {
            verdict,
            confidence: decides.map_or(0.0, |voice| voice.judgement.confidence),
            for_it: telling(quoted.into_iter().take(CITATIONS_MAX).map(alone).collect()),
            against: against.collect(),
            has_supporter: !supporters.is_empty(),
            mismatches,
        }
    }
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
