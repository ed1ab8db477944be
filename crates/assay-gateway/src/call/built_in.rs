//! Answers that no provider gives: those of Assay itself, from the files of the tenant.

use std::{future::Future, pin::Pin, sync::Arc};

use assay_core::{RequestId, TenantScope};
use reqwest::header::HeaderMap;

use super::{Answer, call, held::Held};
use crate::{
    common::{Completion, Finish, Part, Piece, Prompt, Speaker},
    dialect::{Dialect, Head, Writer},
    fault::{Fault, FaultKind},
    gateway::{Incoming, Inner, ReplyBody, Trail},
    meter::{Call, Measured},
    registry::Target,
    request::Request,
};

/// Answers conversations without a provider.
pub trait Answerer: Send + Sync + 'static {
    /// The answer to the last thing that the user said.
    fn answer<'a>(&'a self, asked: Conversation<'a>) -> Answering<'a>;
}

/// The text of an answer, or why there is none: what kind of failure it is, and in words.
pub type Answering<'a> =
    Pin<Box<dyn Future<Output = Result<String, (FaultKind, String)>> + Send + 'a>>;

/// What is asked of an [`Answerer`].
#[derive(Debug)]
pub struct Conversation<'a> {
    /// The tenant.
    pub scope: &'a TenantScope,
    /// The request.
    pub id: RequestId,
    /// The model: `assay`, or `extractive` for one that writes nothing of its own.
    pub model: &'a str,
    /// What the user asks now.
    pub question: String,
    /// What the user said before, each with what was answered, the oldest first.
    pub history: Vec<(String, String)>,
}

impl Inner {
    /// Lets Assay itself answer.
    pub(super) async fn built_in(
        self: &Arc<Self>,
        request: &Request<'_>,
        incoming: &Incoming,
        target: &Arc<Target>,
        trail: &mut Trail<'_>,
    ) -> Result<Answer, Fault> {
        let unavailable = || Fault::new(FaultKind::Unreachable, "there is nothing that answers");
        let answerer = self.answerer.get().ok_or_else(unavailable)?;
        let (question, history) = conversation(&request.dialect.prompt(&request.fields)?)?;
        let named = Call {
            provider: &target.provider.name,
            model: target.model(),
            ..call(request, incoming, &trail.plan.route.name)
        };
        let reserved = self.meter.reserve(named, request.estimate()).await?;
        let mut held = Held::new(self, target, request, reserved);
        held.sent();
        let (scope, id) = (&incoming.scope, incoming.id);
        let asked = Conversation { scope, id, model: target.model(), question, history };
        let text = match answerer.answer(asked).await {
            Ok(text) => text,
            Err((kind, reason)) => {
                held.refund(kind);
                return Err(Fault::new(kind, reason));
            }
        };
        let measured = held.estimate(text.len());
        held.settle(measured);
        trail.recorder = None;
        let parts = vec![
            Part::Begin { id: id.to_string() },
            Part::Text { choice: 0, text },
            Part::Finish { choice: 0, finish: Finish::Stop },
            Part::Usage(Measured { exact: true, ..measured }),
        ];
        let head = Head::of(request, incoming, self.clock.now().as_second());
        Ok(Answer { headers: HeaderMap::new(), body: body(request, head, parts) })
    }
}

fn body(request: &Request<'_>, head: Head, parts: Vec<Part>) -> ReplyBody {
    let mut writer = Writer::new(request.dialect, head);
    if !request.stream {
        return ReplyBody::Whole(writer.whole(&Completion::of(parts)).into());
    }
    let mut out = Vec::new();
    for part in parts {
        writer.part(part, &mut out);
    }
    writer.end(&mut out);
    ReplyBody::Stream(Box::pin(futures_util::stream::iter([out.into()])))
}

/// The last question of the user, and the turns before it.
fn conversation(prompt: &Prompt) -> Result<(String, Vec<(String, String)>), Fault> {
    let mut turns: Vec<(String, String)> = Vec::new();
    for turn in &prompt.turns {
        let texts = turn.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            _ => None,
        });
        let text = texts.collect::<Vec<_>>().join("\n");
        match (turn.speaker, turns.last_mut()) {
            (Speaker::User, _) => turns.push((text, String::new())),
            (Speaker::Assistant, Some((_, answer))) => *answer = text,
            (Speaker::Assistant | Speaker::System, _) => {}
        }
    }
    match turns.pop() {
        Some((question, _)) if !question.trim().is_empty() => Ok((question, turns)),
        _ => Err(Fault::request("the conversation holds no text of the user")),
    }
}

impl Head {
    /// What the frames of an answer to a request share.
    pub(super) fn of(request: &Request<'_>, incoming: &Incoming, created: i64) -> Self {
        Self {
            model: request.model.clone().into_owned(),
            seed: format!("{:032x}", incoming.id.as_u128()),
            created,
            wants_usage: request.wants_usage,
            prompt_tokens: request.needs.prompt_tokens,
            echo: Self::echo(request.dialect, &request.fields),
        }
    }
}

/// Whether a dialect asks for answers that Assay can give.
pub(crate) const fn can_answer(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Chat | Dialect::Messages | Dialect::Responses)
}
