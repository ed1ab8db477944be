//! Chat completions as a stream of events.

use futures_util::{Stream, StreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::{
    Dialect, Frames, GatewayError, ReplyBody,
    own::{OwnModel, Purpose},
    sse::EventReader,
};

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Instructions of the application.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// What is asked of a model.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    /// The conversation so far, oldest first.
    pub messages: Vec<Message>,
    /// Tokens that the answer may have.
    pub max_tokens: u32,
    /// 0 for the likeliest words, higher for more variety.
    pub temperature: f32,
}

/// Tokens as the provider counted them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens read.
    #[serde(default)]
    pub prompt_tokens: u64,
    /// Tokens written.
    #[serde(default)]
    pub completion_tokens: u64,
}

/// What comes from a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatEvent {
    /// More text.
    Text(String),
    /// The provider said that it is finished; nothing follows.
    Finished {
        /// Its reason, such as `stop` or `length`.
        reason: String,
        /// What it counted, when it says so.
        usage: Option<Usage>,
    },
}

/// The events of one completion, boxed because its type cannot be named.
pub type ChatStream = std::pin::Pin<Box<dyn Stream<Item = Result<ChatEvent, GatewayError>> + Send>>;

#[derive(Serialize)]
struct WireRequest<'a> {
    model: &'a str,
    messages: &'a [Message],
    max_tokens: u32,
    temperature: f32,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Deserialize)]
struct WireChunk {
    #[serde(default)]
    choices: Vec<WireChoice>,
    #[serde(default)]
    usage: Option<Usage>,
    #[serde(default)]
    error: Option<WireError>,
}

#[derive(Deserialize)]
struct WireChoice {
    #[serde(default)]
    delta: WireDelta,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct WireDelta {
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
struct WireError {
    #[serde(default)]
    message: String,
}

impl OwnModel {
    /// Starts a completion. Dropping its events ends the call.
    ///
    /// # Errors
    /// When no target answers or a budget refuses; failures after the first event are items of the
    /// stream.
    pub async fn chat(
        &self,
        purpose: Purpose<'_>,
        request: &ChatRequest,
    ) -> Result<ChatAnswer, GatewayError> {
        let body = WireRequest {
            model: &self.name,
            messages: &request.messages,
            max_tokens: request.max_tokens,
            temperature: request.temperature,
            stream: true,
            stream_options: StreamOptions { include_usage: true },
        };
        let reply = self.call(Dialect::Chat, purpose, &body).await?;
        let (provider, model) = (reply.header("x-assay-provider"), reply.header("x-assay-model"));
        let (provider, model) = (provider.to_owned(), model.to_owned());
        let frames = match reply.body {
            ReplyBody::Stream(frames) => frames,
            ReplyBody::Whole(_) => return Err(self.malformed("it is no stream")),
        };
        let reading = Reading {
            model: self.clone(),
            frames,
            events: EventReader::default(),
            characters: 0,
            finish: None,
            usage: None,
            over: false,
        };
        let events = stream::unfold(reading, |mut reading| async move {
            let item = reading.next().await?;
            Some((item, reading))
        });
        Ok(ChatAnswer { provider, model, events: Box::pin(events) })
    }
}

/// A completion that has begun.
pub struct ChatAnswer {
    /// The provider that answers.
    pub provider: String,
    /// The model that answers, as the provider knows it.
    pub model: String,
    /// What it says.
    pub events: ChatStream,
}

/// A completion while it is being read.
struct Reading {
    model: OwnModel,
    frames: Frames,
    events: EventReader,
    characters: usize,
    finish: Option<String>,
    usage: Option<Usage>,
    over: bool,
}

impl Reading {
    /// The next event; `None` after the last one or after an error.
    async fn next(&mut self) -> Option<Result<ChatEvent, GatewayError>> {
        while !self.over {
            loop {
                let event = match self.events.next() {
                    Ok(Some(event)) => event,
                    Ok(None) => break,
                    Err(_) => {
                        let error = self.model.malformed("one event is longer than 8 MiB");
                        return self.fail(error);
                    }
                };
                match self.take(&event.data) {
                    Ok(None) => {}
                    Ok(Some(item)) => {
                        self.over = matches!(item, ChatEvent::Finished { .. });
                        return Some(Ok(item));
                    }
                    Err(error) => return self.fail(error),
                }
            }
            match self.frames.next().await {
                Some(bytes) => self.events.push(&bytes),
                None => {
                    self.over = true;
                    return Some(self.finished());
                }
            }
        }
        None
    }

    fn fail(&mut self, error: GatewayError) -> Option<Result<ChatEvent, GatewayError>> {
        self.over = true;
        Some(Err(error))
    }

    fn take(&mut self, event: &[u8]) -> Result<Option<ChatEvent>, GatewayError> {
        if event == b"[DONE]" {
            return self.finished().map(Some);
        }
        let chunk: WireChunk = serde_json::from_slice(event)
            .map_err(|error| self.model.malformed(format!("an event is not JSON: {error}")))?;
        if let Some(error) = chunk.error {
            let message: String = error.message.chars().take(300).collect();
            return Err(self.model.malformed(format!("it reported an error: {message}")));
        }
        self.usage = chunk.usage.or(self.usage);
        let Some(choice) = chunk.choices.into_iter().next() else { return Ok(None) };
        self.finish = choice.finish_reason.or_else(|| self.finish.take());
        let text = choice.delta.content.filter(|text| !text.is_empty());
        if let Some(text) = &text {
            self.characters += text.chars().count();
        }
        Ok(text.map(ChatEvent::Text))
    }

    fn finished(&mut self) -> Result<ChatEvent, GatewayError> {
        let reason = self.finish.take().ok_or_else(|| GatewayError::Cut {
            host: self.model.name.clone(),
            characters: self.characters,
        })?;
        Ok(ChatEvent::Finished { reason, usage: self.usage })
    }
}
