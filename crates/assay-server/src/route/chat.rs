//! `POST /v1/chat/completions`: answers from the caller's files, in the OpenAI protocol.

use std::convert::Infallible;

use assay_answer::{Answer, AnswerEvent, Exchange, Question, WriterChoice};
use assay_api::{
    ChatAnswer, ChatChoice, ChatChunk, ChatChunkChoice, ChatCompletionRequest,
    ChatCompletionResponse, ChatContent, ChatDelta, ChatUsage, OpenAiErrorBody,
};
use assay_core::RequestId;
use assay_gateway::{Dialect, FaultKind};
use assay_identity::Permission;
use axum::{
    Extension, Json,
    body::Bytes,
    http::HeaderMap,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt, stream};

use super::gateway;
use crate::{
    auth::Acting,
    failure::{Failure, RequestName},
    present,
};

/// Messages before the question that are read, and characters of each.
const MESSAGES_READ: usize = 20;
const MESSAGE_CHARS_READ: usize = 4_000;

/// Complete a conversation by any model that a route of the gateway leads to.
///
/// With the models `assay` and `assay/extractive` the last user message is answered from the
/// caller's files; `citations` says what such an answer rests on.
/// The messages before it say what a follow-up question leans on. With `stream`, each claim is sent
/// when it has been checked.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "openai", request_body = ChatCompletionRequest,
    responses(
        (status = 200, description = "with `stream`, events of chat.completion.chunk objects",
         content((ChatCompletionResponse = "application/json"), (String = "text/event-stream"))),
        (status = 400, body = OpenAiErrorBody),
        (status = 404, body = OpenAiErrorBody, description = "unknown model"),
    )
)]
pub(super) async fn complete(
    app: Acting,
    Extension(name): Extension<RequestName>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let reply = gateway::pass(&app, Dialect::Chat, name, &headers, body.clone()).await;
    let unknown = reply.fault.as_ref().is_some_and(|fault| fault.kind == FaultKind::NoModel);
    let own = unknown.then(|| own_model(&app, &body)).flatten();
    match own {
        Some(writer) => {
            // The route is for calls to models; this one reads what the tenant holds.
            app.caller().may(Permission::ContentRead)?;
            let request = serde_json::from_slice(&body).map_err(|error| {
                Failure::bad_request(format!("the request cannot be read: {error}"))
            })?;
            answer(app, name, writer, request).await
        }
        None => Ok(gateway::response(reply)),
    }
}

/// How the models that Assay has of its own write.
fn own_model(app: &Acting, body: &[u8]) -> Option<WriterChoice> {
    #[derive(serde::Deserialize)]
    struct Named {
        model: String,
    }
    let named: Named = serde_json::from_slice(body).ok()?;
    match named.model.as_str() {
        "assay" => Some(WriterChoice::Auto),
        "assay/extractive" => Some(WriterChoice::Extractive),
        name if app.engine.writer_model() == Some(name) => Some(WriterChoice::Model),
        _ => None,
    }
}

/// Answers from the caller's files.
async fn answer(
    app: Acting,
    name: RequestName,
    writer: WriterChoice,
    request: ChatCompletionRequest,
) -> Result<Response, Failure> {
    let (text, history) = conversation(&request)?;
    let asked_by = Some(app.actor());
    let question = Question { id: name.0, writer, history, asked_by, ..Question::new(text) };
    let head = Head {
        id: format!("chatcmpl-{}", RequestId::new()),
        created: present::unix_seconds(),
        model: request.model,
    };
    if request.stream {
        let with_usage = request.stream_options.unwrap_or_default().include_usage;
        let events = app.engine.ask_streaming(app.scope(), question).await?;
        return Ok(stream_response(head, events, with_usage));
    }
    let answer = app.engine.ask(&app.scope(), &question).await?;
    let usage = usage(&answer);
    let (citations, assay) = present::chat_extension(&answer);
    Ok(Json(ChatCompletionResponse {
        id: head.id,
        object: "chat.completion".to_owned(),
        created: head.created,
        model: head.model,
        choices: vec![ChatChoice {
            index: 0,
            message: ChatAnswer { role: "assistant".to_owned(), content: answer.text },
            finish_reason: "stop".to_owned(),
        }],
        usage,
        citations,
        assay,
    })
    .into_response())
}

