//! Answers from the common form.

use serde_json::{Value, json};

use crate::{
    common::{Completion, Finish, Part},
    dialect::{Head, frame},
    fault::Fault,
    meter::Measured,
};

/// Writes one answer: a row of items, each opened and closed, every event numbered.
#[derive(Debug)]
pub(crate) struct Writer {
    head: Head,
    id: String,
    sequence: u64,
    begun: bool,
    open: Option<Open>,
    /// The items that are closed.
    output: Vec<Value>,
    finish: Option<Finish>,
    usage: Option<Measured>,
}

/// The item that is open.
#[derive(Debug)]
struct Open {
    id: String,
    kind: Kind,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Text,
    Thinking,
    Call { number: u32, id: String, name: String },
}

impl Writer {
    pub(crate) fn new(head: Head) -> Self {
        let id = format!("resp_{}", head.seed);
        Self {
            head,
            id,
            sequence: 0,
            begun: false,
            open: None,
            output: Vec::new(),
            finish: None,
            usage: None,
        }
    }

    /// Events so far.
    pub(crate) const fn sequence(&self) -> u64 {
        self.sequence
    }

    pub(crate) fn part(&mut self, part: Part, out: &mut Vec<u8>) {
        self.begin(out);
        match part {
            Part::Text { choice: 0, text } => {
                self.open(Kind::Text, out);
                let fields = json!({ "content_index": 0, "delta": text, "logprobs": [] });
                self.more("response.output_text.delta", fields, &text, out);
            }
            Part::Thinking { choice: 0, text } => {
                self.open(Kind::Thinking, out);
                let fields = json!({ "summary_index": 0, "delta": text });
                self.more("response.reasoning_summary_text.delta", fields, &text, out);
            }
            Part::Call { choice: 0, call, id, name } => {
                self.open(Kind::Call { number: call, id, name }, out);
            }
            Part::Arguments { choice: 0, call, text } if self.is_open(call) => {
                let fields = json!({ "delta": text });
                self.more("response.function_call_arguments.delta", fields, &text, out);
            }
            Part::Finish { choice: 0, finish } => self.finish = Some(finish),
            Part::Usage(usage) => self.usage = Some(usage),
            // This dialect has one answer, and nothing for the rest.
            _ => {}
        }
    }

    fn is_open(&self, call: u32) -> bool {
        let kind = self.open.as_ref().map(|open| &open.kind);
        matches!(kind, Some(Kind::Call { number, .. }) if *number == call)
    }

    fn begin(&mut self, out: &mut Vec<u8>) {
        if !std::mem::replace(&mut self.begun, true) {
            for name in ["response.created", "response.in_progress"] {
                let response = self.response("in_progress");
                self.event(name, json!({ "response": response }), out);
            }
        }
    }

    fn event(&mut self, name: &str, mut fields: Value, out: &mut Vec<u8>) {
        fields["type"] = name.into();
        fields["sequence_number"] = self.sequence.into();
        self.sequence += 1;
        frame(name, &fields, out);
    }

    /// An event about the item that is open.
    fn about(&mut self, name: &str, mut fields: Value, out: &mut Vec<u8>) {
        if let Some(open) = &self.open {
            fields["item_id"] = open.id.as_str().into();
        }
        fields["output_index"] = self.output.len().into();
        self.event(name, fields, out);
    }

    fn more(&mut self, name: &str, fields: Value, text: &str, out: &mut Vec<u8>) {
        if let Some(open) = &mut self.open {
            open.text.push_str(text);
        }
        self.about(name, fields, out);
    }

    fn open(&mut self, kind: Kind, out: &mut Vec<u8>) {
        if self.open.as_ref().is_some_and(|open| open.kind == kind) {
            return;
        }
        self.close(out);
        let open = Open { id: self.item_id(&kind), kind, text: String::new() };
        let item = open.item("in_progress");
        let part = open.part();
        let is_thinking = open.kind == Kind::Thinking;
        self.open = Some(open);
        let index = self.output.len();
        self.event(
            "response.output_item.added",
            json!({ "output_index": index, "item": item }),
            out,
        );
        match part {
            Some(part) if is_thinking => {
                let fields = json!({ "summary_index": 0, "part": part });
                self.about("response.reasoning_summary_part.added", fields, out);
            }
            Some(part) => {
                let fields = json!({ "content_index": 0, "part": part });
                self.about("response.content_part.added", fields, out);
            }
            None => {}
        }
    }

