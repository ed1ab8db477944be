//! Answers that were given before: for the same request, and for one that asks the same in other
//! words.
//!
//! Both caches are divided by [`Partition`]: what one tenant, one access scope, one model or one
//! version of the documents was answered is not even looked at for another. The dividing is part of
//! the key, a hash over all of it, and not a text in front of it.

use std::{sync::Arc, time::Duration};

use assay_core::{NanoUsd, TenantScope};
use bytes::Bytes;
use serde::Deserialize;

use crate::meter::Measured;

mod digest;
mod exact;
mod flight;
mod front;
mod guard;
mod held;
mod semantic;
mod words;

pub use digest::{Digest, request_digest};
pub use exact::{ExactCache, Lead, Lookup};
pub use front::{Embedding, Vectors};
pub use guard::{Guard, GuardedRequest};
pub use semantic::SemanticCache;

pub(crate) use front::{Asked, Caches, Recorder};

/// The least similarity at which another question may be answered with an answer.
pub const SIMILARITY_MIN: f32 = 0.95;

/// Settings of the caches. A caller of the API can set none of them.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheSettings {
    /// Which answers of models are given again.
    pub chat: ChatCache,
    /// Whether vectors of the same texts are given again.
    pub embeddings: bool,
    /// Bytes of all answers to the same request; 0 for none.
    pub exact_bytes: usize,
    /// Seconds that an answer to the same request is given.
    pub exact_seconds: u64,
    /// Bytes of all answers to like requests; 0 for none.
    pub semantic_bytes: usize,
    /// Answers to like requests at most.
    pub semantic_entries: usize,
    /// Seconds that an answer to a like request is given.
    pub semantic_seconds: u64,
    /// Bytes of one answer at most.
    pub answer_bytes_max: usize,
    /// Least cosine of two questions that are alike; 0.95 or more.
    pub similarity: f32,
    /// Seconds that a request waits for the same one that is under way.
    pub wait_seconds: u64,
}

/// Which answers of models are given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChatCache {
    /// None: a model that is asked twice may say something else.
    #[default]
    Off,
    /// Those to the same request.
    Exact,
    /// Those to the same request, and to a question that asks the same in other words.
    Semantic,
}

impl Default for CacheSettings {
    fn default() -> Self {
        Self {
            chat: ChatCache::Off,
            embeddings: true,
            exact_bytes: 64 << 20,
            exact_seconds: 3600,
            semantic_bytes: 32 << 20,
            semantic_entries: 10_000,
            semantic_seconds: 1800,
            answer_bytes_max: 1 << 20,
            similarity: SIMILARITY_MIN,
            wait_seconds: 60,
        }
    }
}

impl CacheSettings {
    /// What is wrong, as key and reason.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if !(SIMILARITY_MIN..=1.0).contains(&self.similarity) {
            let reason = format!("is {SIMILARITY_MIN} to 1: less gives answers to other questions");
            problems.push(("similarity", reason));
        }
        problems
    }
}

/// Whose answers, about what: nothing crosses from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Partition(Digest);

impl Partition {
    /// The partition of a call. `access` names what the caller may see (collections, filters,
    /// roles: whatever decides which documents an answer may rest on), `corpus` the version of
    /// these documents; both are taken as they are, byte for byte, and may be empty where there
    /// are none.
    #[must_use]
    pub fn new(
        scope: &TenantScope,
        access: &[u8],
        provider: &str,
        model: &str,
        corpus: &[u8],
    ) -> Self {
        let tenant = scope.tenant().to_bytes();
        let parts = [&tenant, access, provider.as_bytes(), model.as_bytes(), corpus];
        Self(Digest::of(b"partition", &parts))
    }
}

/// An answer as it went over the wire, to be sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedAnswer {
    /// The frames of a stream in their order, or the one body of a plain answer.
    pub frames: Vec<Bytes>,
    /// Whether the frames are those of a stream.
    pub is_stream: bool,
    /// The provider that answered.
    pub provider: String,
    /// Its name in price lists.
    pub listed_as: Option<&'static str>,
    /// The model that answered.
    pub model: String,
    /// What the answer cost when it was made: what a hit saves.
    pub cost: NanoUsd,
    /// What was used when it was made.
    pub measured: Measured,
}

impl CachedAnswer {
    /// Memory that it takes, about.
    fn bytes(&self) -> usize {
        /// The vector and the box of a frame.
        const FRAME: usize = 32;
        let frames = self.frames.iter().map(|frame| frame.len() + FRAME);
        frames.sum::<usize>() + self.model.len() + self.provider.len() + size_of::<Self>()
    }
}

/// An answer that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The answer.
    pub answer: Arc<CachedAnswer>,
    /// How long ago it was made.
    pub age: Duration,
    /// How it was found.
    pub kind: HitKind,
}

impl Hit {
    /// What it saves.
    #[must_use]
    pub fn saved(&self) -> NanoUsd {
        self.answer.cost
    }
}

/// How an answer was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HitKind {
    /// The same request was answered before.
    Exact,
    /// The same request was under way, and this one waited for it.
    Joined,
    /// A like question was answered before.
    Semantic {
        /// The cosine of the two questions.
        similarity: f32,
    },
}

impl HitKind {
    /// The word for a header.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Joined => "joined",
            Self::Semantic { .. } => "semantic",
        }
    }
}

/// Counts of a cache since its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheCounts {
    /// Answers found.
    pub hits: u64,
    /// Answers not found.
    pub misses: u64,
    /// Answers that went because there was no room.
    pub evicted: u64,
    /// Answers held.
    pub entries: usize,
    /// Bytes held.
    pub bytes: usize,
    /// What hits saved.
    pub saved: NanoUsd,
}

#[cfg(test)]
mod pairs;
#[cfg(test)]
mod tests;
