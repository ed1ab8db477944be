//! A model made by hand: each token votes for a label, the mean of the votes decides.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use super::{Entailer, Entailment};
use crate::ModelError;

const WORDS: [&str; 4] = ["[UNK]", "yes", "no", "maybe"];
/// Votes of each word for contradiction, entailment, neutral.
const VOTES: [[f32; 3]; 4] =
    [[0.0, 0.0, 0.0], [0.0, 20.0, 0.0], [20.0, 0.0, 0.0], [0.0, 0.0, 20.0]];

/// A field of a protocol buffer that holds bytes.
fn bytes(number: u8, content: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = content.len();
    while length > 127 {
        field.push((length & 127 | 128) as u8);
        length >>= 7;
    }
    field.push(length as u8);
    field.extend_from_slice(content);
    field
}

/// A field that holds a number below 128.
fn int(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

fn value(name: &str, kind: u8) -> Vec<u8> {
    let dimensions = [bytes(1, &bytes(2, b"b")), bytes(1, &bytes(2, b"n"))].concat();
    let tensor = [int(1, kind), bytes(2, &dimensions)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

fn node(kind: &str, inputs: &[&str], output: &str, attributes: &[Vec<u8>]) -> Vec<u8> {
    let mut node: Vec<u8> = inputs.iter().flat_map(|name| bytes(1, name.as_bytes())).collect();
    node.extend(bytes(2, output.as_bytes()));
    node.extend(bytes(3, output.as_bytes()));
    node.extend(bytes(4, kind.as_bytes()));
    node.extend(attributes.iter().flat_map(|attribute| bytes(5, attribute)));
    node
}

/// `ReduceMean(Gather(votes, input_ids), axis 1)`.
fn model() -> Vec<u8> {
    let number = |name: &str, n: u8| [bytes(1, name.as_bytes()), int(3, n), int(20, 2)];
    let long = |mut attribute: [Vec<u8>; 3]| {
        // Field 20 needs two bytes for its tag: (20 << 3 | 0) = 160.
        attribute[2] = vec![0xA0, 0x01, 2];
        attribute.concat()
    };
    let axes = [bytes(1, b"axes"), int(8, 1), vec![0xA0, 0x01, 7]].concat();
    let gather = node("Gather", &["votes", "input_ids"], "voted", &[long(number("axis", 0))]);
    let mean = node("ReduceMean", &["voted"], "logits", &[axes, long(number("keepdims", 0))]);
    let data: Vec<u8> = VOTES.iter().flatten().flat_map(|vote| vote.to_le_bytes()).collect();
    let votes = [int(1, 4), int(1, 3), int(2, 1), bytes(8, b"votes"), bytes(9, &data)].concat();
    let graph = [
        bytes(1, &gather),
        bytes(1, &mean),
        bytes(2, b"votes"),
        bytes(5, &votes),
        bytes(11, &value("input_ids", 7)),
        bytes(12, &value("logits", 1)),
    ]
    .concat();
    [int(1, 7), bytes(7, &graph), bytes(8, &[bytes(1, b""), int(2, 13)].concat())].concat()
}

fn folder(labels: serde_json::Value, model: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let vocabulary: serde_json::Map<_, _> =
        (0..).zip(WORDS).map(|(id, word): (u32, _)| (word.to_owned(), json!(id))).collect();
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null,
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    });
    let config = json!({"vocab_size": 4, "max_position_embeddings": 18, "id2label": labels});
    fs::write(folder.path().join("tokenizer.json"), tokenizer.to_string()).unwrap();
    fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    fs::write(folder.path().join("model.onnx"), model).unwrap();
    folder
}

fn relation(premise: &str, claim: &str) -> Entailment {
    let labels = json!({"0": "contradiction", "1": "ENTAILMENT", "2": "neutral"});
    let folder = folder(labels, &model());
    Entailer::load(folder.path()).unwrap().relation(premise, claim).unwrap()
}

#[test]
fn the_labels_decide_which_output_is_which() {
    assert!(relation("yes yes", "yes").entails > 0.99);
    assert!(relation("no", "no").contradicts > 0.99);
    let neutral = relation("maybe", "maybe");
    assert!(neutral.entails < 0.01 && neutral.contradicts < 0.01, "{neutral:?}");
}

#[test]
fn a_long_premise_is_cut_and_the_claim_is_kept() {
    let told = relation(&"yes ".repeat(500), "no no no no no no no no no no no no no");
    assert!(told.contradicts > 0.99, "{told:?}");
}

#[test]
fn a_model_with_two_labels_knows_no_contradiction() {
    let labels = json!({"0": "not_entailment", "1": "entailment"});
    let folder = folder(labels, &model());
    let told = Entailer::load(folder.path()).unwrap().relation("yes", "yes").unwrap();
    assert!(told.entails > 0.99);
    assert_eq!(told.contradicts, 0.0);
}

#[test]
fn what_cannot_be_run_is_said() {
    let other = folder(json!({"0": "good", "1": "bad"}), &model());
    let error = Entailer::load(other.path()).unwrap_err();
    assert!(matches!(error, ModelError::Unsupported { .. }), "{error}");
    let broken = folder(json!({"0": "entailment"}), b"not a model");
    let error = Entailer::load(broken.path()).unwrap_err();
    assert!(matches!(error, ModelError::Malformed { .. }), "{error}");
    fs::remove_file(broken.path().join("model.onnx")).unwrap();
    let error = Entailer::load(broken.path()).unwrap_err();
    assert!(matches!(error, ModelError::Missing { .. }), "{error}");
}
