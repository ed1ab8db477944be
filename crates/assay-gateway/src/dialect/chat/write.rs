//! Answers from the common form.

use serde_json::{Value, json};

use crate::{
    common::{Choice, Completion, Finish, Part},
    dialect::Head,
    meter::Measured,
};

/// Writes one answer.
#[derive(Debug)]
pub(crate) struct Writer {
    head: Head,
    id: String,
    usage: Option<Measured>,
    /// Choices whose role was said.
    begun: Vec<u32>,
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        let id = format!("chatcmpl-{}", head.seed);
        Self { head, id, usage: None, begun: Vec::new() }
    }

    pub(crate) fn part(&mut self, part: Part, out: &mut Vec<u8>) {
        let (choice, delta, finish) = match part {
            Part::Begin { .. } | Part::Signature { .. } => return,
            Part::Usage(usage) => {
                self.usage = Some(usage);
                return;
            }
            Part::Text { choice, text } => (choice, json!({ "content": text }), None),
            Part::Thinking { choice, text } => (choice, json!({ "reasoning_content": text }), None),
            Part::Call { choice, call, id, name } => {
                let function = json!({ "name": name, "arguments": "" });
                let call =
                    json!({ "index": call, "id": id, "type": "function", "function": function });
                (choice, json!({ "tool_calls": [call] }), None)
            }
            Part::Arguments { choice, call, text } => {
                let call = json!({ "index": call, "function": { "arguments": text } });
                (choice, json!({ "tool_calls": [call] }), None)
            }
            Part::Finish { choice, finish } => (choice, json!({}), Some(word(finish))),
        };
        let mut delta = delta;
        if !self.begun.contains(&choice) {
            self.begun.push(choice);
            delta["role"] = "assistant".into();
        }
        let choice = json!({ "index": choice, "delta": delta, "finish_reason": finish });
        self.chunk(json!([choice]), None, out);
    }

    pub(crate) fn end(&self, out: &mut Vec<u8>) {
        if let Some(usage) = self.usage.filter(|_| self.head.wants_usage) {
            self.chunk(json!([]), Some(shown(usage)), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn chunk(&self, choices: Value, usage: Option<Value>, out: &mut Vec<u8>) {
        let mut chunk = json!({
            "id": self.id, "object": "chat.completion.chunk", "created": self.head.created,
            "model": self.head.model, "choices": choices,
        });
        if let Some(usage) = usage {
            chunk["usage"] = usage;
        }
        out.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
    }

    pub(crate) fn whole(self, completion: &Completion) -> String {
        let choices: Vec<Value> = completion.choices.iter().enumerate().map(choice).collect();
        json!({
            "id": self.id, "object": "chat.completion", "created": self.head.created,
            "model": self.head.model, "choices": choices, "usage": shown(completion.usage),
        })
        .to_string()
    }
}

fn choice((index, choice): (usize, &Choice)) -> Value {
    let mut message = json!({ "role": "assistant", "content": choice.text, "refusal": null });
    if choice.text.is_empty() && !choice.calls.is_empty() {
        message["content"] = Value::Null;
    }
    if !choice.thinking.is_empty() {
        message["reasoning_content"] = choice.thinking.as_str().into();
    }
    if !choice.calls.is_empty() {
        let calls = choice.calls.iter().map(|call| {
            let function = json!({ "name": call.name, "arguments": call.arguments });
            json!({ "id": call.id, "type": "function", "function": function })
        });
        message["tool_calls"] = calls.collect();
    }
    let finish = word(choice.finish.unwrap_or(Finish::Stop));
    json!({ "index": index, "message": message, "logprobs": null, "finish_reason": finish })
}

const fn word(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "stop",
        Finish::Length => "length",
        Finish::Tools => "tool_calls",
        Finish::Filter => "content_filter",
    }
}

fn shown(usage: Measured) -> Value {
    json!({
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": { "cached_tokens": usage.cached_tokens },
        "completion_tokens_details": { "reasoning_tokens": usage.reasoning_tokens },
    })
}
