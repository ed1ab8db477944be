//! `POST /v1/chat/completions`: answers from the caller's files, in the OpenAI protocol.

use std::convert::Infallible;

use assay_answer::{Answer, AnswerEvent, Question, SearchMode, UnsupportedPolicy, WriterChoice};
use assay_api::{
    ChatAnswer, ChatChoice, ChatChunk, ChatChunkChoice, ChatCompletionRequest,
    ChatCompletionResponse, ChatContent, ChatDelta, ChatUsage, OpenAiErrorBody,
};
use assay_core::{ErrorCode, RequestId};
use axum::{
    Json,
    extract::State,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt, stream};

use crate::{App, failure::Failure, present};

/// Answer the last user message from the caller's files; `citations` says what it rests on.
///
/// With `stream`, each sentence is sent when it has been checked.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "openai", request_body = ChatCompletionRequest,
    responses(
        (status = 200, body = ChatCompletionResponse,
         description = "with `stream`, `text/event-stream` of chat.completion.chunk objects"),
        (status = 400, body = OpenAiErrorBody),
        (status = 404, body = OpenAiErrorBody, description = "unknown model"),
    )
)]
pub(super) async fn complete(
    State(app): State<App>,
    Json(request): Json<ChatCompletionRequest>,
) -> Result<Response, Failure> {
    let writer = writer(&app, &request.model)?;
    let question = Question {
        text: last_user_message(&request)?,
        collections: Vec::new(),
        documents: Vec::new(),
        unsupported: UnsupportedPolicy::Drop,
        writer,
        mode: SearchMode::default(),
    };
    let head = Head {
        id: format!("chatcmpl-{}", RequestId::new()),
        created: present::unix_seconds(),
        model: request.model,
    };
    if request.stream {
        let with_usage = request.stream_options.unwrap_or_default().include_usage;
        let events = app.engine.ask_streaming(app.scope(), question)?;
        return Ok(stream_response(head, events, with_usage));
    }
    let answer = app.engine.ask(&app.scope(), &question).await?;
    let usage = usage(&answer);
    let (text, citations) = present::answer_text(answer);
    Ok(Json(ChatCompletionResponse {
        id: head.id,
        object: "chat.completion".to_owned(),
        created: head.created,
        model: head.model,
        choices: vec![ChatChoice {
            index: 0,
            message: ChatAnswer { role: "assistant".to_owned(), content: text },
            finish_reason: "stop".to_owned(),
        }],
        usage,
        citations,
    })
    .into_response())
}

fn writer(app: &App, model: &str) -> Result<WriterChoice, Failure> {
    match model {
        "assay" => Ok(WriterChoice::Auto),
        "assay/extractive" => Ok(WriterChoice::Extractive),
        name if app.engine.writer_model() == Some(name) => Ok(WriterChoice::Model),
        name => Err(Failure::new(ErrorCode::NotFound, format!("there is no model `{name}`"))
            .hint("GET /v1/models lists the models")),
    }
}

fn last_user_message(request: &ChatCompletionRequest) -> Result<String, Failure> {
    let message =
        request.messages.iter().rev().find(|message| message.role == "user").ok_or_else(|| {
            Failure::bad_request("`messages` holds no message of the role `user`")
        })?;
    Ok(match &message.content {
        ChatContent::Text(text) => text.clone(),
        ChatContent::Parts(parts) => {
            parts.iter().filter_map(|part| part.text.as_deref()).collect::<Vec<_>>().join("\n")
        }
    })
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
        AnswerEvent::Text(text) => {
            let delta = ChatDelta { role: None, content: Some(text) };
            vec![data(&head.chunk(delta, None))]
        }
        AnswerEvent::Done(answer) => {
            let usage = usage(&answer);
            let mut last = head.chunk(ChatDelta::default(), Some("stop".to_owned()));
            last.citations = Some(present::answer_text(*answer).1);
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
