//! What a question, a document and a month cost.

use super::*;

fn asked() -> Asked {
    let usage = |what: &str| {
        json!({
            "from": "2026-11-01T00:00:00Z",
            "total": { "calls": 10, "cost_usd": 3.0, "free_calls": 4, "cached_calls": 1 },
            "groups": [
                { "values": { what: "a" }, "sums": { "cost_usd": 2.0 } },
                { "values": { what: "" }, "sums": { "cost_usd": 1.0 } },
            ],
            "cost_summary": { "monthly_projection_usd": 5.0, "hourly_cost_usd": 0.007 },
        })
    };
    Asked {
        month: usage("query"),
        since_start: usage("query"),
        since_made: usage("document"),
        budgets: json!({ "budgets": [
            { "window": "day", "unit": "usd", "limit": 1.0, "only": {} },
            { "window": "month", "unit": "calls", "limit": 900.0, "only": {} },
            { "window": "month", "unit": "usd", "limit": 5.0, "only": { "model": "m" } },
            { "window": "month", "unit": "usd", "limit": 100.0, "only": {} },
        ] }),
        tenant: json!({ "created_at": "2026-11-01T00:00:00Z", "usage": { "documents": 1_000 } }),
        metrics: "assay_http_requests_total{route=\"/query\",method=\"POST\",status=\"200\"} 400\n\
                  assay_http_requests_total{route=\"/query\",method=\"POST\",status=\"400\"} 7\n\
                  assay_http_requests_total{route=\"/search\",method=\"POST\",status=\"200\"} 9\n"
            .to_owned(),
        now: "2026-11-16T00:00:00Z".parse().unwrap(),
        machine: Some(60.0),
    }
}

fn told(asked: &Asked, pointer: &str) -> Option<f64> {
    cost(asked).unwrap().pointer(pointer).and_then(Value::as_f64)
}

#[test]
fn each_figure_is_of_what_it_counts() {
    let all = asked();
    // Two dollars of calls for questions, of 400 that were answered.
    assert_eq!(told(&all, "/usd_per_query"), Some(0.005));
    // Two dollars of calls for documents and half a month of the machine, of 1,000.
    assert_eq!(told(&all, "/usd_per_document"), Some(0.032));
    // Three dollars in half a month are six in one; the last hour says five.
    assert_eq!(told(&all, "/projected_usd"), Some(66.0));
    assert_eq!(told(&all, "/projected_of_budget"), Some(0.66));
}

#[test]
fn without_what_it_is_divided_by_there_is_no_figure() {
    let none = Asked { metrics: String::new(), machine: None, budgets: json!({}), ..asked() };
    assert_eq!(told(&none, "/usd_per_query"), None);
    assert_eq!(told(&none, "/usd_per_document"), None, "the machine costs what nobody said");
    assert_eq!(told(&none, "/projected_of_budget"), None);
    assert_eq!(told(&none, "/projected_usd"), Some(6.0));
    let empty = json!({ "created_at": "2026-11-01T00:00:00Z", "usage": { "documents": 0 } });
    assert_eq!(told(&Asked { tenant: empty, ..asked() }, "/usd_per_document"), None);
}
