//! The extractive writer: the sentences of the sources that answer the question, unchanged.

use super::{Page, Question, Sink};
use crate::{AnswerError, Engine, extract, verify::Sentence};

/// Writes the answer onto the page; writes nothing when the evidence does not hold one.
pub(super) async fn write(
    engine: &Engine,
    question: &Question,
    page: &mut Page,
    sink: &Sink,
) -> Result<(), AnswerError> {
    let text = question.text.trim();
    let vector = match &engine.embeddings {
        // The vector lane has put it into the cache; a lane that failed leaves words alone.
        Some(embeddings) => embeddings.query(text).await.ok(),
        None => None,
    };
    let asked = extract::Question { text, vector: vector.as_deref() };
    let (places, candidates): (Vec<usize>, Vec<_>) = candidates(page).into_iter().unzip();
    let chosen = extract::extract(&asked, &candidates).sentences;
    let chosen: Vec<usize> = chosen.into_iter().filter_map(|at| places.get(at).copied()).collect();
    for index in chosen {
        let Some(chosen) = page.evidence.sentences.get(index) else { continue };
        let words = chosen.words.text.clone();
        let sentence = Sentence { text: &words, vector: None };
        // A quote is judged against itself: it holds by construction, and the verdict proves it.
        let mut judgement = engine.verifier.check(&sentence, &[sentence]);
        judgement.deciding = vec![index];
        let added = page.add(&engine.verifier, &words, sentence, &judgement);
        sink.text(&added).await;
    }
    Ok(())
}

/// The sentences that may answer, each with its place in the evidence. A heading names what
/// follows; it answers nothing.
fn candidates(page: &Page) -> Vec<(usize, extract::EvidenceSentence<'_>)> {
    let mut position = 0;
    let mut before = usize::MAX;
    let mut candidates = Vec::new();
    for (at, sentence) in page.evidence.sentences.iter().enumerate() {
        let Some(passage) = page.evidence.passages.get(sentence.passage) else { continue };
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
            passage_score: passage.fused_score(),
        };
        candidates.push((at, candidate));
    }
    candidates
}
