//! Requests made from the common form.

use std::fmt::Write as _;

use crate::{
    common::{Format, Image, Piece, Prompt, Speaker, ToolChoice, Turn},
    fields::quoted,
};

/// Parameters of OpenAI's dialect that `generationConfig` has under another name.
const CONFIG: [(&str, &str); 5] = [
    ("n", "candidateCount"),
    ("seed", "seed"),
    ("top_k", "topK"),
    ("presence_penalty", "presencePenalty"),
    ("frequency_penalty", "frequencyPenalty"),
];

/// The request, and the parameters that were left out.
pub(crate) fn write(prompt: &Prompt) -> (Vec<u8>, Vec<String>) {
    let mut dropped = Vec::new();
    let contents: Vec<String> = prompt
        .turns
        .iter()
        .filter(|turn| turn.speaker != Speaker::System)
        .filter_map(|turn| content(turn, &prompt.turns))
        .collect();
    let mut out = format!("{{\"contents\":[{}]", contents.join(","));
    let system = prompt.turns.iter().filter(|turn| turn.speaker == Speaker::System);
    let system: Vec<String> =
        system.flat_map(|turn| &turn.pieces).filter_map(|piece| part(piece, &[])).collect();
    if !system.is_empty() {
        let _ = write!(out, ",\"systemInstruction\":{{\"parts\":[{}]}}", system.join(","));
    }
    if !prompt.tools.is_empty() {
        tools(prompt, &mut out);
    }
    let mut config = Vec::new();
    let mut set = |name: &str, value: Option<String>| {
        config.extend(value.map(|value| format!("\"{name}\":{value}")));
    };
    set("maxOutputTokens", prompt.max_tokens.map(|tokens| tokens.to_string()));
    set("temperature", prompt.temperature.as_ref().map(|raw| raw.get().to_owned()));
    set("topP", prompt.top_p.as_ref().map(|raw| raw.get().to_owned()));
    let stop: Vec<String> = prompt.stop.iter().map(|stop| quoted(stop)).collect();
    set("stopSequences", (!stop.is_empty()).then(|| format!("[{}]", stop.join(","))));
    if let Some(format) = &prompt.format {
        set("responseMimeType", Some("\"application/json\"".to_owned()));
        if let Format::Schema { schema, .. } = format {
            set("responseJsonSchema", Some(schema.get().to_owned()));
        }
    }
    for (name, value) in &prompt.others {
        match CONFIG.iter().find(|(ours, _)| ours == name) {
            Some((_, theirs)) => set(theirs, Some(value.get().to_owned())),
            None => dropped.push(name.clone()),
        }
    }
    for (name, given) in [
        ("reasoning_effort", prompt.effort.is_some()),
        ("user", prompt.user.is_some()),
        ("parallel_tool_calls", prompt.parallel.is_some()),
    ] {
        if given {
            dropped.push(name.to_owned());
        }
    }
    if !config.is_empty() {
        let _ = write!(out, ",\"generationConfig\":{{{}}}", config.join(","));
    }
    out.push('}');
    (out.into_bytes(), dropped)
}

fn tools(prompt: &Prompt, out: &mut String) {
    let tools: Vec<String> = prompt
        .tools
        .iter()
        .map(|tool| {
            let mut out = format!("{{\"name\":{}", quoted(&tool.name));
            if let Some(description) = &tool.description {
                let _ = write!(out, ",\"description\":{}", quoted(description));
            }
            if let Some(schema) = &tool.schema {
                let _ = write!(out, ",\"parametersJsonSchema\":{}", schema.get());
            }
            out.push('}');
            out
        })
        .collect();
    let _ = write!(out, ",\"tools\":[{{\"functionDeclarations\":[{}]}}]", tools.join(","));
    let mode = match &prompt.choice {
        None => return,
        Some(ToolChoice::Auto) => "\"mode\":\"AUTO\"".to_owned(),
        Some(ToolChoice::None) => "\"mode\":\"NONE\"".to_owned(),
        Some(ToolChoice::Any) => "\"mode\":\"ANY\"".to_owned(),
        Some(ToolChoice::Named(name)) => {
            format!("\"mode\":\"ANY\",\"allowedFunctionNames\":[{}]", quoted(name))
        }
    };
    let _ = write!(out, ",\"toolConfig\":{{\"functionCallingConfig\":{{{mode}}}}}");
}

fn content(turn: &Turn, all: &[Turn]) -> Option<String> {
    let role = if turn.speaker == Speaker::Assistant { "model" } else { "user" };
    let parts: Vec<String> = turn.pieces.iter().filter_map(|piece| part(piece, all)).collect();
    (!parts.is_empty()).then(|| format!(r#"{{"role":"{role}","parts":[{}]}}"#, parts.join(",")))
}

fn part(piece: &Piece, all: &[Turn]) -> Option<String> {
    Some(match piece {
        Piece::Text(text) if text.is_empty() => return None,
        Piece::Text(text) => format!("{{\"text\":{}}}", quoted(text)),
        Piece::Image(image) => image_part(image),
        Piece::Thinking { .. } => return None,
        Piece::Call(call) => {
            let (name, json) = (quoted(&call.name), call.json());
            format!("{{\"functionCall\":{{\"name\":{name},\"args\":{json}}}}}")
        }
        Piece::Result { id, text, images, .. } => {
            // Results are found by the function's name here, not by the call's id.
            let name = quoted(name_of(id, all));
            let text = quoted(text);
            let mut parts = vec![format!(
                "{{\"functionResponse\":{{\"name\":{name},\"response\":{{\"result\":{text}}}}}}}"
            )];
            parts.extend(images.iter().map(image_part));
            parts.join(",")
        }
    })
}

fn name_of<'a>(id: &'a str, all: &'a [Turn]) -> &'a str {
    let calls = all.iter().flat_map(|turn| &turn.pieces).filter_map(|piece| match piece {
        Piece::Call(call) => Some(call),
        _ => None,
    });
    calls.rev().find(|call| call.id == id).map_or(id, |call| call.name.as_str())
}

fn image_part(image: &Image) -> String {
    match image {
        Image::Url(url) => format!("{{\"fileData\":{{\"fileUri\":{}}}}}", quoted(url)),
        Image::Data { media_type, base64 } => format!(
            "{{\"inlineData\":{{\"mimeType\":{},\"data\":{}}}}}",
            quoted(media_type),
            quoted(base64)
        ),
    }
}
