//! A cross-encoder: one number for how well a passage answers a query, both read together.

use std::{fmt, path::Path};

use crate::{
    ModelError, Precision,
    batch::{groups, in_parallel, threads},
    config::Architecture,
    encoder::{Encoder, Scratch},
    kernel::Isa,
    tokens::{TokenReader, read_file},
    weights::WeightFile,
};

/// Tokens of a query that count, special tokens included; the rest of the positions is for the
/// passage.
const QUERY_TOKENS_MAX: usize = 96;
/// Tokens of a pair that count: what these models were trained on, and a bound on the time.
const PAIR_TOKENS_MAX: usize = 512;

/// A `BertForSequenceClassification` with one output, such as `ms-marco-MiniLM-L6-v2`. It is
/// read-only: share it in an `Arc` and call it from any number of threads.
pub struct CrossEncoder {
    name: String,
    threads: usize,
    max_tokens: usize,
    tokens: TokenReader,
    encoder: Encoder,
    /// The pooling layer, one row an output, and its biases.
    pooler: (Vec<f32>, Vec<f32>),
    classifier: (Vec<f32>, f32),
}

impl CrossEncoder {
    /// Loads the model of a folder with `config.json`, `tokenizer.json` and `model.safetensors`.
    /// `thread_count` 0 means a thread a core.
    ///
    /// # Errors
    /// A file is missing, unreadable or malformed, or it is no cross-encoder of the BERT family
    /// with one output.
    pub fn load(
        folder: &Path,
        precision: Precision,
        thread_count: usize,
    ) -> Result<Self, ModelError> {
        let architecture = Architecture::read(folder)?;
        if !architecture.takes_pairs() {
            let reason = "a cross-encoder must be a BERT with two token types".to_owned();
            return Err(ModelError::Unsupported { folder: folder.to_owned(), reason });
        }
        let path = folder.join("tokenizer.json");
        let tokens = TokenReader::read(&read_file(&path)?, &path, architecture.vocab_size)?;
        let mut weights = WeightFile::open(&folder.join("model.safetensors"))?;
        let hidden = architecture.hidden_size;
        let encoder = Encoder::read(&mut weights, &architecture, precision, Isa::detect())?;
        let mut pooler = Vec::with_capacity(hidden * hidden);
        weights.for_rows("pooler.dense.weight", [hidden, hidden], |_, row| {
            pooler.extend_from_slice(row);
        })?;
        let pooler = (pooler, weights.vector("pooler.dense.bias", hidden)?);
        weights.leave_prefix();
        let classifier = weights.vector("classifier.weight", hidden)?;
        let bias = weights.vector("classifier.bias", 1)?.into_iter().sum();
        Ok(Self {
            name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            threads: threads(thread_count),
            max_tokens: architecture.max_tokens().min(PAIR_TOKENS_MAX),
            tokens,
            encoder,
            pooler,
            classifier: (classifier, bias),
        })
    }

    /// The name of the model: that of its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The logit of each passage, in their order: higher is better, 0 is undecided.
    ///
    /// # Errors
    /// The tokenizer refuses a text.
    pub fn score(&self, query: &str, passages: &[&str]) -> Result<Vec<f32>, ModelError> {
        let query = self.tokens.ids(query, QUERY_TOKENS_MAX.min(self.max_tokens / 2))?;
        let pairs = in_parallel(self.threads, passages.len(), |at| {
            self.pair(&query, passages.get(at).copied().unwrap_or_default())
        });
        let pairs = pairs.into_iter().collect::<Result<Vec<_>, _>>()?;
        let order: Vec<usize> = (0..pairs.len()).collect();
        let groups = groups(&order, |at| pairs.get(at).map_or(0, Vec::len));
        let scores = in_parallel(self.threads, groups.len(), |at| {
            let group = groups.get(at).copied().unwrap_or_default();
            let pairs: Vec<&[u32]> =
                group.iter().filter_map(|at| pairs.get(*at)).map(Vec::as_slice).collect();
            self.score_group(&pairs, query.len())
        });
        Ok(scores.into_iter().flatten().collect())
    }

    /// `[CLS] query [SEP] passage [SEP]`, the passage cut to fit.
    fn pair(&self, query: &[u32], passage: &str) -> Result<Vec<u32>, ModelError> {
        let room = self.max_tokens.saturating_sub(query.len()) + 1;
        let passage = self.tokens.ids(passage, room)?;
        Ok(query.iter().chain(passage.iter().skip(1)).copied().collect())
    }

    fn score_group(&self, pairs: &[&[u32]], second: usize) -> Vec<f32> {
        let mut scratch = Scratch::default();
        self.encoder.run_pairs(pairs, &vec![second; pairs.len()], &mut scratch);
        let hidden = self.encoder.hidden();
        let mut first = 0;
        let scores = pairs.iter().map(|pair| {
            let opening = scratch.rows.get(first * hidden..(first + 1) * hidden);
            first += pair.len();
            self.logit(opening.unwrap_or_default())
        });
        scores.collect()
    }

    /// The head: `classifier(tanh(pooler(vector of [CLS])))`.
    fn logit(&self, opening: &[f32]) -> f32 {
        let dot = |a: &[f32]| a.iter().zip(opening).map(|(a, b)| a * b).sum::<f32>();
        let rows = self.pooler.0.chunks_exact(self.encoder.hidden());
        let pooled = rows.zip(&self.pooler.1).map(|(row, bias)| (dot(row) + bias).tanh());
        let (weights, bias) = &self.classifier;
        weights.iter().zip(pooled).map(|(weight, value)| weight * value).sum::<f32>() + bias
    }
}

impl fmt::Debug for CrossEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CrossEncoder({})", self.name)
    }
}

#[cfg(test)]
mod tests;
