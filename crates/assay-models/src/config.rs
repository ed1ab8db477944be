//! The JSON files of a model folder: the architecture, and how sentence vectors are made.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde::{Deserialize, de::DeserializeOwned};

use crate::{EmbedderSettings, ModelError, Pooling, TextRole};

/// `config.json`: the numbers of the architecture.
#[derive(Debug, Deserialize)]
pub(crate) struct Architecture {
    model_type: String,
    pub(crate) vocab_size: usize,
    pub(crate) hidden_size: usize,
    pub(crate) num_hidden_layers: usize,
    pub(crate) num_attention_heads: usize,
    pub(crate) intermediate_size: usize,
    pub(crate) max_position_embeddings: usize,
    pub(crate) type_vocab_size: usize,
    pub(crate) layer_norm_eps: f32,
    hidden_act: String,
    #[serde(default)]
    pad_token_id: usize,
    position_embedding_type: Option<String>,
}

impl Architecture {
    pub(crate) fn read(folder: &Path) -> Result<Self, ModelError> {
        let path = folder.join("config.json");
        let found: Self = read_json(&path)?.ok_or(ModelError::Missing { path })?;
        match found.obstacle() {
            Some(reason) => Err(ModelError::Unsupported { folder: folder.to_owned(), reason }),
            None => Ok(found),
        }
    }

    fn obstacle(&self) -> Option<String> {
        const KNOWN: [&str; 4] = ["bert", "roberta", "xlm-roberta", "camembert"];
        if !KNOWN.contains(&self.model_type.as_str()) {
            return Some(format!("its model_type is `{}`", self.model_type));
        }
        if self.hidden_act != "gelu" {
            return Some(format!("its hidden_act is `{}`", self.hidden_act));
        }
        let positions = self.position_embedding_type.as_deref().unwrap_or("absolute");
        if positions != "absolute" {
            return Some(format!("its position_embedding_type is `{positions}`"));
        }
        let heads = self.num_attention_heads;
        if heads == 0 || self.hidden_size == 0 || !self.hidden_size.is_multiple_of(heads) {
            return Some(format!("{} values do not divide into {heads} heads", self.hidden_size));
        }
        if self.max_tokens() < 3 || self.type_vocab_size == 0 {
            return Some("it has no positions or no token types".to_owned());
        }
        None
    }

    /// Whether it tells the first and the second text of a pair apart as BERT does.
    pub(crate) fn takes_pairs(&self) -> bool {
        self.model_type == "bert" && self.type_vocab_size > 1
    }

    /// The position of the first token: RoBERTa counts on from its padding token.
    pub(crate) fn first_position(&self) -> usize {
        if self.model_type == "bert" { 0 } else { self.pad_token_id + 1 }
    }

    /// Tokens that there are positions for.
    pub(crate) fn max_tokens(&self) -> usize {
        self.max_position_embeddings.saturating_sub(self.first_position())
    }
}

/// How texts become vectors, from the settings and what the model folder says.
#[derive(Debug)]
pub(crate) struct Recipe {
    pub(crate) pooling: Pooling,
    pub(crate) max_tokens: usize,
    pub(crate) normalize: bool,
    query_prefix: String,
    passage_prefix: String,
}

#[derive(Deserialize)]
struct PoolingFile {
    #[serde(default)]
    pooling_mode_cls_token: bool,
    #[serde(default)]
    pooling_mode_mean_tokens: bool,
}

#[derive(Deserialize)]
struct SentenceFile {
    max_seq_length: Option<usize>,
}

#[derive(Default, Deserialize)]
struct PromptFile {
    #[serde(default)]
    prompts: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Module {
    r#type: String,
}

impl Recipe {
    pub(crate) fn read(
        folder: &Path,
        architecture: &Architecture,
        settings: &EmbedderSettings,
    ) -> Result<Self, ModelError> {
        check_modules(folder)?;
        let sentence: Option<SentenceFile> = read_json(&folder.join("sentence_bert_config.json"))?;
        let prompts: PromptFile =
            read_json(&folder.join("config_sentence_transformers.json"))?.unwrap_or_default();
        let prompt = |set: &Option<String>, names: &[&str]| {
            let published = || names.iter().find_map(|name| prompts.prompts.get(*name)).cloned();
            set.clone().or_else(published).unwrap_or_default()
        };
        let wanted = settings.max_tokens.or_else(|| sentence.and_then(|s| s.max_seq_length));
        Ok(Self {
            pooling: settings.pooling.map_or_else(|| pooling(folder), Ok)?,
            // Three tokens: one of text between the two special ones.
            max_tokens: wanted.unwrap_or(usize::MAX).clamp(3, architecture.max_tokens()),
            normalize: settings.normalize,
            query_prefix: prompt(&settings.query_prefix, &["query"]),
            passage_prefix: prompt(&settings.passage_prefix, &["passage", "document"]),
        })
    }

    pub(crate) fn prefix(&self, role: TextRole) -> &str {
        match role {
            TextRole::Query => &self.query_prefix,
            TextRole::Passage => &self.passage_prefix,
        }
    }
}

/// Refuses models with a step after the encoder that would silently be left out.
fn check_modules(folder: &Path) -> Result<(), ModelError> {
    let modules: Vec<Module> = read_json(&folder.join("modules.json"))?.unwrap_or_default();
    let known = ["Transformer", "Pooling", "Normalize"];
    let name = |module: &Module| module.r#type.rsplit('.').next().map(str::to_owned);
    match modules.iter().filter_map(name).find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(ModelError::Unsupported {
            folder: folder.to_owned(),
            reason: format!("it has a module of type `{name}`"),
        }),
        None => Ok(()),
    }
}

fn pooling(folder: &Path) -> Result<Pooling, ModelError> {
    match read_json::<PoolingFile>(&folder.join("1_Pooling/config.json"))? {
        None => Ok(Pooling::Mean),
        Some(file) if file.pooling_mode_cls_token => Ok(Pooling::Cls),
        Some(file) if file.pooling_mode_mean_tokens => Ok(Pooling::Mean),
        Some(_) => Err(ModelError::Unsupported {
            folder: folder.to_owned(),
            reason: "its pooling is neither the mean nor the first token".to_owned(),
        }),
    }
}

/// Reads a JSON file; `None` where there is none.
fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, ModelError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ModelError::File { path: path.to_owned(), source }),
    };
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|error| ModelError::Malformed { path: path.to_owned(), reason: error.to_string() })
}
