//! Both caches in front of the targets: what is looked for, and what is kept of an answer.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use assay_core::{NanoUsd, TenantScope};
use bytes::Bytes;

use super::{
    CacheSettings, CachedAnswer, ChatCache, ExactCache, Guard, GuardedRequest, Hit, Lead, Lookup,
    Partition, SemanticCache, request_digest,
};
use crate::{
    Dialect, Incoming,
    fields::{elements, text_of},
    meter::{Measured, Operation},
    registry::Target,
    request::Request,
};

/// Fields that an answer does not turn on: who asks, and what the provider notes about it.
const WITHOUT: [&str; 5] = ["user", "metadata", "store", "safety_identifier", "prompt_cache_key"];
/// Fields that the guard of a like question takes by themselves.
const APART: [&str; 8] =
    ["model", "messages", "input", "stream", "stream_options", "temperature", "tools", "system"];

/// A vector, when there is one.
pub type Embedding<'a> = Pin<Box<dyn Future<Output = Option<Vec<f32>>> + Send + 'a>>;

/// Makes the vectors by which questions are compared.
pub trait Vectors: Send + Sync + 'static {
    /// The vector of a question; none when the model failed.
    fn vector<'a>(&'a self, scope: &'a TenantScope, text: &'a str) -> Embedding<'a>;
}

/// The caches of a gateway.
pub(crate) struct Caches {
    pub(crate) exact: ExactCache,
    pub(crate) semantic: SemanticCache,
    settings: CacheSettings,
    vectors: OnceLock<Arc<dyn Vectors>>,
}

/// What the caches have for a request.
pub(crate) enum Asked {
    /// It is not looked for in them.
    Off,
    /// An answer.
    Hit(Hit),
    /// None; the answer that is made now is kept.
    Miss(Recorder),
}

impl Caches {
    pub(crate) fn new(settings: CacheSettings) -> Self {
        Self {
            exact: ExactCache::new(&settings),
            semantic: SemanticCache::new(&settings),
            settings,
            vectors: OnceLock::new(),
        }
    }

    /// Compares questions by these vectors from now on; the first call counts.
    pub(crate) fn compare_by(&self, vectors: Arc<dyn Vectors>) {
        let _ = self.vectors.set(vectors);
    }

    /// Looks for an answer.
    pub(crate) async fn ask(
        &self,
        incoming: &Incoming,
        request: &Request<'_>,
        body: &[u8],
        route: &str,
    ) -> Asked {
        let chat = match (request.needs.operation, self.settings.chat) {
            (Operation::Embeddings, _) if self.settings.embeddings => ChatCache::Exact,
            (Operation::Chat, ChatCache::Off) => return Asked::Off,
            (Operation::Chat, kind) => kind,
            (Operation::Embeddings | Operation::CountTokens, _) => return Asked::Off,
        };
        if incoming.wishes.no_cache {
            return Asked::Off;
        }
        let Some(request_key) = request_digest(body, &WITHOUT) else { return Asked::Off };
        let partition = partition(incoming, request, route);
        let lead = match self.exact.look_up(&partition, &request_key).await {
            Lookup::Hit(hit) => return Asked::Hit(hit),
            Lookup::Lead(lead) => Some(lead),
            Lookup::Alone => None,
        };
        let like = match chat {
            ChatCache::Semantic => self.like(incoming, request, partition).await,
            ChatCache::Exact | ChatCache::Off => None,
        };
        if let Some(like) = &like
            && let Some(hit) = self.semantic.find(&like.partition, &like.guard, &like.vector)
        {
            return Asked::Hit(hit);
        }
        Asked::Miss(Recorder {
            lead,
            like,
            semantic: self.semantic.clone(),
            frames: Vec::new(),
            bytes: 0,
            bytes_max: self.settings.answer_bytes_max,
            is_stream: request.stream,
        })
    }

