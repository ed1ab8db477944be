//! Replies judged by hand.

use super::{CitedQuote, DocumentName, QuestionRun, Reply};
use crate::eval::JudgedQuestion;

fn document(name: &str) -> DocumentName {
    DocumentName { id: format!("id-{name}"), title: String::new(), url: format!("/files/{name}") }
}

fn reply(answer: &str, cited: &[&str], found: &[&str]) -> Reply {
    let citation = |(number, name): (usize, &&str)| CitedQuote {
        number,
        document: document(name),
        quote: "quote".to_owned(),
        before: String::new(),
        after: String::new(),
        verdict: "supported".to_owned(),
        confidence: 0.9,
    };
    Reply {
        ranking: found.iter().map(|name| document(name)).collect(),
        state: "supported".to_owned(),
        answered: !answer.is_empty(),
        answer: answer.to_owned(),
        verdicts: vec!["supported".to_owned()],
        citations: (1..).zip(cited).map(citation).collect(),
        search_ms: 1.0,
        answer_ms: 2.0,
        error: None,
    }
}

fn question(id: &str, answers: &[&str], documents: &[&str]) -> JudgedQuestion {
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    JudgedQuestion {
        id: id.to_owned(),
        question: "?".to_owned(),
        answers: owned(answers),
        documents: owned(documents),
        not_in_sources: answers.is_empty() && documents.is_empty(),
        collections: Vec::new(),
    }
}

#[test]
fn figures_are_means_over_the_questions_that_they_are_about() {
    let run = QuestionRun::new(
        Vec::new(),
        vec![
            // Right in every way; the document is second.
            (
                question("right", &["The 340 litres"], &["Pump.md"]),
                reply("It moves 340 litres a minute. [1]", &["pump.md"], &["x.md", "pump.md"]),
            ),
            // Cites one right and one wrong document, and says another number.
            (
                question("wrong", &["12 May 2020"], &["a.md"]),
                reply("It was on 11 May 2020. [12]", &["a.md", "b.md"], &["a.md"]),
            ),
            (question("declined", &["yes"], &[]), reply("", &[], &[])),
            (question("absent", &[], &[]), reply("", &[], &[])),
            (question("made up", &[], &[]), reply("On the moon.", &["c.md"], &["c.md"])),
        ],
    );
    let figures = &run.figures;
    assert_eq!((figures.questions, figures.answerable, figures.unanswerable), (5, 3, 2));
    assert_eq!(figures.pass_rate, Some(0.4));
    assert_eq!(figures.mrr, Some(0.75));
    assert_eq!(figures.recall_at_10, Some(1.0));
    assert_eq!(figures.citation_precision, Some(0.75));
    assert_eq!(figures.citation_recall, Some(1.0));
    assert_eq!(figures.answer_match, Some(1.0 / 3.0));
    assert_eq!(figures.abstention_accuracy, Some(0.6));
    assert_eq!(figures.abstention_precision, Some(0.5));
    assert_eq!(figures.abstention_recall, Some(0.5));
    let order: Vec<&str> = run.questions.iter().map(|one| one.expected.id.as_str()).collect();
    assert_eq!(order, ["wrong", "declined", "made up", "right", "absent"]);
    assert_eq!(run.questions[0].failures, ["the answer does not hold the expected one"]);
}

#[test]
fn nothing_known_is_no_figure_and_no_pass() {
    let unknown = JudgedQuestion { question: "?".to_owned(), ..JudgedQuestion::default() };
    let run = QuestionRun::new(Vec::new(), vec![(unknown, reply("Yes.", &["a.md"], &["a.md"]))]);
    assert_eq!((run.figures.pass_rate, run.figures.ndcg_at_10), (None, None));
    assert_eq!(run.figures.supported_share, Some(1.0));
    let failed = Reply { error: Some("gone".to_owned()), ..Reply::default() };
    let run = QuestionRun::new(Vec::new(), vec![(question("x", &[], &[]), failed)]);
    assert_eq!((run.figures.errors, run.figures.pass_rate), (1, Some(0.0)));
    assert_eq!(run.figures.abstention_recall, Some(0.0), "a failure is no abstention");
}

#[test]
fn a_document_is_called_by_id_title_address_or_file_name() {
    let pump =
        DocumentName { id: "7".into(), title: "Pump 7".into(), url: "/data/a/pump.md".into() };
    for name in ["7", "pump 7", "PUMP.md", "a/pump.md", "/data/a/pump.md"] {
        assert!(pump.is_called(name), "{name}");
    }
    for name in ["ump.md", "pump", "a", ""] {
        assert!(!pump.is_called(name), "{name}");
    }
}
