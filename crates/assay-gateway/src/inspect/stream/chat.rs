//! Frames of `POST /v1/chat/completions`.

use serde_json::{Map, Value, json};

use super::{Key, Texts, number};

/// Fields of a delta that hold text.
const TEXTS: [&str; 4] = ["content", "reasoning_content", "reasoning", "refusal"];
/// How the arguments of a tool call are named in a key, before their number.
const CALL: &str = "call";
/// The one call of the older form.
const FUNCTION: &str = "function_call";

/// The frame with what may leave of its texts.
pub(super) fn rewrite(texts: &mut Texts, mut frame: Value) -> Vec<Value> {
    // Taken out, so that what the frames share can be looked at meanwhile.
    let Some(choices) = frame.get_mut("choices").and_then(Value::as_array_mut) else {
        return vec![frame];
    };
    let mut choices = std::mem::take(choices);
    for choice in &mut choices {
        let index = number(choice, "index");
        let ends = choice.get("finish_reason").is_some_and(|reason| !reason.is_null());
        if choice.get("logprobs").is_some() && texts.inspection.changes_answers() {
            // Tokens one by one are the text once more.
            set(choice, "logprobs", Value::Null);
        }
        if let Some(delta) = choice.get_mut("delta") {
            pieces(texts, index, delta, &frame);
        }
        if ends {
            let mut left = json!({});
            finish(texts, index, &mut left);
            join(choice, left);
        }
    }
    set(&mut frame, "choices", choices.into());
    vec![frame]
}

/// A frame with a piece of the text of `key`.
pub(super) fn delta(mut frame: Value, key: &Key, text: &str) -> Value {
    let mut delta = json!({});
    put(&mut delta, key, text);
    set(&mut frame, "choices", json!([{"index": key.0, "delta": delta, "finish_reason": null}]));
    frame
}

/// What all frames of the stream share.
fn head(frame: &Value) -> Value {
    let kept = ["id", "object", "created", "model", "system_fingerprint"];
    let fields =
        kept.iter().filter_map(|name| Some(((*name).to_owned(), frame.get(*name)?.clone())));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn pieces(texts: &mut Texts, index: u64, delta: &mut Value, frame: &Value) {
    for name in TEXTS {
        if let Some(Value::String(text)) = delta.get_mut(name) {
            let key = (index, 0, name.to_owned());
            *text = texts.piece(key, false, text, || head(frame));
        }
    }
    let calls = delta.get_mut("tool_calls").and_then(Value::as_array_mut);
    for call in calls.into_iter().flatten() {
        let key = (index, number(call, "index"), CALL.to_owned());
        if let Some(Value::String(text)) =
            call.get_mut("function").and_then(|function| function.get_mut("arguments"))
        {
            *text = texts.piece(key, true, text, || head(frame));
        }
    }
    if let Some(Value::String(text)) =
        delta.get_mut(FUNCTION).and_then(|function| function.get_mut("arguments"))
    {
        let key = (index, 0, FUNCTION.to_owned());
        *text = texts.piece(key, true, text, || head(frame));
    }
}

/// Ends the texts of a choice.
fn finish(texts: &mut Texts, index: u64, left: &mut Value) {
    let keys: Vec<Key> = texts.open.keys().filter(|key| key.0 == index).cloned().collect();
    for key in keys {
        if let Some((rest, ..)) = texts.close(&key)
            && !rest.is_empty()
        {
            put(left, &key, &rest);
        }
    }
}

/// Puts a piece of text where a delta has it.
fn put(delta: &mut Value, (_, number, name): &Key, text: &str) {
    match name.as_str() {
        CALL => {
            let call = json!({"index": number, "function": {"arguments": text}});
            match delta.get_mut("tool_calls").and_then(Value::as_array_mut) {
                Some(calls) => calls.push(call),
                None => set(delta, "tool_calls", json!([call])),
            }
        }
        FUNCTION => set(delta, FUNCTION, json!({"arguments": text})),
        name => set(delta, name, text.into()),
    }
}

/// Adds what was left to the delta of a choice.
fn join(choice: &mut Value, left: Value) {
    let Value::Object(left) = left else { return };
    if choice.get("delta").is_none_or(Value::is_null) && !left.is_empty() {
        set(choice, "delta", json!({}));
    }
    let Some(delta) = choice.get_mut("delta") else { return };
    for (name, more) in left {
        match (delta.get_mut(&name), more) {
            (Some(Value::String(text)), Value::String(more)) => text.push_str(&more),
            (Some(Value::Array(calls)), Value::Array(more)) => calls.extend(more),
            (_, more) => set(delta, &name, more),
        }
    }
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(fields) = object {
        fields.insert(name.to_owned(), value);
    }
}
