//! Durable tasks, schedules and webhooks over HTTP.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use assay_answer::WebhookSettings;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use reqwest::Method;
use ring::hmac;
use serde_json::{Value, json};

use crate::{
    app::{TestApp, answer},
    auth::{send, tenant},
};

async fn post(app: &TestApp, path: &str, body: Value) -> (u16, Value) {
    answer(app.client.post(format!("{}{path}", app.url)).json(&body)).await
}

/// Waits for the end of a task over its events.
async fn ended(app: &TestApp, task: &str) -> Value {
    let url = format!("{}/v1/tasks/{task}/events", app.url);
    let response = app.client.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    let last = text.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap();
    serde_json::from_str(last).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_made_once_by_its_key_followed_and_shown_with_its_steps() {
    let app = TestApp::start().await;
    let order = |payload: Value| {
        let request = app.client.post(format!("{}/v1/tasks", app.url));
        answer(request.header("idempotency-key", "monday").json(&payload))
    };
    let body = json!({ "kind": "tidy", "priority": 3, "timeout_seconds": 60 });
    let (status, made) = order(body.clone()).await;
    assert_eq!(status, 202, "{made}");
    let (_, again) = order(body).await;
    assert_eq!(again["id"], made["id"], "the key gives the same task");
    let (status, refused) = order(json!({ "kind": "tidy", "payload": { "other": 1 } })).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("conflict")), "{refused}");

    let end = ended(&app, made["id"].as_str().unwrap()).await;
    assert_eq!((&end["state"], &end["queue"]), (&json!("done"), &json!("upkeep")), "{end}");
    assert_eq!((&end["priority"], &end["timeout_seconds"]), (&json!(3), &json!(60.0)));
    assert!(end["result"]["versions"].is_number(), "{end}");
    let (_, reindex) = post(&app, "/v1/tasks", json!({ "kind": "reindex" })).await;
    assert_eq!(ended(&app, reindex["id"].as_str().unwrap()).await["state"], "done");

    app.ingest("note.md", "One pump moves 90 litres.").await;
    let (_, listed) = app.get("/v1/tasks?kind=ingest&state=done&queue=default").await;
    let ingest = listed["tasks"][0]["id"].as_str().unwrap().to_owned();
    let (_, shown) = app.get(&format!("/v1/tasks/{ingest}")).await;
    let steps = shown["steps"].as_array().unwrap();
    assert!(!steps.is_empty() && steps.iter().all(|step| step["at"].is_string()), "{shown}");
    assert_eq!(shown["failures"], json!([]));
    let (_, page) = app.get("/v1/tasks?limit=1").await;
    let next = page["next"].as_str().unwrap();
    let (_, second) = app.get(&format!("/v1/tasks?limit=1&after={next}")).await;
    assert_ne!(second["tasks"][0]["id"], page["tasks"][0]["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_orders_are_refused_with_a_reason() {
    let app = TestApp::start().await;
    let absent = "0199aaaa-0000-7000-8000-000000000000";
    for (body, status) in [
        (json!({ "kind": "ingest" }), 400),
        (json!({ "kind": "launch" }), 400),
        (json!({ "kind": "sync" }), 400),
        (json!({ "kind": "sync", "payload": { "source": absent } }), 404),
        (json!({ "kind": "tidy", "run_at": "tomorrow" }), 400),
        (json!({ "kind": "tidy", "timeout_seconds": 0 }), 400),
        (json!({ "kind": "tidy", "attempts_max": 101 }), 400),
        (json!({ "kind": "tidy", "unknown": 1 }), 422),
    ] {
        let (found, refused) = post(&app, "/v1/tasks", body.clone()).await;
        assert_eq!(found, status, "{body}: {refused}");
        assert!(refused["error"]["message"].is_string());
    }
    for path in ["/v1/tasks?state=lost", "/v1/tasks?limit=0", "/v1/tasks?after=x"] {
        assert_eq!(app.get(path).await.0, 400, "{path}");
    }
    for path in ["/v1/tasks/x", "/v1/tasks/x/events", &format!("/v1/tasks/{absent}")] {
        assert_eq!(app.get(path).await.0, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_ends_with_its_document_with_a_newer_version_or_by_being_cancelled() {
    let app = TestApp::start().await;
    let mut dead = Vec::new();
    for name in ["deleted.pdf", "mended.pdf", "given-up.pdf", "in-collection.pdf"] {
        let part = reqwest::multipart::Part::bytes(b"%PDF-1.7\ncut".to_vec()).file_name(name);
        let collection = if name.starts_with("in") { "old" } else { "default" };
        let form =
            reqwest::multipart::Form::new().part("file", part).text("collection", collection);
        let request = app.client.post(format!("{}/documents/upload", app.url)).multipart(form);
        let (status, accepted) = answer(request).await;
        assert_eq!(status, 202, "{accepted}");
        let job = accepted["job_id"].as_str().unwrap().to_owned();
        assert_eq!(ended(&app, &job).await["state"], "dead");
        dead.push((accepted["document_id"].as_str().unwrap().to_owned(), job));
    }
    let left = async || {
        let (_, listed) = app.get("/v1/tasks?state=dead").await;
        listed["tasks"].as_array().unwrap().len()
    };
    let series = async || {
        let (_, metrics) = app.get("/metrics").await;
        metrics.as_str().unwrap().contains("assay_tasks{queue=\"default\",state=\"dead\"}")
    };
    assert!(left().await == 4 && series().await);
    assert_eq!(app.delete(&format!("/documents/{}", dead[0].0)).await.0, 204);
    let (_, shown) = app.get(&format!("/v1/tasks/{}", dead[0].1)).await;
    assert_eq!((&shown["state"], left().await), (&json!("cancelled"), 3), "{shown}");
    assert_eq!(app.delete("/v1/collections/old?documents=true").await.0, 204);
    assert_eq!(left().await, 2);
    // The file was mended: what is in the way of the old version is of no use any more.
    app.ingest("mended.pdf", assay_testkit::long_pdf(1)).await;
    let (_, tidy) = post(&app, "/v1/tasks", json!({ "kind": "tidy" })).await;
    let tidied = ended(&app, tidy["id"].as_str().unwrap()).await;
    assert_eq!(tidied["result"]["dead_letters"], 1, "{tidied}");
    let (status, given_up) =
        post(&app, &format!("/v1/tasks/{}/cancel", dead[2].1), json!({})).await;
    assert_eq!((status, &given_up["state"]), (200, &json!("cancelled")), "{given_up}");
    assert!(left().await == 0 && !series().await, "the alert about dead letters ends");
    // It was given up, not forgotten.
    let (status, again) = post(&app, &format!("/v1/tasks/{}/retry", dead[2].1), json!({})).await;
    assert_eq!(status, 200, "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_replayed_one_and_all_of_a_kind() {
    let app = TestApp::start().await;
    let mut dead = Vec::new();
    for name in ["a.pdf", "b.pdf", "c.pdf"] {
        let (_, accepted) = app.upload(name, format!("%PDF-1.7\n{name} is cut").into_bytes()).await;
        let job = accepted["job_id"].as_str().unwrap().to_owned();
        let end = ended(&app, &job).await;
        assert_eq!(end["state"], "dead", "{end}");
        dead.push(job);
    }
    let (_, shown) = app.get(&format!("/v1/tasks/{}", dead[0])).await;
    assert_eq!(shown["failures"][0]["reason"], shown["error"], "{shown}");
    let (status, _) = post(&app, &format!("/v1/tasks/{}/retry", dead[0]), json!({})).await;
    assert_eq!(status, 200);
    ended(&app, &dead[0]).await;
    let (_, none) = post(&app, "/v1/tasks/replay", json!({ "kind": "sync" })).await;
    assert_eq!(none["replayed"], 0);
    let (_, all) = post(&app, "/v1/tasks/replay", json!({ "kind": "ingest" })).await;
    assert_eq!(all["replayed"], 3, "{all}");
    for job in &dead {
        ended(&app, job).await;
        let (_, shown) = app.get(&format!("/v1/tasks/{job}")).await;
        assert!(shown["failures"].as_array().unwrap().len() >= 2, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drained_workers_take_nothing_and_a_waiting_task_can_be_cancelled() {
    let app = TestApp::start().await;
    let (_, load) = post(&app, "/v1/tasks/drain", json!({})).await;
    assert_eq!((&load["draining"], &load["running"]), (&json!(true), &json!(0)), "{load}");
    let (_, made) = post(&app, "/v1/tasks", json!({ "kind": "tidy" })).await;
    let (_, other) = post(&app, "/v1/tasks", json!({ "kind": "tidy" })).await;
    let of = |task: &Value| format!("/v1/tasks/{}", task["id"].as_str().unwrap());
    assert_eq!(app.get(&of(&made)).await.1["state"], "ready");
    let (status, cancelled) = post(&app, &format!("{}/cancel", of(&other)), json!({})).await;
    assert_eq!((status, &cancelled["state"]), (200, &json!("cancelled")));
    let (_, load) = post(&app, "/v1/tasks/resume", json!({})).await;
    assert_eq!(load["draining"], false);
    assert_eq!(ended(&app, made["id"].as_str().unwrap()).await["state"], "done");
    let (_, late) =
        post(&app, "/v1/tasks", json!({ "kind": "tidy", "run_at": "2999-01-01T00:00:00Z" })).await;
    assert_eq!(late["state"], "delayed");
    assert_eq!(post(&app, &format!("{}/retry", of(&late)), json!({})).await.0, 200);
    assert_eq!(ended(&app, late["id"].as_str().unwrap()).await["state"], "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn schedules_are_set_up_paused_and_removed_and_wrong_ones_refused() {
    let app = TestApp::start().await;
    let nightly = json!({ "name": "nightly", "cron": "30 2 * * *", "kind": "tidy" });
    let (status, made) = post(&app, "/v1/schedules", nightly.clone()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!((made["next"].as_array().unwrap().len(), &made["zone"]), (5, &json!("UTC")));
    assert!(made["next"][0].as_str().unwrap().ends_with("T02:30:00Z"), "{made}");
    assert_eq!(post(&app, "/v1/schedules", nightly).await.0, 409);
    for (field, value, part) in [
        ("cron", "0 0 30 2 *", "never fires"),
        ("cron", "whenever", "1 fields"),
        ("zone", "Mars/Olympus", "no time zone"),
        ("missed", "twice", "neither"),
        ("kind", "launch", "no kind `launch`"),
        ("name", " ", "name of a schedule"),
    ] {
        let mut wrong = json!({ "name": "wrong", "cron": "@daily", "kind": "tidy" });
        wrong[field] = json!(value);
        let (status, refused) = post(&app, "/v1/schedules", wrong).await;
        assert_eq!(status, 400, "{refused}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(part), "{message}");
        assert!(refused["error"]["hint"].is_string(), "{refused}");
    }
    let path = format!("/v1/schedules/{}", made["id"].as_str().unwrap());
    let (_, paused) = post(&app, &format!("{path}/pause"), json!({})).await;
    assert_eq!((&paused["paused"], &paused["next"]), (&json!(true), &json!([])));
    let (_, resumed) = post(&app, &format!("{path}/resume"), json!({})).await;
    assert_eq!((&resumed["paused"], &resumed["next"]), (&json!(false), &made["next"]));
    let (status, _) = answer(app.client.delete(format!("{}{path}", app.url))).await;
    assert_eq!(status, 204);
    assert_eq!(app.get(&path).await.0, 404);
    assert_eq!(app.get("/v1/schedules").await.1, json!({ "schedules": [] }));
}

/// A request that a receiver got.
struct Got {
    headers: HashMap<String, String>,
    body: String,
}

/// A receiver that answers the statuses in turn; the last one from then on.
fn receiver(statuses: Vec<u16>) -> (u16, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, got) = channel();
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let Ok(stream) = stream else { return };
            let mut reader = BufReader::new(stream);
            let mut headers = HashMap::new();
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|_| line.trim() != "") {
                if let Some((name, value)) = line.trim().split_once(": ") {
                    headers.insert(name.to_lowercase(), value.to_owned());
                }
                line.clear();
            }
            let length = headers["content-length"].parse().unwrap();
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let status = statuses[number.min(statuses.len() - 1)];
            let answer =
                format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            if sender.send(Got { headers, body: String::from_utf8(body).unwrap() }).is_err() {
                return;
            }
        }
    });
    (port, got)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_a_task_is_told_signed_and_again_after_a_failure() {
    let app = TestApp::open(|settings| {
        settings.webhooks = WebhookSettings { allow_private_hosts: vec!["127.0.0.1".to_owned()] };
    })
    .await;
    let (port, got) = receiver(vec![500, 200]);
    let url = format!("http://127.0.0.1:{port}/hook");
    let (status, hook) = post(&app, "/v1/webhooks", json!({ "url": url, "kinds": ["tidy"] })).await;
    assert_eq!(status, 201, "{hook}");
    let secret = hook["secret"].as_str().unwrap();
    let (_, listed) = app.get("/v1/webhooks").await;
    assert!(listed["webhooks"][0].get("secret").is_none(), "{listed}");
    let (_, task) = post(&app, "/v1/tasks", json!({ "kind": "tidy" })).await;
    let wait = move || {
        let next = || got.recv_timeout(Duration::from_secs(30)).unwrap();
        (next(), next())
    };
    let (first, second) = tokio::task::spawn_blocking(wait).await.unwrap();
    assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"], "the same delivery");
    assert_eq!(first.body, second.body);
    for got in [first, second] {
        let body: Value = serde_json::from_str(&got.body).unwrap();
        assert_eq!((&body["type"], &body["data"]["task"]), (&json!("task.done"), &task["id"]));
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let (id, at) = (&got.headers["webhook-id"], &got.headers["webhook-timestamp"]);
        let tag = got.headers["webhook-signature"].strip_prefix("v1,").unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        let signed = format!("{id}.{at}.{}", got.body);
        let tag = BASE64_STANDARD.decode(tag).unwrap();
        hmac::verify(&key, signed.as_bytes(), &tag).unwrap();
    }
    let (_, deliveries) = app.get("/v1/tasks?kind=webhook").await;
    assert_eq!(deliveries["tasks"].as_array().unwrap().len(), 1, "{deliveries}");
    let delivery = deliveries["tasks"][0]["id"].as_str().unwrap().to_owned();
    let end = ended(&app, &delivery).await;
    assert_eq!((&end["state"], &end["attempts"]), (&json!("done"), &json!(1)), "{end}");
    let (_, shown) = app.get(&format!("/v1/tasks/{delivery}")).await;
    assert_eq!(shown["failures"][0]["reason"], "it answered 500");
    let path = format!("/v1/webhooks/{}", hook["id"].as_str().unwrap());
    assert_eq!(answer(app.client.delete(format!("{}{path}", app.url))).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_hangs_holds_nobody_up_and_is_tried_again() {
    let app = TestApp::open(|settings| {
        settings.webhooks = WebhookSettings { allow_private_hosts: vec!["127.0.0.1".to_owned()] };
    })
    .await;
    // It takes connections, which wait in its queue, and never answers.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, got) = receiver(vec![200]);
    for port in [hanging.local_addr().unwrap().port(), port] {
        let hook = json!({ "url": format!("http://127.0.0.1:{port}/hook"), "kinds": ["tidy"] });
        assert_eq!(post(&app, "/v1/webhooks", hook).await.0, 201);
    }
    let asked = Instant::now();
    let (_, task) = post(&app, "/v1/tasks", json!({ "kind": "tidy" })).await;
    let wait = move || got.recv_timeout(Duration::from_secs(30)).unwrap();
    let told = tokio::task::spawn_blocking(wait).await.unwrap();
    assert!(told.body.contains(task["id"].as_str().unwrap()), "{}", told.body);
    // The other delivery is under way, until its 10 s are over.
    let path = "/v1/tasks?kind=webhook";
    app.wait_until_shown(path, |shown| {
        shown["tasks"].as_array().unwrap().iter().any(|task| task["state"] == "delayed")
    })
    .await;
    let took = asked.elapsed();
    assert!(took >= Duration::from_secs(9), "it was given its time: {took:?}");
    let (_, shown) = app.get(path).await;
    let late = shown["tasks"].as_array().unwrap().iter().find(|it| it["state"] == "delayed");
    let id = late.unwrap()["id"].as_str().unwrap();
    let (_, shown) = app.get(&format!("/v1/tasks/{id}")).await;
    let reason = shown["failures"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "it took longer than the time for a request", "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_into_the_network_is_refused() {
    let app = TestApp::start().await;
    for url in [
        "http://127.0.0.1/hook",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/hook",
        "http://10.0.0.1/hook",
        "http://user:secret@example.org/hook",
        "https://example.org:22/hook",
        "ftp://example.org/hook",
        "no address",
    ] {
        let (status, refused) = post(&app, "/v1/webhooks", json!({ "url": url })).await;
        assert_eq!(status, 400, "{url}: {refused}");
    }
    let running = json!({ "url": "https://example.org/hook", "states": ["running"] });
    assert_eq!(post(&app, "/v1/webhooks", running).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_belongs_to_another_tenant_is_absent() {
    let (app, root) = TestApp::guarded().await;
    let acme = tenant(&app, &root, "acme", "owner").await;
    let globex = tenant(&app, &root, "globex", "owner").await;
    let ask = async |key: &str, method: Method, path: &str, body: Value| {
        send(&app, key, method, path, Some(body), &[]).await
    };
    let (status, task) = ask(&acme, Method::POST, "/v1/tasks", json!({ "kind": "tidy" })).await;
    assert_eq!(status, 202, "{task}");
    let new = json!({ "name": "n", "cron": "@daily", "kind": "tidy" });
    let (_, schedule) = ask(&acme, Method::POST, "/v1/schedules", new).await;
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    for (method, path) in [
        (Method::GET, format!("/v1/tasks/{}", id(&task))),
        (Method::GET, format!("/v1/tasks/{}/events", id(&task))),
        (Method::POST, format!("/v1/tasks/{}/cancel", id(&task))),
        (Method::POST, format!("/v1/tasks/{}/retry", id(&task))),
        (Method::GET, format!("/v1/schedules/{}", id(&schedule))),
        (Method::POST, format!("/v1/schedules/{}/pause", id(&schedule))),
        (Method::DELETE, format!("/v1/schedules/{}", id(&schedule))),
    ] {
        assert_eq!(ask(&globex, method.clone(), &path, json!({})).await.0, 404, "{method} {path}");
    }
    let (_, listed) = ask(&globex, Method::GET, "/v1/tasks", json!(null)).await;
    assert_eq!(listed["tasks"], json!([]));
    let (status, _) = ask(&acme, Method::POST, "/v1/tasks/drain", json!({})).await;
    assert_eq!(status, 403, "draining is for the platform");
}
