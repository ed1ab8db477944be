//! Chunks of a stream: passed through where they are as clients expect them, put right where not.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{calls::Calls, usage::usage_of};
use crate::{
    fault::{Fault, FaultKind},
    fields::{Change, Fields, quoted},
    meter::Measured,
};

/// Answers of one request at most; OpenAI allows 128.
const CHOICES_MAX: u64 = 128;
/// Fields of a chunk that stand in every one; any other is worth keeping.
const USUAL: [&str; 7] =
    ["id", "object", "created", "model", "choices", "usage", "system_fingerprint"];

/// Reads the chunks of one stream and writes them as the caller is to see them.
#[derive(Debug)]
pub(crate) struct Chunks {
    /// The model's name as the caller asked for it, as JSON.
    model: String,
    wants_usage: bool,
    /// Seeds the names of calls that come without one.
    seed: String,
    /// The first id, `created`, as JSON: the same in all chunks.
    id: Option<String>,
    created: Option<String>,
    choices: Vec<Progress>,
    usage: Option<(Measured, String)>,
    /// Fields of chunks without choices, which go with the next one.
    waiting: Vec<(String, String)>,
    /// Bytes of text so far.
    pub(crate) text_bytes: usize,
}

/// How far one choice is.
#[derive(Debug, Default)]
struct Progress {
    role_sent: bool,
    finished: bool,
    calls: Calls,
}

/// What a chunk became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Written {
    /// Whether anything was written.
    pub(crate) any: bool,
    /// Whether it shows that the model answers: text, reasoning, a call, an end.
    pub(crate) meaningful: bool,
}

#[derive(Deserialize)]
struct ChoiceView<'a> {
    #[serde(default)]
    index: Option<u64>,
    #[serde(borrow, default, deserialize_with = "present")]
    delta: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    finish_reason: Option<&'a RawValue>,
}

