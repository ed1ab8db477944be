//! Which target a request goes to, why, and what happens when it fails.

use assay_testkit::upstream::{Script, Seen, Upstream};
use serde_json::{Value, json};

use super::{Bench, answer, chunk, merge, whole};

/// Three providers that say their names: `free`, `cheap`, `strong`; each may fail first.
async fn tiers(failing: &'static [&'static str], further: Value) -> Bench {
    let mut providers = json!({});
    let mut targets = Vec::new();
    let mut last = None;
    for tier in ["strong", "free", "cheap"] {
        let upstream = Upstream::start(move |_, seen| match failing.contains(&tier) {
            true => Script::json(500, &json!({ "error": { "message": "broken" } })),
            false if seen.json()["stream"] == true => {
                Script::stream().frames(whole(&[tier])).done()
            }
            false => Script::json(200, &answer(tier)),
        })
        .await;
        providers[tier] = json!({ "base_url": upstream.url, "tier": tier });
        targets.push(json!({ "provider": tier, "model": tier }));
        last = Some(upstream);
    }
    let mut settings = json!({
        "retries": 0, "providers": providers, "routes": { "m": { "targets": targets } },
    });
    merge(&mut settings["routes"]["m"], further);
    Bench::with(last.unwrap(), settings).await
}

impl Bench {
    async fn answered_by(&self, headers: &[(&str, &str)], further: Value) -> (String, String) {
        let got = self.send_with("/v1/chat/completions", &super::chat(further), headers).await;
        assert_eq!(got.status, 200, "{got:?}");
        let text = got.json()["choices"][0]["message"]["content"].as_str().unwrap().to_owned();
        (text, got.header("x-assay-reason").to_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn free_targets_come_first_unless_the_request_is_hard() {
    let bench = tiers(&[], json!({})).await;
    for (headers, expected, reason) in [
        (&[][..], "free", "free_first"),
        (&[("x-assay-complexity", "simple")][..], "free", "free_first"),
        (&[("x-assay-complexity", "expert")][..], "strong", "complexity_escalation"),
        (&[("x-assay-role", "reasoning")][..], "strong", "complexity_escalation"),
        (&[("x-assay-prefer-free", "false")][..], "strong", "policy_override"),
    ] {
        let (text, why) = bench.answered_by(headers, json!({})).await;
        assert_eq!((text.as_str(), why.as_str()), (expected, reason), "{headers:?}");
    }
    let got = bench
        .send_with("/v1/chat/completions", &super::chat(json!({})), &[("x-assay-role", "boss")])
        .await;
    assert_eq!(got.status, 400, "{got:?}");
    let (_, shown) = bench.app.get("/metrics/router").await;
    let metrics = &shown["metrics"];
    assert_eq!(metrics["total_requests"], 5, "{metrics}");
    assert_eq!(metrics["provider_stats"]["free"]["success_rate"], 1.0);
    assert_eq!(metrics["recent_routing_reasons"]["complexity_escalation"], 2);
    assert_eq!(metrics["total_cost"], 0.0234, "three calls at the stated maximum");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_falls_back_and_says_so() {
    let bench = tiers(&["free", "cheap"], json!({})).await;
    let (text, why) = bench.answered_by(&[], json!({})).await;
    assert_eq!((text.as_str(), why.as_str()), ("strong", "free_first,fallback_error"));
    let got = bench.stream(json!({})).await;
    assert_eq!((got.content(0).as_str(), got.header("x-assay-attempts")), ("strong", "3"));
    let metered = bench.settled(2).await;
    assert_eq!((metered.settled, metered.refunded), (2, 4));
    let bench = tiers(&["free", "cheap", "strong"], json!({})).await;
    let got = bench.chat(json!({})).await;
    assert_eq!((got.status, got.header("x-should-retry")), (502, "true"), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_before_the_first_words_of_a_stream_falls_back() {
    let failing = |script: Script| async move {
        let first = Upstream::always(script).await;
        let second = Upstream::always(Script::stream().frames(whole(&["second"])).done()).await;
        let settings = json!({
            "retries": 0,
            "providers": { "a": { "base_url": first.url, "first_seconds": 1 },
                           "b": { "base_url": second.url } },
            "routes": { "m": { "targets": [{ "provider": "a", "model": "x" }], "fallbacks": ["n"] },
                        "n": { "targets": [{ "provider": "b", "model": "y" }] } },
        });
        let bench = Bench::with(first, settings).await;
        let got = bench.stream(json!({})).await;
        assert_eq!((got.status, got.content(0).as_str()), (200, "second"), "{got:?}");
        got.header("x-assay-reason").to_owned()
    };
    let role = chunk(json!({ "role": "assistant", "content": "" }), Value::Null);
    let error = json!({ "error": { "message": "no" } });
    assert_eq!(
        failing(Script::stream().frames([role.clone(), error]).done()).await,
        "fallback_error"
    );
    assert_eq!(failing(Script::stream().frames([role]).cut()).await, "fallback_error");
    assert_eq!(failing(Script::stream().hold()).await, "fallback_timeout");
    assert_eq!(failing(Script::stream().bytes(vec![b'x'; 20 << 20]).end()).await, "fallback_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_wrong_is_not_tried_elsewhere() {
    let wrong =
        Script::json(400, &json!({ "error": { "message": "no", "code": "invalid_value" } }));
    let upstream = Upstream::always(wrong).await;
    let settings = json!({
        "providers": { "a": { "base_url": upstream.url } },
        "routes": { "m": { "targets": [{ "provider": "a", "model": "x" }, { "provider": "a", "model": "y" }] } },
    });
    let bench = Bench::with(upstream, settings).await;
    let got = bench.chat(json!({})).await;
    assert_eq!((got.status, got.header("x-should-retry")), (400, "false"));
    assert_eq!(bench.upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_may_pass_is_tried_again_within_limits() {
    let upstream = Upstream::start(|number, _| match number {
        0 => Script::answer(503, &[("retry-after", "0")], "{}"),
        _ => Script::json(200, &answer("second")),
    })
    .await;
    let bench = Bench::with(upstream, settings_of_one(json!({ "retries": 1 }))).await;
    let got = bench.chat(json!({})).await;
    assert_eq!((got.status, got.header("x-assay-attempts")), (200, "2"), "{got:?}");
    let down = Upstream::always(Script::answer(503, &[("retry-after", "0")], "{}")).await;
    let further = json!({ "retries": 9, "attempts_max": 3 });
    let bench = Bench::with(down, settings_of_one(further)).await;
    assert_eq!(bench.chat(json!({})).await.status, 503);
    assert_eq!(bench.upstream.seen().len(), 3);
}

fn settings_of_one(further: Value) -> Value {
    let mut settings = json!({
        "providers": { "up": { "base_url": "$URL" } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    merge(&mut settings, further);
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_cannot_multiply_an_outage() {
    let down = Upstream::always(Script::answer(503, &[("retry-after", "0")], "{}")).await;
    let mut settings = settings_of_one(json!({ "retries": 1, "retry_percent": 0 }));
    // Twelve models, so that no breaker opens before the retries are used up.
    let names: Vec<String> = (0..12).map(|number| format!("m{number}")).collect();
    settings["providers"]["up"]["models"] = json!(names);
    let bench = Bench::with(down, settings).await;
    for name in &names {
        assert_eq!(bench.chat(json!({ "model": format!("up/{name}") })).await.status, 503);
    }
    assert_eq!(bench.upstream.seen().len(), 12 + 10, "ten retries are free, none are earned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_keeps_failing_is_left_alone() {
    let bench = tiers(&["free"], json!({})).await;
    for _ in 0..5 {
        assert_eq!(bench.answered_by(&[], json!({})).await.0, "cheap");
    }
    let (text, why) = bench.answered_by(&[], json!({})).await;
    assert_eq!((text.as_str(), why.as_str()), ("cheap", "circuit_breaker"));
    let (_, shown) = bench.app.get("/metrics/router").await;
    let stats = &shown["metrics"]["provider_stats"]["free"];
    assert_eq!((&stats["circuit_state"], &stats["total_requests"]), (&json!("open"), &json!(5)));
    assert_eq!(stats["consecutive_failures"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_that_cannot_are_passed_over() {
    let bench = tiers(
        &[],
        json!({ "targets": [
        { "provider": "free", "model": "free", "vision": false, "tools": false, "json": false },
        { "provider": "cheap", "model": "cheap", "context_tokens": 100 },
        { "provider": "strong", "model": "strong", "vision": false },
    ] }),
    )
    .await;
    let image = json!([{ "role": "user", "content": [{ "type": "image_url", "image_url": { "url": "https://x/y.png" } }] }]);
    let long = json!([{ "role": "user", "content": "word ".repeat(100) }]);
    let quoting = json!([{ "role": "user", "content": "what does \"image_url\" mean?" }]);
    let tools = json!([{ "type": "function", "function": { "name": "f" } }]);
    for (further, expected, why) in [
        (json!({ "tools": tools }), "cheap", "capability_required"),
        (json!({ "response_format": { "type": "json_object" } }), "cheap", "capability_required"),
        (json!({ "tools": tools, "messages": long }), "strong", "capability_required"),
        (json!({ "tools": tools, "max_tokens": 200 }), "strong", "capability_required"),
        (json!({ "messages": quoting }), "free", "free_first"),
    ] {
        let got = bench.answered_by(&[], further.clone()).await;
        assert_eq!((got.0.as_str(), got.1.as_str()), (expected, why), "{further}");
    }
    let got = bench.chat(json!({ "messages": image })).await;
    assert_eq!(got.status, 400, "an image counts as 1,000 tokens: {got:?}");
    let message = got.json()["error"]["message"].as_str().unwrap().to_owned();
    for words in ["free/free: does not read images", "cheap/cheap: reads 100 tokens"] {
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_stays_and_weights_divide() {
    let bench = tiers(
        &[],
        json!({ "order": "weighted", "prefer_free": false, "targets": [
        { "provider": "free", "model": "free", "weight": 3 },
        { "provider": "cheap", "model": "cheap", "weight": 1 },
    ] }),
    )
    .await;
    let (first, _) = bench.answered_by(&[("x-assay-session", "s1")], json!({})).await;
    for _ in 0..5 {
        assert_eq!(bench.answered_by(&[("x-assay-session", "s1")], json!({})).await.0, first);
    }
    let mut heavier = 0;
    for session in 0..200 {
        let session = session.to_string();
        let (text, _) = bench.answered_by(&[("x-assay-session", &session)], json!({})).await;
        heavier += usize::from(text == "free");
    }
    assert!(
        (130..=170).contains(&heavier),
        "{heavier} of 200 went to three quarters of the weight"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_take_turns_and_fail_apart() {
    let upstream = Upstream::start(|_, seen| match seen.headers["authorization"].as_str() {
        "Bearer bad" => Script::json(401, &json!({ "error": { "message": "bad key" } })),
        _ => Script::json(200, &answer("good")),
    })
    .await;
    let mut settings = settings_of_one(json!({}));
    settings["providers"]["up"]["api_keys"] = json!(["bad", "good"]);
    let bench = Bench::with(upstream, settings).await;
    for _ in 0..4 {
        let got = bench.chat(json!({})).await;
        assert_eq!(got.status, 200, "{got:?}");
        assert!(!format!("{got:?}").contains("Bearer"));
    }
    let bad = bench
        .upstream
        .seen()
        .iter()
        .filter(|seen| seen.headers["authorization"] == "Bearer bad")
        .count();
    assert_eq!(bad, 2, "each key is the first every second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_provider_refuses_is_not_the_callers() {
    let refusing = Script::json(401, &json!({ "error": { "message": "bad key" } }));
    let bench = Bench::new(refusing).await;
    let got = bench.chat(json!({})).await;
    assert_eq!((got.status, got.header("x-should-retry")), (502, "false"), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_that_train_are_left_out_on_request() {
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let mut settings = settings_of_one(json!({}));
    settings["providers"]["up"]["trains_on_data"] = json!(true);
    let bench = Bench::with(upstream, settings).await;
    assert_eq!(bench.chat(json!({})).await.status, 200);
    let body = super::chat(json!({}));
    let got =
        bench.send_with("/v1/chat/completions", &body, &[("x-assay-no-training", "true")]).await;
    assert_eq!((got.status, got.header("x-assay-reason")), (400, "policy_override"), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explaining_sends_nothing() {
    let bench = tiers(
        &[],
        json!({ "targets": [
        { "provider": "free", "model": "free", "tools": false },
        { "provider": "cheap", "model": "cheap" },
        { "provider": "strong", "model": "strong" },
    ] }),
    )
    .await;
    let tools = json!([{ "type": "function", "function": { "name": "f" } }]);
    let got =
        bench.send("/v1/gateway/explain", &super::chat(json!({ "tools": tools }))).await.json();
    let order: Vec<_> =
        got["targets"].as_array().unwrap().iter().map(|t| t["model"].clone()).collect();
    assert_eq!(order, ["cheap", "strong"], "{got}");
    assert_eq!(got["skipped"][0]["why"], "does not call tools");
    assert_eq!(
        (&got["needs"], &got["reasons"]),
        (&json!(["tools"]), &json!(["capability_required"]))
    );
    assert_eq!(bench.upstream.seen().len(), 0);
    let got = bench.send("/v1/gateway/explain", &super::chat(json!({ "model": "no" }))).await;
    assert_eq!((got.status, got.json()["error"]["code"].as_str()), (404, Some("not_found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_sees_calls_tokens_and_time() {
    let bench = tiers(&["free"], json!({})).await;
    bench.answered_by(&[], json!({})).await;
    let text = bench.app.client.get(format!("{}/metrics", bench.app.url)).send().await.unwrap();
    let text = text.text().await.unwrap();
    for line in [
        "llm_calls_total{model=\"cheap\",status=\"success\",endpoint=\"chat\"} 1",
        "llm_calls_total{model=\"free\",status=\"error\",endpoint=\"chat\"} 1",
        "llm_tokens_total{model=\"cheap\",token_type=\"prompt\",source=\"provider\"} 11",
        "llm_latency_seconds_count{model=\"cheap\"} 1",
        "gen_ai_client_operation_duration_seconds_count{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"free\",error_type=\"provider\"} 1",
        "gen_ai_client_token_usage_sum{gen_ai_operation_name=\"chat\",gen_ai_provider_name=\"openai\",gen_ai_request_model=\"cheap\",gen_ai_token_type=\"output\"} 7",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}

/// A gateway over two models with prices: `dear` before `cheap`.
async fn dear_and_cheap(
    route: Value,
    script: impl Fn(&str) -> Script + Send + Sync + 'static,
) -> Bench {
    let by_model = move |_: usize, seen: &Seen| script(seen.json()["model"].as_str().unwrap());
    let upstream = Upstream::start(by_model).await;
    let mut settings = json!({
        "retries": 0,
        "providers": { "up": { "kind": "openai", "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "gpt-4o" },
                                       { "provider": "up", "model": "gpt-4o-mini" }] } },
    });
    merge(&mut settings["routes"]["m"], route);
    Bench::with(upstream, settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_may_cost_and_what_is_cheapest_decides() {
    let said = |_: &str| Script::json(200, &answer("x"));
    let capped = dear_and_cheap(json!({ "max_cost_usd": "0.001" }), said).await;
    let (model, reason) = ("x-assay-model", "x-assay-reason");
    // 1,000 tokens of gpt-4o cost a cent.
    let got = capped.chat(json!({})).await;
    assert_eq!((got.header(model), got.header(reason)), ("gpt-4o-mini", "budget_exhausted"));
    assert_eq!(capped.chat(json!({ "max_tokens": 10 })).await.header(model), "gpt-4o");
    let path = "/v1/chat/completions";
    for (limit, status) in [("0.0001", 400), ("1000", 200), ("much", 400)] {
        let header = [("x-assay-max-cost-usd", limit)];
        let got = capped.send_with(path, &super::chat(json!({})), &header).await;
        assert_eq!(got.status, status, "{limit}: {got:?}");
        assert_ne!(got.header(model), "gpt-4o", "a header raises nothing");
    }
    let cheapest = dear_and_cheap(json!({ "order": "cost" }), said).await;
    assert_eq!(cheapest.chat(json!({})).await.header(model), "gpt-4o-mini");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_target_is_hedged_and_both_are_counted() {
    let said = |model: &str| match model {
        "gpt-4o" => Script::stream().hold(),
        _ => Script::json(200, &answer("quick")),
    };
    let bench = dear_and_cheap(json!({ "hedge_ms": 20 }), said).await;
    let got = bench.chat(json!({})).await;
    assert_eq!((got.status, got.header("x-assay-model")), (200, "gpt-4o-mini"), "{got:?}");
    assert_eq!(got.header("x-assay-attempts"), "2");
    bench.upstream.left().await;
    let metered = bench.settled(2).await;
    assert!(metered.prompt_tokens > 11, "the one that was given up is charged, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shadow_gets_a_copy_that_nobody_waits_for() {
    let said = |_: &str| Script::json(200, &answer("x"));
    let shadow = json!({ "provider": "up", "model": "gpt-4.1", "percent": 100 });
    let bench = dear_and_cheap(json!({ "shadow": shadow }), said).await;
    let got = bench.chat(json!({ "temperature": 0.5 })).await;
    assert_eq!((got.status, got.header("x-assay-model")), (200, "gpt-4o"));
    bench.settled(2).await;
    let mut seen: Vec<Value> = bench.upstream.seen().iter().map(Seen::json).collect();
    seen.sort_by_key(|body| body["model"].to_string());
    let models: Vec<&Value> = seen.iter().map(|body| &body["model"]).collect();
    assert_eq!(models, ["gpt-4.1", "gpt-4o"]);
    assert_eq!(seen[0]["messages"], seen[1]["messages"]);
    assert_eq!(seen[0]["temperature"], 0.5);
}

#[tokio::test(flavor = "multi_thread")]
async fn assay_itself_answers_in_every_dialect_and_when_all_else_fails() {
    let broken = Script::json(500, &json!({ "error": { "message": "broken" } }));
    let settings = json!({
        "retries": 0,
        "providers": { "up": { "base_url": "$URL/v1" } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }],
                           "fallbacks": ["own"] },
                    "own": { "targets": [{ "provider": "assay", "model": "extractive" }] } },
    });
    let bench = Bench::with(Upstream::always(broken).await, settings).await;
    bench.app.ingest("trial.md", crate::app::TRIAL).await;
    let question = "What does a treatment cost?";
    let messages = json!([{ "role": "user", "content": question }]);
    let fallen = bench.chat(json!({ "messages": messages })).await;
    assert_eq!((fallen.header("x-assay-provider"), fallen.status), ("assay", 200), "{fallen:?}");
    assert!(fallen.json()["choices"][0]["message"]["content"].to_string().contains("6 euros"));
    let stream = bench.stream(json!({ "messages": messages })).await;
    assert!(stream.content(0).contains("6 euros"), "{stream:?}");
    stream.chunks();
    for (path, body, place) in [
        ("/v1/messages", json!({ "max_tokens": 99, "messages": messages }), "/content/0/text"),
        ("/v1/responses", json!({ "input": question }), "/output/0/content/0/text"),
    ] {
        let mut body = body;
        body["model"] = json!("assay/extractive");
        let got = bench.send(path, &body).await;
        let text = got.json().pointer(place).unwrap_or(&Value::Null).to_string();
        assert!(text.contains("6 euros"), "{path}: {got:?}");
    }
    let tools = json!([{ "type": "function", "function": { "name": "f" } }]);
    let needs = json!({ "model": "own", "messages": messages, "tools": tools });
    assert_eq!(bench.chat(needs).await.status, 400, "it calls no tools");
}
