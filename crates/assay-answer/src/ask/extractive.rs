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
    for index in extract::extract(&asked, &candidates(page)).sentences {
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

fn candidates(page: &Page) -> Vec<extract::EvidenceSentence<'_>> {
    let mut position = 0;
    let mut before = usize::MAX;
    page.evidence
        .sentences
        .iter()
        .map(|sentence| {
            position = if sentence.passage == before { position + 1 } else { 0 };
            before = sentence.passage;
            extract::EvidenceSentence {
                passage: sentence.passage,
                position,
                text: &sentence.words.text,
                vector: sentence.words.vector.as_deref(),
                passage_score: page
                    .evidence
                    .passages
                    .get(sentence.passage)
                    .map_or(0.0, |passage| passage.score),
            }
        })
        .collect()
}
