//! Whatever the cut: texts are handed over whole, everything else stays as it was written.

use std::sync::{Arc, Mutex};

use futures_util::{StreamExt, stream};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Inspection, Source, TextFilter, Verdict, arguments::Arguments, request, stream as streamed,
    whole,
};
use crate::Dialect;

/// Puts `[X]` in the place of `SECRET`, holding back what may become it, and refuses `FORBIDDEN`.
#[derive(Default)]
struct Test {
    asked: Mutex<Vec<(Source, String, String)>>,
}

const SECRET: &str = "SECRET";

impl Inspection for Test {
    fn asked(&self, source: Source, context: &str, text: &str) -> Verdict {
        self.asked.lock().unwrap().push((source, context.to_owned(), text.to_owned()));
        match text {
            text if text.contains("FORBIDDEN") => Verdict::Refuse("no".to_owned()),
            text if text.contains(SECRET) => Verdict::Change(text.replace(SECRET, "[X]")),
            _ => Verdict::Pass,
        }
    }

    fn answered(&self, _: &str) -> Box<dyn TextFilter> {
        Box::new(Held::default())
    }

    fn changes_answers(&self) -> bool {
        true
    }

    fn request_report(&self) -> Option<String> {
        None
    }

    fn answer_report(&self) -> Option<String> {
        None
    }
}

#[derive(Default)]
struct Held {
    text: String,
    seen: String,
    refused: bool,
}

impl TextFilter for Held {
    fn push(&mut self, piece: &str) -> String {
        self.text.push_str(piece);
        self.seen.push_str(piece);
        self.refused |= self.seen.contains("FORBIDDEN");
        let text = self.text.replace(SECRET, "[X]");
        let waits = (1..SECRET.len()).rev().find(|n| text.ends_with(&SECRET[..*n])).unwrap_or(0);
        self.text = text[text.len() - waits..].to_owned();
        text[..text.len() - waits].to_owned()
    }

    fn finish(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    fn refusal(&self) -> Option<String> {
        self.refused.then(|| "no".to_owned())
    }
}

fn inspection() -> Arc<dyn Inspection> {
    Arc::new(Test::default())
}

#[test]
fn texts_of_a_request_are_told_apart() {
    let test = Test::default();
    let body = json!({
        "model": "m", "metadata": {"user_id": "SECRET"},
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": [
                {"type": "text", "text": "a SECRET"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,SECRET"}},
                {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "found"}]},
            ]},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "SECRET", "type": "function",
                "function": {"name": "f", "arguments": "{\"path\": \"/SECRET\", \"n\": 12}"}}]},
            {"role": "tool", "tool_call_id": "t", "content": "a page"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "reads"}}],
    });
    let changed =
        request::look(Dialect::Chat, body.to_string().as_bytes(), &test).unwrap().unwrap();
    let changed: Value = serde_json::from_slice(&changed).unwrap();
    assert_eq!(changed["messages"][1]["content"][0]["text"], "a [X]");
    assert_eq!(changed["messages"][1]["content"][1], body["messages"][1]["content"][1]);
    let call = &changed["messages"][2]["tool_calls"][0];
    assert_eq!(call["function"]["arguments"], "{\"path\": \"/[X]\", \"n\": 12}");
    assert_eq!((&call["id"], &changed["metadata"]), (&json!("SECRET"), &body["metadata"]));
    let asked = test.asked.into_inner().unwrap();
    let of = |source| -> Vec<&str> {
        asked.iter().filter(|text| text.0 == source).map(|text| text.2.as_str()).collect()
    };
    assert_eq!(of(Source::Instructions), ["be kind", "reads"]);
    assert_eq!(of(Source::User), ["a SECRET"]);
    assert_eq!(of(Source::Model), ["/SECRET", "12"]);
    assert_eq!(of(Source::Tool), ["found", "a page"]);
    assert_eq!(asked.iter().find(|text| text.2 == "/SECRET").unwrap().1, "\"path\": \"");
}

#[test]
fn what_holds_nothing_stays_as_it_was_written() {
    let body =
        r#"{ "model":"m","messages" : [{"role":"user","content":"a\u00e9\/b 1.50"}] , "n":1.0e0}"#;
    let looked = request::look(Dialect::Chat, body.as_bytes(), &Test::default());
    assert_eq!(looked, Ok(None));
}

