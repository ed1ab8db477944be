//! Requests and answers whose dialect this is already: only the model's name is changed, so that
//! signatures of thinking and marks of the cache come through byte for byte.

use super::Usage;
use crate::{
    fault::{Fault, FaultKind},
    fields::{Change, Fields},
    meter::Measured,
    sse::Event,
};

/// The request as it goes out.
pub(crate) fn pass(fields: &Fields<'_>, model: &str) -> Vec<u8> {
    let mut out = Vec::new();
    fields.write(&[("model", Change::text(model))], &mut out);
    out
}

/// The answer as the caller is to see it, and what the provider counted.
///
/// # Errors
/// When it is no message.
pub(crate) fn put_right(body: &[u8], model: &str) -> Result<(Vec<u8>, Option<Measured>), Fault> {
    let fields = Fields::read(body)
        .map_err(|error| Fault::malformed(format!("the answer cannot be read: {error}")))?;
    if fields.text("type").as_deref() == Some("error") || fields.get("error").is_some() {
        return Err(Fault::inside(body));
    }
    if fields.get("content").is_none_or(|content| !content.starts_with('[')) {
        return Err(Fault::malformed("the answer holds no content"));
    }
    let mut out = Vec::with_capacity(body.len() + 32);
    fields.write(&[("model", Change::text(model))], &mut out);
    let usage = fields.value::<Usage>("usage");
    Ok((out, usage.map(|usage| usage.over(None))))
}

/// Passes a stream through and watches it.
#[derive(Debug)]
pub(crate) struct Events {
    model: String,
    usage: Option<Measured>,
    pub(crate) text_bytes: usize,
    stopped: bool,
}

impl Events {
    pub(crate) fn new(model: &str) -> Self {
        Self { model: model.to_owned(), usage: None, text_bytes: 0, stopped: false }
    }

    pub(crate) const fn usage(&self) -> Option<Measured> {
        self.usage
    }

    pub(crate) const fn is_over(&self) -> bool {
        self.stopped
    }

    /// Writes the event to `out`; whether it shows that the model answers.
    ///
    /// # Errors
    /// When it is not JSON or reports an error.
    pub(crate) fn write(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<bool, Fault> {
        let fields = Fields::read(&event.data)
            .map_err(|error| Fault::malformed(format!("an event cannot be read: {error}")))?;
        let kind = fields.text("type").unwrap_or_default();
        let mut changed = None;
        match kind.as_ref() {
            "error" => return Err(in_band(&event.data)),
            "message_start" => {
                let message = fields.get("message").unwrap_or("{}");
                let message = Fields::of(message)
                    .map_err(|_| Fault::malformed("`message_start` holds no message"))?;
                self.note(message.value::<Usage>("usage"));
                let message = message.with(&[("model", Change::text(&self.model))]);
                changed = Some(fields.with(&[("message", Change::json(message))]));
            }
            "message_delta" => self.note(fields.value::<Usage>("usage")),
            "message_stop" => self.stopped = true,
            "content_block_delta" => self.text_bytes += fields.get("delta").map_or(0, written),
            _ => {}
        }
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\ndata: ");
        out.extend_from_slice(changed.as_deref().map_or(&event.data, str::as_bytes));
        out.extend_from_slice(b"\n\n");
        Ok(!matches!(kind.as_ref(), "message_start" | "ping"))
    }

    fn note(&mut self, usage: Option<Usage>) {
        if let Some(usage) = usage {
            self.usage = Some(usage.over(self.usage));
        }
    }
}

/// Bytes that the model wrote in a delta: text, thoughts, arguments of a tool call.
fn written(delta: &str) -> usize {
    let Ok(delta) = Fields::of(delta) else { return 0 };
    let written = ["text", "thinking", "partial_json"].iter().filter_map(|name| delta.text(name));
    written.map(|text| text.len()).sum()
}

/// An error inside a stream; the kind says which status it would have had.
pub(super) fn in_band(data: &[u8]) -> Fault {
    let fault = Fault::inside(data);
    let kind = match fault.family.as_deref() {
        Some("overloaded_error") => FaultKind::Provider(529),
        Some("rate_limit_error") => FaultKind::Busy,
        Some("invalid_request_error") => FaultKind::Request(400),
        _ => fault.kind,
    };
    Fault { kind, ..fault }
}