    fn item_id(&self, kind: &Kind) -> String {
        let prefix = match kind {
            Kind::Text => "msg",
            Kind::Thinking => "rs",
            Kind::Call { .. } => "fc",
        };
        format!("{prefix}_{}_{}", self.head.seed, self.output.len())
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        let Some(open) = &self.open else { return };
        let (text, part, item) = (open.text.clone(), open.part(), open.item("completed"));
        match open.kind.clone() {
            Kind::Text => {
                let fields = json!({ "content_index": 0, "text": text, "logprobs": [] });
                self.about("response.output_text.done", fields, out);
                let fields = json!({ "content_index": 0, "part": part });
                self.about("response.content_part.done", fields, out);
            }
            Kind::Thinking => {
                let fields = json!({ "summary_index": 0, "text": text });
                self.about("response.reasoning_summary_text.done", fields, out);
                let fields = json!({ "summary_index": 0, "part": part });
                self.about("response.reasoning_summary_part.done", fields, out);
            }
            Kind::Call { name, .. } => {
                let fields = json!({ "name": name, "arguments": text });
                self.about("response.function_call_arguments.done", fields, out);
            }
        }
        self.open = None;
        let index = self.output.len();
        self.event(
            "response.output_item.done",
            json!({ "output_index": index, "item": item }),
            out,
        );
        self.output.push(item);
    }

    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        self.begin(out);
        self.close(out);
        let status = if self.is_incomplete() { "incomplete" } else { "completed" };
        let response = self.response(status);
        self.event(&format!("response.{status}"), json!({ "response": response }), out);
    }

    const fn is_incomplete(&self) -> bool {
        matches!(self.finish, Some(Finish::Length | Finish::Filter))
    }

    /// The answer as far as it is.
    fn response(&self, status: &str) -> Value {
        let mut response = json!({
            "id": self.id, "object": "response", "created_at": self.head.created,
            "status": status, "error": null, "incomplete_details": null, "instructions": null,
            "max_output_tokens": null, "model": self.head.model, "output": self.output,
            "parallel_tool_calls": true, "previous_response_id": null,
            "reasoning": { "effort": null, "summary": null }, "store": false, "temperature": 1.0,
            "text": { "format": { "type": "text" } }, "tool_choice": "auto", "tools": [],
            "top_p": 1.0, "truncation": "disabled", "metadata": {},
        });
        for (name, value) in &self.head.echo {
            if let Ok(value) = serde_json::from_str::<Value>(value)
                && !value.is_null()
            {
                response[name.as_str()] = value;
            }
        }
        let tools = response["tools"].as_array_mut();
        for tool in tools.into_iter().flatten().filter_map(Value::as_object_mut) {
            // What a caller may leave out of a function, an answer names.
            for absent in ["strict", "parameters"] {
                tool.entry(absent).or_insert(Value::Null);
            }
        }
        match self.finish {
            Some(Finish::Length) if status == "incomplete" => {
                response["incomplete_details"] = json!({ "reason": "max_output_tokens" });
            }
            Some(Finish::Filter) if status == "incomplete" => {
                response["incomplete_details"] = json!({ "reason": "content_filter" });
            }
            _ => {}
        }
        if status != "in_progress" {
            response["completed_at"] = self.head.created.into();
            response["usage"] = shown(self.usage.unwrap_or_default());
        }
        response
    }

    pub(crate) fn whole(mut self, completion: &Completion) -> String {
        self.usage = Some(completion.usage);
        let mut ignored = Vec::new();
        if let Some(choice) = completion.choices.first() {
            self.finish = choice.finish;
            let texts = [(Kind::Thinking, &choice.thinking), (Kind::Text, &choice.text)];
            let calls = choice.calls.iter().zip(0..).map(|(call, number)| {
                let kind = Kind::Call { number, id: call.id.clone(), name: call.name.clone() };
                (kind, &call.arguments)
            });
            let texts = texts.into_iter().filter(|(_, text)| !text.is_empty());
            for (kind, text) in texts.chain(calls) {
                self.open(kind, &mut ignored);
                if let Some(open) = &mut self.open {
                    open.text.push_str(text);
                }
                self.close(&mut ignored);
            }
        }
        let status = if self.is_incomplete() { "incomplete" } else { "completed" };
        self.response(status).to_string()
    }
}

impl Open {
    fn item(&self, status: &str) -> Value {
        let parts: Vec<Value> = self.part().filter(|_| status == "completed").into_iter().collect();
        match &self.kind {
            Kind::Text => json!({
                "id": self.id, "type": "message", "status": status, "role": "assistant",
                "content": parts,
            }),
            Kind::Thinking => json!({ "id": self.id, "type": "reasoning", "summary": parts }),
            Kind::Call { id, name, .. } => json!({
                "id": self.id, "type": "function_call", "status": status, "call_id": id,
                "name": name, "arguments": self.text,
            }),
        }
    }

    fn part(&self) -> Option<Value> {
        match &self.kind {
            Kind::Text => Some(json!({
                "type": "output_text", "text": self.text, "annotations": [], "logprobs": [],
            })),
            Kind::Thinking => Some(json!({ "type": "summary_text", "text": self.text })),
            Kind::Call { .. } => None,
        }
    }
}

/// The event that says that an answer broke off, after `sequence` others.
pub(crate) fn error_frame(fault: &Fault, sequence: u64) -> String {
    let error = json!({
        "message": fault.message, "type": fault.openai_type(), "param": fault.param,
        "code": fault.openai_code(),
    });
    // Clients know the error by its event or by a field `error`, depending on their age.
    let data = json!({
        "type": "error", "code": fault.openai_code(), "message": fault.message,
        "param": fault.param, "error": error, "sequence_number": sequence,
    });
    format!("event: error\ndata: {data}\n\n")
}

fn shown(usage: Measured) -> Value {
    json!({
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": { "cached_tokens": usage.cached_tokens },
        "output_tokens": usage.completion_tokens,
        "output_tokens_details": { "reasoning_tokens": usage.reasoning_tokens },
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    })
}
