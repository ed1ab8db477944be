//! Evaluation on one's own documents, and the gates that a build relies on.

use std::fs;

use serde_json::Value;

use crate::support::Desk;

const PUMP: &str = "# Pump 7\n\nPump 7 was replaced on 4 March 2023 by Ines Duarte. \
    The new pump moves 340 litres a minute.\n";
const VALVE: &str = "# Valve\n\nThe <b>valve</b> of line 2 was greased in May by Tom Berg.\n";
const QUESTIONS: &str = "id,question,answer,documents,not_in_sources\n\
    who,Who replaced pump 7?,Ines Duarte,pump.md,\n\
    valve,Who greased the valve of line 2?,Tom <Berg>,valve.md,\n\
    wrong,How many litres does the new pump move a minute?,999 litres,pump.md,\n\
    moon,Which volcano erupted in Iceland in 1783?,,,yes\n";

/// A data folder with two documents, and a file of questions.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    desk.file("pump.md", PUMP);
    desk.file("valve.md", VALVE);
    assert_eq!(desk.run(&["ingest", desk.files().to_str().unwrap()]).code, 0);
    let questions = desk.file("questions.csv", QUESTIONS).to_str().unwrap().to_owned();
    (desk, questions)
}

#[test]
fn own_questions_give_figures_a_report_and_a_run_to_compare() {
    let (desk, questions) = desk();
    let html = desk.files().join("report.html");
    let out = desk.files().join("run.json");
    let (html, out) = (html.to_str().unwrap(), out.to_str().unwrap());
    let run = desk.run(&["eval", "questions", &questions, "--html", html, "--out", out, "--json"]);
    assert_eq!(run.code, 0, "{run:?}");
    let figures = &run.json()["figures"];
    assert_eq!((&figures["questions"], &figures["unanswerable"]), (&4.into(), &1.into()));
    assert_eq!(figures["recall_at_10"], 1.0, "{figures}");
    assert_eq!(figures["abstention_recall"], 1.0, "{figures}");
    assert_eq!(figures["citation_recall"], 1.0, "{figures}");
    let first = &run.json()["questions"][0];
    assert_eq!(first["id"], "wrong", "failures come first");
    assert!(first["failures"][0].as_str().unwrap().contains("does not hold"), "{first}");

    let page = fs::read_to_string(html).unwrap();
    assert!(page.contains("<mark>"), "the quotes are marked in their passages");
    assert!(page.contains("Tom &lt;Berg&gt;") && !page.contains("<Berg>"), "{page}");
    assert!(page.find("How many litres") < page.find("Who replaced"), "failures come first");
    for outside in ["http://", "https://", "<script", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "the report names {outside}");
    }

    let compared = desk.run(&["eval", "compare", out, out]);
    assert_eq!(compared.code, 0, "{compared:?}");
    assert!(compared.stdout.contains("ndcg_at_10: no difference"), "{}", compared.stdout);
    let table = desk.run(&["eval", "questions", &questions]);
    assert!(table.stdout.contains("1 failed:"), "{}", table.stdout);
}

#[test]
fn a_deployment_is_asked_by_its_address() {
    let (desk, questions) = desk();
    let here = desk.run(&["eval", "questions", &questions, "--json"]).json()["figures"].clone();
    let server = desk.serve();
    // Another data folder: nothing but the address leads to the documents.
    let other = Desk::new();
    let ask = |url: &str, further: &[&str]| {
        other.run(&[&["eval", "questions", &questions, "--url", url, "--json"], further].concat())
    };
    let there = ask(&server.url, &[]);
    assert_eq!(there.code, 0, "{there:?}");
    let figures = &there.json()["figures"];
    for name in ["questions", "pass_rate", "ndcg_at_10", "citation_recall", "abstention_recall"] {
        assert_eq!(figures[name], here[name], "{name}: {figures}");
    }
    assert_eq!(ask(&server.url, &["--gate", "pass_rate>=0.9"]).code, 8);
    let refused = ask(&server.url, &["--set", "answer.evidence_passages=2"]);
    assert_eq!(refused.code, 2, "its configuration is not ours to change: {refused:?}");
    assert_eq!(ask("ftp://example.org", &[]).code, 2);
    let url = server.url.clone();
    server.kill().unwrap();
    assert_eq!(ask(&url, &[]).code, 3, "nobody answers there");
}

#[test]
fn two_settings_are_compared_with_a_server_and_without() {
    let (desk, questions) = desk();
    let arguments =
        ["eval", "questions", &questions, "--set", "mode=keyword", "--against", "mode=hybrid"];
    let told = desk.run(&arguments);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stdout.contains("mode=keyword"), "{}", told.stdout);
    assert!(told.stdout.contains("questions)"), "{}", told.stdout);
    let key = ["eval", "questions", &questions, "--set", "answer.evidence_passages=2", "--json"];
    assert_eq!(desk.run(&key).json()["settings"][0], "answer.evidence_passages=2");
    let server = desk.serve();
    assert_eq!(desk.run(&arguments).code, 0);
    // Its configuration is not ours to change.
    assert_eq!(desk.run(&key).code, 4);
    server.kill().unwrap();
    for wrong in ["mode", "speed=fast", "answer.nothing=1", "mode=psychic"] {
        let told = desk.run(&["eval", "questions", &questions, "--set", wrong]);
        assert_eq!(told.code, 2, "{wrong}: {told:?}");
    }
}

