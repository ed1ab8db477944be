//! What calls cost and budgets, over HTTP.

use assay_answer::ledger::{CallKind, Caller, Ending, NewCall, Usage, prices::PriceOverride};
use assay_core::TenantScope;
use serde_json::{Value, json};

use crate::app::TestApp;

async fn priced() -> TestApp {
    let price = json!({ "provider": "acme", "model": "m", "input": "1", "output": "10" });
    let price: PriceOverride = serde_json::from_value(price).unwrap();
    TestApp::open(|settings| settings.ledger.prices.push(price)).await
}

/// Reserves for 1,000 tokens written; settles at `output` when it is given.
fn call(app: &TestApp, user: &str, output: Option<u64>) -> Result<(), String> {
    let caller = Caller::new(&TenantScope::built_in()).user(user).unwrap();
    let new = NewCall::new(CallKind::Chat, "acme", "m", Usage::tokens(0, 1_000));
    let held = app.engine().ledger().reserve(&caller, &new);
    let held = held.map_err(|error| error.to_string())?;
    match output {
        Some(output) => {
            held.settle(Usage::tokens(0, output), Ending::Completed, false);
        }
        None => held.refund(),
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn use_is_added_up_to_the_nano_dollar() {
    let app = priced().await;
    for (user, output) in [("ann", 7), ("bob", 500), ("ann", 1)] {
        call(&app, user, Some(output)).unwrap();
    }
    call(&app, "bob", None).unwrap();
    let (status, usage) = app.get("/v1/usage?group_by=user").await;
    assert_eq!(status, 200, "{usage}");
    let total = &usage["total"];
    assert_eq!((&total["cost_nano_usd"], &total["failed_calls"]), (&json!(5_080_000), &json!(1)));
    assert_eq!(total["cost_usd"].to_string(), "0.00508");
    assert_eq!(usage["groups"][0]["values"]["user"], "bob");
    assert_eq!(usage["groups"][1]["sums"]["output_tokens"], 8);
    let summary = &usage["cost_summary"];
    assert_eq!(summary["current_metrics"]["api_calls_acme"], 4);
    assert_eq!(summary["hourly_cost_usd"].to_string(), "0.00508");
    assert_eq!(summary["daily_projection_usd"].to_string(), "0.12192");
    let (_, recount) = app.get("/v1/usage/recount").await;
    assert_eq!((&recount["agrees"], &recount["cost_nano_usd"]), (&json!(true), &json!(5_080_000)));
    for path in ["?group_by=colour", "?from=yesterday", "?limit=0", "?colour=red", "?query=x"] {
        let (status, refused) = app.get(&format!("/v1/usage{path}")).await;
        assert_eq!(status, 400, "{path}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_set_shown_raised_and_lifted() {
    let app = priced().await;
    let body = json!({
        "name": "each user", "limit_usd": 0.02, "window": "month", "only": { "user": "*" }
    });
    let (status, made) = app.post("/v1/budgets", body.clone()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!((made["limit"].to_string(), &made["unit"]), ("0.02".to_owned(), &json!("usd")));
    assert_eq!(app.post("/v1/budgets", body).await.0, 400, "the name is taken");
    call(&app, "ann", Some(900)).unwrap();
    call(&app, "ann", Some(800)).unwrap();
    let refused = call(&app, "ann", Some(1)).unwrap_err();
    assert!(refused.contains("`each user`") && refused.contains("$0.017 of $0.02"), "{refused}");
    call(&app, "bob", Some(1)).unwrap();
    let path = format!("/v1/budgets/{}", made["id"].as_str().unwrap());
    let (_, shown) = app.get(&path).await;
    let counter = &shown["counters"][0];
    assert_eq!((&counter["values"]["user"], &counter["percent"]), (&json!("ann"), &json!(85)));
    assert_eq!((counter["left"].to_string(), &counter["refused"]), ("0.003".to_owned(), &json!(1)));
    let (_, alerts) = app.get("/v1/budgets/alerts").await;
    let told: Vec<&Value> =
        alerts["alerts"].as_array().unwrap().iter().map(|it| &it["percent"]).collect();
    assert_eq!(told.len(), 2, "{alerts}: 80 passed 50 as well; the refusal told 100");
    let more = json!({ "limit": "1.5", "minutes": 60, "reason": "launch" });
    let (status, raised) = app.post(&format!("{path}/override"), more).await;
    assert_eq!((status, raised["limit"].to_string()), (200, "1.5".to_owned()), "{raised}");
    call(&app, "ann", Some(1)).unwrap();
    let put = app.client.put(format!("{}{path}", app.url)).json(&json!({
        "name": "calls", "limit_calls": 2, "window": "hour"
    }));
    let (status, changed) = crate::app::answer(put).await;
    assert_eq!((status, &changed["counters"][0]["spent"]), (200, &json!(4)), "{changed}");
    assert_eq!(app.delete(&path).await.0, 204);
    assert_eq!(app.get(&path).await.0, 404);
    assert_eq!(app.delete("/v1/budgets/none").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_cannot_be_one_is_refused() {
    let app = priced().await;
    for body in [
        json!({ "name": "x" }),
        json!({ "name": "x", "limit_usd": 1, "limit_calls": 1 }),
        json!({ "name": "", "limit_usd": 1 }),
        json!({ "name": "x", "limit_usd": "-1" }),
        json!({ "name": "x", "limit_usd": "0.0000000001" }),
        json!({ "name": "x", "limit_usd": 1, "window": "year" }),
        json!({ "name": "x", "limit_usd": 1, "only": { "user": "" } }),
        json!({ "name": "x", "limit_usd": 1, "alerts": [101] }),
        json!({ "name": "x", "limit_usd": 1, "colour": "red" }),
    ] {
        let (status, refused) = app.post("/v1/budgets", body.clone()).await;
        assert!((400..500).contains(&status), "{body}: {refused}");
        assert!(refused["error"]["message"].is_string(), "{refused}");
    }
}
