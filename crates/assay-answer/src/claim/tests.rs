//! What counts as a claim in answers as models write them.

use assay_core::TextRange;
use proptest::prelude::*;

use super::{Claim, Form, claims};

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

fn contexts(answer: &str) -> Vec<String> {
    claims(answer, &sentences(answer)).iter().map(|claim| claim.in_context(answer)).collect()
}

#[test]
fn a_pronoun_stands_for_the_subject_that_agrees_with_it() {
    let cases = [
        (
            "Marie Curie was born in Warsaw. She won two prizes. Her name is on a street.",
            ["Marie Curie won two prizes.", "Marie Curie's name is on a street."],
        ),
        (
            "The two pumps are old. They leak in winter. Their seals were never changed.",
            ["The two pumps leak in winter.", "The two pumps' seals were never changed."],
        ),
    ];
    for (answer, expect) in cases {
        assert_eq!(contexts(answer)[1..], expect, "{answer}");
    }
}

#[test]
fn a_pronoun_that_no_rule_resolves_stays_with_its_sentence() {
    for answer in [
        "The pumps of the works were old. It leaked in winter.",
        "In 1903 the committee met in Oslo. They gave two prizes.",
        "The pump is old. It is known that seals wear out.",
        "The pump is old. This drug lowers mortality.",
    ] {
        assert_eq!(contexts(answer)[1], answer, "{answer}");
    }
}

#[test]
fn coordinated_sentences_are_split_where_each_half_stands_alone() {
    let answer = "The trial took place in Oslo, and the patients were older than 60. \
        Nobody died; the treatment cost 6 euros.";
    let found = check(
        answer,
        &[
            "The trial took place in Oslo",
            "the patients were older than 60.",
            "Nobody died; the treatment cost 6 euros.",
        ],
    );
    assert_eq!(found[1].form, Form::Half);
    check(
        "The pump was repaired in 2019, but it leaks again in 2021.",
        &["The pump was repaired in 2019, but it leaks again in 2021."],
    );
    let answer = "The pump was repaired in 2019, but it was leaking in 2021.";
    assert_eq!(contexts(answer)[1], "The pump was leaking in 2021.");
}

#[test]
fn what_does_not_stand_alone_is_not_split() {
    for answer in [
        "Apples, pears, and plums were sold.",
        "The company, founded in 1990, and its subsidiary based in Oslo were sold.",
        "If the valve is open, and the pump is on, the tank is filled.",
        "Smith said the plan was late, and the budget was spent.",
        "It costs between 1,000, and 1,500 euros in all.",
        "The report (the budget is old, and the plan is new) was printed.",
    ] {
        check(answer, &[answer]);
    }
}

#[test]
fn rows_of_a_table_are_claims_with_the_heads_of_their_columns() {
    let answer = "| Drug | Price |\n|---|---|\n| Aspirin | 6 euros |\n| Ibuprofen | 8.50 euros |\n\nBoth prices are old.";
    check(answer, &["Aspirin | 6 euros", "Ibuprofen | 8.50 euros", "Both prices are old."]);
    assert_eq!(contexts(answer)[0], "Drug: Aspirin, Price: 6 euros");
}

#[test]
fn items_of_a_nested_list_lean_on_the_nearest_lead_in() {
    let answer = "The members are:\n- The drummers:\n  - Ringo Starr\n- Paul McCartney\n\nAll members are British.";
    check(answer, &["Ringo Starr", "Paul McCartney", "All members are British."]);
    assert_eq!(
        contexts(answer)[..2],
        ["The drummers Ringo Starr", "The members are Paul McCartney"]
    );
}

proptest! {
    #[test]
    fn claims_are_ordered_and_inside_their_sentences(answer in "([A-Za-zé.?!:#*\\-0-9\n ;|(,]|1\\. |- |, and |It was ){0,120}") {
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