/// The question and what was said before it.
fn conversation(request: &ChatCompletionRequest) -> Result<(String, Vec<Exchange>), Failure> {
    let last = request.messages.iter().rposition(|message| message.role == "user");
    let (before, question) = last
        .and_then(|last| Some((request.messages.get(..last)?, request.messages.get(last)?)))
        .ok_or_else(|| Failure::bad_request("`messages` holds no message of the role `user`"))?;
    let mut history: Vec<Exchange> = Vec::new();
    let recent = before.get(before.len().saturating_sub(MESSAGES_READ)..).unwrap_or(before);
    for message in recent {
        let said: String = text_of(&message.content).chars().take(MESSAGE_CHARS_READ).collect();
        match (message.role.as_str(), history.last_mut()) {
            ("user", _) => history.push(Exchange { question: said, answer: String::new() }),
            ("assistant", Some(turn)) => turn.answer = said,
            _ => {}
        }
    }
    Ok((text_of(&question.content), history))
}

fn text_of(content: &ChatContent) -> String {
    match content {
        ChatContent::Text(text) => text.clone(),
        ChatContent::Parts(parts) => {
            parts.iter().filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n")
        }
    }
}

/// What all chunks of a completion share.
#[derive(Clone)]
struct Head {
    id: String,
    created: i64,
    model: String,
}

impl Head {
    fn chunk(&self, delta: ChatDelta, finish_reason: Option<String>) -> ChatChunk {
        ChatChunk {
            id: self.id.clone(),
            object: "chat.completion.chunk".to_owned(),
            created: self.created,
            model: self.model.clone(),
            choices: vec![ChatChunkChoice { index: 0, delta, finish_reason }],
            usage: None,
            citations: None,
            assay: None,
        }
    }
}

fn stream_response(
    head: Head,
    events: impl Stream<Item = AnswerEvent> + Send + 'static,
    with_usage: bool,
) -> Response {
    let role = ChatDelta { role: Some("assistant".to_owned()), content: None };
    let first = head.chunk(role, None);
    let chunks = events.flat_map(move |event| stream::iter(frames(&head, event, with_usage)));
    let frames = stream::once(async move { data(&first) }).chain(chunks);
    Sse::new(frames.map(Ok::<_, Infallible>)).keep_alive(KeepAlive::default()).into_response()
}

/// The frames of one event; only an answer that is whole ends with `[DONE]`.
fn frames(head: &Head, event: AnswerEvent, with_usage: bool) -> Vec<Event> {
    match event {
        AnswerEvent::Piece(piece) => {
            let delta = ChatDelta { role: None, content: Some(piece.text) };
            vec![data(&head.chunk(delta, None))]
        }
        AnswerEvent::Done(answer) => {
            let usage = usage(&answer);
            let mut last = head.chunk(ChatDelta::default(), Some("stop".to_owned()));
            let (citations, assay) = present::chat_extension(&answer);
            (last.citations, last.assay) = (Some(citations), Some(assay));
            let mut frames = vec![data(&last)];
            if with_usage {
                let mut chunk = head.chunk(ChatDelta::default(), None);
                chunk.choices.clear();
                chunk.usage = Some(usage);
                frames.push(data(&chunk));
            }
            frames.push(Event::default().data("[DONE]"));
            frames
        }
        AnswerEvent::Failed(error) => vec![data(&Failure::from(error).openai_body())],
    }
}

fn data(body: &impl serde::Serialize) -> Event {
    // These types hold nothing that JSON cannot carry.
    Event::default().data(serde_json::to_string(body).unwrap_or_default())
}

fn usage(answer: &Answer) -> ChatUsage {
    let (prompt_tokens, completion_tokens) =
        answer.usage.map_or((0, 0), |usage| (usage.prompt_tokens, usage.completion_tokens));
    ChatUsage { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
