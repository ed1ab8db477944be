//! Requests: those that pass through, and those made from the common form.

use std::fmt::Write as _;

use crate::{
    common::{Format, Image, Piece, Prompt, Speaker, Tool, ToolChoice, Turn},
    fault::Fault,
    fields::{Change, Fields, elements, quoted},
    provider::{Limit, Preset},
    schema,
};

/// What a request has to be fitted to: the provider's ways and the target's gaps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fit<'a> {
    pub(crate) preset: &'a Preset,
    /// The model as the provider knows it.
    pub(crate) model: &'a str,
    /// Parameters that the target does not take, beside those of the preset.
    pub(crate) unsupported: &'a [String],
    pub(crate) tools_with_json: bool,
    pub(crate) schema_without: &'a [String],
    /// Whether a stream is asked for its usage.
    pub(crate) usage_in_streams: bool,
}

impl Fit<'_> {
    fn takes(&self, name: &str) -> bool {
        !self.preset.unsupported.contains(&name)
            && !self.unsupported.iter().any(|unsupported| unsupported == name)
    }

    /// The name under which the provider knows a field; `None` when it takes none of it.
    fn named<'n>(&self, name: &'n str) -> Option<&'n str> {
        if matches!(name, "max_tokens" | "max_completion_tokens") {
            let other = if name == "max_tokens" { "max_completion_tokens" } else { "max_tokens" };
            return match self.preset.limit {
                Limit::Old => Some("max_tokens"),
                Limit::New => Some("max_completion_tokens"),
                Limit::AsWritten => {
                    [name, other].into_iter().find(|candidate| self.takes(candidate))
                }
            };
        }
        let renamed = self.preset.renamed.iter().find(|(ours, _)| *ours == name);
        match renamed {
            Some((_, theirs)) => Some(theirs),
            None => self.takes(name).then_some(name),
        }
    }
}

