//! `POST /query`: a question over the caller's files, and public sources where they are set up.

use std::convert::Infallible;

use assay_answer::{AnswerEvent, Condition, Question};
use assay_api::{ErrorBody, QueryRequest, QueryResponse};
use axum::{
    Extension, Json,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt};

use super::sessions::own_session;
use crate::{
    auth::Acting,
    failure::{Failure, RequestName},
    present,
};

/// Ask a question; every claim of the answer was checked against the cited passages.
///
/// `state` says what kind of answer it is; without one, `nearest` shows the passages that come
/// closest. With `stream`, events come as they are ready: `claim` for each claim once its verdict is
/// known (`QueryPiece`), then `answer` with the whole (`QueryResponse`), or `error`.
#[utoipa::path(
    post, path = "/query", tag = "answers", request_body = QueryRequest,
    responses(
        (status = 200, description = "the answer, or a stream of events",
         content((QueryResponse = "application/json"), (String = "text/event-stream"))),
        (status = 400, body = ErrorBody, description = "empty or too long a question, unknown value"),
        (status = 404, body = ErrorBody, description = "unknown collection or session"),
        (status = 409, body = ErrorBody, description = "the session is not active"),
    )
)]
pub(super) async fn query(
    app: Acting,
    Extension(name): Extension<RequestName>,
    Json(request): Json<QueryRequest>,
) -> Result<Response, Failure> {
    let session = match request.session_id.as_deref() {
        Some(id) => Some(own_session(&app, id).await?),
        None => None,
    };
    let question = Question {
        id: name.0,
        sources: request.sources,
        collections: request.collections,
        documents: present::document_ids(&request.documents)?,
        filter: request.filter.as_ref().map(Condition::from_json).transpose()?,
        unsupported: request.unsupported.as_deref().unwrap_or("drop").parse()?,
        writer: request.writer.as_deref().unwrap_or("auto").parse()?,
        mode: request.mode.as_deref().unwrap_or("hybrid").parse()?,
        session,
        asked_by: Some(app.actor()),
        ..Question::new(request.query)
    };
    if request.stream {
        let asked = question.text.clone();
        let events = app.engine.ask_streaming(app.scope(), question).await?;
        let events = frames(asked, name.0.to_string(), events).map(Ok::<_, Infallible>);
        return Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response());
    }
    let answer = app.engine.ask(&app.scope(), &question).await?;
    Ok(Json(present::answer(&question.text, answer)).into_response())
}

/// The events of a streamed answer.
fn frames(
    asked: String,
    request_id: String,
    events: impl Stream<Item = AnswerEvent> + Send + 'static,
) -> impl Stream<Item = Event> + Send + 'static {
    let mut text = String::new();
    events.map(move |event| match event {
        AnswerEvent::Piece(piece) => {
            text.push_str(&piece.text);
            frame("claim", &present::piece(&text, &piece))
        }
        AnswerEvent::Done(answer) => frame("answer", &present::answer(&asked, *answer)),
        AnswerEvent::Failed(error) => frame("error", &Failure::from(error).body(&request_id)),
    })
}

fn frame(name: &str, body: &impl serde::Serialize) -> Event {
    // These types hold nothing that JSON cannot carry.
    Event::default().event(name).data(serde_json::to_string(body).unwrap_or_default())
}
