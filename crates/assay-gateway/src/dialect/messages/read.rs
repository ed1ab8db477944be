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
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: &'a RawValue,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
    #[serde(default)]
    tool_use_id: String,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(default)]
    is_error: bool,
    #[serde(default)]
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Source {
    r#type: String,
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    data: String,
    #[serde(default)]
    url: String,
}

#[derive(Deserialize)]
struct WireTool {
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    input_schema: Option<Raw>,
}

#[derive(Deserialize)]
struct Choice {
    r#type: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    disable_parallel_tool_use: bool,
}

/// A request in the common form.
pub(crate) fn prompt(fields: &Fields<'_>) -> Result<Prompt, Fault> {
    let mut prompt = Prompt::default();
    for (name, value) in fields.iter().filter(|(_, value)| *value != "null") {
        let wrong = |error: serde_json::Error| {
            Fault::request(format!("`{name}` cannot be read: {error}")).param(name)
        };
        match name {
            "model" => {}
            "system" => {
                prompt.turns.insert(0, Turn { speaker: Speaker::System, pieces: pieces(value)? });
            }
            "messages" => {
                for message in read::<Vec<Message<'_>>>(value).map_err(wrong)? {
                    prompt.turns.push(turn(&message)?);
                }
            }
            "max_tokens" => prompt.max_tokens = Some(read(value).map_err(wrong)?),
            "temperature" => prompt.temperature = Some(read(value).map_err(wrong)?),
            "top_p" => prompt.top_p = Some(read(value).map_err(wrong)?),
            "stop_sequences" => prompt.stop = read(value).map_err(wrong)?,
            "stream" => prompt.stream = read(value).map_err(wrong)?,
            "tools" => {
                let tools: Vec<WireTool> = read(value).map_err(wrong)?;
                prompt.tools = tools.into_iter().map(tool).collect::<Result<_, _>>()?;
            }
            "tool_choice" => {
                let choice: Choice = read(value).map_err(wrong)?;
                prompt.parallel = choice.disable_parallel_tool_use.then_some(false);
                prompt.choice = Some(match choice.r#type.as_str() {
                    "any" => ToolChoice::Any,
                    "none" => ToolChoice::None,
                    "tool" => ToolChoice::Named(choice.name),
                    _ => ToolChoice::Auto,
                });
            }
            "metadata" => {
                let metadata = Fields::of(value).map_err(wrong)?;
                prompt.user = metadata.text("user_id").map(Cow::into_owned);
            }
            "output_config" | "output_format" => prompt.format = format(value),
            _ => prompt.others.push((name.to_owned(), read(value).map_err(wrong)?)),
        }
    }
    if prompt.turns.iter().all(|turn| turn.speaker == Speaker::System) {
        return Err(Fault::request("`messages` holds no message").param("messages"));
    }
    Ok(prompt)
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(json)
}

fn turn(message: &Message<'_>) -> Result<Turn, Fault> {
    let speaker = match message.role.as_ref() {
        "user" => Speaker::User,
        "assistant" => Speaker::Assistant,
        "system" => Speaker::System,
        role => return Err(bad(format!("`{role}` is not a role"))),
    };
    Ok(Turn { speaker, pieces: pieces(message.content.get())? })
}

fn bad(what: impl Into<String>) -> Fault {
    Fault::request(what).param("messages")
}

fn pieces(json: &str) -> Result<Vec<Piece>, Fault> {
    if let Some(text) = text_of(json) {
        return Ok(vec![Piece::Text(text.into_owned())]);
    }
    let blocks: Vec<Block<'_>> =
        read(json).map_err(|error| bad(format!("a content cannot be read: {error}")))?;
    blocks.into_iter().map(piece).collect()
}

fn piece(block: Block<'_>) -> Result<Piece, Fault> {
    Ok(match block.r#type.as_ref() {
        "text" => Piece::Text(block.text),
        "thinking" => Piece::Thinking { text: block.thinking, signature: block.signature },
        "redacted_thinking" => Piece::Thinking { text: String::new(), signature: None },
        "image" => Piece::Image(image(block.source)?),
        "tool_use" => Piece::Call(ToolCall {
            id: block.id,
            name: block.name,
            arguments: block.input.map_or("{}", RawValue::get).to_owned(),
        }),
        "tool_result" => {
            let (mut text, mut images) = (String::new(), Vec::new());
            let content = block.content.map_or("\"\"", RawValue::get);
            for piece in pieces(content)? {
                match piece {
                    Piece::Text(more) => text.push_str(&more),
                    Piece::Image(image) => images.push(image),
                    _ => return Err(bad("a tool's result holds neither text nor images")),
                }
            }
            Piece::Result { id: block.tool_use_id, text, images, is_error: block.is_error }
        }
        kind => {
            return Err(bad(format!(
                "content of the type `{kind}` cannot be sent to this model's provider"
            )));
        }
    })
}

fn image(source: Option<Source>) -> Result<Image, Fault> {
    match source {
        Some(source) if source.r#type == "url" => Ok(Image::Url(source.url)),
        Some(source) if source.r#type == "base64" => {
            Ok(Image::Data { media_type: source.media_type, base64: source.data })
        }
        _ => Err(bad("an image has neither data nor a URL")),
    }
}

fn tool(tool: WireTool) -> Result<Tool, Fault> {
    match tool.input_schema {
        Some(schema) => Ok(Tool {
            name: tool.name,
            description: tool.description,
            schema: Some(schema),
            strict: None,
        }),
        None => {
            let what = format!("the tool `{}` runs at Anthropic and has no schema", tool.name);
            Err(Fault::request(what).param("tools"))
        }
    }
}

fn format(json: &str) -> Option<Format> {
    let outer = Fields::of(json).ok()?;
    let inner = outer.get("format").and_then(|json| Fields::of(json).ok());
    let schema = inner.as_ref().unwrap_or(&outer).value("schema")?;
    Some(Format::Schema { name: "answer".to_owned(), schema, strict: Some(true) })
}
