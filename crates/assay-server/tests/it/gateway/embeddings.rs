//! Vectors through the gateway: in the encoding that was asked for, of texts and of tokens.

use assay_testkit::upstream::Script;
use serde_json::{Value, json};

use super::Bench;

fn vectors(embedding: Value) -> Script {
    Script::json(
        200,
        &json!({
            "object": "list", "model": "real", "data": [{ "object": "embedding", "index": 0, "embedding": embedding }],
            "usage": { "prompt_tokens": 4, "total_tokens": 4 },
        }),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_come_in_the_encoding_that_was_asked_for() {
    let base64 = json!("AACAPwAAAMA=");
    for (sent, asked, expected) in [
        (json!([1.0, -2.0]), Value::Null, json!([1.0, -2.0])),
        (json!([1.0, -2.0]), json!("base64"), base64.clone()),
        (base64.clone(), json!("float"), json!([1.0, -2.0])),
        (base64.clone(), json!("base64"), base64.clone()),
    ] {
        let bench = Bench::new(vectors(sent)).await;
        let body = json!({ "model": "m", "input": ["x"], "encoding_format": asked });
        let got = bench.send("/v1/embeddings", &body).await;
        let answer = got.json();
        assert_eq!((&answer["data"][0]["embedding"], &answer["model"]), (&expected, &json!("m")));
        assert_eq!(bench.metered().prompt_tokens, 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arrays_of_tokens_pass_through() {
    let bench = Bench::new(vectors(json!([0.5]))).await;
    let body = json!({ "model": "m", "input": [[1, 2, 3]], "dimensions": 1 });
    assert_eq!(bench.send("/v1/embeddings", &body).await.status, 200);
    let sent = bench.upstream.seen()[0].clone();
    assert_eq!(
        (sent.path.as_str(), &sent.json()["input"]),
        ("/v1/embeddings", &json!([[1, 2, 3]]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_vector_is_refused() {
    for sent in [json!("AAA="), json!({}), json!(["a"])] {
        let bench = Bench::new(vectors(sent.clone())).await;
        let asked = if sent.is_string() { "float" } else { "base64" };
        let body = json!({ "model": "m", "input": "x", "encoding_format": asked });
        assert_eq!(bench.send("/v1/embeddings", &body).await.status, 502, "{sent}");
    }
    let bench = Bench::new(vectors(json!([0.5]))).await;
    let body = json!({ "model": "m", "input": "x", "encoding_format": "hex" });
    assert_eq!(bench.send("/v1/embeddings", &body).await.status, 400);
}