/// Tells `null` from a field that is not there.
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl Chunks {
    /// `model` is the name that the caller asked for, `seed` makes names of calls unique.
    pub(crate) fn new(model: &str, wants_usage: bool, seed: String) -> Self {
        Self {
            model: quoted(model),
            wants_usage,
            seed,
            id: None,
            created: None,
            choices: Vec::new(),
            usage: None,
            waiting: Vec::new(),
            text_bytes: 0,
        }
    }

    /// What the provider counted so far.
    pub(crate) fn usage(&self) -> Option<Measured> {
        self.usage.as_ref().map(|(usage, _)| *usage)
    }

    /// Writes one chunk to `out` as JSON, or nothing.
    ///
    /// # Errors
    /// When it is not JSON, reports an error, or passes a limit.
    pub(crate) fn write(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<Written, Fault> {
        let fields = Fields::read(data)
            .map_err(|error| Fault::malformed(format!("a frame cannot be read: {error}")))?;
        if fields.get("error").is_some() {
            return Err(Fault::inside(data));
        }
        self.note_usage(&fields);
        let choices: Vec<ChoiceView<'_>> = match fields.get("choices") {
            None => Vec::new(),
            Some(json) => serde_json::from_str(json)
                .map_err(|error| Fault::malformed(format!("`choices` cannot be read: {error}")))?,
        };
        if choices.is_empty() {
            self.keep_for_next(&fields);
            return Ok(Written::default());
        }
        let mut meaningful = false;
        let changed =
            self.choices(&choices, fields.get("choices").unwrap_or_default(), &mut meaningful)?;
        let mut changes: Vec<(&str, Change<'_>)> = Vec::with_capacity(8);
        self.head(&fields, &mut changes);
        if let Some(choices) = &changed {
            changes.push(("choices", Change::json(choices.as_str())));
        }
        let waiting = std::mem::take(&mut self.waiting);
        for (name, value) in &waiting {
            if fields.raw(name).is_none() {
                changes.push((name, Change::json(value.as_str())));
            }
        }
        fields.write(&changes, out);
        Ok(Written { any: true, meaningful })
    }

    /// What ends the stream: the end of choices that have none, and the usage when it was asked for.
    ///
    /// # Errors
    /// [`FaultKind::Cut`] when `said` is false, so that the connection just ended, and not every
    /// choice had come to its end.
    pub(crate) fn end(&mut self, said: bool) -> Result<Vec<String>, Fault> {
        let open: Vec<usize> = (0..self.choices.len())
            .filter(|&number| self.choices.get(number).is_some_and(|choice| !choice.finished))
            .collect();
        let nothing = self.choices.is_empty();
        if nothing || !said && !open.is_empty() {
            return Err(cut());
        }
        let mut frames: Vec<String> =
            open.into_iter().map(|number| self.finish_of(number)).collect();
        if self.wants_usage
            && let Some((_, usage)) = &self.usage
        {
            frames.push(format!(r#"{{{},"choices":[],"usage":{usage}}}"#, self.own_head()));
        }
        Ok(frames)
    }

    fn finish_of(&mut self, number: usize) -> String {
        let reason = match self.choices.get_mut(number) {
            Some(choice) => {
                choice.finished = true;
                if choice.calls.is_empty() { "stop" } else { "tool_calls" }
            }
            None => "stop",
        };
        let head = self.own_head();
        format!(
            r#"{{{head},"choices":[{{"index":{number},"delta":{{}},"finish_reason":"{reason}"}}]}}"#
        )
    }

    fn own_head(&self) -> String {
        let id = self.id.as_deref().unwrap_or("\"\"");
        let created = self.created.as_deref().unwrap_or("0");
        let model = &self.model;
        format!(r#""id":{id},"object":"chat.completion.chunk","created":{created},"model":{model}"#)
    }

    fn note_usage(&mut self, fields: &Fields<'_>) {
        // Groq puts it into a field of its own.
        let own = fields.get("x_groq").and_then(|json| Fields::of(json).ok());
        let json = fields.get("usage").or_else(|| own.and_then(|own| own.get("usage")));
        if let Some(json) = json
            && let Some(usage) = usage_of(json)
        {
            self.usage = Some((usage, json.to_owned()));
        }
    }

    fn keep_for_next(&mut self, fields: &Fields<'_>) {
        for (name, value) in fields.iter().filter(|(name, _)| !USUAL.contains(name)) {
            let known = self.waiting.iter().any(|(waiting, _)| waiting == name);
            if !known && self.waiting.len() < USUAL.len() {
                self.waiting.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// What all chunks of a completion share, and what must not stand in a chunk.
    fn head<'a>(&mut self, fields: &Fields<'a>, changes: &mut Vec<(&'a str, Change<'a>)>) {
        let id = fields.get("id").filter(|id| *id != "\"\"");
        match (&self.id, id) {
            (None, Some(id)) => self.id = Some(id.to_owned()),
            (None, None) => self.id = Some(quoted(&format!("chatcmpl-{}", self.seed))),
            (Some(_), _) => {}
        }
        if self.created.is_none() {
            self.created = Some(fields.get("created").unwrap_or("0").to_owned());
        }
        if let Some(first) = &self.id
            && id != Some(first.as_str())
        {
            changes.push(("id", Change::json(first.clone())));
        }
        if fields.get("object").is_none() {
            changes.push(("object", Change::json("\"chat.completion.chunk\"")));
        }
        if fields.get("created").is_none() {
            changes.push(("created", Change::json(self.created.clone().unwrap_or_default())));
        }
        if fields.raw("model") != Some(self.model.as_str()) {
            changes.push(("model", Change::json(self.model.clone())));
        }
        // The usage comes by itself in the last chunk, when the caller asked for it.
        changes.push(("usage", Change::Drop));
    }

    /// The array of choices put right; `None` when it can stay as it is.
    fn choices(
        &mut self,
        views: &[ChoiceView<'_>],
        json: &str,
        meaningful: &mut bool,
    ) -> Result<Option<String>, Fault> {
        let mut changed = Vec::with_capacity(views.len());
        for (place, view) in views.iter().enumerate() {
            let number = view.index.unwrap_or(place as u64);
            if number >= CHOICES_MAX {
                return Err(Fault::malformed(format!("there is a choice {number}")));
            }
            let number = number as usize;
            if self.choices.len() <= number {
                self.choices.resize_with(number + 1, Progress::default);
            }
            let Some(progress) = self.choices.get_mut(number) else { continue };
            let delta = delta(progress, view, &self.seed, meaningful, &mut self.text_bytes)?;
            let finish = finish(progress, view);
            *meaningful |= progress.finished;
            if let Some(reason) = finish.error {
                return Err(Fault::new(FaultKind::Provider(502), reason));
            }
            changed.push((number, view.index.is_none(), delta, finish.change));
        }
        if changed
            .iter()
            .all(|(_, index, delta, finish)| !index && delta.is_none() && finish.is_none())
        {
            return Ok(None);
        }
        let raws = crate::fields::elements(json).unwrap_or_default();
        let mut out = Vec::with_capacity(raws.len());
        for (raw, (number, index, delta, finish)) in raws.iter().zip(changed) {
            let fields = Fields::of(raw.get())
                .map_err(|error| Fault::malformed(format!("a choice cannot be read: {error}")))?;
            let mut changes = Vec::with_capacity(3);
            if index {
                changes.push(("index", Change::json(number.to_string())));
            }
            changes.extend(delta.map(|delta| ("delta", Change::json(delta))));
            changes.extend(finish.map(|finish| ("finish_reason", Change::json(finish))));
            out.push(fields.with(&changes));
        }
        Ok(Some(format!("[{}]", out.join(","))))
    }
}

/// The delta of a choice put right; `None` when it can stay as it is.
fn delta(
    progress: &mut Progress,
    view: &ChoiceView<'_>,
    seed: &str,
    meaningful: &mut bool,
    text_bytes: &mut usize,
) -> Result<Option<String>, Fault> {
    let json = view.delta.map_or("null", RawValue::get);
    if json == "null" {
        return Ok(Some("{}".to_owned()));
    }
    let fields = Fields::of(json)
        .map_err(|error| Fault::malformed(format!("a delta cannot be read: {error}")))?;
    let mut changes = Vec::new();
    for (name, value) in fields.iter() {
        match name {
            "role" if value == "null" || std::mem::replace(&mut progress.role_sent, true) => {
                changes.push(("role", Change::Drop));
            }
            "tool_calls" if matches!(value, "null" | "[]") => {
                changes.push(("tool_calls", Change::Drop));
            }
            "tool_calls" => {
                *text_bytes += value.len();
                *meaningful = true;
                changes.push(("tool_calls", Change::json(progress.calls.put_right(value, seed)?)));
            }
            "role" => {}
            _ if value.len() > 2 && value != "null" => {
                // What a model writes is a text under some name: content, reasoning, refusal.
                *text_bytes += value.len() - 2;
                *meaningful = true;
            }
            _ => {}
        }
    }
    Ok((!changes.is_empty()).then(|| fields.with(&changes)))
}

struct FinishChange {
    /// Its JSON where it has to be another.
    change: Option<String>,
    error: Option<&'static str>,
}

/// The reason put into the words of the protocol.
fn finish(progress: &mut Progress, view: &ChoiceView<'_>) -> FinishChange {
    let mut found = FinishChange { change: None, error: None };
    let json = view.finish_reason.map_or("null", RawValue::get);
    if matches!(json, "null" | "\"\"") {
        found.change = (view.finish_reason.is_none() || json != "null").then(|| "null".to_owned());
        return found;
    }
    let said = crate::fields::text_of(json).unwrap_or(Cow::Borrowed("stop"));
    if said == "error" {
        found.error = Some("the provider ended the answer with an error");
    }
    progress.finished = true;
    let right = finish_word(&said, !progress.calls.is_empty());
    found.change = (right != said).then(|| quoted(right));
    found
}

/// The protocol's word for why an answer ended.
pub(super) fn finish_word(said: &str, calls: bool) -> &str {
    match said.to_ascii_lowercase().as_str() {
        "stop" | "eos" | "eos_token" | "end_turn" | "stop_sequence" | "tool_use" | "tool_calls"
        | "tool_call" | "" => {
            if calls {
                "tool_calls"
            } else {
                "stop"
            }
        }
        "length" | "max_tokens" | "max_length" | "model_length" => "length",
        "content_filter" | "safety" => "content_filter",
        _ => said,
    }
}

/// The stream ended too early.
pub(crate) fn cut() -> Fault {
    Fault::new(FaultKind::Cut, "the provider's stream ended before the answer was finished")
}
