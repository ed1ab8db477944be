//! Weighs a claim by all of the evidence: which quotes it needs, and which sources say otherwise.

use std::collections::BTreeMap;

use assay_core::DocumentId;
use assay_gateway::Purpose;

use super::{Evidence, topic::stems};
use crate::{
    Engine,
    verify::{Judgement, Mismatch, Sentence, Verdict, Verifier, words::WordSet},
};

/// A claim and a sentence that share less of the claim's content words are not about the same.
const SAME_MATTER: f32 = 0.4;

/// A claim and what the sources say of it.
#[derive(Debug, Clone)]
pub(super) struct Weighed {
    /// The judgement; its deciding sentences are no more than the claim needs.
    pub(super) judgement: Judgement,
    /// Sentences of the evidence that say otherwise, one of a document.
    pub(super) against: Vec<usize>,
}

/// What is asked, as far as it bears on whether two sources speak of the same.
pub(super) struct Asked {
    stems: WordSet<String>,
    /// Whether a name is asked for, so that another name is another answer.
    for_name: bool,
}

impl Asked {
    pub(super) fn new(question: &str) -> Self {
        let lower = question.to_lowercase();
        let words = ["who", "whose", "whom", "where", "which", "name", "called"];
        let for_name =
            lower.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word));
        Self { stems: stems(question), for_name }
    }
}

/// Weighs a claim by the evidence.
pub(super) async fn weigh(
    engine: &Engine,
    purpose: Purpose<'_>,
    claim: Sentence<'_>,
    evidence: &Evidence,
    asked: &Asked,
) -> Weighed {
    let verifier = &engine.verifier;
    let mut judgement = engine.judge(purpose, &claim, &evidence.as_sentences()).await;
    // A model that was set up to judge is not overruled.
    let is_built_in = engine.judge.is_none() || judgement.note.is_some();
    let sides = sides(verifier, claim, evidence, None);
    if is_built_in
        && matches!(judgement.verdict, Verdict::Contradicted | Verdict::Unsupported)
        && let Some(best) = sides.supporting
    {
        judgement = best;
    }
    if judgement.verdict != Verdict::Supported {
        return Weighed { judgement, against: Vec::new() };
    }
    needed(verifier, claim, evidence, &mut judgement);
    let own = judgement.deciding.first().copied();
    let against = same_thing(evidence, asked, own, sides.against);
    Weighed { judgement, against }
}

/// Sentences of other documents that say something else than the sentence `own` of the evidence.
pub(super) fn against(
    verifier: &Verifier,
    evidence: &Evidence,
    own: usize,
    asked: &Asked,
) -> Vec<usize> {
    let Some(sentence) = evidence.sentences.get(own) else { return Vec::new() };
    let skip = evidence.document(own);
    let sides = sides(verifier, sentence.words.sentence(), evidence, skip);
    same_thing(evidence, asked, Some(own), sides.against)
}

struct Sides {
    /// The best judgement by one document alone that supports the claim.
    supporting: Option<Judgement>,
    /// Sentences that contradict it, with what differs.
    against: Vec<(usize, Vec<Mismatch>)>,
}

/// Judges a claim by each document apart.
fn sides(
    verifier: &Verifier,
    claim: Sentence<'_>,
    evidence: &Evidence,
    skip: Option<DocumentId>,
) -> Sides {
    let mut sides = Sides { supporting: None, against: Vec::new() };
    let documents = by_document(evidence, claim.text, skip);
    for places in documents.values() {
        let sentences: Vec<Sentence<'_>> = places
            .iter()
            .filter_map(|&at| Some(evidence.sentences.get(at)?.words.sentence()))
            .collect();
        let mut judgement = verifier.check(&claim, &sentences);
        judgement.deciding =
            judgement.deciding.iter().filter_map(|&at| places.get(at).copied()).collect();
        match judgement.verdict {
            Verdict::Contradicted => {
                if let Some(&closest) = judgement.deciding.first() {
                    sides.against.push((closest, judgement.mismatches));
                }
            }
            Verdict::Supported
                if sides
                    .supporting
                    .as_ref()
                    .is_none_or(|best| judgement.confidence > best.confidence) =>
            {
                sides.supporting = Some(judgement);
            }
            _ => {}
        }
    }
    sides
}

/// The sentences that may speak of the claim's matter, by document.
fn by_document(
    evidence: &Evidence,
    claim: &str,
    skip: Option<DocumentId>,
) -> BTreeMap<DocumentId, Vec<usize>> {
    let mut documents = BTreeMap::new();
    let first = evidence.document(0);
    let several = (0..evidence.sentences.len()).any(|at| evidence.document(at) != first);
    if !several {
        return documents;
    }
    let said = stems(claim);
    let least = SAME_MATTER * said.len() as f32;
    for (at, sentence) in evidence.sentences.iter().enumerate() {
        let Some(document) = evidence.document(at).filter(|document| Some(*document) != skip)
        else {
            continue;
        };
        let shared = stems(&sentence.words.text).intersection(&said).count();
        if shared as f32 >= least {
            documents.entry(document).or_insert_with(Vec::new).push(at);
        }
    }
    documents
}

/// Leaves the sentences whose passages speak of the same words of the question as the claim's own:
/// prices of two products differ without a conflict.
fn same_thing(
    evidence: &Evidence,
    asked: &Asked,
    own: Option<usize>,
    against: Vec<(usize, Vec<Mismatch>)>,
) -> Vec<usize> {
    let topics = |at: usize| {
        let said = evidence.passage_of(at).map(|found| {
            let passage = &found.passage;
            let title = passage.title.as_deref().unwrap_or("");
            stems(&format!("{title} {} {}", passage.heading_path.join(" "), passage.text))
        });
        let said = said.unwrap_or_default();
        asked.stems.iter().filter(|stem| said.contains(*stem)).cloned().collect::<WordSet<String>>()
    };
    let Some(own) = own.filter(|_| !against.is_empty()).map(topics) else { return Vec::new() };
    against
        .into_iter()
        .filter(|(at, mismatches)| {
            let differs = asked.for_name || mismatches.iter().any(|kind| *kind != Mismatch::Name);
            differs && own == topics(*at)
        })
        .map(|(at, _)| at)
        .collect()
}

/// Leaves as many deciding sentences as support the claim together, so that every citation is one
/// that the claim needs.
fn needed(
    verifier: &Verifier,
    claim: Sentence<'_>,
    evidence: &Evidence,
    judgement: &mut Judgement,
) {
    let mut together = Vec::new();
    for (taken, &at) in (1..).zip(&judgement.deciding) {
        let Some(sentence) = evidence.sentences.get(at) else { continue };
        together.push(sentence.words.sentence());
        if verifier.check(&claim, &together).verdict == Verdict::Supported {
            judgement.deciding.truncate(taken);
            return;
        }
    }
}
