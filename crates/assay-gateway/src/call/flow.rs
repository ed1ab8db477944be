//! Frames of a provider to frames of the caller.

use crate::{
    common::Part,
    dialect::{Dialect, Head, Writer},
    fault::Fault,
    meter::Measured,
    provider::{
        Wire,
        chat_wire::{Chunks, PartReader},
        gemini_wire::FrameParts,
        messages_wire::{EventParts, Events},
    },
    request::Request,
    sse::Event,
};

/// How the frames of one stream go over.
#[derive(Debug)]
pub(super) enum Flow {
    /// Chunks of OpenAI's format that stay what they are.
    Chat { chunks: Chunks, is_over: bool },
    /// Events of Anthropic's format that stay what they are.
    Messages(Events),
    /// Frames of one format that become frames of another.
    Common(Box<Common>),
}

#[derive(Debug)]
pub(super) struct Common {
    reader: Reader,
    writer: Writer,
    is_over: bool,
    usage: Option<Measured>,
    text_bytes: usize,
}

#[derive(Debug)]
enum Reader {
    Chat(PartReader),
    Messages(EventParts),
    Gemini(FrameParts),
}

impl Flow {
    pub(super) fn new(request: &Request<'_>, wire: Wire, head: Head, passes: bool) -> Self {
        match (passes, request.dialect) {
            (true, Dialect::Chat) => {
                let chunks = Chunks::new(&head.model, head.wants_usage, head.seed);
                Self::Chat { chunks, is_over: false }
            }
            (true, _) => Self::Messages(Events::new(&head.model)),
            (false, dialect) => {
                let reader = match wire {
                    Wire::Chat => Reader::Chat(PartReader::new(&head.model, head.seed.clone())),
                    Wire::Messages => Reader::Messages(EventParts::default()),
                    Wire::Gemini => Reader::Gemini(FrameParts::new(head.seed.clone())),
                };
                Self::Common(Box::new(Common {
                    reader,
                    writer: Writer::new(dialect, head),
                    is_over: false,
                    usage: None,
                    text_bytes: 0,
                }))
            }
        }
    }

    /// Takes an event and appends what the caller gets of it; whether it shows that the model
    /// answers.
    pub(super) fn take(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<bool, Fault> {
        match self {
            Self::Chat { is_over, .. } if event.data == b"[DONE]" => {
                *is_over = true;
                Ok(true)
            }
            Self::Chat { chunks, .. } => {
                let before = out.len();
                out.extend_from_slice(b"data: ");
                let written = chunks.write(&event.data, out);
                match &written {
                    Ok(written) if written.any => out.extend_from_slice(b"\n\n"),
                    // An error frame may follow: half a frame before it would spoil it.
                    Ok(_) | Err(_) => out.truncate(before),
                }
                Ok(written?.meaningful)
            }
            Self::Messages(events) => events.write(event, out),
            Self::Common(common) => common.take(event, out),
        }
    }

    /// Whether the provider has said that nothing follows.
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Chat { is_over, .. } => *is_over,
            Self::Messages(events) => events.is_over(),
            Self::Common(common) => common.is_over,
        }
    }

    /// Appends what ends the stream.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        match self {
            Self::Chat { chunks, is_over } => {
                for chunk in chunks.end(*is_over)? {
                    out.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
                }
                out.extend_from_slice(b"data: [DONE]\n\n");
                Ok(())
            }
            Self::Messages(events) if events.is_over() => Ok(()),
            Self::Messages(_) => Err(crate::provider::chat_wire::cut()),
            Self::Common(common) => common.end(out),
        }
    }

    /// What the provider has counted so far.
    pub(super) fn usage(&self) -> Option<Measured> {
        match self {
            Self::Chat { chunks, .. } => chunks.usage(),
            Self::Messages(events) => events.usage(),
            Self::Common(common) => common.usage,
        }
    }

    /// Events that the caller has got, where its dialect numbers them.
    pub(super) const fn sequence(&self) -> u64 {
        match self {
            Self::Common(common) => common.writer.sequence(),
            Self::Chat { .. } | Self::Messages(_) => 0,
        }
    }

    /// Bytes of text so far.
    pub(super) const fn text_bytes(&self) -> usize {
        match self {
            Self::Chat { chunks, .. } => chunks.text_bytes,
            Self::Messages(events) => events.text_bytes,
            Self::Common(common) => common.text_bytes,
        }
    }
}

impl Common {
    fn take(&mut self, event: &Event, out: &mut Vec<u8>) -> Result<bool, Fault> {
        if event.data == b"[DONE]" {
            self.is_over = true;
            return Ok(true);
        }
        let parts = match &mut self.reader {
            Reader::Chat(reader) => reader.read(&event.data)?,
            Reader::Messages(reader) => {
                let parts = reader.read(event)?;
                self.is_over = reader.is_over();
                parts
            }
            Reader::Gemini(reader) => reader.read(&event.data)?,
        };
        Ok(self.write(parts, out))
    }

    fn write(&mut self, parts: Vec<Part>, out: &mut Vec<u8>) -> bool {
        let mut meaningful = false;
        for part in parts {
            meaningful |= part.is_meaningful();
            self.text_bytes += part.text_bytes();
            if let Part::Usage(usage) = &part {
                self.usage = Some(*usage);
            }
            self.writer.part(part, out);
        }
        meaningful
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Fault> {
        let parts = match &mut self.reader {
            Reader::Chat(reader) => reader.end(self.is_over)?,
            Reader::Messages(reader) => reader.end()?,
            Reader::Gemini(reader) => reader.end()?,
        };
        self.write(parts, out);
        self.writer.end(out);
        Ok(())
    }
}
