//! What is chosen, when nothing is, and what must hold for any question.

use proptest::prelude::*;

use super::{EvidenceSentence, ExtractiveAnswer, Question, extract, features, weights};

fn ask(question: &str, sentences: &[(usize, &str)]) -> ExtractiveAnswer {
    let mut position = 0;
    let candidates: Vec<_> = sentences
        .iter()
        .enumerate()
        .map(|(at, &(passage, text))| {
            let continues = at > 0 && sentences[at - 1].0 == passage;
            position = if continues { position + 1 } else { 0 };
            EvidenceSentence { passage, position, text, vector: None, passage_score: 0.5 }
        })
        .collect();
    extract(&Question { text: question, vector: None }, &candidates)
}

const SENTENCES: [(usize, &str); 6] = [
    (0, "Penguins are birds of the southern seas."),
    (0, "They feed on krill and fish."),
    (1, "The Blanda power station was opened by Maria Rossi in May 1962."),
    (1, "The Blanda power station was built to supply Como with electricity."),
    (1, "It employs 85 people."),
    (2, "The weather in Como is mild."),
];

#[test]
fn the_sentence_that_answers_is_chosen_from_its_passage() {
    let answer = ask("who opened the Blanda power station", &SENTENCES);
    assert!(answer.sentences.contains(&2), "{answer:?}");
    assert!(answer.sentences.iter().all(|at| SENTENCES[*at].0 == 1), "{answer:?}");
    assert!(answer.answerable_probability > 0.5);
}

#[test]
fn a_question_about_something_else_is_not_answered() {
    let answer = ask("how many moons does the planet Jupiter have", &SENTENCES);
    assert_eq!(answer.sentences, [0; 0], "{answer:?}");
    assert_eq!(answer.nearest.len(), 3);
    assert_eq!(ask("who", &[]).answerable_probability, 0.0);
}

#[test]
fn weights_stand_in_the_order_of_the_features() {
    assert!(weights::ANSWER.iter().map(|(name, _)| *name).eq(features::ANSWER));
    assert!(weights::SENTENCE.iter().map(|(name, _)| *name).eq(features::SENTENCE));
}

proptest! {
    #[test]
    fn chosen_sentences_exist_and_are_in_order(
        question in "\\PC{0,40}",
        texts in prop::collection::vec((0_usize..3, "([A-Za-z0-9é.,-]{1,8} ){0,8}"), 0..8),
    ) {
        let texts: Vec<(usize, &str)> = texts.iter().map(|(at, text)| (*at, text.as_str())).collect();
        let answer = ask(&question, &texts);
        prop_assert!((0.0..=1.0).contains(&answer.answerable_probability));
        prop_assert!(answer.sentences.windows(2).all(|two| two[0] < two[1]));
        prop_assert!(answer.sentences.iter().chain(&answer.nearest).all(|at| *at < texts.len()));
        let least = super::ANSWERABLE_MIN[1];
        prop_assert_eq!(answer.sentences.is_empty(), answer.answerable_probability < least);
    }
}
