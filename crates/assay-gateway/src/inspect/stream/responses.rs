//! Frames of `POST /v1/responses`.

use serde_json::Value;

use super::{Key, Texts, number};
use crate::inspect::whole;

/// Fields in which the end of a text repeats it.
const REPEATED: [&str; 6] = ["text", "arguments", "refusal", "input", "code", "delta"];
/// Fields in which a frame repeats a part of the answer, or all of it.
const PARTS: [&str; 3] = ["part", "item", "response"];

/// The frame with what may leave of its texts, behind what was held back.
pub(super) fn rewrite(texts: &mut Texts, mut frame: Value) -> Vec<Value> {
    let kind = frame.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut frames = Vec::new();
    if let Some(text) = kind.strip_suffix(".delta").filter(|text| !text.ends_with("audio")) {
        let (key, like) = (key(&frame, text), delta(frame.clone(), ""));
        if let Some(Value::String(piece)) = frame.get_mut("delta") {
            *piece = texts.piece(key, text.ends_with("_arguments"), piece, || like);
        }
        without_logprobs(texts, &mut frame);
    } else if let Some(text) = kind.strip_suffix(".done") {
        if let Some((rest, like, gone)) = texts.close(&key(&frame, text)) {
            if !rest.is_empty() {
                frames.push(delta(like, &rest));
            }
            for field in REPEATED {
                if let Some(Value::String(repeated)) = frame.get_mut(field) {
                    repeated.clone_from(&gone);
                }
            }
        }
        without_logprobs(texts, &mut frame);
    }
    for field in PARTS {
        if let Some(part) = frame.get_mut(field) {
            rewrite_part(texts, part);
        }
    }
    // A frame that is put in takes the number of the one behind it, which moves on.
    let at = frame.get("sequence_number").and_then(Value::as_u64);
    frames.push(frame);
    let count = frames.len() as u64;
    if let Some(at) = at {
        for (frame, place) in frames.iter_mut().zip(0..) {
            if let Some(number) = frame.get_mut("sequence_number") {
                *number = (at + texts.added + place).into();
            }
        }
    }
    texts.added += count - 1;
    frames
}

/// A frame with a piece of the text that `frame` brings.
pub(super) fn delta(mut frame: Value, text: &str) -> Value {
    if let Some(place) = frame.get_mut("delta") {
        *place = text.into();
    }
    frame
}

fn key(frame: &Value, text: &str) -> Key {
    let part = frame.get("content_index").or_else(|| frame.get("summary_index"));
    let part = part.and_then(Value::as_u64).unwrap_or_default();
    (number(frame, "output_index"), part, text.to_owned())
}

fn without_logprobs(texts: &Texts, frame: &mut Value) {
    if texts.inspection.changes_answers()
        && let Some(tokens) = frame.get_mut("logprobs")
    {
        *tokens = Value::Array(Vec::new());
    }
}

fn rewrite_part(texts: &mut Texts, part: &mut Value) {
    let (json, refusal) = whole::rewritten(&part.to_string(), &texts.inspection);
    texts.refusal = texts.refusal.take().or(refusal);
    if let Ok(rewritten) = serde_json::from_str(&json) {
        *part = rewritten;
    }
}
