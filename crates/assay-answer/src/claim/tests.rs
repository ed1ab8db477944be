//! What counts as a claim in answers as models write them.

use assay_core::TextRange;
use proptest::prelude::*;

use super::{Claim, claims};

/// A splitter that knows nothing: a sentence ends at `. `, `? ` or `! `.
fn sentences(text: &str) -> Vec<TextRange> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for (at, pair) in text.as_bytes().windows(2).enumerate() {
        if matches!(pair[0], b'.' | b'?' | b'!') && pair[1].is_ascii_whitespace() {
            ranges.push(TextRange::new(start, at + 1));
            start = at + 1;
        }
    }
    ranges.push(TextRange::new(start, text.len()));
    ranges
}

fn check(answer: &str, expect: &[&str]) -> Vec<Claim> {
    let found = claims(answer, &sentences(answer));
    let texts: Vec<&str> = found.iter().map(|claim| claim.range.of(answer)).collect();
    assert_eq!(texts, expect, "{answer}");
    found
}

#[test]
fn sentences_are_claims_and_questions_and_greetings_are_not() {
    check(
        "Hello there! The tower was built in 1889. Do you want more? I hope this helps.",
        &["The tower was built in 1889."],
    );
}

#[test]
fn headings_are_left_out_and_wrapped_lines_are_joined() {
    check(
        "# The tower\n\nThe tower was built\nin 1889 by Eiffel.\n\n**Height**\n\nThe height is 330 m.",
        &["The tower was built\nin 1889 by Eiffel.", "The height is 330 m."],
    );
}

#[test]
fn list_items_are_claims_with_their_lead_in() {
    let answer = "The members are:\n\n- Paul\n- John Lennon\n1. Ringo, who drums";
    let found = check(answer, &["Paul", "John Lennon", "Ringo, who drums"]);
    assert_eq!(found[1].in_context(answer), "The members are John Lennon");
}

#[test]
fn a_pronoun_keeps_the_sentence_before_it() {
    let answer =
        "Marie Curie was born in Warsaw. She won two Nobel prizes. Poland honours her name.";
    let found = check(
        answer,
        &[
            "Marie Curie was born in Warsaw.",
            "She won two Nobel prizes.",
            "Poland honours her name.",
        ],
    );
    assert_eq!(found[1].context, Some(found[0].range));
    assert_eq!(found[2].context, None);
}

#[test]
fn code_is_not_a_claim() {
    check(
        "Run this command now.\n\n```\nlet total = price;\n```\n\nIt prints the total price.",
        &["Run this command now.", "It prints the total price."],
    );
}

proptest! {
    #[test]
    fn claims_are_ordered_and_inside_their_sentences(answer in "([A-Za-zé.?!:#*\\-0-9\n ]|1\\. |- ){0,120}") {
        let ranges = sentences(&answer);
        let found = claims(&answer, &ranges);
        for claim in &found {
            prop_assert!(ranges.iter().any(|range| range.contains(claim.range)));
            prop_assert!(!claim.range.of(&answer).is_empty());
            prop_assert_eq!(claim.range.of(&answer).trim(), claim.range.of(&answer));
        }
        prop_assert!(found.windows(2).all(|two| two[0].range.end <= two[1].range.start));
    }
}