/// The request as it goes out, and the parameters that were left out.
///
/// # Errors
/// When a part that has to be changed cannot be read.
pub(crate) fn pass(fields: &Fields<'_>, fit: &Fit<'_>) -> Result<(Vec<u8>, Vec<String>), Fault> {
    let mut dropped = Vec::new();
    let mut changes: Vec<(&str, Change<'_>)> = vec![("model", Change::text(fit.model))];
    let has_tools = fields.get("tools").is_some_and(|tools| tools != "[]");
    for (name, value) in fields.iter() {
        match fit.named(name) {
            Some(theirs) if theirs == name => {}
            Some(theirs) => {
                changes.push((name, Change::Drop));
                if fields.raw(theirs).is_none() {
                    changes.push((theirs, Change::json(value)));
                }
            }
            None if name == "stream_options" => changes.push((name, Change::Drop)),
            None => {
                changes.push((name, Change::Drop));
                dropped.push(name.to_owned());
            }
        }
    }
    if let Some(format) = fields.get("response_format") {
        if has_tools && !fit.tools_with_json && format.contains("json") {
            changes.push(("response_format", Change::Drop));
            dropped.push("response_format".to_owned());
        } else if !fit.schema_without.is_empty() {
            let (format, without) = schema::strip(format, fit.schema_without)?;
            dropped.extend(without);
            changes.push(("response_format", Change::json(format)));
        }
    }
    if fields.is_true("stream") && fit.usage_in_streams && fit.preset.stream_options {
        let options = fields.get("stream_options").map(str::as_bytes).unwrap_or(b"{}");
        let options = Fields::read(options).map_err(|_| {
            Fault::request("`stream_options` is not an object").param("stream_options")
        })?;
        let asked = options.with(&[("include_usage", Change::json("true"))]);
        changes.push(("stream_options", Change::json(asked)));
    }
    if !fit.preset.developer
        && let Some(messages) = fields.get("messages")
        && memchr::memmem::find(messages.as_bytes(), b"\"developer\"").is_some()
    {
        changes.push(("messages", Change::json(without_developer(messages)?)));
    }
    let mut out = Vec::with_capacity(fields.iter().map(|(_, value)| value.len() + 32).sum());
    fields.write(&changes, &mut out);
    Ok((out, dropped))
}

/// The messages with `system` in place of `developer`, which only OpenAI's own models know.
fn without_developer(messages: &str) -> Result<String, Fault> {
    let bad = || Fault::request("`messages` is not an array of objects").param("messages");
    let mut out = Vec::new();
    for message in elements(messages).ok_or_else(bad)? {
        let fields = Fields::of(message.get()).map_err(|_| bad())?;
        if fields.raw("role") == Some("\"developer\"") {
            out.push(fields.with(&[("role", Change::json("\"system\""))]));
        } else {
            out.push(message.get().to_owned());
        }
    }
    Ok(format!("[{}]", out.join(",")))
}

/// A request made from the common form, and the parameters that were left out.
///
/// # Errors
/// When a part cannot be fitted to the target.
pub(crate) fn write(prompt: &Prompt, fit: &Fit<'_>) -> Result<(Vec<u8>, Vec<String>), Fault> {
    let mut out = String::from("{\"model\":\"\"");
    let messages: Vec<String> = prompt.turns.iter().flat_map(messages_of).collect();
    let _ = write!(out, ",\"messages\":[{}]", messages.join(","));
    if !prompt.tools.is_empty() {
        let tools: Vec<String> = prompt.tools.iter().map(tool).collect();
        let _ = write!(out, ",\"tools\":[{}]", tools.join(","));
    }
    let choice = prompt.choice.as_ref().map(|choice| match choice {
        ToolChoice::Auto => "\"auto\"".to_owned(),
        ToolChoice::None => "\"none\"".to_owned(),
        ToolChoice::Any => "\"required\"".to_owned(),
        ToolChoice::Named(name) => {
            format!(r#"{{"type":"function","function":{{"name":{}}}}}"#, quoted(name))
        }
    });
    let stop = (!prompt.stop.is_empty()).then(|| {
        format!("[{}]", prompt.stop.iter().map(|stop| quoted(stop)).collect::<Vec<_>>().join(","))
    });
    let fields = [
        ("tool_choice", choice),
        ("parallel_tool_calls", prompt.parallel.map(|parallel| parallel.to_string())),
        ("max_tokens", prompt.max_tokens.map(|tokens| tokens.to_string())),
        ("temperature", prompt.temperature.as_ref().map(|raw| raw.get().to_owned())),
        ("top_p", prompt.top_p.as_ref().map(|raw| raw.get().to_owned())),
        ("stop", stop),
        ("response_format", prompt.format.as_ref().map(format)),
        ("reasoning_effort", prompt.effort.as_deref().map(quoted)),
        ("user", prompt.user.as_deref().map(quoted)),
        ("stream", prompt.stream.then(|| "true".to_owned())),
    ];
    for (name, value) in fields {
        if let Some(value) = value {
            let _ = write!(out, ",\"{name}\":{value}");
        }
    }
    out.push('}');
    let fields = Fields::of(&out)
        .map_err(|error| Fault::request(format!("the request cannot be written: {error}")))?;
    let (body, mut dropped) = pass(&fields, fit)?;
    dropped.extend(prompt.others.iter().map(|(name, _)| name.clone()));
    Ok((body, dropped))
}

/// The messages of a turn: results of tools are messages of their own.
fn messages_of(turn: &Turn) -> Vec<String> {
    let mut messages = Vec::new();
    let mut content = Vec::new();
    let mut calls = Vec::new();
    let mut plain = String::new();
    let mut thinking = String::new();
    for piece in &turn.pieces {
        match piece {
            Piece::Text(text) => {
                plain.push_str(text);
                content.push(format!(r#"{{"type":"text","text":{}}}"#, quoted(text)));
            }
            Piece::Image(image) => content.push(image_part(image)),
            Piece::Thinking { text, .. } => thinking.push_str(text),
            Piece::Call(call) => calls.push(format!(
                r#"{{"id":{},"type":"function","function":{{"name":{},"arguments":{}}}}}"#,
                quoted(&call.id),
                quoted(&call.name),
                quoted(&call.arguments)
            )),
            Piece::Result { id, text, images, .. } => {
                let (id, text) = (quoted(id), quoted(text));
                messages.push(format!(r#"{{"role":"tool","tool_call_id":{id},"content":{text}}}"#));
                content.extend(images.iter().map(image_part));
            }
        }
    }
    let role = match turn.speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    if content.is_empty() && calls.is_empty() {
        return messages;
    }
    let has_images = content.iter().any(|part| part.starts_with(r#"{"type":"image"#));
    let content = match (content.is_empty(), has_images) {
        (true, _) => "null".to_owned(),
        (false, true) => format!("[{}]", content.join(",")),
        (false, false) => quoted(&plain),
    };
    let mut message = format!(r#"{{"role":"{role}","content":{content}"#);
    if !calls.is_empty() {
        let _ = write!(message, ",\"tool_calls\":[{}]", calls.join(","));
    }
    message.push('}');
    messages.push(message);
    messages
}

fn image_part(image: &Image) -> String {
    format!(r#"{{"type":"image_url","image_url":{{"url":{}}}}}"#, quoted(&image.url()))
}

fn tool(tool: &Tool) -> String {
    let mut out = format!(r#"{{"type":"function","function":{{"name":{}"#, quoted(&tool.name));
    if let Some(description) = &tool.description {
        let _ = write!(out, ",\"description\":{}", quoted(description));
    }
    if let Some(schema) = &tool.schema {
        let _ = write!(out, ",\"parameters\":{}", schema.get());
    }
    if let Some(strict) = tool.strict {
        let _ = write!(out, ",\"strict\":{strict}");
    }
    out.push_str("}}");
    out
}

fn format(format: &Format) -> String {
    match format {
        Format::Json => r#"{"type":"json_object"}"#.to_owned(),
        Format::Schema { name, schema, strict } => {
            let strict = strict.map_or_else(String::new, |strict| format!(",\"strict\":{strict}"));
            format!(
                r#"{{"type":"json_schema","json_schema":{{"name":{},"schema":{}{strict}}}}}"#,
                quoted(name),
                schema.get()
            )
        }
    }
}
