//! Does one text follow from another? A cross-encoder with two or three labels from an ONNX file.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::{NdTensor, prelude::*};
use serde::Deserialize;

use crate::{
    ModelError,
    tokens::{TokenReader, read_file},
};

/// Tokens of both texts together when the model does not say how many it takes.
const TOKENS_DEFAULT: usize = 512;
/// Tokens of both texts together at most: time grows with their square.
const TOKENS_MAX: usize = 1024;

/// How likely it is that one text follows from another, or that both cannot hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entailment {
    /// Probability of the label `entailment`.
    pub entails: f32,
    /// Probability of the label `contradiction`; 0 for a model with two labels.
    pub contradicts: f32,
}

/// A natural-language-inference model: BERT, RoBERTa or another encoder that takes two texts.
pub struct Entailer {
    model: Model,
    options: RunOptions,
    tokens: TokenReader,
    max_tokens: usize,
    inputs: Vec<(NodeId, Input)>,
    output: NodeId,
    entails: usize,
    contradicts: Option<usize>,
}

/// What an input of the model takes.
#[derive(Debug, Clone, Copy)]
enum Input {
    Ids,
    Mask,
    Types,
}

/// The keys of `config.json` that matter here.
#[derive(Deserialize)]
struct Config {
    vocab_size: usize,
    #[serde(default)]
    max_position_embeddings: Option<usize>,
    id2label: BTreeMap<String, String>,
}

impl Entailer {
    /// Loads `model.onnx`, `tokenizer.json` and `config.json` of a folder. The labels are read from
    /// `id2label`: one must be `entailment`, one may be `contradiction`.
    ///
    /// # Errors
    /// When a file is absent or malformed, or the model has other labels or inputs.
    pub fn load(folder: &Path) -> Result<Self, ModelError> {
        let unsupported =
            |reason: String| ModelError::Unsupported { folder: folder.to_owned(), reason };
        let path = folder.join("config.json");
        let config: Config = serde_json::from_slice(&read_file(&path)?)
            .map_err(|error| ModelError::Malformed { path, reason: error.to_string() })?;
        let labels: BTreeMap<String, usize> = config
            .id2label
            .iter()
            .filter_map(|(id, label)| Some((label.to_lowercase(), id.parse().ok()?)))
            .collect();
        let Some(entails) = labels.get("entailment").copied() else {
            let names: Vec<&str> = labels.keys().map(String::as_str).collect();
            return Err(unsupported(format!("its labels are {}", names.join(", "))));
        };
        let path = folder.join("tokenizer.json");
        let tokens = TokenReader::read(&read_file(&path)?, &path, config.vocab_size)?;
        let path = folder.join("model.onnx");
        let bytes = read_file(&path)?;
        let model = ModelOptions::with_all_ops()
            .prepack_weights(true)
            .load(bytes)
            .map_err(|error| ModelError::Malformed { path, reason: error.to_string() })?;
        let mut inputs = Vec::new();
        for &id in model.input_ids() {
            let info = model.node_info(id);
            let input = match info.as_ref().and_then(|info| info.name()) {
                Some("input_ids") => Input::Ids,
                Some("attention_mask") => Input::Mask,
                Some("token_type_ids") => Input::Types,
                other => {
                    return Err(unsupported(format!("it has an input {other:?}")));
                }
            };
            inputs.push((id, input));
        }
        let output = model.output_ids().first().copied();
        let output = output.ok_or_else(|| unsupported("it has no output".to_owned()))?;
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get);
        let pool = Arc::new(ThreadPool::with_num_threads(threads));
        // RoBERTa counts positions from 2.
        let positions = config.max_position_embeddings.map(|most| most.saturating_sub(2));
        Ok(Self {
            options: RunOptions::default().with_thread_pool(Some(pool)),
            tokens,
            max_tokens: positions.unwrap_or(TOKENS_DEFAULT).clamp(8, TOKENS_MAX),
            inputs,
            output,
            entails,
            contradicts: labels.get("contradiction").copied(),
            model,
        })
    }

    /// What `premise` says to `claim`. A premise that is too long is cut at its end.
    ///
    /// # Errors
    /// When the tokenizer or the model fails.
    pub fn relation(&self, premise: &str, claim: &str) -> Result<Entailment, ModelError> {
        let pair = self.tokens.pair(premise, claim, self.max_tokens)?;
        let width = pair.ids.len();
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| ModelError::Entail { source };
        let mut values = Vec::new();
        for &(id, input) in &self.inputs {
            let row: Vec<i32> = match input {
                Input::Ids => pair.ids.iter().map(|&id| id.cast_signed()).collect(),
                Input::Mask => vec![1; width],
                Input::Types => pair.types.iter().map(|&kind| kind.cast_signed()).collect(),
            };
            values.push((id, NdTensor::from_data([1, width], row).into()));
        }
        let outputs = self
            .model
            .run(values, &[self.output], Some(self.options.clone()))
            .map_err(|error| failed(Box::new(error)))?;
        let logits: NdTensor<f32, 2> = outputs
            .into_iter()
            .next()
            .and_then(|value| value.try_into().ok())
            .ok_or_else(|| failed("its output is not one row of numbers".into()))?;
        let shares = softmax(&logits.to_vec());
        let share = |at: usize| shares.get(at).copied();
        let entails =
            share(self.entails).ok_or_else(|| failed("it has fewer outputs than labels".into()))?;
        Ok(Entailment { entails, contradicts: self.contradicts.and_then(share).unwrap_or(0.0) })
    }
}

fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

impl std::fmt::Debug for Entailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entailer").field("max_tokens", &self.max_tokens).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
