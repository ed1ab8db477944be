//! Names, addresses and places: a linear model over words, their shape and their neighbours.
//!
//! Two layers. The first judges each word by itself and by the two on each side. The second judges
//! it again by what the first said of its neighbours. Neither looks further than [`REACH`] bytes,
//! so that a stream can decide as soon as those are there. Trained in `training/guard/`.

use crate::{
    Kind, Rule, Severity,
    view::{Raw, Tail, View},
};

mod features;
mod lexicon;
mod model;
mod token;

use features::verdict;
use model::{CLASSES, Model, Scores};
use token::tokens;

static PERSON: Rule = Rule::built_in(
    "person_name",
    Kind::Person,
    Severity::Medium,
    "The name of a person, by the judgement of a linear model over words and their neighbours.",
    &["My name is Donald van der Voet"],
);
static ADDRESS: Rule = Rule::built_in(
    "postal_address",
    Kind::Address,
    Severity::Medium,
    "A postal address, by the judgement of a linear model over words and their neighbours.",
    &["Please return to 2657 Koontz Lane Apt. 602 in case of an issue."],
);
static LOCATION: Rule = Rule::built_in(
    "location",
    Kind::Location,
    Severity::Low,
    "A place that tells where somebody is or comes from, by the judgement of a linear model.",
    &["My friend lives in Zurich"],
);
static ORGANISATION: Rule = Rule::built_in(
    "organisation",
    Kind::Organisation,
    Severity::Low,
    "An organisation that somebody belongs to, by the judgement of a linear model.",
    &["Romilda works at Smith Ltd. as an assistant"],
);

/// The rules of this family, in the order of the model's classes behind "nothing".
pub(crate) const RULES: &[&Rule] = &[&PERSON, &ADDRESS, &LOCATION, &ORGANISATION];

/// Bytes of the original between a word and the furthest that a layer may look at.
pub(crate) const REACH: usize = 80;

/// Notes every word that is part of a name, an address or a place.
pub(crate) fn detect(view: &mut View<'_>) {
    let model = Model::get();
    let tokens = tokens(view.shadow);
    let first: Vec<Scores> = (0..tokens.len()).map(|at| model.first(&tokens, at)).collect();
    let said: Vec<u32> = first.iter().map(verdict).collect();
    for (at, (token, first)) in tokens.iter().zip(&first).enumerate() {
        let scores = model.second(&tokens, first, &said, at);
        let best = best_of(&scores);
        let rule = best.checked_sub(1).and_then(|class| RULES.get(class));
        if let Some(rule) = rule.filter(|_| token.is_short()) {
            let range = view.shadow.original(token.start, token.end);
            let (start, end) = (range.start as usize, range.end as usize);
            view.found.push(Raw { start, end, rule, tail: Tail::None, word: true });
        }
    }
}

/// The class with the highest score, the first of equals.
fn best_of(scores: &Scores) -> usize {
    let mut best = 0;
    for class in 1..CLASSES {
        let higher = scores.get(class) > scores.get(best);
        best = if higher { class } else { best };
    }
    best
}
