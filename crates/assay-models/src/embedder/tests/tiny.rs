//! Writes a small BERT with random weights as a model folder.

use std::{fs, path::Path};

use serde_json::{Map, json};
use tempfile::TempDir;

/// Sizes that divide into neither 16 lanes nor quads, so that the padding is exercised.
pub(crate) struct TinyModel {
    pub(crate) kind: &'static str,
    pub(crate) seed: u64,
    pub(crate) hidden: usize,
    pub(crate) heads: usize,
    pub(crate) positions: usize,
    /// Outputs of a classifier on top, with which it is a cross-encoder.
    pub(crate) head: Option<usize>,
}

impl Default for TinyModel {
    fn default() -> Self {
        Self { kind: "bert", seed: 1, hidden: 42, heads: 3, positions: 128, head: None }
    }
}

const WORDS: [&str; 11] =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "alpha", "beta", "gamma", "delta", "one", "two", "##s"];
const LAYERS: usize = 2;
const WIDE: usize = 70;

pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn add(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

impl TinyModel {
    pub(crate) fn write(&self) -> Folder {
        let folder = Folder(tempfile::tempdir().unwrap());
        folder.add("config.json", &self.config());
        folder.add("tokenizer.json", &tokenizer());
        fs::write(folder.path().join("model.safetensors"), self.weights()).unwrap();
        folder
    }

    pub(crate) fn config(&self) -> String {
        json!({
            "model_type": self.kind, "vocab_size": WORDS.len(), "hidden_size": self.hidden,
            "num_hidden_layers": LAYERS, "num_attention_heads": self.heads,
            "intermediate_size": WIDE, "max_position_embeddings": self.positions,
            "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0,
        })
        .to_string()
    }

    fn weights(&self) -> Vec<u8> {
        let mut header = Map::new();
        let mut data = Vec::new();
        let mut state = self.seed;
        for (name, shape) in self.tensors() {
            let start = data.len();
            // Small biases: else they drown what the words say.
            let size = if name.ends_with("bias") { 0.05 } else { 1.0 };
            for _ in 0..shape.iter().product() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
                let value = size * ((state >> 40) as f32 / (1 << 24) as f32 - 0.5);
                data.extend_from_slice(&value.to_le_bytes());
            }
            let offsets = [start, data.len()];
            let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": offsets});
            header.insert(name, entry);
        }
        let header = serde_json::to_vec(&header).unwrap();
        let mut file = (header.len() as u64).to_le_bytes().to_vec();
        file.extend(header);
        file.extend(data);
        file
    }

    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let hidden = self.hidden;
        let mut tensors = vec![
            ("embeddings.word_embeddings.weight".to_owned(), vec![WORDS.len(), hidden]),
            ("embeddings.position_embeddings.weight".to_owned(), vec![self.positions, hidden]),
            ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, hidden]),
        ];
        let mut pair = |name: String, shape: Vec<usize>| {
            tensors.push((format!("{name}.bias"), vec![shape[0]]));
            tensors.push((format!("{name}.weight"), shape));
        };
        pair("embeddings.LayerNorm".to_owned(), vec![hidden]);
        for layer in 0..LAYERS {
            let mut part = |part: &str, shape| pair(format!("encoder.layer.{layer}.{part}"), shape);
            for name in ["self.query", "self.key", "self.value", "output.dense"] {
                part(&format!("attention.{name}"), vec![hidden, hidden]);
            }
            part("attention.output.LayerNorm", vec![hidden]);
            part("intermediate.dense", vec![WIDE, hidden]);
            part("output.dense", vec![hidden, WIDE]);
            part("output.LayerNorm", vec![hidden]);
        }
        if let Some(outputs) = self.head {
            pair("pooler.dense".to_owned(), vec![hidden, hidden]);
            for (name, _) in &mut tensors {
                name.insert_str(0, "bert.");
            }
            tensors.push(("classifier.weight".to_owned(), vec![outputs, hidden]));
            tensors.push(("classifier.bias".to_owned(), vec![outputs]));
        }
        tensors
    }
}

fn tokenizer() -> String {
    let vocabulary: Map<_, _> =
        WORDS.iter().enumerate().map(|(id, word)| ((*word).to_owned(), json!(id))).collect();
    let special = |name: &str, id: u32| json!({"id": name, "ids": [id], "tokens": [name]});
    json!({
        "version": "1.0", "added_tokens": [], "decoder": null,
        // Real files ask for both; the embedder must switch them off.
        "truncation": {"max_length": 4, "strategy": "LongestFirst", "stride": 0},
        "padding": {
            "strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]",
        },
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
            ],
            "pair": [
                {"Sequence": {"id": "A", "type_id": 0}},
                {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {"[CLS]": special("[CLS]", 2), "[SEP]": special("[SEP]", 3)},
        },
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocabulary,
        },
    })
    .to_string()
}
