//! Settings of the use case, with their defaults and bounds.

use std::time::Duration;

use assay_core::ParseLimits;
use assay_gateway::EndpointSettings;
use serde::{Deserialize, Serialize};

/// Settings of ingest, search and answers.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnswerSettings {
    /// Milliseconds that a question may take in all; what is done by then is answered.
    pub total_ms: u64,
    /// Milliseconds that the lanes may take together; less than `total_ms`.
    pub lanes_ms: u64,
    /// Milliseconds for the keyword lane; at most `lanes_ms`.
    pub keyword_ms: u64,
    /// Milliseconds for the vector lane, the query's embedding included; at most `lanes_ms`.
    pub vector_ms: u64,
    /// Milliseconds for the lane of public sources, reading their pages included; at most
    /// `lanes_ms`.
    pub web_ms: u64,
    /// Milliseconds for the reranker, of what the lanes leave; at most `lanes_ms`.
    pub rerank_ms: u64,
    /// Share of the vector score in the fused score, 0 to 1.
    pub vector_weight: f32,
    /// Passages that become evidence for an answer.
    pub evidence_passages: usize,
    /// Milliseconds that a sentence of a model may wait for its vector before words alone judge it.
    pub check_ms: u64,
    /// Whether the sentences of a passage get their vectors when it is taken in, which makes answers
    /// about four times faster and costs a document about as much again as its passages.
    pub sentence_vectors: bool,
    /// Query embeddings kept in memory.
    pub query_cache_entries: usize,
    /// Seconds that the vector of a question is kept.
    pub query_cache_seconds: u64,
    /// Sentence embeddings kept in memory, about 2 kB each.
    pub sentence_cache_entries: usize,
    /// Files that are ingested at the same time; one more when it is a small one.
    pub ingest_threads: usize,
    /// Bytes from which on a file is a large one, which leaves a thread to the small ones.
    pub large_file_bytes: u64,
    /// Seconds without progress after which a job is said to be stalled.
    pub stall_seconds: u32,
    /// Largest file accepted, in bytes.
    pub file_bytes_max: u64,
    /// Most pages read of one file.
    pub pages_max: u32,
    /// Longest time spent on parsing one file, in seconds.
    pub parse_seconds_max: u64,
    /// Tokens that a passage aims at.
    pub passage_tokens: usize,
}

impl Default for AnswerSettings {
    fn default() -> Self {
        Self {
            total_ms: 3_000,
            lanes_ms: 2_000,
            keyword_ms: 1_500,
            vector_ms: 1_500,
            web_ms: 1_500,
            rerank_ms: 500,
            vector_weight: 0.5,
            evidence_passages: 8,
            check_ms: 300,
            sentence_vectors: true,
            query_cache_entries: 4_096,
            query_cache_seconds: 86_400,
            sentence_cache_entries: 16_384,
            ingest_threads: 4,
            large_file_bytes: 1 << 20,
            stall_seconds: 30,
            file_bytes_max: 200 << 20,
            pages_max: 5_000,
            parse_seconds_max: 120,
            passage_tokens: 200,
        }
    }
}

/// Settings of the embedding model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmbeddingSettings {
    /// Folder below the models folder, or an absolute path; empty for keywords alone.
    pub model: String,
    /// How a local model runs.
    pub local: assay_models::EmbedderSettings,
    /// An OpenAI-compatible endpoint that takes the place of the local model.
    pub endpoint: Option<EndpointSettings>,
}

impl Default for EmbeddingSettings {
    fn default() -> Self {
        Self {
            model: "all-MiniLM-L6-v2".to_owned(),
            local: assay_models::EmbedderSettings::default(),
            endpoint: None,
        }
    }
}

/// A model that judges claims in the place of the built-in verifier.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerifierSettings {
    /// Folder of an entailment model (`model.onnx`, `tokenizer.json`, `config.json`) below the
    /// models folder, or an absolute path; empty for none.
    pub model: String,
    /// An OpenAI-compatible endpoint whose model judges; goes before `model`.
    pub endpoint: Option<EndpointSettings>,
    /// Milliseconds for one claim, after which the built-in verifier judges.
    pub claim_ms: u64,
}

impl Default for VerifierSettings {
    fn default() -> Self {
        Self { model: String::new(), endpoint: None, claim_ms: 2_000 }
    }
}

/// Settings of the model that writes answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WriterSettings {
    /// A route, an alias or a `provider/model` of the gateway; empty for none.
    #[serde(default)]
    pub model: String,
    /// A server of its own, which callers of the gateway cannot name; goes before `model`.
    #[serde(default)]
    pub endpoint: Option<EndpointSettings>,
    /// Tokens that an answer may have.
    #[serde(default = "default_answer_tokens")]
    pub answer_tokens: u32,
}

const fn default_answer_tokens() -> u32 {
    400
}

impl AnswerSettings {
    /// What is wrong with the settings: key and reason, all of them at once.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.lanes_ms >= self.total_ms {
            problems.push(("lanes_ms", format!("must be less than total_ms ({})", self.total_ms)));
        }
        let lanes = [
            ("keyword_ms", self.keyword_ms),
            ("vector_ms", self.vector_ms),
            ("web_ms", self.web_ms),
            ("rerank_ms", self.rerank_ms),
        ];
        for (key, value) in lanes {
            if value == 0 || value > self.lanes_ms {
                problems.push((key, format!("must be 1 to lanes_ms ({})", self.lanes_ms)));
            }
        }
        if self.check_ms == 0 || self.check_ms > self.total_ms {
            problems.push(("check_ms", format!("must be 1 to total_ms ({})", self.total_ms)));
        }
        if !(0.0..=1.0).contains(&self.vector_weight) {
            problems.push(("vector_weight", "must be 0 to 1".to_owned()));
        }
        if self.stall_seconds == 0 {
            problems.push(("stall_seconds", "must be at least 1".to_owned()));
        }
        let counts = [
            ("evidence_passages", self.evidence_passages, 50),
            ("query_cache_entries", self.query_cache_entries, 1 << 20),
            ("sentence_cache_entries", self.sentence_cache_entries, 1 << 20),
            ("ingest_threads", self.ingest_threads, 64),
            ("passage_tokens", self.passage_tokens, 2_000),
        ];
        for (key, value, most) in counts {
            if !(1..=most).contains(&value) {
                problems.push((key, format!("must be 1 to {most}")));
            }
        }
        problems
    }

    /// Whether a file of so many bytes must leave room for small ones.
    pub(crate) const fn is_large(&self, bytes: u64) -> bool {
        bytes >= self.large_file_bytes
    }

    pub(crate) fn parse_limits(&self) -> ParseLimits {
        ParseLimits {
            file_bytes: self.file_bytes_max,
            pages: self.pages_max,
            time: Duration::from_secs(self.parse_seconds_max),
            ..ParseLimits::default()
        }
    }
}
