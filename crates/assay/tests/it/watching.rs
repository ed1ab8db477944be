//! What a server tells about itself: traces to a collector, a log without secrets, alerts that a
//! Prometheus tells of.

use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command, Stdio},
    time::Duration,
};

use assay_testkit::{
    process::Server,
    upstream::{Script, Seen, Upstream},
};
use serde_json::{Value, json};

use crate::support::{Desk, binary};

const KEY: &str = "sk-watched-4f9a8b7c6d5e";
const PROMPT: &str = "the zanzibar merger is signed on tuesday";
const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A provider that fails when it is told to, and a collector, on one port.
async fn outside() -> Upstream {
    Upstream::start(|_, seen: &Seen| match seen.path.as_str() {
        "/v1/traces" => Script::json(200, &json!({})),
        _ if seen.body.contains("please fail") => {
            Script::json(500, &json!({ "error": { "message": "told to" } }))
        }
        _ => Script::json(
            200,
            &json!({ "id": "c", "object": "chat.completion", "created": 7, "model": "m",
                "choices": [{ "index": 0, "finish_reason": "stop",
                    "message": { "role": "assistant", "content": PROMPT } }],
                "usage": { "prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6 } }),
        ),
    })
    .await
}

fn settings(desk: &Desk, outside: &str) -> String {
    let log = desk.files().join("logs/assay.log");
    let text = format!(
        "[log]\nformat = \"json\"\nfile = {log:?}\n\
         [telemetry.traces]\nendpoint = \"{outside}\"\nratio = 0.0\nslow_ms = 60000\n\
         [gateway]\nretries = 0\n\
         [gateway.providers.up]\nbase_url = \"{outside}/v1\"\nmodels = [\"*\"]\napi_key = \"{KEY}\"\n\
         [ledger.unknown_model]\naction = \"charge\"\n"
    );
    desk.file("assay.toml", text).display().to_string()
}

/// Spans that the collector got, once there is one of the trace.
async fn spans_of(outside: &Upstream, trace: &str) -> Vec<Value> {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let sent = outside.seen().into_iter().filter(|seen| seen.path == "/v1/traces");
        let all = sent.flat_map(|seen| {
            let spans = &seen.json()["resourceSpans"][0]["scopeSpans"][0]["spans"];
            spans.as_array().unwrap().clone()
        });
        let spans: Vec<Value> = all.filter(|span| span["traceId"] == trace).collect();
        if !spans.is_empty() {
            return spans;
        }
        assert!(std::time::Instant::now() < deadline, "no span of {trace} has arrived");
        tokio::task::yield_now().await;
    }
}

async fn call(url: &str, text: &str, caller: Option<&str>) -> reqwest::Response {
    let body = json!({ "model": "up/m", "messages": [{ "role": "user", "content": text }] });
    let mut request = reqwest::Client::new().post(format!("{url}/v1/chat/completions")).json(&body);
    if let Some(caller) = caller {
        request = request.header("traceparent", caller);
    }
    request.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_call_leads_from_its_answer_to_its_trace_and_the_log_holds_no_secret() {
    assay_testkit::install_crypto();
    let (desk, outside) = (Desk::new(), outside().await);
    let config = settings(&desk, &outside.url);
    let server = Server::start_with(binary(), &desk.data(), &["--config", &config]).unwrap();
    assert_eq!(call(&server.url, PROMPT, None).await.status(), 200);
    let failed = call(&server.url, &format!("{PROMPT}, please fail"), None).await;
    assert_eq!(failed.status(), 502);
    let request = failed.headers()["x-request-id"].to_str().unwrap().to_owned();
    let response = failed.headers()["traceresponse"].to_str().unwrap().to_owned();
    let trace = request.replace('-', "");
    assert!(response.starts_with(&format!("00-{trace}-")), "{response}");

    let spans = spans_of(&outside, &trace).await;
    let named = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap();
    let (first, attempt) = (named("POST /v1/chat/completions"), named("chat m"));
    assert_eq!((&first["kind"], &first["status"]["code"]), (&json!(2), &json!(2)));
    assert_eq!((&attempt["kind"], &attempt["status"]["code"]), (&json!(3), &json!(2)));
    assert_eq!(attempt["parentSpanId"], first["spanId"]);
    assert!(response.contains(first["spanId"].as_str().unwrap()), "{response}");
    let seen = outside.seen();
    let sent: Vec<&str> = seen
        .iter()
        .filter_map(|seen| seen.headers.get("traceparent").map(String::as_str))
        .collect();
    let span = attempt["spanId"].as_str().unwrap();
    assert!(sent.contains(&format!("00-{trace}-{span}-00").as_str()), "{sent:?}");

    // The caller keeps its trace, and so do we.
    assert_eq!(call(&server.url, "all is well", Some(CALLER)).await.status(), 200);
    let spans = spans_of(&outside, "4bf92f3577b34da6a3ce929d0e0e4736").await;
    assert!(spans.iter().any(|span| span["parentSpanId"] == "00f067aa0ba902b7"), "{spans:?}");
    let traces: BTreeSet<String> = outside
        .seen()
        .iter()
        .filter(|seen| seen.path == "/v1/traces")
        .flat_map(|seen| {
            let spans = &seen.json()["resourceSpans"][0]["scopeSpans"][0]["spans"];
            spans.as_array().unwrap().iter().map(|it| it["traceId"].to_string()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(traces.len(), 2, "what went well is not kept: {traces:?}");

    let upload = reqwest::multipart::Part::bytes(b"no page".to_vec()).file_name("x.pdf");
    let form = reqwest::multipart::Form::new().part("file", upload);
    let client = reqwest::Client::new();
    client.post(format!("{}/documents/upload", server.url)).multipart(form).send().await.unwrap();
    drop(server);
    let log = std::fs::read_to_string(desk.files().join("logs/assay.log")).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!lines.is_empty(), "nothing was logged");
    for secret in [KEY, PROMPT, "zanzibar", "please fail"] {
        assert!(!log.contains(secret), "`{secret}` is in the log:\n{log}");
        let sent = outside.seen();
        let sent = sent.iter().filter(|seen| seen.path == "/v1/traces");
        assert!(sent.clone().all(|seen| !seen.body.contains(secret)), "`{secret}` is in a trace");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_a_request_names_it_and_none_holds_a_password() {
    assay_testkit::install_crypto();
    let (desk, outside) = (Desk::new(), outside().await);
    let config = settings(&desk, &outside.url);
    let server = Server::start_with(binary(), &desk.data(), &["--config", &config]).unwrap();
    let client = reqwest::Client::new();
    let password = "correct horse battery staple 77";
    let body = json!({ "email": "eve@example.org", "password": password });
    let asked = client.post(format!("{}/v1/login", server.url)).json(&body).send().await;
    assert!(asked.is_ok());
    let failed = call(&server.url, "please fail", None).await;
    let request = failed.headers()["x-request-id"].to_str().unwrap().to_owned();
    drop(server);
    let log = std::fs::read_to_string(desk.files().join("logs/assay.log")).unwrap();
    assert!(!log.contains(password), "{log}");
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_request: Vec<&Value> =
        lines.iter().filter(|line| line["spans"][0]["request_id"] == request.as_str()).collect();
    assert!(!of_request.is_empty(), "no line names {request}:\n{log}");
    for line in of_request {
        assert_eq!(line["spans"][0]["trace_id"], request.replace('-', ""), "{line}");
    }
}

/// Runs the drill of delivery; `typed` makes what is typed of the code that the receiver got.
async fn delivered(typed: impl Fn(&str) -> String) -> (Option<i32>, Value, Vec<Value>) {
    let (desk, receiver) = (Desk::new(), outside().await);
    let settings =
        format!("[[telemetry.receivers]]\nname = \"on-call\"\nurl = \"{}/told\"\n", receiver.url);
    let config = desk.file("assay.toml", settings).display().to_string();
    let mut command = Command::new(binary());
    command.args(["drill", "delivery", "--seconds", "30", "--config", &config, "--data-dir"]);
    command.arg(desk.data()).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut drill = command.spawn().unwrap();
    let told = || receiver.seen().into_iter().filter(|seen| seen.path == "/told");
    while told().count() == 0 {
        assert!(drill.try_wait().unwrap().is_none(), "the drill ended before it told anybody");
        tokio::task::yield_now().await;
    }
    let first = told().next().unwrap().json();
    let says = first["alerts"][0]["annotations"]["summary"].as_str().unwrap();
    let code = typed(says.rsplit(' ').next().unwrap());
    let mut input = drill.stdin.take().unwrap();
    input.write_all(format!("{code}\n").as_bytes()).unwrap();
    drop(input);
    let code = tokio::task::spawn_blocking(move || drill.wait()).await.unwrap().unwrap().code();
    let kept = std::fs::read_to_string(desk.data().join("ready/drills/delivery.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    (code, kept["result"].clone(), told().map(|seen| seen.json()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_counts_as_read_when_its_code_comes_back() {
    assay_testkit::install_crypto();
    let (code, result, told) = delivered(|code| format!("  {} ", code.to_uppercase())).await;
    assert_eq!(code, Some(0), "{result:#}");
    assert_eq!(result["acknowledged"], json!({ "count": 1, "of": 1 }));
    assert!(result["seconds"].as_f64().unwrap() < 30.0, "{result:#}");
    // The receiver is told of the end, so that nobody is called again.
    let states: Vec<&Value> = told.iter().map(|it| &it["status"]).collect();
    assert_eq!(states, ["firing", "resolved"]);

    let (code, result, _) = delivered(|_| "00000000".to_owned()).await;
    assert_eq!(code, Some(1));
    assert_eq!(result["acknowledged"], json!({ "count": 0, "of": 1 }));
    assert!(result["seconds"].is_null(), "{result:#}");
}

#[test]
fn faults_are_told_by_assay_and_by_a_prometheus_and_every_panel_has_data() {
    for tool in ["prometheus", "prometheus-alertmanager"] {
        if Command::new(tool).arg("--version").output().is_err() {
            eprintln!("skipped: {tool} is not installed (apt-get install {tool})");
            return;
        }
    }
    let desk = Desk::new();
    let made = desk.run(&["drill", "alerts", "--prometheus", "--json"]);
    let result: Value = made.json();
    let alerts = result["alerts"].as_array().unwrap();
    let told = |field: &str| alerts.iter().filter(|it| it[field].is_number()).count();
    for field in
        ["fired_after", "resolved_after", "prometheus_fired_after", "prometheus_resolved_after"]
    {
        assert!(told(field) >= 15, "{field}: {}", made.stderr);
    }
    assert_eq!(result["empty_panels"], json!([]), "{}", made.stderr);
    // A server was killed; where a process may have a disk of its own, one was filled.
    assert_eq!(result["rules"]["down"], true, "{}", made.stderr);
    let unshared = Command::new("unshare").args(["-Urm", "true"]).status();
    let confined = unshared.is_ok_and(|it| it.success()).then_some(true);
    assert_eq!(result["rules"]["resources"], json!(confined), "{}", made.stderr);
    let prober = Command::new("prometheus-blackbox-exporter").arg("--version").output().is_ok();
    assert_eq!(result["rules"]["outside"], json!(prober.then_some(true)), "{}", made.stderr);
    assert!(desk.data().join("ready/drills/alerts.json").is_file());
}
