//! The official clients of OpenAI and Anthropic for Python, unmodified, over a scripted provider.
//!
//! They are installed into a virtual environment below the target folder, once; where that does not
//! work the test says so and ends.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use assay_testkit::upstream::{Script, Seen, Upstream};
use serde_json::{Value, json};

use super::{Bench, answer, chunk, whole};

/// What the clients are asked for: both are in this range for as long as their protocols are.
const PACKAGES: [&str; 3] = ["openai>=2,<4", "anthropic>=0.70,<3", "pydantic>=2"];

const MODELS: [&str; 8] =
    ["text", "calls", "json", "refused", "cut", "wrong", "limited", "vectors"];

#[tokio::test(flavor = "multi_thread")]
async fn the_official_clients_work() {
    let Some(python) = tokio::task::spawn_blocking(environment).await.unwrap() else { return };
    let upstream = Upstream::start(|_, seen| script(seen)).await;
    let routes: Value = MODELS
        .iter()
        .map(|model| {
            let target = json!({ "provider": "up", "model": model });
            ((*model).to_owned(), json!({ "targets": [target] }))
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    let settings = json!({
        "retries": 0, "providers": { "up": { "base_url": "$URL" } }, "routes": routes,
    });
    let bench = Bench::with(upstream, settings).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/gateway/clients.py");
    let url = bench.app.url.clone();
    let run = move || Command::new(python).arg(file).arg(url).output();
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    println!("{said}");
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// A Python that has the clients; `None`, with a line on standard error, where there is none.
#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
fn environment() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients");
    let python = folder.join("bin/python");
    let has = |python: &Path| {
        let probe = Command::new(python).args(["-c", "import openai, anthropic"]).output();
        probe.is_ok_and(|output| output.status.success())
    };
    if has(&python) {
        return Some(python);
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).output();
    let installed = made.is_ok_and(|output| output.status.success())
        && Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(PACKAGES)
            .output()
            .is_ok_and(|output| output.status.success());
    if installed && has(&python) {
        return Some(python);
    }
    eprintln!("skipped: the clients for Python cannot be installed here");
    None
}

fn script(seen: &Seen) -> Script {
    let request = seen.json();
    let stream = request["stream"] == true;
    let calls = |with_index: bool| -> Vec<Value> {
        ["Oslo", "Rome"]
            .iter()
            .enumerate()
            .map(|(index, city)| {
                let arguments = format!("{{\"city\":\"{city}\"}}");
                let mut call = json!({ "id": format!("t{index}"),
                                       "function": { "name": "weather", "arguments": arguments } });
                if with_index {
                    call["type"] = json!("function");
                }
                call
            })
            .collect()
    };
    let error = |code: &str| {
        json!({ "error": { "message": "no", "type": "invalid_request_error",
                                                "param": "n", "code": code } })
    };
    let headers = [("content-type", "application/json"), ("x-ratelimit-remaining-requests", "9")];
    match (request["model"].as_str().unwrap_or_default(), stream) {
        ("text", true) => Script::stream().frames(whole(&["hel", "lo"])).done(),
        ("text", false) => {
            let mut said = answer("hello");
            said["x_new"] = json!({ "a": 1 });
            Script::answer(200, &headers, said.to_string())
        }
        ("calls", true) => {
            let fragments = calls(false).into_iter();
            let frames = fragments.map(|call| chunk(json!({ "tool_calls": [call] }), Value::Null));
            Script::stream().frames(frames).frames([chunk(json!({}), json!("stop"))]).done()
        }
        ("calls", false) => {
            let mut said = answer("");
            said["choices"][0]["message"]["tool_calls"] = json!(calls(true));
            Script::json(200, &said)
        }
        ("json", _) => Script::json(200, &answer("{\"name\":\"Oslo\",\"people\":717710}")),
        ("refused", _) => {
            let error = json!({ "error": { "message": "no room", "code": 503 } });
            Script::stream().frames([error]).done()
        }
        ("cut", _) => {
            let half = chunk(json!({ "role": "assistant", "content": "half" }), Value::Null);
            Script::stream().frames([half]).cut()
        }
        ("wrong", _) => Script::json(400, &error("invalid_value")),
        ("limited", _) => {
            let limited = error("rate_limit_exceeded").to_string();
            Script::answer(429, &[("retry-after", "17")], limited)
        }
        ("vectors", _) => {
            let item = json!({ "object": "embedding", "index": 0, "embedding": [0.5, -1.0, 2.0] });
            Script::json(
                200,
                &json!({ "object": "list", "model": "real", "data": [item],
                                       "usage": { "prompt_tokens": 1, "total_tokens": 1 } }),
            )
        }
        _ => Script::json(404, &error("model_not_found")),
    }
}