    async fn like(
        &self,
        incoming: &Incoming,
        request: &Request<'_>,
        partition: Partition,
    ) -> Option<Like> {
        let vectors = self.vectors.get()?;
        let asked = asked(request)?;
        let temperature = request.fields.value::<f64>("temperature");
        let rest = request.fields.iter().filter(|(name, _)| !APART.contains(name));
        let rest: Vec<(&str, &str)> = rest.filter(|(name, _)| !WITHOUT.contains(name)).collect();
        let guard = Guard::of(&GuardedRequest {
            system: request.fields.get("system").unwrap_or_default(),
            tools: request.fields.get("tools").unwrap_or_default().as_bytes(),
            history: asked.history.as_bytes(),
            temperature_percent: temperature
                .map(|it| (it.clamp(0.0, 100.0) * 100.0).round() as u32),
            settings: format!("{rest:?} {}", request.stream).as_bytes(),
            question: &asked.question,
        });
        let vector = vectors.vector(&incoming.scope, &asked.question).await?;
        Some(Like { partition, guard, vector })
    }
}

/// What divides the answers: who asks, in which dialect, by which route, with which wishes.
fn partition(incoming: &Incoming, request: &Request<'_>, route: &str) -> Partition {
    let wishes = &incoming.wishes;
    let access = format!(
        "{:?} {:?} {:?} {:?}",
        incoming.key,
        incoming.principal,
        request.dialect,
        (wishes.role, wishes.complexity, wishes.prefer_free, wishes.no_training, &wishes.session)
    );
    Partition::new(&incoming.scope, access.as_bytes(), route, &request.model, b"")
}

/// The question of a request, and all that was said before it as it was written.
struct Question {
    question: String,
    history: String,
}

/// The question, where it is a text of the user and the last thing said.
fn asked(request: &Request<'_>) -> Option<Question> {
    let content = if request.dialect == Dialect::Responses { "input" } else { "messages" };
    let content = request.fields.get(content)?;
    if let Some(text) = text_of(content) {
        return Some(Question { question: text.into_owned(), history: String::new() });
    }
    let messages = elements(content)?;
    let (last, before) = messages.split_last()?;
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Said {
        role: String,
        content: String,
    }
    let said: Said = serde_json::from_str(last.get()).ok()?;
    let history = before.iter().map(|message| message.get()).collect::<Vec<_>>().join("\n");
    (said.role == "user").then_some(Question { question: said.content, history })
}

/// Where an answer to like questions is kept.
struct Like {
    partition: Partition,
    guard: Guard,
    vector: Vec<f32>,
}

/// Takes an answer down while it goes to the caller. Dropped before its end, nothing is kept, and
/// those who wait for it make their own.
pub(crate) struct Recorder {
    lead: Option<Lead>,
    like: Option<Like>,
    semantic: SemanticCache,
    frames: Vec<Bytes>,
    bytes: usize,
    bytes_max: usize,
    is_stream: bool,
}

impl Recorder {
    /// Takes down what goes to the caller; whether it still is short enough to be kept.
    pub(crate) fn push(&mut self, bytes: &Bytes) -> bool {
        self.bytes += bytes.len();
        let fits = self.bytes <= self.bytes_max;
        if fits {
            self.frames.push(bytes.clone());
        }
        fits
    }

    /// The answer is whole.
    pub(crate) fn finish(self, target: &Target, measured: Measured, cost: Option<u64>) {
        let answer = CachedAnswer {
            frames: self.frames,
            is_stream: self.is_stream,
            provider: target.provider.name.clone(),
            listed_as: target.provider.listed_as,
            model: target.model().to_owned(),
            cost: NanoUsd::from_nanos(cost.unwrap_or(0)),
            measured,
        };
        let answer = match self.lead {
            Some(lead) => lead.fill(answer),
            None => Arc::new(answer),
        };
        if let Some(Like { partition, guard, vector }) = self.like {
            self.semantic.keep(&partition, &guard, &vector, answer);
        }
    }
}
