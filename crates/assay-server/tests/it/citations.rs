//! Checking a text that the caller brings.

use serde_json::{Value, json};

use crate::app::{TestApp, chars};

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_judged_against_the_sources() {
    let app = TestApp::start().await;
    let text = "The bridge was opened in 1932. The bridge was opened in 1947.";
    let source =
        "Work began late. — The bridge was opened in 1932 by the mayor of the city. It is red.";
    let body = json!({
        "text": text,
        "sources": [{ "title": "City", "url": "https://example.org/city", "content": source }],
    });
    let (status, checked) = app.post("/citations/process", body).await;
    assert_eq!(status, 200, "{checked}");
    assert_eq!(checked["claims"][0]["verdict"], "supported", "{checked}");
    assert_ne!(checked["claims"][1]["verdict"], "supported", "{checked}");
    assert_eq!(checked["status"], "success");
    for citation in checked["citations"].as_array().unwrap() {
        let quote = chars(source, &citation["passage_start"], &citation["passage_end"]);
        assert_eq!(quote, citation["snippet"].as_str().unwrap());
    }
    let cited = checked["cited_text"].as_str().unwrap();
    assert!(cited.starts_with("The bridge was opened in 1932. [1]"), "{cited}");
    assert!(checked["bibliography"].as_str().unwrap().contains("https://example.org/city"));
    assert_eq!(checked["coverage"], 0.5, "{checked}");
    assert_eq!(checked["summary"]["total"], 2);
}

