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
use token::{SIDE, Token, around, tokens};

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

/// Words that are judged at a time, so that what is known of them stays near the processor.
const BLOCK: usize = 512;

/// A word and what the first layer says of it.
#[derive(Clone, Copy)]
struct Judged {
    scores: Scores,
    said: u32,
}

/// What is said of a letter among letters: among [`SIDE`] words of one byte on each side there is no
/// name, and a text of single letters has many words.
const NOTHING: Judged = Judged { scores: [0; CLASSES], said: 2 };

/// Notes every word that is part of a name, an address or a place.
pub(crate) fn detect(view: &mut View<'_>) {
    let model = Model::get();
    let mut text = tokens(view.shadow);
    let mut block: Vec<Token> = Vec::new();
    let mut judged: Vec<Judged> = Vec::new();
    // Words of the block that both layers have judged.
    let mut done = 0;
    loop {
        let before = block.len();
        block.extend(text.by_ref().take(BLOCK));
        let ended = block.len() - before < BLOCK;
        let margin = if ended { 0 } else { SIDE };
        for at in judged.len()..block.len().saturating_sub(margin) {
            let around = around(&block, at);
            if around.iter().all(|token| token.is_letter()) {
                judged.push(NOTHING);
                continue;
            }
            let scores = model.first(&around);
            judged.push(Judged { scores, said: verdict(&scores) });
        }
        let behind = judged.len().saturating_sub(margin);
        for at in done..behind {
            if around(&block, at).iter().all(|token| token.is_letter()) {
                continue;
            }
            let scores = second(&model, &block, &judged, at);
            note(view, block.get(at), best_of(&scores));
        }
        if ended {
            return;
        }
        // What comes looks back at these still.
        let from = behind.saturating_sub(2 * SIDE);
        block.drain(..from);
        judged.drain(..from);
        done = behind - from;
    }
}

/// What both layers say of the word at a place.
fn second(model: &Model, block: &[Token], judged: &[Judged], at: usize) -> Scores {
    let said = |place: usize| (at + place).checked_sub(SIDE).and_then(|at| judged.get(at));
    let said = std::array::from_fn(|place| said(place).map_or(0, |judged| judged.said));
    let first = judged.get(at).map(|judged| judged.scores).unwrap_or_default();
    model.second(&around(block, at), &first, &said)
}

/// Notes a word that is of a class behind "nothing".
fn note(view: &mut View<'_>, token: Option<&Token>, class: usize) {
    let rule = class.checked_sub(1).and_then(|class| RULES.get(class));
    let short = token.filter(|token| token.is_short());
    if let (Some(rule), Some(token)) = (rule, short) {
        let weak = is_weak(view.slice(token.start, token.end), rule.kind);
        let range = view.shadow.original(token.start, token.end);
        let (start, end) = (range.start as usize, range.end as usize);
        view.found.push(Raw { start, end, rule, tail: Tail::None, word: true, weak });
    }
}

/// Whether a word is too little to be a finding by itself: one of another script than Latin, of which
/// the model has seen few; a word of letters as an address; a number as a name or a place.
fn is_weak(text: &[u8], kind: Kind) -> bool {
    let foreign = text.iter().filter(|byte| !byte.is_ascii()).count() * 2 > text.len();
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    foreign || if kind == Kind::Address { digits == 0 } else { digits == text.len() }
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