#[test]
fn a_refused_text_refuses_the_request() {
    for (dialect, body) in [
        (
            Dialect::Messages,
            json!({"model": "m", "system": [{"type": "text", "text": "FORBIDDEN"}], "messages": []}),
        ),
        (Dialect::Responses, json!({"model": "m", "input": "FORBIDDEN"})),
        (
            Dialect::Responses,
            json!({"model": "m", "input": [{"type": "function_call_output", "output": "FORBIDDEN"}]}),
        ),
        (
            Dialect::Messages,
            json!({"model": "m", "messages": [{"role": "assistant", "content":
            [{"type": "tool_use", "id": "t", "name": "n", "input": {"type": ["FORBIDDEN"]}}]}]}),
        ),
        (Dialect::Embeddings, json!({"model": "m", "input": ["a", "FORBIDDEN"]})),
    ] {
        let looked = request::look(dialect, body.to_string().as_bytes(), &Test::default());
        assert_eq!(looked, Err("no".to_owned()), "{body}");
    }
}

#[test]
fn a_plain_answer_is_changed_in_its_texts_alone() {
    let body = json!({"id": "SECRET", "choices": [{"index": 0, "finish_reason": "stop", "logprobs":
        {"content": [{"token": "SEC", "logprob": -0.1, "bytes": [83]}]}, "message": {"role": "assistant",
        "content": "the SECRET", "tool_calls": [{"id": "c", "function": {"name": "f",
        "arguments": "{\"a\":\"SECRET\"}"}}]}}]});
    let changed = whole::look(body.to_string().as_bytes(), &inspection()).unwrap().unwrap();
    let changed: Value = serde_json::from_slice(&changed).unwrap();
    assert_eq!(changed["id"], "SECRET");
    let message = &changed["choices"][0]["message"];
    assert_eq!(message["content"], "the [X]");
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], "{\"a\":\"[X]\"}");
    assert_eq!(
        changed["choices"][0]["logprobs"]["content"][0],
        json!({"token": "", "logprob": 0, "bytes": [0]})
    );
}

/// What leaves when the frames come in pieces of this size, as the data of each event.
async fn relayed(dialect: Dialect, frames: &[Value], size: usize) -> (String, Vec<Value>) {
    let mut bytes = Vec::new();
    for frame in frames {
        bytes.extend_from_slice(format!("data: {frame}\n\n").as_bytes());
    }
    if dialect == Dialect::Chat {
        bytes.extend_from_slice(b"data: [DONE]\n\n");
    }
    let pieces: Vec<bytes::Bytes> = bytes.chunks(size).map(bytes::Bytes::copy_from_slice).collect();
    let out = streamed::inspected(dialect, Box::pin(stream::iter(pieces)), inspection());
    let out: Vec<bytes::Bytes> = out.collect().await;
    let text = String::from_utf8(out.concat()).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let values = data.filter_map(|data| serde_json::from_str(data).ok()).collect();
    (text, values)
}

fn chat_frames(pieces: &[&str]) -> Vec<Value> {
    let frame = |delta: Value, reason: Value| {
        json!({"id": "c", "object": "chat.completion.chunk", "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]})
    };
    let mut frames = vec![frame(json!({"role": "assistant", "content": ""}), Value::Null)];
    frames.extend(pieces.iter().map(|piece| frame(json!({"content": piece}), Value::Null)));
    for piece in ["{\"pa", "th\": \"\\u0053EC", "RET", "\", \"n\": 4", "2}"] {
        let call = json!({"index": 0, "function": {"arguments": piece}});
        frames.push(frame(json!({"tool_calls": [call]}), Value::Null));
    }
    frames.push(frame(json!({}), json!("tool_calls")));
    frames
}

#[tokio::test]
async fn a_chat_stream_leaks_nothing_however_it_is_cut() {
    for size in [1, 7, 4096] {
        let frames = chat_frames(&["the S", "EC", "RET is S", "EC"]);
        let (text, frames) = relayed(Dialect::Chat, &frames, size).await;
        let joined = |pick: fn(&Value) -> Option<&str>| -> String {
            frames.iter().filter_map(|frame| pick(&frame["choices"][0]["delta"])).collect()
        };
        assert_eq!(joined(|delta| delta["content"].as_str()), "the [X] is SEC");
        let arguments = joined(|delta| delta["tool_calls"][0]["function"]["arguments"].as_str());
        assert_eq!(arguments, "{\"path\": \"[X]\", \"n\": 42}");
        assert!(text.ends_with("data: [DONE]\n\n") && !text.contains("RET"), "{text}");
    }
}

#[tokio::test]
async fn a_messages_stream_gives_what_is_held_back_before_its_block_ends() {
    let frames = [
        json!({"type": "message_start", "message": {"id": "m", "content": []}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a SECR"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ET b SE"}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "tool_use", "id": "t", "name": "n", "input": {}}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "{\"a\":\"SEC"}}),
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": "RET\"}"}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "message_stop"}),
    ];
    let (text, out) = relayed(Dialect::Messages, &frames, 11).await;
    let of = |index: u64, field: &str| -> String {
        out.iter()
            .filter(|frame| frame["index"] == index)
            .filter_map(|frame| frame["delta"][field].as_str())
            .collect()
    };
    assert_eq!(of(0, "text"), "a [X] b SE");
    assert_eq!(of(1, "partial_json"), "{\"a\":\"[X]\"}");
    assert!(text.starts_with("event: message_start\n") && !text.contains("RET"), "{text}");
    assert_eq!(out.last().unwrap()["type"], "message_stop");
}

