//! Texts of calls on their way: what goes to a provider, and what comes back.
//!
//! The gateway knows where texts stand in a request, an answer and a stream of each dialect; an
//! [`Inspector`] knows what may pass. It stands outside of everything else that the gateway does:
//! what is billed and kept is what the provider wrote for what it was sent, and what a caller gets
//! is what the inspector let pass, whoever wrote it and whenever.

use std::sync::Arc;

use assay_core::{RequestId, TenantScope};
use bytes::Bytes;
use reqwest::header::HeaderMap;

use crate::{
    Dialect, Fault, Gateway, Incoming, Reply, ReplyBody, fault::FaultKind, fields::Fields,
    gateway::tell, meter::Operation,
};

mod arguments;
mod request;
mod stream;
mod walk;
mod whole;

/// Decides what may pass. One for all calls.
pub trait Inspector: Send + Sync {
    /// Begins a call; `None` when nothing of it is looked at.
    fn begin(&self, scope: &TenantScope, id: RequestId) -> Option<Arc<dyn Inspection>>;
}

/// The inspection of one call. It looks at the request first, then at the answer.
pub trait Inspection: Send + Sync {
    /// Looks at a text of the request. `context` stands before it, such as the name of its field.
    fn asked(&self, source: Source, context: &str, text: &str) -> Verdict;

    /// Begins to look at a text of the answer. `context` stands before it.
    fn answered(&self, context: &str) -> Box<dyn TextFilter>;

    /// Whether texts of the answer may leave otherwise than they came. If not, an answer passes
    /// byte for byte and without delay, and is only looked at.
    fn changes_answers(&self) -> bool;

    /// What was found in the request so far, for a header; nothing when nothing was.
    fn request_report(&self) -> Option<String>;

    /// What was found in the answer so far, for a header.
    fn answer_report(&self) -> Option<String>;
}

/// Whose a text of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The application: system prompt, descriptions of tools.
    Instructions,
    /// The user.
    User,
    /// The model, earlier in the conversation.
    Model,
    /// The result of a tool: text of anybody.
    Tool,
}

/// What becomes of a text of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It passes.
    Pass,
    /// This passes in its place.
    Change(String),
    /// The request does not pass, for this reason.
    Refuse(String),
}

/// A text of an answer that comes in pieces.
pub trait TextFilter: Send {
    /// Takes a piece and gives out what may pass by now.
    fn push(&mut self, piece: &str) -> String;
    /// Ends the text and gives out the rest.
    fn finish(&mut self) -> String;
    /// Why nothing more of the answer may pass, when it may not.
    fn refusal(&self) -> Option<String>;
}

/// Bytes of a request from which it is looked at on a thread that may block.
const LARGE: usize = 32 << 10;

/// The header that tells what was found in a request.
pub const REQUEST_HEADER: &str = "x-assay-guard";
/// The header that tells what was found in an answer.
pub const ANSWER_HEADER: &str = "x-assay-guard-answer";

impl Gateway {
    /// Answers a request whose texts, and those of the answer, an inspector looks at.
    pub async fn call_inspected(
        &self,
        mut incoming: Incoming,
        inspector: &Arc<dyn Inspector>,
    ) -> Reply {
        let dialect = incoming.dialect;
        let Some(inspection) = inspector.begin(&incoming.scope, incoming.id) else {
            return self.call(incoming).await;
        };
        let fields = Fields::read(&incoming.body).ok();
        let model = fields.and_then(|fields| fields.text("model"));
        if !model.is_some_and(|model| self.knows(&model)) {
            return self.call(incoming).await;
        }
        let body = std::mem::take(&mut incoming.body);
        let is_large = body.len() > LARGE;
        let look = {
            let inspection = Arc::clone(&inspection);
            move || {
                let changed = request::look(dialect, &body, inspection.as_ref());
                changed.map(|changed| changed.map_or(body, Bytes::from))
            }
        };
        let looked = match is_large {
            false => look(),
            true => match tokio::task::spawn_blocking(look).await {
                Ok(looked) => looked,
                Err(_) => return Reply::fault(dialect, Fault::guard_failed(), HeaderMap::new()),
            },
        };
        let found = inspection.request_report();
        let mut reply = match looked {
            Ok(body) => {
                incoming.body = body;
                answer(dialect, self.call(incoming).await, inspection)
            }
            Err(reason) => Reply::fault(dialect, Fault::refused(reason), HeaderMap::new()),
        };
        if let Some(found) = found {
            tell(&mut reply.headers, REQUEST_HEADER, &found);
        }
        reply
    }
}

/// A reply with its texts looked at.
fn answer(dialect: Dialect, reply: Reply, inspection: Arc<dyn Inspection>) -> Reply {
    if dialect.operation() != Operation::Chat || reply.fault.is_some() {
        return reply;
    }
    match reply.body {
        ReplyBody::Whole(body) => match whole::look(&body, &inspection) {
            Ok(changed) => {
                let mut headers = reply.headers;
                if let Some(found) = inspection.answer_report() {
                    tell(&mut headers, ANSWER_HEADER, &found);
                }
                Reply { body: ReplyBody::Whole(changed.unwrap_or(body)), headers, ..reply }
            }
            Err(reason) => Reply::fault(dialect, Fault::refused(reason), reply.headers),
        },
        ReplyBody::Stream(frames) => {
            let frames = stream::inspected(dialect, frames, inspection);
            Reply { body: ReplyBody::Stream(frames), ..reply }
        }
    }
}

impl Fault {
    /// The policy forbids it.
    fn refused(reason: String) -> Self {
        Self {
            code: Some("guard_blocked".to_owned()),
            ..Self::new(FaultKind::Request(400), reason)
        }
    }

    /// The guard itself failed.
    fn guard_failed() -> Self {
        Self::new(FaultKind::Provider(503), "the guard failed on this request: try again")
    }
}

#[cfg(test)]
mod tests;
