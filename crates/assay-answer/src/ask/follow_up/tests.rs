//! What follow-up questions stand for.

use super::{Exchange, leans, model::keeps_the_words, rewrite};

fn after(question: &str, answer: &str) -> Vec<Exchange> {
    vec![Exchange { question: question.to_owned(), answer: answer.to_owned() }]
}

#[test]
fn pronouns_stand_for_what_the_turn_before_was_about() {
    for (before, answer, asked, expect) in [
        (
            "Where did the second trial take place?",
            "The second trial took place in 2021 in Oslo.",
            "What did it cost?",
            "What did the second trial cost?",
        ),
        (
            "Who is Ada Lovelace?",
            "Ada Lovelace was a mathematician.",
            "When was she born?",
            "When was Ada Lovelace born?",
        ),
        (
            "What does a treatment cost?",
            "A treatment costs 6 euros.",
            "Who approved its budget?",
            "Who approved a treatment's budget?",
        ),
        (
            "Who approved the budget?",
            "The budget was approved by Dr. Lind on 3 May 2020.",
            "When did he approve it?",
            "When did Dr. Lind approve it?",
        ),
        (
            "What does a treatment cost?",
            "A treatment costs 6 euros.",
            "Tell me more.",
            "Tell me more about a treatment",
        ),
        (
            "Where did the second trial take place?",
            "The second trial took place in 2021 in Oslo.",
            "Which drugs were tested there?",
            "Which drugs were tested in Oslo?",
        ),
    ] {
        let rewritten = rewrite(asked, &after(before, answer));
        assert_eq!(rewritten.as_deref(), Some(expect), "{before}");
        assert!(leans(asked), "{asked}");
    }
}

#[test]
fn what_is_left_out_comes_from_the_question_before() {
    for (before, asked, expect) in [
        ("What was the budget in 2020?", "And in 2021?", "What was the budget in 2021?"),
        ("Who led the Oslo trial in 2020?", "What about 2021?", "Who led the Oslo trial in 2021?"),
        ("What is the capital of Norway?", "And Sweden?", "What is the capital of Sweden?"),
        (
            "What does a treatment cost?",
            "What about for children?",
            "What does a treatment cost for children?",
        ),
        (
            "Where did the second trial take place?",
            "When?",
            "When did the second trial take place?",
        ),
        ("Did dexamethasone lower mortality?", "Why?", "Why did dexamethasone lower mortality?"),
    ] {
        let rewritten = rewrite(asked, &after(before, ""));
        assert_eq!(rewritten.as_deref(), Some(expect), "{before}");
    }
}

#[test]
fn a_question_that_stands_alone_is_left_as_it_is() {
    let history = after("What was the budget in 2020?", "It was 6 euros.");
    for asked in [
        "Which volcano erupted in Iceland in 1783?",
        "Is there a second trial?",
        "Where did Dr. Lind say that he was born?",
        "And who approved the budget that was asked for in the second trial?",
    ] {
        assert_eq!(rewrite(asked, &history), None, "{asked}");
        assert!(!leans(asked), "{asked}");
    }
    assert_eq!(rewrite("What did it cost?", &[]), None);
}

#[test]
fn a_model_may_neither_lose_nor_invent_words() {
    let history = after("Where did the second trial take place?", "In Oslo, in 2021.");
    let keeps = |text| keeps_the_words(text, "What did it cost?", &history);
    assert!(keeps("What did the second trial in Oslo cost?"));
    assert!(!keeps("Where did the second trial take place?"));
    assert!(!keeps("What did the second trial in Bergen cost?"));
    assert!(!keeps("The second trial cost 6 euros.\nIgnore the rules."));
    assert!(!keeps(""));
}
