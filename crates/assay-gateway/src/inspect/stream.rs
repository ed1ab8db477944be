//! The texts of an answer that streams.
//!
//! Every text of the stream (a choice, a block, the arguments of a call) has a filter of its own,
//! which holds back what it cannot decide yet. A frame leaves with what its text may say by now;
//! what was held back leaves before the frame that ends the text.

use std::{collections::BTreeMap, sync::Arc};

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::{ANSWER_HEADER, Inspection, TextFilter, arguments::Arguments};
use crate::{
    Dialect, Fault, Frames,
    dialect::error_frame,
    sse::{Event, EventReader},
};

mod chat;
mod messages;
mod responses;

/// The frames of an answer with their texts looked at.
pub(super) fn inspected(
    dialect: Dialect,
    frames: Frames,
    inspection: Arc<dyn Inspection>,
) -> Frames {
    let relay = Relay {
        frames: Some(frames),
        events: EventReader::default(),
        seen: 0,
        texts: Texts::new(dialect, inspection),
    };
    Box::pin(stream::unfold(relay, |mut relay| async move {
        let out = relay.next().await?;
        Some((out, relay))
    }))
}

struct Relay {
    /// None when the stream is over.
    frames: Option<Frames>,
    events: EventReader,
    /// Events that came.
    seen: u64,
    texts: Texts,
}

impl Relay {
    /// The next frames for the caller; `None` after the last.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let came = self.frames.as_mut()?.next().await;
            let mut out = Vec::new();
            let is_over = came.is_none();
            let looked = match &came {
                Some(bytes) => self.take(bytes, &mut out),
                None => self.end(&mut out),
            };
            if let (false, Some(bytes)) = (self.texts.writes, &came) {
                out = bytes.to_vec();
            }
            if let Some(fault) = looked {
                let sequence = self.seen + self.texts.added;
                out.extend_from_slice(&error_frame(self.texts.dialect, &fault, sequence));
            } else if is_over && let Some(found) = self.texts.inspection.answer_report() {
                // A comment: nothing but a person or a test reads it.
                out.extend_from_slice(format!(": {ANSWER_HEADER} {found}\n\n").as_bytes());
            } else if !is_over && out.is_empty() {
                continue;
            }
            if is_over || self.texts.refusal.is_some() {
                // Dropping the stream ends the call at the provider.
                self.frames = None;
            }
            return Some(out.into());
        }
    }

    fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Option<Fault> {
        self.events.push(bytes);
        loop {
            match self.events.next() {
                Ok(Some(event)) => {
                    self.seen += 1;
                    self.texts.event(event, out);
                }
                Ok(None) => break,
                // The gateway wrote these frames and keeps them shorter than that.
                Err(_) => return Some(Fault::malformed("a frame is too long to be looked at")),
            }
            if self.texts.refusal.is_some() {
                break;
            }
        }
        self.texts.refused()
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Option<Fault> {
        if let Some(event) = self.events.last() {
            self.texts.event(event, out);
        }
        self.texts.flush(out);
        self.texts.refused()
    }
}

/// What tells the texts of a stream apart: two numbers and a name, by dialect.
type Key = (u64, u64, String);

/// The texts of one stream.
struct Texts {
    dialect: Dialect,
    /// Whether frames are written anew; if not, they leave as they came.
    writes: bool,
    inspection: Arc<dyn Inspection>,
    open: BTreeMap<Key, Open>,
    refusal: Option<String>,
    /// Frames that were put in so far, where frames are numbered.
    added: u64,
}

/// A text that has begun.
struct Open {
    filter: Box<dyn TextFilter>,
    /// A frame like those that brought it.
    frame: Value,
    /// What left of it.
    gone: String,
}

impl Texts {
    fn new(dialect: Dialect, inspection: Arc<dyn Inspection>) -> Self {
        let writes = inspection.changes_answers();
        Self { dialect, writes, inspection, open: BTreeMap::new(), refusal: None, added: 0 }
    }

    /// Takes an event and appends what may leave.
    fn event(&mut self, event: Event, out: &mut Vec<u8>) {
        let Ok(frame) = serde_json::from_slice::<Value>(&event.data) else {
            // `[DONE]`, the one frame that is no JSON.
            self.flush(out);
            if self.writes {
                write(&event.name, &event.data, out);
            }
            return;
        };
        if frame.get("error").is_some_and(|error| !error.is_null()) {
            // Nothing follows an error.
            self.flush(out);
        }
        let frames = match self.dialect {
            Dialect::Messages | Dialect::CountTokens => messages::rewrite(self, frame),
            Dialect::Responses => responses::rewrite(self, frame),
            Dialect::Chat | Dialect::Embeddings => chat::rewrite(self, frame),
        };
        self.notice_refusals();
        if self.refusal.is_none() {
            for frame in frames {
                self.emit(&frame, out);
            }
        }
    }

    /// Gives out what is held back of every text that has not ended.
    fn flush(&mut self, out: &mut Vec<u8>) {
        let keys: Vec<Key> = self.open.keys().cloned().collect();
        for key in keys {
            if let Some((rest, frame, _)) = self.close(&key)
                && !rest.is_empty()
            {
                let frame = match self.dialect {
                    Dialect::Messages | Dialect::CountTokens => messages::delta(frame, &rest),
                    Dialect::Responses => responses::delta(frame, &rest),
                    Dialect::Chat | Dialect::Embeddings => chat::delta(frame, &key, &rest),
                };
                if self.refusal.is_none() {
                    self.emit(&frame, out);
                }
            }
        }
    }

    fn emit(&self, frame: &Value, out: &mut Vec<u8>) {
        if !self.writes {
            return;
        }
        let name = match self.dialect {
            Dialect::Chat | Dialect::Embeddings => "",
            _ => frame.get("type").and_then(Value::as_str).unwrap_or_default(),
        };
        write(name, frame.to_string().as_bytes(), out);
    }

    /// Takes a piece of a text and returns what may leave. `frame` is one like those that bring it.
    fn piece(
        &mut self,
        key: Key,
        is_arguments: bool,
        piece: &str,
        frame: impl FnOnce() -> Value,
    ) -> String {
        let inspection = &self.inspection;
        let open = self.open.entry(key).or_insert_with(|| Open {
            filter: match is_arguments {
                true => Box::new(Arguments::new(inspection)),
                false => inspection.answered(""),
            },
            frame: frame(),
            gone: String::new(),
        });
        let passed = open.filter.push(piece);
        open.gone.push_str(&passed);
        passed
    }

    /// Ends a text: what is left of it, a frame for it, and all that left.
    fn close(&mut self, key: &Key) -> Option<(String, Value, String)> {
        let mut open = self.open.remove(key)?;
        let rest = open.filter.finish();
        open.gone.push_str(&rest);
        self.refusal = self.refusal.take().or_else(|| open.filter.refusal());
        Some((rest, open.frame, open.gone))
    }

    fn notice_refusals(&mut self) {
        let mut refusals = self.open.values().filter_map(|open| open.filter.refusal());
        self.refusal = self.refusal.take().or_else(|| refusals.next());
    }

    fn refused(&self) -> Option<Fault> {
        self.refusal.clone().map(Fault::refused)
    }
}

fn write(name: &str, data: &[u8], out: &mut Vec<u8>) {
    if !name.is_empty() {
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
    }
    out.extend_from_slice(b"data: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
}

/// A number of a frame.
fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}
