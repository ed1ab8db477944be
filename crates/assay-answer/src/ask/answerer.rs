//! Answers for the gateway: its models `assay` and `assay/extractive`, in any dialect.

use std::sync::Weak;

use assay_core::{Coded, ErrorChain, ErrorCode};
use assay_gateway::{Answerer, Answering, Conversation, FaultKind};

use super::{Exchange, Question, WriterChoice};
use crate::Engine;

/// The engine, as long as it is open.
pub(crate) struct FromFiles(pub(crate) Weak<Engine>);

impl Answerer for FromFiles {
    fn answer<'a>(&'a self, asked: Conversation<'a>) -> Answering<'a> {
        Box::pin(async move {
            let stopping = || (FaultKind::Unreachable, "the server is stopping".to_owned());
            let engine = self.0.upgrade().ok_or_else(stopping)?;
            let writer = match asked.model {
                "extractive" => WriterChoice::Extractive,
                _ => WriterChoice::Auto,
            };
            let history = asked.history.into_iter();
            let question = Question {
                id: asked.id,
                writer,
                history: history.map(|(question, answer)| Exchange { question, answer }).collect(),
                ..Question::new(asked.question)
            };
            let answer = engine.ask(asked.scope, &question).await;
            answer.map(|answer| answer.text).map_err(|error| {
                let kind = match error.code() {
                    ErrorCode::TooManyRequests => FaultKind::Busy,
                    _ => FaultKind::Provider(500),
                };
                (kind, ErrorChain(&error).to_string())
            })
        })
    }
}