#[test]
fn a_gate_that_fails_ends_the_build() {
    let (desk, questions) = desk();
    let gate = |gate: &str| desk.run(&["eval", "questions", &questions, "--gate", gate]);
    assert_eq!(gate("recall_at_10>=0.9").code, 0);
    let failed = gate("pass_rate>=0.9");
    assert_eq!(failed.code, 8, "{failed:?}");
    assert!(failed.stderr.contains("`pass_rate` is 0.7500"), "{}", failed.stderr);
    assert_eq!(gate("no_such_figure>=0").code, 8, "no data is not a pass");
    assert_eq!(gate("pass_rate").code, 2);

    let better = desk.file("better.json", "{\"figures\": {\"pass_rate\": 0.9, \"questions\": 4}}");
    let better = better.to_str().unwrap();
    let against = |drop: &str| {
        let arguments = ["eval", "questions", &questions, "--baseline", better, "--max-drop", drop];
        desk.run(&arguments).code
    };
    assert_eq!((against("0.1"), against("0.2")), (8, 0));
}

#[test]
fn judged_data_gives_figures_for_each_question_and_the_same_gates() {
    let desk = Desk::new();
    desk.file(
        "data/corpus.jsonl",
        concat!(
            "{\"_id\": \"1\", \"title\": \"Pump\", \"text\": \"The pump moves water.\"}\n",
            "{\"_id\": \"2\", \"title\": \"Valve\", \"text\": \"The valve was greased.\"}\n",
        ),
    );
    desk.file("data/queries.train.jsonl", "{\"_id\": \"q\", \"text\": \"greased valve\"}\n");
    desk.file("data/qrels.train.tsv", "query\tdocument\tgrade\nq\t2\t1\n");
    let data = desk.files().join("data");
    let each = desk.files().join("each.jsonl");
    let (data, each) = (data.to_str().unwrap(), each.to_str().unwrap());
    let mut arguments =
        vec!["eval", "retrieval", "--data", data, "--mode", "keyword", "--per-question", each];
    arguments.extend(["--json", "--gate", "ndcg_at_10>=0.6"]);
    let run = desk.run(&arguments);
    assert_eq!(run.code, 0, "{run:?}");
    let mut fields: Vec<String> = run.json().as_object().unwrap().keys().cloned().collect();
    fields.sort();
    let expected = ["documents", "latency_ms", "mode", "ndcg_at_10", "queries", "recall_at_100"];
    assert_eq!(fields, expected);
    let line: Value = serde_json::from_str(fs::read_to_string(each).unwrap().trim()).unwrap();
    assert_eq!((&line["id"], &line["measures"]["ndcg_at_10"]), (&"q".into(), &1.0.into()));
    assert_eq!(desk.run(&["eval", "compare", each, each, "--json"]).code, 0);
    arguments.extend(["--gate", "documents>=3"]);
    assert_eq!(desk.run(&arguments).code, 8);
}

#[test]
fn a_text_is_cited_from_files() {
    let desk = Desk::new();
    let draft =
        desk.file("draft.md", "Pump 7 was replaced by Ines Duarte. It flies to the moon.\n");
    let notes = desk.file("notes.txt", PUMP);
    let listed = desk.file(
        "listed.json",
        "[{\"title\": \"Log\", \"url\": \"https://log.example/7\", \"author\": \"Duarte, Ines\", \
         \"published_at\": \"2023-03-05\", \"content\": \"Pump 7 was replaced by Ines Duarte.\"}]",
    );
    let (draft, notes) = (draft.to_str().unwrap(), notes.to_str().unwrap());
    let listed = listed.to_str().unwrap();
    let cited = desk.run(&["cite", draft, "--sources", notes, "--sources", listed]);
    assert_eq!(cited.code, 0, "{cited:?}");
    assert!(cited.stdout.contains("Ines Duarte. [1] [2] It flies"), "{}", cited.stdout);
    assert!(cited.stdout.contains("1 of 2 claims supported"), "{}", cited.stdout);
    let cited = desk.run(&["cite", draft, "--sources", listed, "--style", "apa"]);
    assert!(cited.stdout.contains("Ines Duarte (Duarte, 2023)."), "{}", cited.stdout);
    let list =
        desk.run(&["cite", draft, "--sources", listed, "--style", "apa", "--only-bibliography"]);
    assert_eq!(list.stdout, "Duarte, I. (2023, March 5). Log. https://log.example/7\n");
    let json = desk.run(&["cite", draft, "--sources", listed, "--json"]).json();
    assert_eq!(json["coverage"], 0.5, "{json}");
    assert_eq!(desk.run(&["cite", draft, "--sources", "nowhere.txt"]).code, 2);
    assert_eq!(desk.run(&["cite", draft, "--sources", listed, "--style", "none"]).code, 2);
    let other = desk.file("other.txt", "Salt the water before the pasta goes in.");
    assert_eq!(desk.run(&["cite", draft, "--sources", other.to_str().unwrap()]).code, 7);
}
