//! A cross-encoder in place of the own model: from a folder, or at an endpoint.

use std::{path::Path, sync::Arc};

use assay_core::ErrorChain;
use assay_gateway::{Endpoint, EndpointSettings};
use assay_models::{CrossEncoder, Precision};
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::{Judged, Reranker};
use crate::{AnswerError, FoundPassage, search::blocking};

/// Bytes of a passage that an endpoint is sent: about what 512 tokens hold.
const TEXT_BYTES_MAX: usize = 4_096;
/// Passages between two looks at the clock.
const AT_ONCE: usize = 8;

/// Settings of the reranker.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RerankerSettings {
    /// Folder of a cross-encoder below the models folder, or an absolute path; empty for the model
    /// that is part of the program.
    pub model: String,
    /// How the weights of that model are kept.
    pub precision: Precision,
    /// An endpoint with a `/rerank` route; it comes before `model`.
    pub endpoint: Option<EndpointSettings>,
}

impl Reranker {
    /// The reranker that is set up. A folder without a model does not prevent the start: its lane
    /// then fails, with the reason, and the fused order stands.
    pub(crate) fn open(settings: &RerankerSettings, models: &Path) -> Result<Self, AnswerError> {
        if let Some(endpoint) = &settings.endpoint {
            return Ok(Self::Cross(Cross::Remote(Endpoint::new(endpoint.clone())?)));
        }
        if settings.model.is_empty() {
            return Ok(Self::Own);
        }
        let loaded = CrossEncoder::load(&models.join(&settings.model), settings.precision, 0);
        Ok(Self::Cross(match loaded {
            Ok(model) => Cross::Local { model: Arc::new(model), turn: Arc::new(Semaphore::new(1)) },
            Err(error) => {
                let reason = ErrorChain(&error).to_string();
                tracing::warn!(error = %reason, "no cross-encoder: the fused order stands");
                Cross::Missing { reason }
            }
        }))
    }
}

/// Where the cross-encoder is.
pub(crate) enum Cross {
    /// In this process. It takes all cores, so that one search at a time has its turn.
    Local { model: Arc<CrossEncoder>, turn: Arc<Semaphore> },
    /// At a provider.
    Remote(Endpoint),
    /// Nowhere.
    Missing { reason: String },
}

impl Cross {
    pub(super) async fn judge(
        &self,
        query: &Arc<str>,
        candidates: &[FoundPassage],
    ) -> Result<Vec<Judged>, AnswerError> {
        let texts: Vec<String> = candidates.iter().map(text).collect();
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let scores = match self {
            Self::Local { model, turn } => local(model, turn, query, texts).await?,
            Self::Remote(endpoint) => {
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                probabilities(endpoint.rerank(query, &texts).await?)
            }
            Self::Missing { reason } => {
                return Err(AnswerError::NoReranker { reason: reason.clone() });
            }
        };
        Ok(scores.into_iter().map(|score| Judged { score, features: None }).collect())
    }
}

/// The title and the passage.
fn text(found: &FoundPassage) -> String {
    let passage = &found.passage;
    let mut text = match &passage.title {
        Some(title) => format!("{title}\n{}", passage.text),
        None => passage.text.clone(),
    };
    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
    text
}

/// In small batches: when the time is up the caller drops this, and no further batch begins.
async fn local(
    model: &Arc<CrossEncoder>,
    turn: &Arc<Semaphore>,
    query: &Arc<str>,
    mut texts: Vec<String>,
) -> Result<Vec<f32>, AnswerError> {
    let _turn = turn.acquire().await;
    let mut scores = Vec::with_capacity(texts.len());
    while !texts.is_empty() {
        let batch: Vec<String> = texts.drain(..AT_ONCE.min(texts.len())).collect();
        let (model, query) = (Arc::clone(model), Arc::clone(query));
        let logits = blocking(move || {
            let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
            Ok(model.score(&query, &batch)?)
        });
        scores.extend(logits.await?.into_iter().map(super::model::sigmoid));
    }
    Ok(scores)
}

/// The scores of a provider as 0 to 1: some give probabilities, some logits.
fn probabilities(scores: Vec<f32>) -> Vec<f32> {
    if scores.iter().all(|score| (0.0..=1.0).contains(score)) {
        return scores;
    }
    scores.into_iter().map(super::model::sigmoid).collect()
}