/// Two sources agree, one does not, one is about something else.
fn sources() -> Value {
    json!([
        {
            "title": "Harbour annual", "url": "https://www.port.gov/annual", "author": "Ana M. Silva",
            "published_at": "2020-03-01", "container": "Port News",
            "content": "The lighthouse of Ferrol was built in 1901. It is white."
        },
        {
            "title": "Coast guide", "url": "https://coast.example.org/guide",
            "authors": [{ "family": "Berg", "given": "Jan" }, { "name": "Coast Trust" }],
            "published_at": "2020-06-01",
            "snippet": "Visitors like it here. The lighthouse of Ferrol was built in 1911."
        },
        { "title": "Cooking", "content": "Salt the water before the pasta goes in." }
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn opposite_verdicts_are_a_disagreement() {
    let app = TestApp::start().await;
    let text = "The lighthouse of Ferrol was built in 1901.";
    let (status, checked) =
        app.post("/citations/process", json!({ "text": text, "sources": sources() })).await;
    assert_eq!(status, 200, "{checked}");
    assert_eq!(checked["claims"][0]["verdict"], "supported", "{checked}");
    let found = &checked["disagreements"][0];
    assert_eq!(found["kind"], "factual", "{checked}");
    assert_eq!(found["severity"], "high");
    assert_eq!(found["supporting"][0]["source_index"], 0);
    assert_eq!(found["contradicting"][0]["source_index"], 1);
    assert_eq!(found["contradicting"][0]["quote"], "The lighthouse of Ferrol was built in 1911.");
    assert_eq!(found["contradicting"][0]["published_at"], "2020-06-01");
    // What contradicts a claim is no mark on it.
    assert_eq!(checked["cited_text"], format!("{text} [1]"));
    assert_eq!(checked["uncited_sources"], json!([2]));
    let entry = &checked["bibliography_entries"][0];
    assert_eq!((&entry["domain"], &entry["author"]), (&json!("port.gov"), &json!("Silva, Ana M.")));
    assert!((entry["authority_score"].as_f64().unwrap() - 0.9).abs() < 1e-6, "{entry}");
    assert_eq!((&entry["citations_count"], &entry["word_count"]), (&json!(1), &json!(11)));
    assert_eq!(entry["accessibility"], Value::Null, "what nobody told is not made up");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_stays_as_it_is_between_the_marks() {
    let app = TestApp::start().await;
    let text = "# Ferrol\r\n\r\n  The lighthouse of Ferrol was built in 1901 [7].\t\r\n\r\n\
        * It is white.\u{a0}\n\nIs it — “old”? 灯台";
    for (style, mark) in [("ieee", " [1]"), ("apa", " (Silva, 2020)")] {
        let body = json!({ "text": text, "sources": sources(), "style": style, "marks": "style" });
        let (status, checked) = app.post("/citations/process", body).await;
        assert_eq!(status, 200, "{checked}");
        let cited = checked["cited_text"].as_str().unwrap();
        assert!(cited.contains(mark), "{cited}");
        assert_eq!(cited.replace(mark, ""), text);
        let notices = checked["notices"].to_string();
        assert!(notices.contains("marks of its own"), "{notices}");
        for claim in checked["claims"].as_array().unwrap() {
            assert_eq!(
                chars(text, &claim["start"], &claim["end"]),
                claim["text"].as_str().unwrap()
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_style_lists_what_is_cited() {
    let app = TestApp::start().await;
    for (style, expected) in [
        ("markdown", "1. Silva, Ana M. [Harbour annual](https://www.port.gov/annual). Port News."),
        (
            "apa",
            "Silva, A. M. (2020, March 1). Harbour annual. Port News. https://www.port.gov/annual",
        ),
        (
            "mla",
            "Silva, Ana M. “Harbour annual.” Port News, 1 Mar. 2020, https://www.port.gov/annual.",
        ),
        ("chicago", "Silva, Ana M. 2020. “Harbour annual.” Port News. March 1, 2020."),
        ("ieee", "[1] A. M. Silva, “Harbour annual,” Port News, Mar. 1, 2020. Accessed: "),
        ("bibtex", "author = {Silva, Ana M.}"),
        ("ris", "AU  - Silva, Ana M.\r\n"),
        ("csl-json", "\"family\":\"Silva\""),
    ] {
        let text = "The lighthouse of Ferrol was built in 1901.";
        let body = json!({ "text": text, "sources": sources(), "style": style });
        let (_, checked) = app.post("/citations/process", body).await;
        let list = checked["bibliography"].as_str().unwrap();
        assert!(list.contains(expected), "{style}: {list}");
        assert_eq!(checked["bibliography_style"], style);
        // Whatever the list, the marks are numbers unless asked for otherwise.
        assert_eq!(checked["cited_text"], format!("{text} [1]"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_can_be_pointed_at() {
    let app = TestApp::start().await;
    let text = "Ägypten. The lighthouse of Ferrol was built in 1901, and it is green.";
    let body = json!({
        "text": text, "sources": sources(), "claims": [{ "start": 9, "end": 51 }],
    });
    let (status, checked) = app.post("/citations/process", body).await;
    assert_eq!(status, 200, "{checked}");
    assert_eq!(checked["claims"][0]["text"], "The lighthouse of Ferrol was built in 1901");
    assert_eq!(checked["claims"].as_array().unwrap().len(), 1);
    assert_eq!(
        checked["cited_text"],
        "Ägypten. The lighthouse of Ferrol was built in 1901 [1], and it is green."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_claims_and_long_sources_stay_inside_the_time() {
    let app = TestApp::start().await;
    let fact = |at: usize| format!("Pump {at} of hall {} moves {} litres. ", at % 7, at * 3 + 1);
    let text: String = (0..400).map(fact).collect();
    let sources: Vec<Value> = (0..50)
        .map(|part| {
            let content: String = (0..4_000).map(|at| fact(at * 50 + part)).collect();
            json!({ "title": format!("Part {part}"), "content": content })
        })
        .collect();
    let body = json!({ "text": text, "sources": sources });
    let (status, checked) = app.post("/citations/process", body).await;
    assert_eq!(status, 200);
    let took = checked["processing_time_ms"].as_f64().unwrap();
    let summary = &checked["summary"];
    let partial = summary["unchecked"] != 0 || checked["notices"].to_string().contains("not read");
    assert_eq!(checked["status"], if partial { "partial" } else { "success" });
    assert_eq!(checked["within_budget"], took <= 2000.0);
    let verdicts: u64 = ["supported", "partial", "contradicted", "unsupported", "unchecked"]
        .iter()
        .map(|name| summary[name].as_u64().unwrap())
        .sum();
    assert_eq!(verdicts, summary["total"].as_u64().unwrap(), "nothing is lost silently");
    assert_eq!(summary["total"], 400, "{summary}");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold() {
    let app = TestApp::start().await;
    let source = json!({ "content": "x" });
    let with = |field: &str, value: Value| {
        let mut source = source.clone();
        source[field] = value;
        json!({ "text": "A claim.", "sources": [source] })
    };
    let ranges =
        |ranges: Value| json!({ "text": "Äh, a claim.", "sources": [source], "claims": ranges });
    let cases = [
        (json!({ "text": "", "sources": [source] }), "is empty"),
        (json!({ "text": "x".repeat(20_001), "sources": [source] }), "20001 characters"),
        (json!({ "text": "x".repeat(1 << 20), "sources": [source] }), "1048576 characters"),
        (json!({ "text": "A claim.", "sources": [] }), "0 sources"),
        (json!({ "text": "A claim.", "sources": vec![source.clone(); 51] }), "51 sources"),
        (json!({ "text": "A claim.", "sources": vec![source.clone(); 1000] }), "1000 sources"),
        (
            json!({ "text": "A claim.", "sources": [{ "title": "no text" }] }),
            "source 0 has neither",
        ),
        (with("content", json!("x".repeat(200_001))), "200001 characters"),
        (with("title", json!("x".repeat(2_001))), "`title` of source 0"),
        (with("published_at", json!("last May")), "`published_at` of source 0 is no date"),
        (with("accessed_at", json!("2020-02-30")), "`accessed_at` of source 0 is no date"),
        (with("kind", json!("song")), "`song` is not a kind"),
        (with("authors", json!(vec!["A B"; 201])), "authors"),
        (ranges(json!([{ "start": 4, "end": 4 }])), "claim 0 (4 to 4) is empty"),
        (ranges(json!([{ "start": 5, "end": 4 }])), "is empty"),
        (ranges(json!([{ "start": 4, "end": 13 }])), "ends behind the text"),
        (ranges(json!([{ "start": 0, "end": 5 }, { "start": 4, "end": 8 }])), "claim 1 (4 to 8)"),
        (json!({ "text": "A claim.", "sources": [source], "style": "vancouver" }), "`vancouver`"),
        (json!({ "text": "A claim.", "sources": [source], "marks": "stars" }), "`stars`"),
    ];
    for (body, message) in cases {
        let (status, answer) = app.post("/citations/process", body).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (400, Some("bad_request")));
        let told = answer["error"]["message"].as_str().unwrap();
        assert!(told.contains(message), "{told}");
    }
}
