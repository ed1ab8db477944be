//! Requests to the common form.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    common::{Format, Image, Piece, Prompt, Raw, Speaker, Tool, ToolCall, ToolChoice, Turn},
    fault::Fault,
    fields::{Fields, text_of},
};

#[derive(Deserialize)]
struct Message<'a> {
    role: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tool_calls: Option<Vec<Call<'a>>>,
    #[serde(default)]
    tool_call_id: Option<String>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(default)]
    id: String,
    #[serde(borrow)]
    function: Function<'a>,
}

#[derive(Deserialize)]
struct Function<'a> {
    name: String,
    #[serde(borrow, default)]
    arguments: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ContentPart<'a> {
    r#type: Cow<'a, str>,
    #[serde(default)]
    text: Option<String>,
    #[serde(borrow, default)]
    image_url: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ImageUrl<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ToolOuter {
    r#type: String,
    #[serde(default)]
    function: Option<ToolInner>,
}

#[derive(Deserialize)]
struct ToolInner {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Option<Raw>,
    #[serde(default)]
    strict: Option<bool>,
}

#[derive(Deserialize)]
struct FormatOuter {
    r#type: String,
    #[serde(default)]
    json_schema: Option<FormatInner>,
}

#[derive(Deserialize)]
struct FormatInner {
    #[serde(default)]
    name: String,
    #[serde(default)]
    schema: Option<Raw>,
    #[serde(default)]
    strict: Option<bool>,
}

/// A request in the common form.
pub(crate) fn prompt(fields: &Fields<'_>) -> Result<Prompt, Fault> {
    let mut prompt = Prompt::default();
    for (name, value) in fields.iter().filter(|(_, value)| *value != "null") {
        let wrong = |error: serde_json::Error| {
            Fault::request(format!("`{name}` cannot be read: {error}")).param(name)
        };
        match name {
            "model" | "stream_options" => {}
            "messages" => {
                let messages: Vec<Message<'_>> = serde_json::from_str(value).map_err(wrong)?;
                prompt.turns = messages.into_iter().map(turn).collect::<Result<_, _>>()?;
            }
            "tools" => {
                let tools: Vec<ToolOuter> = serde_json::from_str(value).map_err(wrong)?;
                prompt.tools = tools.into_iter().map(tool).collect::<Result<_, _>>()?;
            }
            "tool_choice" => prompt.choice = Some(choice(value)?),
            "parallel_tool_calls" => prompt.parallel = Some(read(value).map_err(wrong)?),
            "max_tokens" | "max_completion_tokens" => {
                prompt.max_tokens = Some(read(value).map_err(wrong)?);
            }
            "temperature" => prompt.temperature = Some(read(value).map_err(wrong)?),
            "top_p" => prompt.top_p = Some(read(value).map_err(wrong)?),
            "stop" => {
                prompt.stop = match text_of(value) {
                    Some(stop) => vec![stop.into_owned()],
                    None => read(value).map_err(wrong)?,
                };
            }
            "response_format" => prompt.format = format(read(value).map_err(wrong)?),
            "reasoning_effort" => prompt.effort = Some(read(value).map_err(wrong)?),
            "user" => prompt.user = Some(read(value).map_err(wrong)?),
            "stream" => prompt.stream = read(value).map_err(wrong)?,
            // The number of answers is left out when it is the usual one.
            "n" if value == "1" => {}
            "logprobs" if value == "false" => {}
            _ => prompt.others.push((name.to_owned(), read(value).map_err(wrong)?)),
        }
    }
    if prompt.turns.is_empty() {
        return Err(Fault::request("`messages` holds no message").param("messages"));
    }
    Ok(prompt)
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(json)
}

fn turn(message: Message<'_>) -> Result<Turn, Fault> {
    let mut pieces = match message.content.map_or("null", RawValue::get) {
        "null" => Vec::new(),
        json => match text_of(json) {
            Some(text) => vec![Piece::Text(text.into_owned())],
            None => read::<Vec<ContentPart<'_>>>(json)
                .map_err(|error| bad(format!("the content of a message cannot be read: {error}")))?
                .into_iter()
                .map(piece)
                .collect::<Result<_, _>>()?,
        },
    };
    let speaker = match message.role.as_ref() {
        "system" | "developer" => Speaker::System,
        "user" => Speaker::User,
        "assistant" => {
            pieces.extend(message.tool_calls.unwrap_or_default().into_iter().map(|call| {
                Piece::Call(ToolCall {
                    id: call.id,
                    name: call.function.name,
                    arguments: call.function.arguments.into_owned(),
                })
            }));
            Speaker::Assistant
        }
        "tool" => {
            let id = message
                .tool_call_id
                .ok_or_else(|| bad("a message of the role `tool` names no `tool_call_id`"))?;
            pieces = vec![result(id, pieces)];
            Speaker::User
        }
        role => return Err(bad(format!("`{role}` is not a role"))),
    };
    Ok(Turn { speaker, pieces })
}

fn bad(what: impl Into<String>) -> Fault {
    Fault::request(what).param("messages")
}

fn result(id: String, pieces: Vec<Piece>) -> Piece {
    let (mut text, mut images) = (String::new(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Text(more) => text.push_str(&more),
            Piece::Image(image) => images.push(image),
            _ => {}
        }
    }
    Piece::Result { id, text, images, is_error: false }
}

fn piece(part: ContentPart<'_>) -> Result<Piece, Fault> {
    match (part.r#type.as_ref(), part.text, part.image_url) {
        ("text" | "refusal", Some(text), _) => Ok(Piece::Text(text)),
        ("image_url", _, Some(json)) => {
            let url = match text_of(json.get()) {
                Some(url) => url,
                None => {
                    read::<ImageUrl<'_>>(json.get())
                        .map_err(|error| bad(format!("`image_url` cannot be read: {error}")))?
                        .url
                }
            };
            Ok(Piece::Image(Image::of_url(&url)))
        }
        (kind, ..) => Err(bad(format!(
            "content of the type `{kind}` cannot be sent to this model's provider"
        ))),
    }
}

fn tool(tool: ToolOuter) -> Result<Tool, Fault> {
    match tool.function {
        Some(inner) => Ok(Tool {
            name: inner.name,
            description: inner.description,
            schema: inner.parameters,
            strict: inner.strict,
        }),
        None => {
            let what =
                format!("tools of the type `{}` cannot be sent to this provider", tool.r#type);
            Err(Fault::request(what).param("tools"))
        }
    }
}

fn choice(json: &str) -> Result<ToolChoice, Fault> {
    let word = text_of(json);
    let name = || {
        let outer = Fields::of(json).ok()?;
        let inner = Fields::read(outer.get("function")?.as_bytes()).ok()?;
        inner.text("name").map(Cow::into_owned)
    };
    match word.as_deref() {
        Some("auto") => Ok(ToolChoice::Auto),
        Some("none") => Ok(ToolChoice::None),
        Some("required" | "any") => Ok(ToolChoice::Any),
        _ => name().map(ToolChoice::Named).ok_or_else(|| {
            Fault::request("`tool_choice` is neither a word nor names a function")
                .param("tool_choice")
        }),
    }
}

fn format(format: FormatOuter) -> Option<Format> {
    match (format.r#type.as_str(), format.json_schema) {
        ("json_schema", Some(FormatInner { name, schema: Some(schema), strict })) => {
            Some(Format::Schema { name, schema, strict })
        }
        ("json_schema" | "json_object", _) => Some(Format::Json),
        _ => None,
    }
}
