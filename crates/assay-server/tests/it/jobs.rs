//! Jobs: every step can be seen while it happens, cancelled and tried again, and large files leave
//! room for small ones.

use assay_answer::AnswerSettings;
use assay_testkit::long_pdf;
use serde_json::{Value, json};

use crate::app::{TRIAL, TestApp, answer};

/// Pages that take several seconds to parse without optimisation.
const LONG: usize = 4_000;

async fn accepted(app: &TestApp, name: &str, bytes: impl Into<Vec<u8>>) -> (String, String) {
    let (status, accepted) = app.upload(name, bytes).await;
    assert_eq!(status, 202, "{accepted}");
    let text = |key: &str| accepted[key].as_str().unwrap().to_owned();
    (text("document_id"), text("job_id"))
}

async fn act(app: &TestApp, job: &str, verb: &str) -> (u16, Value) {
    answer(app.client.post(format!("{}/v1/jobs/{job}/{verb}", app.url))).await
}

/// Follows a job over server-sent events until `enough` or the end; the states in order.
async fn watch(app: &TestApp, job: &str, enough: impl Fn(&Value) -> bool) -> Vec<Value> {
    let url = format!("{}/v1/jobs/{job}", app.url);
    let request = app.client.get(url).header("accept", "text/event-stream");
    let mut response = request.send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let (mut text, mut states) = (String::new(), Vec::new());
    while let Some(chunk) = response.chunk().await.unwrap() {
        text.push_str(&String::from_utf8_lossy(&chunk));
        while let Some((event, rest)) = text.split_once("\n\n") {
            if let Some(data) = event.strip_prefix("data: ") {
                states.push(serde_json::from_str::<Value>(data).unwrap());
            }
            text = rest.to_owned();
        }
        if states.last().is_some_and(&enough) {
            break;
        }
    }
    states
}

fn is_reading(job: &Value) -> bool {
    job["progress"]["message"].as_str().is_some_and(|message| message.starts_with("parsing page "))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_file_shows_its_pages_while_a_note_passes_it_and_can_be_cancelled_and_retried() {
    let settings = AnswerSettings {
        ingest_threads: 1,
        large_file_bytes: 100_000,
        ..AnswerSettings::default()
    };
    let app = TestApp::with(settings, None).await;
    let (document, job) = accepted(&app, "long.pdf", long_pdf(LONG)).await;
    let (_, behind) = accepted(&app, "behind.pdf", long_pdf(LONG + 1)).await;

    // The one thread is busy with the long file, and a second long file waits behind it.
    let (_, note) = app.ingest("note.md", TRIAL).await;
    assert_eq!((&note["state"], &note["step"]), (&json!("done"), &json!("done")), "{note}");
    let states = watch(&app, &job, is_reading).await;
    let reading = states.last().unwrap();
    assert!(is_reading(reading), "{states:?}");
    assert_eq!(reading["step"], "parsing");
    assert_eq!(reading["progress"]["total"], LONG);
    assert_eq!(reading["document"], json!({ "id": document, "name": "long.pdf" }));
    assert_eq!(reading["stalled"], false);
    let (_, waiting) = app.get(&format!("/v1/jobs/{behind}")).await;
    assert_eq!((&waiting["state"], &waiting["stalled"]), (&json!("queued"), &json!(false)));

    let (status, cancelled) = act(&app, &behind, "cancel").await;
    assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")), "{cancelled}");
    let (status, cancelled) = act(&app, &job, "cancel").await;
    assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")), "{cancelled}");
    assert!(cancelled["hint"].as_str().unwrap().contains("retry"), "{cancelled}");
    let (_, shown) = app.get(&format!("/documents/{document}")).await;
    assert_eq!(shown["state"], "failed", "{shown}");
    assert!(shown["failure"].as_str().unwrap().starts_with("cancelled"), "{shown}");
    let (_, listed) = app.get("/v1/jobs?state=cancelled").await;
    assert_eq!(listed["jobs"].as_array().unwrap().len(), 2, "{listed}");

    let (status, retried) = act(&app, &job, "retry").await;
    assert_eq!(status, 200, "{retried}");
    assert!(matches!(retried["state"].as_str(), Some("queued" | "running")), "{retried}");
    let (status, again) = act(&app, &job, "retry").await;
    assert_eq!((status, &again["error"]["code"]), (409, &json!("conflict")), "{again}");
    assert!(is_reading(watch(&app, &job, is_reading).await.last().unwrap()));
    act(&app, &job, "cancel").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watched_job_ends_with_its_last_state() {
    let app = TestApp::start().await;
    let (_, good) = accepted(&app, "trial.md", TRIAL).await;
    assert_eq!(watch(&app, &good, |_| false).await.last().unwrap()["state"], "done");
    let (document, bad) = accepted(&app, "broken.pdf", &b"%PDF-1.7\nnothing follows"[..]).await;
    let failed = watch(&app, &bad, |_| false).await.pop().unwrap();
    assert_eq!((&failed["state"], &failed["step"]), (&json!("failed"), &json!("failed")));
    assert!(failed["error"].is_string() && failed["hint"].is_string(), "{failed}");
    let (status, _) = act(&app, &bad, "retry").await;
    assert_eq!(status, 200);
    let failed = watch(&app, &bad, |_| false).await.pop().unwrap();
    assert_eq!(failed["state"], "failed", "it fails the same way again");
    let (_, shown) = app.get(&format!("/documents/{document}")).await;
    assert_eq!(shown["state"], "failed", "{shown}");
    for verb in ["cancel", "retry"] {
        let (status, refused) = act(&app, &good, verb).await;
        assert_eq!(status, 409, "{verb}: {refused}");
    }
    let (status, given_up) = act(&app, &bad, "cancel").await;
    assert_eq!((status, &given_up["state"]), (200, &json!("cancelled")), "{given_up}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_page_by_page_and_wrong_questions_are_refused() {
    let app = TestApp::start().await;
    for number in 0..3 {
        app.ingest(&format!("{number}.txt"), format!("text number {number}")).await;
    }
    let (_, first) = app.get("/v1/jobs?limit=2&state=done&kind=ingest").await;
    let names: Vec<_> =
        first["jobs"].as_array().unwrap().iter().map(|job| &job["document"]["name"]).collect();
    assert_eq!(names, ["2.txt", "1.txt"]);
    let after = first["next"].as_str().unwrap();
    let (_, second) = app.get(&format!("/v1/jobs?limit=2&after={after}")).await;
    assert_eq!(second["jobs"][0]["document"]["name"], "0.txt");
    assert_eq!(second["next"], Value::Null);
    let (_, none) = app.get("/v1/jobs?state=failed").await;
    assert_eq!(none, json!({ "jobs": [], "next": null }));
    for question in ["state=lost", "limit=0", "limit=1001", "after=x"] {
        let (status, refused) = app.get(&format!("/v1/jobs?{question}")).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("bad_request")), "{question}");
    }
    for verb in ["cancel", "retry"] {
        for job in ["x", "0198f5a0-0000-7000-8000-000000000000"] {
            assert_eq!(act(&app, job, verb).await.0, 404, "{verb} {job}");
        }
    }
}
