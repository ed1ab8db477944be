//! What can be chosen about an embedding model.

use serde::Deserialize;

/// How weights and activations are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 8-bit integers with a scale per weight row and per token: several times as fast, a quarter
    /// of the memory.
    #[default]
    Int8,
    /// 32-bit floats, as the model was published.
    F32,
}

/// How token vectors become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pooling {
    /// Their mean.
    Mean,
    /// The vector of the first token.
    Cls,
}

/// What a text is to a search; some models want each marked by a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextRole {
    /// What somebody looks for.
    Query,
    /// What may be found.
    Passage,
}

/// Settings of an [`Embedder`](crate::Embedder). What is `None` comes from the files of the model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmbedderSettings {
    /// Default: `int8`.
    pub precision: Precision,
    /// Default: as `1_Pooling/config.json` says, else the mean.
    pub pooling: Option<Pooling>,
    /// Put before each query. Default: the prompt `query` of the model, else nothing.
    pub query_prefix: Option<String>,
    /// Put before each passage. Default: the prompt `passage` or `document`, else nothing.
    pub passage_prefix: Option<String>,
    /// Tokens of a text that count, special tokens included; what follows is cut off. Default: as
    /// `sentence_bert_config.json` says, else what the model has positions for.
    pub max_tokens: Option<usize>,
    /// Threads for one call with several texts; 0, the default, means one a core. One text always
    /// runs on the thread of the caller.
    pub threads: usize,
    /// Whether vectors get length 1, so that their dot product is the cosine. Default: yes.
    pub normalize: bool,
}

impl Default for EmbedderSettings {
    fn default() -> Self {
        Self {
            precision: Precision::default(),
            pooling: None,
            query_prefix: None,
            passage_prefix: None,
            max_tokens: None,
            threads: 0,
            normalize: true,
        }
    }
}
