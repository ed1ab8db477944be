//! The extractive writer: the sentences of the sources that answer the question, unchanged.

use super::{
    Asking, Page,
    page::Entry,
    weigh::{Weighed, against},
};
use crate::{AnswerError, extract, verify::Sentence};

/// Share of its score that a sentence keeps which reads like an order to a model.
const ORDER_SHARE: f32 = 0.25;

/// Writes the answer onto the page; writes nothing when the evidence does not hold one.
pub(super) async fn write(asking: &Asking<'_>, page: &mut Page) -> Result<(), AnswerError> {
    let asked = extract::Question { text: asking.text, vector: asking.vector.as_deref() };
    let (places, candidates): (Vec<usize>, Vec<_>) = candidates(&page.evidence).into_iter().unzip();
    let chosen = extract::extract(&asked, &candidates).sentences;
    let chosen: Vec<usize> = chosen.into_iter().filter_map(|at| places.get(at).copied()).collect();
    for index in chosen {
        // The other side of a conflict that was shown with the claim before.
        if !page.cites(index) {
            add(asking, page, index).await?;
        }
    }
    Ok(())
}

/// Adds a sentence of the evidence. Where sources differ the newest speaks first.
async fn add(asking: &Asking<'_>, page: &mut Page, chosen: usize) -> Result<(), AnswerError> {
    let verifier = &asking.engine.verifier;
    let others = against(verifier, &page.evidence, chosen, &asking.asked);
    let (index, others) = asking.newest_first(page, chosen, others).await?;
    let Some(sentence) = page.evidence.sentences.get(index) else { return Ok(()) };
    let words = sentence.words.text.clone();
    let sentence = Sentence { text: &words, vector: None };
    // A quote is judged against itself: it holds by construction, and the verdict proves it.
    let mut judgement = verifier.check(&sentence, &[sentence]);
    judgement.deciding = vec![index];
    let weighed = Weighed { judgement, against: others };
    let dates = asking.dates(page, &weighed).await?;
    let entry = Entry {
        before: " ",
        words: &words,
        after: "",
        sentence,
        judgement: &weighed.judgement,
        against: &dates.against,
        date: dates.own,
    };
    let piece = page.add(verifier, &entry);
    asking.sink.piece(piece).await;
    Ok(())
}

/// The sentences that may answer, each with its place in the evidence. A heading names what
/// follows; it answers nothing.
pub(super) fn candidates(
    evidence: &super::Evidence,
) -> Vec<(usize, extract::EvidenceSentence<'_>)> {
    let mut position = 0;
    let mut before = usize::MAX;
    let mut candidates = Vec::new();
    for (at, sentence) in evidence.sentences.iter().enumerate() {
        let Some(passage) = evidence.passages.get(sentence.passage) else { continue };
        let words = sentence.words.text.trim();
        if passage.passage.heading_path.iter().any(|heading| heading.trim() == words) {
            continue;
        }
        position = if sentence.passage == before { position + 1 } else { 0 };
        before = sentence.passage;
        let candidate = extract::EvidenceSentence {
            passage: sentence.passage,
            position,
            text: &sentence.words.text,
            vector: sentence.words.vector.as_deref(),
            passage_score: passage.fused_score()
                * if evidence.is_order(at) { ORDER_SHARE } else { 1.0 },
        };
        candidates.push((at, candidate));
    }
    candidates
}
