//! Plain answers: passed through where they are as clients expect them, put right where not.

use std::collections::BTreeSet;

use super::{chunk::finish_word, usage::usage_of};
use crate::{
    fault::Fault,
    fields::{Change, Fields, elements, quoted},
    meter::Measured,
};

/// The answer as the caller is to see it, and what the provider counted.
///
/// # Errors
/// When it is not JSON, holds an error in spite of its status, or no choices.
pub(crate) fn put_right(
    body: &[u8],
    model: &str,
    seed: &str,
) -> Result<(Vec<u8>, Option<Measured>), Fault> {
    let fields = Fields::read(body)
        .map_err(|error| Fault::malformed(format!("the answer cannot be read: {error}")))?;
    if fields.get("error").is_some() {
        return Err(Fault::inside(body));
    }
    let json = fields.get("choices").unwrap_or_default();
    let choices = elements(json)
        .filter(|choices| !choices.is_empty())
        .ok_or_else(|| Fault::malformed("the answer holds no choices"))?;
    let mut right = Vec::with_capacity(choices.len());
    let mut is_changed = false;
    for (number, choice) in choices.iter().enumerate() {
        let changed = choice_put_right(choice.get(), number, seed)?;
        is_changed |= changed.is_some();
        right.push(changed.unwrap_or_else(|| choice.get().to_owned()));
    }
    let mut changes = Vec::with_capacity(4);
    if is_changed {
        changes.push(("choices", Change::json(format!("[{}]", right.join(",")))));
    }
    let model = quoted(model);
    if fields.raw("model") != Some(model.as_str()) {
        changes.push(("model", Change::json(model)));
    }
    for (name, usual) in
        [("id", format!("chatcmpl-{seed}")), ("object", "chat.completion".to_owned())]
    {
        if fields.get(name).is_none() {
            changes.push((name, Change::text(&usual)));
        }
    }
    if fields.get("created").is_none() {
        changes.push(("created", Change::json("0")));
    }
    let mut out = Vec::with_capacity(body.len() + 64);
    fields.write(&changes, &mut out);
    Ok((out, fields.get("usage").and_then(usage_of)))
}

/// A choice in the form that clients read; `None` when it has that form.
fn choice_put_right(json: &str, number: usize, seed: &str) -> Result<Option<String>, Fault> {
    let bad = |what: &str| Fault::malformed(format!("{what} of the answer cannot be read"));
    let choice = Fields::of(json).map_err(|_| bad("a choice"))?;
    let message = choice.get("message").ok_or_else(|| bad("the message"))?;
    let fields = Fields::of(message).map_err(|_| bad("the message"))?;
    let mut inner = Vec::new();
    let calls = fields.get("tool_calls").and_then(elements).unwrap_or_default();
    let mut right = Vec::with_capacity(calls.len());
    let mut is_changed = false;
    let mut ids = BTreeSet::new();
    for (place, call) in calls.iter().enumerate() {
        let changed =
            call_put_right(call.get(), place, seed, &mut ids).ok_or_else(|| bad("a tool call"))?;
        is_changed |= changed.is_some();
        right.push(changed.unwrap_or_else(|| call.get().to_owned()));
    }
    if is_changed {
        inner.push(("tool_calls", Change::json(format!("[{}]", right.join(",")))));
    }
    if calls.is_empty() && fields.raw("tool_calls").is_some() {
        inner.push(("tool_calls", Change::Drop));
    }
    match fields.raw("content") {
        Some("\"\"") if !calls.is_empty() => inner.push(("content", Change::json("null"))),
        None => inner.push(("content", Change::json("null"))),
        Some(_) => {}
    }
    if fields.raw("refusal").is_none() {
        inner.push(("refusal", Change::json("null")));
    }
    let mut outer = Vec::new();
    if choice.raw("logprobs").is_none() {
        outer.push(("logprobs", Change::json("null")));
    }
    if !inner.is_empty() {
        outer.push(("message", Change::json(fields.with(&inner))));
    }
    let said = choice.text("finish_reason").unwrap_or_default();
    let word = finish_word(&said, !calls.is_empty());
    if word != said {
        outer.push(("finish_reason", Change::text(word)));
    }
    if choice.get("index").is_none() {
        outer.push(("index", Change::json(number.to_string())));
    }
    Ok((!outer.is_empty()).then(|| choice.with(&outer)))
}

/// A call with an id of its own, a type, and its arguments as text; `None` when unreadable.
#[expect(clippy::option_option, reason = "unreadable, or readable and right or not")]
fn call_put_right<'a>(
    json: &'a str,
    place: usize,
    seed: &str,
    ids: &mut BTreeSet<&'a str>,
) -> Option<Option<String>> {
    let call = Fields::of(json).ok()?;
    let mut changes = Vec::new();
    if call.get("id").is_none_or(|id| id == "\"\"" || !ids.insert(id)) {
        changes.push(("id", Change::text(&format!("call_{seed}_{place}"))));
    }
    if call.get("type").is_none() {
        changes.push(("type", Change::json("\"function\"")));
    }
    if let Some(json) = call.get("function") {
        let function = Fields::of(json).ok()?;
        let arguments = function.get("arguments").unwrap_or("{}");
        if !arguments.starts_with('"') {
            let right = function.with(&[("arguments", Change::text(arguments))]);
            changes.push(("function", Change::json(right)));
        }
    }
    Some((!changes.is_empty()).then(|| call.with(&changes)))
}
