//! The same questions in every form, and what is no question.

use super::{JudgedQuestion, read_questions};

fn read(name: &str, text: &str) -> Result<Vec<JudgedQuestion>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    read_questions(&path).map_err(|error| error.to_string())
}

#[test]
fn every_form_gives_the_same_questions() {
    let expected = [
        JudgedQuestion {
            id: "1".to_owned(),
            question: "Who replaced \"pump 7\", and when?".to_owned(),
            answers: vec!["Ines Duarte".to_owned(), "I. Duarte".to_owned()],
            documents: vec!["pump.md".to_owned(), "plan.pdf".to_owned()],
            ..JudgedQuestion::default()
        },
        JudgedQuestion {
            id: "moon".to_owned(),
            question: "How far is the moon?".to_owned(),
            not_in_sources: true,
            ..JudgedQuestion::default()
        },
    ];
    let forms = [
        (
            "q.jsonl",
            "{\"question\": \"Who replaced \\\"pump 7\\\", and when?\", \"answer\": [\"Ines \
             Duarte\", \"I. Duarte\"], \"documents\": [\"pump.md\", \"plan.pdf\"]}\n\n{\"id\": \
             \"moon\", \"question\": \"How far is the moon?\", \"answerable\": false}\n",
        ),
        (
            "q.csv",
            "\u{feff}id,question,answer,documents,not_in_sources\r\n1,\"Who replaced \"\"pump \
             7\"\", and when?\",Ines Duarte|I. Duarte,pump.md;plan.pdf,\r\nmoon,How far is the \
             moon?,,,yes\r\n",
        ),
        (
            "q.csv",
            "question;answer;documents;not_in_sources;id\n\"Who replaced \"\"pump 7\"\", and \
             when?\";Ines Duarte|I. Duarte;pump.md|plan.pdf;no;1\nHow far is the moon?;;;x;moon\n",
        ),
        (
            "q.yaml",
            "questions:\n- question: Who replaced \"pump 7\", and when?\n  answer: [Ines Duarte, \
             I. Duarte]\n  documents:\n  - pump.md\n  - plan.pdf\n  _by: me\n- id: moon\n  \
             question: How far is the moon?\n  not_in_sources: true\n",
        ),
    ];
    for (name, text) in forms {
        assert_eq!(read(name, text).unwrap(), expected, "{name}");
    }
    assert_eq!(read("q.json", "[\"What?\"]").unwrap()[0].question, "What?");
}

#[test]
fn what_is_no_question_is_named() {
    let long = format!("[\"{}\"]", "x".repeat(1001));
    let cases = [
        ("q.txt", "What?", "ends in none of"),
        ("q.json", "[]", "0 questions"),
        ("q.json", "{}", "no list of questions"),
        ("q.json", "[3]", "question 1: it is neither"),
        ("q.json", &long, "1001 characters"),
        ("q.jsonl", "\n{\"question\"", "line 2: "),
        ("q.jsonl", "{\"question\": \"a\", \"documnets\": []}", "`documnets` is not a field"),
        ("q.jsonl", "{\"question\": \"a\", \"answerable\": \"maybe\"}", "write true or false"),
        (
            "q.json",
            "[{\"id\": 1, \"question\": \"a\"}, {\"id\": \"1\", \"question\": \"b\"}]",
            "taken",
        ),
        (
            "q.jsonl",
            "{\"question\": \"a\", \"answer\": \"b\", \"not_in_sources\": true}",
            "`not_in_sources` is set",
        ),
        ("q.csv", "q,a\nWhat?,x\n", "headed `question`"),
        ("q.csv", "question\n\"never closed\n", "never closed"),
        ("q.yaml", "- &a What?\n- *a\n", "aliases"),
        ("q.yaml", "- [[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]", "levels"),
        ("q.yaml", "", "no value"),
    ];
    for (name, text, reason) in cases {
        let error = read(name, text).unwrap_err();
        assert!(error.contains(reason), "{name}: {error}");
    }
}