#[tokio::test]
async fn a_responses_stream_repeats_what_left_and_numbers_its_frames() {
    let place = |value: Value, number: u64| {
        let mut frame = json!({"item_id": "i", "output_index": 0, "content_index": 0, "sequence_number": number});
        frame.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
        frame
    };
    let item = json!({"id": "i", "type": "message", "content": [{"type": "output_text", "text": "a SECRET SE"}]});
    let frames = [
        place(json!({"type": "response.output_text.delta", "delta": "a SECR"}), 0),
        place(json!({"type": "response.output_text.delta", "delta": "ET SE"}), 1),
        place(json!({"type": "response.output_text.done", "text": "a SECRET SE"}), 2),
        place(json!({"type": "response.content_part.done", "part": item["content"][0]}), 3),
        place(json!({"type": "response.output_item.done", "item": item}), 4),
        json!({"type": "response.completed", "response": {"id": "r", "output": [item]}, "sequence_number": 5}),
    ];
    let (text, out) = relayed(Dialect::Responses, &frames, 13).await;
    let deltas: String = out.iter().filter_map(|frame| frame["delta"].as_str()).collect();
    assert_eq!(deltas, "a [X] SE");
    assert!(!text.contains("SECRET"), "{text}");
    assert_eq!(
        out.iter().find(|frame| frame["type"] == "response.output_text.done").unwrap()["text"],
        "a [X] SE"
    );
    let numbers: Vec<u64> =
        out.iter().map(|frame| frame["sequence_number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (0..out.len() as u64).collect::<Vec<_>>());
    assert_eq!(out.last().unwrap()["response"]["output"][0]["content"][0]["text"], "a [X] SE");
}

#[tokio::test]
async fn a_refused_stream_ends_with_an_error_and_nothing_of_it() {
    let (text, _) = relayed(Dialect::Chat, &chat_frames(&["a ", "FORBI", "DDEN", " b"]), 9).await;
    assert!(text.contains("guard_blocked"), "{text}");
    assert!(!text.contains("DDEN") && !text.contains(" b\""), "{text}");
    assert!(!text.contains("[DONE]"), "{text}");
}

proptest! {
    #[test]
    fn json_stays_what_it_was_however_it_is_cut(
        text in "[ -~é\n\t😀]{0,24}", name in "[a-z\"\\\\é]{0,6}", number in any::<f64>(), sizes in prop::collection::vec(1usize..9, 1..6),
    ) {
        let value = json!({name: [text, number, null, {"x": [true, "a SECRET", []]}], "b": {}});
        let json = value.to_string();
        let mut arguments = Arguments::new(&inspection());
        let (mut out, mut at) = (String::new(), 0);
        for size in sizes.iter().cycle() {
            if at >= json.len() { break; }
            let end = json.ceil_char_boundary((at + size).min(json.len()));
            out.push_str(&arguments.push(&json[at..end]));
            at = end;
        }
        out.push_str(&arguments.finish());
        let expected: Value = serde_json::from_str(&json.replace(SECRET, "[X]")).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), expected);
    }

    #[test]
    fn what_is_no_json_is_a_text(text in "[ -~é]{0,40}(\\[|\\{|\"|SECRET|x){0,6}") {
        let mut arguments = Arguments::new(&inspection());
        let mut out: String = text.chars().map(|c| arguments.push(&c.to_string())).collect();
        out.push_str(&arguments.finish());
        prop_assert!(!out.contains(SECRET) || text.contains('"'), "{}", out);
    }
}
