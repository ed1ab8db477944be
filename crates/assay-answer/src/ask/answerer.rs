//! Answers for the gateway: its models `assay` and `assay/extractive`, in any dialect.

use std::sync::Weak;

use assay_core::ErrorChain;
use assay_gateway::{Answerer, Answering, Conversation};

use super::{Exchange, Question, WriterChoice};
use crate::Engine;

/// The engine, as long as it is open.
pub(crate) struct FromFiles(pub(crate) Weak<Engine>);

impl Answerer for FromFiles {
    fn answer<'a>(&'a self, asked: Conversation<'a>) -> Answering<'a> {
        Box::pin(async move {
            let engine = self.0.upgrade().ok_or("the server is stopping")?;
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
            answer.map(|answer| answer.text).map_err(|error| ErrorChain(&error).to_string())
        })
    }
}
