//! Answers from the common form.

use serde_json::{Value, json};

use crate::{
    common::{Completion, Finish, Part},
    dialect::{Head, frame},
    meter::Measured,
};

/// Writes one answer: the blocks come one after the other, each opened and closed.
#[derive(Debug)]
pub(crate) struct Writer {
    head: Head,
    id: String,
    begun: bool,
    /// The block that is open.
    open: Option<Block>,
    /// The number of the next block.
    next: u32,
    finish: Option<Finish>,
    usage: Option<Measured>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Text,
    Thinking,
    Call(u32),
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        let id = format!("msg_{}", head.seed);
        Self { head, id, begun: false, open: None, next: 0, finish: None, usage: None }
    }

    pub(crate) fn part(&mut self, part: Part, out: &mut Vec<u8>) {
        self.begin(out);
        match part {
            Part::Text { choice: 0, text } => {
                self.open(Block::Text, || text_block(""), out);
                self.delta(&json!({ "type": "text_delta", "text": text }), out);
            }
            Part::Thinking { choice: 0, text } => {
                let block = || json!({ "type": "thinking", "thinking": "", "signature": "" });
                self.open(Block::Thinking, block, out);
                self.delta(&json!({ "type": "thinking_delta", "thinking": text }), out);
            }
            Part::Signature { choice: 0, text } => {
                self.delta(&json!({ "type": "signature_delta", "signature": text }), out);
            }
            Part::Call { choice: 0, call, id, name } => {
                let block = || call_block(&id, &name, &json!({}));
                self.open(Block::Call(call), block, out);
            }
            Part::Arguments { choice: 0, call, text } if self.open == Some(Block::Call(call)) => {
                self.delta(&json!({ "type": "input_json_delta", "partial_json": text }), out);
            }
            Part::Finish { choice: 0, finish } => self.finish = Some(finish),
            Part::Usage(usage) => self.usage = Some(usage),
            // This dialect has one answer, and nothing for the rest.
            _ => {}
        }
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let estimated = Measured { prompt_tokens: self.head.prompt_tokens, ..Measured::default() };
        let message = self.message(&[], None, estimated);
        frame("message_start", &json!({ "type": "message_start", "message": message }), out);
    }

    fn open(&mut self, block: Block, shown: impl FnOnce() -> Value, out: &mut Vec<u8>) {
        if self.open == Some(block) {
            return;
        }
        self.close(out);
        self.open = Some(block);
        let data = json!({
            "type": "content_block_start", "index": self.next, "content_block": shown(),
        });
        frame("content_block_start", &data, out);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            let data = json!({ "type": "content_block_stop", "index": self.next });
            frame("content_block_stop", &data, out);
            self.next += 1;
        }
    }

    fn delta(&self, delta: &Value, out: &mut Vec<u8>) {
        if self.open.is_some() {
            let data = json!({ "type": "content_block_delta", "index": self.next, "delta": delta });
            frame("content_block_delta", &data, out);
        }
    }

    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        self.close(out);
        let delta = json!({
            "stop_reason": word(self.finish.unwrap_or(Finish::Stop)), "stop_sequence": null,
            "stop_details": null, "container": null,
        });
        let usage = shown(self.usage.unwrap_or_default());
        frame(
            "message_delta",
            &json!({ "type": "message_delta", "delta": delta, "usage": usage }),
            out,
        );
        frame("message_stop", &json!({ "type": "message_stop" }), out);
    }

    pub(crate) fn whole(self, completion: &Completion) -> String {
        let mut content = Vec::new();
        let mut finish = Finish::Stop;
        if let Some(choice) = completion.choices.first() {
            if !choice.thinking.is_empty() {
                content.push(json!({ "type": "thinking", "thinking": choice.thinking,
                                     "signature": choice.signature }));
            }
            if !choice.text.is_empty() {
                content.push(text_block(&choice.text));
            }
            for call in &choice.calls {
                let input: Value = serde_json::from_str(call.json()).unwrap_or_else(|_| json!({}));
                content.push(call_block(&call.id, &call.name, &input));
            }
            finish = choice.finish.unwrap_or(finish);
        }
        self.message(&content, Some(finish), completion.usage).to_string()
    }

    /// The answer with every field that the description of the API requires.
    fn message(&self, content: &[Value], finish: Option<Finish>, usage: Measured) -> Value {
        let mut usage = shown(usage);
        for absent in ["cache_creation", "inference_geo", "service_tier"] {
            usage[absent] = Value::Null;
        }
        json!({
            "id": self.id, "type": "message", "role": "assistant", "model": self.head.model,
            "content": content, "stop_reason": finish.map(word), "stop_sequence": null,
            "stop_details": null, "container": null, "usage": usage,
        })
    }
}

fn text_block(text: &str) -> Value {
    json!({ "type": "text", "text": text, "citations": null })
}

fn call_block(id: &str, name: &str, input: &Value) -> Value {
    json!({ "type": "tool_use", "id": id, "name": name, "input": input,
            "caller": { "type": "direct" } })
}

const fn word(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::Length => "max_tokens",
        Finish::Tools => "tool_use",
        Finish::Filter => "refusal",
    }
}

fn shown(usage: Measured) -> Value {
    let cached = usage.cached_tokens + usage.cache_write_tokens;
    json!({
        "input_tokens": usage.prompt_tokens.saturating_sub(cached),
        "output_tokens": usage.completion_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
        "cache_creation_input_tokens": usage.cache_write_tokens,
        "output_tokens_details": null,
        "server_tool_use": null,
    })
}
