//! Requests made from the common form.

use std::fmt::Write as _;

use super::ANSWER_TOOL;
use crate::{
    common::{Format, Image, Piece, Prompt, Speaker, ToolChoice, Turn},
    fields::quoted,
};

/// Tokens of an answer when the request sets no limit: the format demands one, and every model
/// allows this many.
const MAX_TOKENS: u64 = 4096;

/// The request, and the parameters that were left out.
pub(crate) fn write(prompt: &Prompt, model: &str) -> (Vec<u8>, Vec<String>) {
    let mut dropped: Vec<String> = prompt.others.iter().map(|(name, _)| name.clone()).collect();
    let max_tokens = prompt.max_tokens.unwrap_or(MAX_TOKENS);
    let mut out = format!(r#"{{"model":{},"max_tokens":{max_tokens}"#, quoted(model));
    let system = text_of(prompt.turns.iter().filter(|turn| turn.speaker == Speaker::System));
    if !system.is_empty() {
        let _ = write!(out, ",\"system\":{}", quoted(&system));
    }
    let _ = write!(out, ",\"messages\":[{}]", messages(&prompt.turns).join(","));
    let mut choice = prompt.choice.as_ref().map(|choice| match choice {
        ToolChoice::Auto => r#"{"type":"auto""#.to_owned(),
        ToolChoice::None => r#"{"type":"none""#.to_owned(),
        ToolChoice::Any => r#"{"type":"any""#.to_owned(),
        ToolChoice::Named(name) => format!(r#"{{"type":"tool","name":{}"#, quoted(name)),
    });
    let mut tools: Vec<String> = prompt
        .tools
        .iter()
        .map(|tool| {
            let description = tool.description.as_deref().map(quoted);
            let description =
                description.map_or_else(String::new, |text| format!(",\"description\":{text}"));
            let schema = tool.schema.as_ref().map_or(r#"{"type":"object"}"#, |schema| schema.get());
            format!(r#"{{"name":{}{description},"input_schema":{schema}}}"#, quoted(&tool.name))
        })
        .collect();
    match &prompt.format {
        Some(Format::Schema { schema, .. }) if tools.is_empty() => {
            tools.push(format!(
                r#"{{"name":"{ANSWER_TOOL}","description":"Gives the answer.","input_schema":{}}}"#,
                schema.get()
            ));
            choice = Some(format!(r#"{{"type":"tool","name":"{ANSWER_TOOL}""#));
        }
        Some(_) => dropped.push("response_format".to_owned()),
        None => {}
    }
    if prompt.parallel == Some(false) && !tools.is_empty() {
        let choice = choice.get_or_insert_with(|| r#"{"type":"auto""#.to_owned());
        choice.push_str(",\"disable_parallel_tool_use\":true");
    }
    if !tools.is_empty() {
        let _ = write!(out, ",\"tools\":[{}]", tools.join(","));
        if let Some(choice) = choice {
            let _ = write!(out, ",\"tool_choice\":{choice}}}");
        }
    }
    for (name, value) in [("temperature", &prompt.temperature), ("top_p", &prompt.top_p)] {
        if let Some(value) = value {
            let _ = write!(out, ",\"{name}\":{}", value.get());
        }
    }
    if !prompt.stop.is_empty() {
        let stop: Vec<String> = prompt.stop.iter().map(|stop| quoted(stop)).collect();
        let _ = write!(out, ",\"stop_sequences\":[{}]", stop.join(","));
    }
    if let Some(user) = &prompt.user {
        let _ = write!(out, ",\"metadata\":{{\"user_id\":{}}}", quoted(user));
    }
    if prompt.effort.is_some() {
        dropped.push("reasoning_effort".to_owned());
    }
    if prompt.stream {
        out.push_str(",\"stream\":true");
    }
    out.push('}');
    (out.into_bytes(), dropped)
}

fn text_of<'a>(turns: impl Iterator<Item = &'a Turn>) -> String {
    let pieces = turns.flat_map(|turn| &turn.pieces).filter_map(|piece| match piece {
        Piece::Text(text) => Some(text.as_str()),
        _ => None,
    });
    pieces.collect::<Vec<_>>().join("\n\n")
}

/// The messages: neighbours of the same speaker become one, as results of parallel calls must.
fn messages(turns: &[Turn]) -> Vec<String> {
    let mut grouped: Vec<(&str, Vec<String>)> = Vec::new();
    for turn in turns {
        let role = match turn.speaker {
            Speaker::System => continue,
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        };
        let blocks = turn.pieces.iter().filter_map(block);
        match grouped.last_mut().filter(|(last, _)| *last == role) {
            Some((_, group)) => group.extend(blocks),
            None => grouped.push((role, blocks.collect())),
        }
    }
    grouped
        .into_iter()
        .filter(|(_, blocks)| !blocks.is_empty())
        .map(|(role, blocks)| format!(r#"{{"role":"{role}","content":[{}]}}"#, blocks.join(",")))
        .collect()
}

fn block(piece: &Piece) -> Option<String> {
    Some(match piece {
        // The format refuses empty texts.
        Piece::Text(text) if text.is_empty() => return None,
        Piece::Text(text) => format!(r#"{{"type":"text","text":{}}}"#, quoted(text)),
        Piece::Image(image) => image_block(image),
        // Thinking without its signature is refused; it is of no use to the model either.
        Piece::Thinking { signature: None, .. } => return None,
        Piece::Thinking { text, signature: Some(signature) } => format!(
            r#"{{"type":"thinking","thinking":{},"signature":{}}}"#,
            quoted(text),
            quoted(signature)
        ),
        Piece::Call(call) => format!(
            r#"{{"type":"tool_use","id":{},"name":{},"input":{}}}"#,
            quoted(&call.id),
            quoted(&call.name),
            call.json()
        ),
        Piece::Result { id, text, images, is_error } => {
            let mut content = vec![format!(r#"{{"type":"text","text":{}}}"#, quoted(text))];
            content.retain(|_| !text.is_empty());
            content.extend(images.iter().map(image_block));
            format!(
                r#"{{"type":"tool_result","tool_use_id":{},"content":[{}],"is_error":{is_error}}}"#,
                quoted(id),
                content.join(",")
            )
        }
    })
}

fn image_block(image: &Image) -> String {
    match image {
        Image::Url(url) => {
            format!(r#"{{"type":"image","source":{{"type":"url","url":{}}}}}"#, quoted(url))
        }
        Image::Data { media_type, base64 } => format!(
            r#"{{"type":"image","source":{{"type":"base64","media_type":{},"data":{}}}}}"#,
            quoted(media_type),
            quoted(base64)
        ),
    }
}
