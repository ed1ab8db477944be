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
struct Item<'a> {
    #[serde(borrow, default)]
    r#type: Cow<'a, str>,
    #[serde(borrow, default)]
    role: Cow<'a, str>,
    #[serde(borrow, default)]
    content: Option<&'a RawValue>,
    #[serde(default)]
    call_id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    arguments: String,
    #[serde(borrow, default)]
    output: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct ContentPart {
    r#type: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
    #[serde(default)]
    image_url: Option<String>,
}

#[derive(Deserialize)]
struct WireTool {
    r#type: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    parameters: Option<Raw>,
    #[serde(default)]
    strict: Option<bool>,
}

#[derive(Deserialize)]
struct TextFormat {
    r#type: String,
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
            // Nothing is stored, whatever `store` says; `metadata` is given back.
            "model" | "store" | "metadata" | "include" | "stream_options" => {}
            "previous_response_id" | "conversation" => {
                let what = format!("`{name}` is not supported: no conversation is kept here");
                return Err(Fault::request(what).param(name));
            }
            "instructions" => {
                let text = read(value).map_err(wrong)?;
                let turn = Turn { speaker: Speaker::System, pieces: vec![Piece::Text(text)] };
                prompt.turns.insert(0, turn);
            }
            "input" => prompt.turns.extend(turns(value)?),
            "tools" => {
                for tool in read::<Vec<WireTool>>(value).map_err(wrong)? {
                    if tool.r#type != "function" {
                        let what =
                            format!("tools of the type `{}` run at OpenAI only", tool.r#type);
                        return Err(Fault::request(what).param("tools"));
                    }
                    let WireTool { name, description, parameters, strict, .. } = tool;
                    prompt.tools.push(Tool { name, description, schema: parameters, strict });
                }
            }
            "tool_choice" => prompt.choice = Some(choice(value)?),
            "parallel_tool_calls" => prompt.parallel = Some(read(value).map_err(wrong)?),
            "max_output_tokens" => prompt.max_tokens = Some(read(value).map_err(wrong)?),
            "temperature" => prompt.temperature = Some(read(value).map_err(wrong)?),
            "top_p" => prompt.top_p = Some(read(value).map_err(wrong)?),
            "user" => prompt.user = Some(read(value).map_err(wrong)?),
            "stream" => prompt.stream = read(value).map_err(wrong)?,
            "reasoning" => {
                let reasoning = Fields::of(value).map_err(wrong)?;
                prompt.effort = reasoning.text("effort").map(Cow::into_owned);
            }
            "text" => {
                let text = Fields::of(value).map_err(wrong)?;
                prompt.format = text.value::<TextFormat>("format").and_then(format);
            }
            // The usual values of what no other provider has.
            "truncation" if value == "\"disabled\"" => {}
            _ => prompt.others.push((name.to_owned(), read(value).map_err(wrong)?)),
        }
    }
    if prompt.turns.is_empty() {
        return Err(Fault::request("`input` holds nothing").param("input"));
    }
    Ok(prompt)
}

fn read<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T, serde_json::Error> {
    serde_json::from_str(json)
}

fn bad(what: impl Into<String>) -> Fault {
    Fault::request(what).param("input")
}

fn turns(json: &str) -> Result<Vec<Turn>, Fault> {
    if let Some(text) = text_of(json) {
        let pieces = vec![Piece::Text(text.into_owned())];
        return Ok(vec![Turn { speaker: Speaker::User, pieces }]);
    }
    let items: Vec<Item<'_>> =
        read(json).map_err(|error| bad(format!("`input` cannot be read: {error}")))?;
    let mut turns: Vec<Turn> = Vec::new();
    for item in items {
        let Some(turn) = turn(item)? else { continue };
        // Calls made together are items of their own here and one turn everywhere else.
        let calls = |turn: &Turn| turn.pieces.iter().any(|piece| matches!(piece, Piece::Call(_)));
        match turns.last_mut() {
            Some(last) if last.speaker == Speaker::Assistant && calls(&turn) => {
                last.pieces.extend(turn.pieces);
            }
            _ => turns.push(turn),
        }
    }
    Ok(turns)
}

fn turn(item: Item<'_>) -> Result<Option<Turn>, Fault> {
    let content = |raw: Option<&RawValue>| pieces(raw.map_or("\"\"", RawValue::get));
    let (speaker, pieces) = match item.r#type.as_ref() {
        "" | "message" => {
            let speaker = match item.role.as_ref() {
                "system" | "developer" => Speaker::System,
                "assistant" => Speaker::Assistant,
                "user" => Speaker::User,
                role => return Err(bad(format!("`{role}` is not a role"))),
            };
            (speaker, content(item.content)?)
        }
        "function_call" => {
            let call = ToolCall { id: item.call_id, name: item.name, arguments: item.arguments };
            (Speaker::Assistant, vec![Piece::Call(call)])
        }
        "function_call_output" => {
            let (mut text, mut images) = (String::new(), Vec::new());
            for piece in content(item.output)? {
                match piece {
                    Piece::Text(more) => text.push_str(&more),
                    Piece::Image(image) => images.push(image),
                    _ => {}
                }
            }
            let result = Piece::Result { id: item.call_id, text, images, is_error: false };
            (Speaker::User, vec![result])
        }
        // Reasoning of another model, encrypted by its provider.
        "reasoning" => return Ok(None),
        kind => return Err(bad(format!("items of the type `{kind}` exist at OpenAI only"))),
    };
    Ok(Some(Turn { speaker, pieces }))
}

fn pieces(json: &str) -> Result<Vec<Piece>, Fault> {
    if let Some(text) = text_of(json) {
        return Ok(vec![Piece::Text(text.into_owned())]);
    }
    let parts: Vec<ContentPart> =
        read(json).map_err(|error| bad(format!("a content cannot be read: {error}")))?;
    parts
        .into_iter()
        .map(|part| match (part.r#type.as_str(), part.text.or(part.refusal), part.image_url) {
            ("input_text" | "output_text" | "text" | "refusal", Some(text), _) => {
                Ok(Piece::Text(text))
            }
            ("input_image", _, Some(url)) => Ok(Piece::Image(Image::of_url(&url))),
            (kind, ..) => Err(bad(format!(
                "content of the type `{kind}` cannot be sent to this model's provider"
            ))),
        })
        .collect()
}

fn choice(json: &str) -> Result<ToolChoice, Fault> {
    match text_of(json).as_deref() {
        Some("auto") => return Ok(ToolChoice::Auto),
        Some("none") => return Ok(ToolChoice::None),
        Some("required") => return Ok(ToolChoice::Any),
        _ => {}
    }
    let named = Fields::of(json).ok().and_then(|fields| fields.text("name"));
    named.map(|name| ToolChoice::Named(name.into_owned())).ok_or_else(|| {
        Fault::request("`tool_choice` is neither a word nor names a function").param("tool_choice")
    })
}

fn format(format: TextFormat) -> Option<Format> {
    match (format.r#type.as_str(), format.schema) {
        ("json_schema", Some(schema)) => {
            Some(Format::Schema { name: format.name, schema, strict: format.strict })
        }
        ("json_schema" | "json_object", _) => Some(Format::Json),
        _ => None,
    }
}
