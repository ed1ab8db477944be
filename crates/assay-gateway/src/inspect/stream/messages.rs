//! Frames of `POST /v1/messages`.

use serde_json::{Value, json};

use super::{Key, Texts, number};
use crate::inspect::whole;

/// The frame with what may leave of its texts, behind what was held back.
pub(super) fn rewrite(texts: &mut Texts, mut frame: Value) -> Vec<Value> {
    let key: Key = (number(&frame, "index"), 0, String::new());
    match frame.get("type").and_then(Value::as_str) {
        Some("content_block_start") => begin(texts, key, &mut frame),
        Some("content_block_delta") => piece(texts, key, &mut frame),
        Some("content_block_stop") => {
            let rest = texts.close(&key).filter(|(rest, ..)| !rest.is_empty());
            let mut frames: Vec<Value> =
                rest.into_iter().map(|(rest, frame, _)| delta(frame, &rest)).collect();
            frames.push(frame);
            return frames;
        }
        _ => {}
    }
    vec![frame]
}

/// A frame with a piece of the text that `frame` brings.
pub(super) fn delta(mut frame: Value, text: &str) -> Value {
    if let Some(field) = field(&frame)
        && let Some(place) = frame.get_mut("delta").and_then(|delta| delta.get_mut(field))
    {
        *place = text.into();
    }
    frame
}

/// The field of a delta that holds text.
fn field(frame: &Value) -> Option<&'static str> {
    match frame.get("delta")?.get("type")?.as_str()? {
        "text_delta" => Some("text"),
        "thinking_delta" => Some("thinking"),
        "input_json_delta" => Some("partial_json"),
        _ => None,
    }
}

fn begin(texts: &mut Texts, key: Key, frame: &mut Value) {
    let index = key.0;
    let Some(block) = frame.get_mut("content_block") else { return };
    for (field, kind) in [("text", "text_delta"), ("thinking", "thinking_delta")] {
        if let Some(Value::String(text)) = block.get_mut(field)
            && !text.is_empty()
        {
            let like = || {
                let delta = json!({"type": kind, field: ""});
                json!({"type": "content_block_delta", "index": index, "delta": delta})
            };
            *text = texts.piece(key.clone(), false, text, like);
        }
    }
    if let Some(input) = block.get_mut("input") {
        // Mostly empty: the arguments follow in pieces.
        rewrite_whole(texts, input);
    }
}

fn piece(texts: &mut Texts, key: Key, frame: &mut Value) {
    let Some(field) = field(frame) else {
        if let Some(citation) = frame.get_mut("delta").and_then(|delta| delta.get_mut("citation")) {
            rewrite_whole(texts, citation);
        }
        return;
    };
    let like = delta(frame.clone(), "");
    let Some(Value::String(text)) = frame.get_mut("delta").and_then(|delta| delta.get_mut(field))
    else {
        return;
    };
    *text = texts.piece(key, field == "partial_json", text, || like);
}

fn rewrite_whole(texts: &mut Texts, value: &mut Value) {
    let (json, refusal) = whole::rewritten(&value.to_string(), &texts.inspection);
    texts.refusal = texts.refusal.take().or(refusal);
    if let Ok(rewritten) = serde_json::from_str(&json) {
        *value = rewritten;
    }
}
