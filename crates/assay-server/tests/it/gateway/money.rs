//! What calls through the gateway cost, and budgets that stop them.

use std::sync::Arc;

use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};

use super::{Bench, Got, answer, chat, whole};
use crate::app::TestApp;

/// A gateway over one provider `up` of a kind, with a route `m` to `model`.
async fn priced(script: Script, kind: &str, model: &str) -> Bench {
    let upstream = Upstream::always(script).await;
    let settings = json!({
        "retries": 0,
        "providers": { "up": { "kind": kind, "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": model }] } },
    });
    let gateway = serde_json::from_value(settings).unwrap();
    let app = TestApp::open(|settings| settings.gateway = gateway).await;
    Bench { app, upstream }
}

async fn usage(bench: &Bench, query: &str) -> Value {
    let (status, usage) = bench.app.get(&format!("/v1/usage{query}")).await;
    assert_eq!(status, 200, "{usage}");
    usage
}

/// The ledger counted by another program than the one that wrote it: entry by entry.
async fn recounted(bench: &Bench) -> u64 {
    let (_, recount) = bench.app.get("/v1/usage/recount").await;
    assert_eq!(recount["agrees"], true, "{recount}");
    recount["cost_nano_usd"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_costs_what_the_price_list_says() {
    let bench = priced(Script::json(200, &answer("x")), "openai", "gpt-4o-mini").await;
    let got = bench.chat(json!({ "user": "ann" })).await;
    // 11 tokens at 0.15 and 7 at 0.60 dollars per million.
    assert_eq!((got.status, got.header("x-assay-cost-usd")), (200, "0.00000585"), "{got:?}");
    let usage = usage(&bench, "?group_by=model,user,end_user").await;
    assert_eq!(usage["total"]["cost_nano_usd"], 5_850);
    let values = &usage["groups"][0]["values"];
    assert_eq!(
        (&values["model"], &values["user"], &values["end_user"]),
        (&json!("gpt-4o-mini"), &json!("local"), &json!("ann"))
    );
    assert_eq!(recounted(&bench).await, 5_850);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_a_price_is_refused_before_it_is_called() {
    let bench = priced(Script::json(200, &answer("x")), "compatible", "mystery").await;
    for path in ["/v1/chat/completions", "/v1/messages"] {
        let got = bench.send(path, &chat(json!({ "max_tokens": 5 }))).await;
        assert_eq!(got.status, 403, "{got:?}");
        let message = got.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("`mystery` of `up` has no price"), "{message}");
        assert!(message.contains("tier = \"free\""), "what to do: {message}");
    }
    assert_eq!(bench.chat(json!({})).await.json()["error"]["code"], "no_price");
    assert!(bench.upstream.seen().is_empty());
    assert_eq!(usage(&bench, "").await["total"]["calls"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_is_used_up_says_which_and_until_when() {
    let bench = priced(Script::json(200, &answer("x")), "openai", "gpt-4o-mini").await;
    let budget = json!({ "name": "trial", "limit_calls": 1, "window": "hour" });
    assert_eq!(bench.app.post("/v1/budgets", budget).await.0, 201);
    assert_eq!(bench.chat(json!({})).await.status, 200);
    for (path, kind) in
        [("/v1/chat/completions", "rate_limit_error"), ("/v1/messages", "rate_limit_error")]
    {
        let got = bench.send(path, &chat(json!({ "max_tokens": 5 }))).await;
        assert_eq!((got.status, &got.json()["error"]["type"]), (429, &json!(kind)), "{got:?}");
        let message = got.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains("`trial`") && message.contains("begins again at"), "{message}");
        let wait: u64 = got.header("retry-after").parse().unwrap();
        assert!((1..=3600).contains(&wait), "{wait}");
    }
    assert_eq!(bench.chat(json!({})).await.json()["error"]["code"], "budget_exceeded");
    assert_eq!(bench.upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_of_one_model_leaves_room_for_another() {
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let settings = json!({
        "providers": { "up": { "kind": "openai", "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "gpt-4o" },
                                       { "provider": "up", "model": "gpt-4o-mini" }] } },
    });
    let gateway = serde_json::from_value(settings).unwrap();
    let app = TestApp::open(|settings| settings.gateway = gateway).await;
    let bench = Bench { app, upstream };
    let budget = json!({ "name": "dear", "limit_calls": 1, "window": "day",
                         "only": { "model": "gpt-4o" } });
    assert_eq!(bench.app.post("/v1/budgets", budget).await.0, 201);
    let models = [bench.chat(json!({})).await, bench.chat(json!({})).await];
    let models = models.each_ref().map(|got| got.header("x-assay-model"));
    assert_eq!(models, ["gpt-4o", "gpt-4o-mini"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clients_do_not_pass_a_budget() {
    let bench = Arc::new(priced(Script::json(200, &answer("x")), "openai", "gpt-4o-mini").await);
    // Each call reserves 2 × 14 tokens read and 10 written, 10,200 nano-dollars, and uses 5,850.
    let limit = 100_000;
    let budget = json!({ "name": "all", "limit_usd": "0.0001", "window": "day" });
    assert_eq!(bench.app.post("/v1/budgets", budget).await.0, 201);
    let calls: Vec<_> = (0..200)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.chat(json!({ "max_tokens": 10 })).await })
        })
        .collect();
    let mut got: Vec<Got> = Vec::new();
    for call in calls {
        got.push(call.await.unwrap());
    }
    assert!(got.iter().all(|got| matches!(got.status, 200 | 429)));
    let let_through = got.iter().filter(|got| got.status == 200).count();
    let cost = recounted(&bench).await;
    assert_eq!(cost, 5_850 * let_through as u64);
    assert!(cost <= limit, "{cost}");
    assert!(let_through >= 9, "{let_through}: the budget has room for them at any time");
    assert_eq!(bench.upstream.seen().len(), let_through);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_of_each_user_holds_whomever_the_requests_name() {
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let settings = json!({
        "retries": 0,
        "providers": { "up": { "kind": "openai", "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "gpt-4o-mini" }] } },
    });
    let gateway = serde_json::from_value(settings).unwrap();
    let (app, root) = TestApp::guarded_with(|settings| settings.gateway = gateway).await;
    let app = Arc::new(app);
    let post = |key: &str, path: &str, body: Value| {
        let request = app.client.post(format!("{}{path}", app.url)).bearer_auth(key).json(&body);
        crate::app::answer(request)
    };
    let budget = json!({ "name": "each", "limit_calls": 20, "window": "day",
                         "only": { "user": "*" } });
    assert_eq!(post(&root, "/v1/budgets", budget).await.0, 201);
    // Two keys of one user.
    let (status, made) = post(&root, "/v1/keys", json!({ "name": "second" })).await;
    assert_eq!(status, 201, "{made}");
    let second = made["key"].as_str().unwrap().to_owned();
    let calls: Vec<_> = (0..200)
        .map(|number| {
            let key = if number % 2 == 0 { &root } else { &second };
            let body = match number % 4 {
                0 | 1 => chat(json!({ "user": format!("user {number}"), "max_tokens": 5 })),
                2 => chat(json!({ "max_tokens": 5 })),
                _ => chat(json!({ "metadata": { "user_id": format!("u{number}") },
                                  "max_tokens": 5 })),
            };
            let path = if number % 4 == 3 { "/v1/messages" } else { "/v1/chat/completions" };
            tokio::spawn(post(key, path, body))
        })
        .collect();
    let mut through = 0;
    for call in calls {
        let (status, body) = call.await.unwrap();
        assert!(matches!(status, 200 | 429), "{body}");
        through += usize::from(status == 200);
    }
    assert_eq!((through, upstream.seen().len()), (20, 20));
    let show = |query: &str| {
        crate::app::answer(
            app.client.get(format!("{}/v1/usage{query}", app.url)).bearer_auth(&root),
        )
    };
    let (_, by_user) = show("?group_by=user").await;
    let (_, me) =
        crate::app::answer(app.client.get(format!("{}/v1/me", app.url)).bearer_auth(&root)).await;
    let groups = by_user["groups"].as_array().unwrap();
    assert_eq!(groups.len(), 1, "{by_user}");
    assert_eq!(
        (&groups[0]["values"]["user"], &groups[0]["sums"]["calls"]),
        (&me["principal"], &json!(20))
    );
    let (_, by_name) = show("?group_by=end_user").await;
    assert!(by_name["groups"].as_array().unwrap().len() > 5, "{by_name}");
    let (_, nobody) = show("?end_user=nobody").await;
    assert_eq!(nobody["total"]["calls"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_attempt_is_a_line_also_those_that_fail_or_break_off() {
    let mut cut = whole(&["hel"]);
    cut.truncate(2);
    let script = move |number: usize, _: &assay_testkit::upstream::Seen| match number {
        0 => Script::json(500, &json!({ "error": { "message": "no" } })),
        1 => Script::stream().frames(cut.clone()).cut(),
        _ => Script::stream().frames(whole(&["hello"])).done(),
    };
    let upstream = Upstream::start(script).await;
    let settings = json!({
        "retries": 0,
        "providers": { "up": { "kind": "openai", "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "gpt-4o" },
                                       { "provider": "up", "model": "gpt-4o-mini" }] } },
    });
    let gateway = serde_json::from_value(settings).unwrap();
    let app = TestApp::open(|settings| settings.gateway = gateway).await;
    let bench = Bench { app, upstream };
    let broken = bench.stream(json!({ "max_tokens": 50 })).await;
    assert!(broken.text.contains("error") && !broken.text.contains("[DONE]"), "{broken:?}");
    bench.settled(1).await;
    assert_eq!(bench.stream(json!({ "max_tokens": 50 })).await.content(0), "hello");
    bench.settled(2).await;
    let usage = usage(&bench, "?group_by=model,outcome").await;
    let outcomes: Vec<_> = usage["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["values"]["outcome"].as_str().unwrap(), group["sums"]["calls"].clone()))
        .collect();
    for expected in ["failed", "cut", "completed"] {
        assert!(outcomes.contains(&(expected, json!(1))), "{usage}");
    }
    recounted(&bench).await;
}
