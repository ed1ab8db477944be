//! A tiny model with random weights goes through every path; the real one is compared with
//! vectors of an independent runtime.

pub(crate) mod tiny;

use std::path::PathBuf;

use super::*;
use crate::Precision;
use tiny::TinyModel;

fn settings(precision: Precision) -> EmbedderSettings {
    EmbedderSettings { precision, threads: 2, ..EmbedderSettings::default() }
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Texts of many lengths, more than one group of tokens in all.
fn texts() -> Vec<String> {
    (0..60).map(|i| "alpha beta gamma delta ".repeat(i % 13) + ["one", "two", ""][i % 3]).collect()
}

#[test]
fn a_text_gets_the_same_vector_alone_and_among_others() {
    let model = TinyModel::default().write();
    let texts = texts();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for precision in [Precision::Int8, Precision::F32] {
        for isa in Isa::available() {
            let embedder = Embedder::load_for(isa, model.path(), &settings(precision)).unwrap();
            let together = embedder.embed(&texts, TextRole::Passage).unwrap();
            for (text, vector) in texts.iter().zip(&together) {
                let alone = embedder.embed(&[text], TextRole::Passage).unwrap();
                assert_eq!(&alone[0], vector, "{text:?} with {precision:?} on {isa:?}");
            }
        }
    }
}

#[test]
fn levels_and_precisions_agree() {
    let model = TinyModel::default().write();
    let texts = ["alpha beta", "gamma one two delta", "unknown words"];
    let embed = |isa, precision| {
        let embedder = Embedder::load_for(isa, model.path(), &settings(precision)).unwrap();
        embedder.embed(&texts, TextRole::Passage).unwrap()
    };
    let reference = embed(Isa::available().next().unwrap(), Precision::F32);
    let alike = cosine(&reference[0], &reference[1]);
    assert!(alike < 0.99, "the model does not tell texts apart: {alike}");
    for isa in Isa::available() {
        for (precision, least) in [(Precision::F32, 0.999_999), (Precision::Int8, 0.99)] {
            for (found, expected) in embed(isa, precision).iter().zip(&reference) {
                let cosine = cosine(found, expected);
                assert!(cosine >= least, "{isa:?} {precision:?}: {cosine}");
            }
        }
    }
}

#[test]
fn pooling_prefixes_and_limits_come_from_the_model_or_the_settings() {
    let model = TinyModel::default().write();
    let load = |settings: &EmbedderSettings| Embedder::load(model.path(), settings).unwrap();
    let one = |embedder: &Embedder, text: &str, role| embedder.embed(&[text], role).unwrap();
    let plain = load(&EmbedderSettings::default());
    let long = "alpha ".repeat(100);

    let prefixed = load(&EmbedderSettings {
        query_prefix: Some("beta ".to_owned()),
        ..EmbedderSettings::default()
    });
    let expected = one(&plain, "beta alpha", TextRole::Query);
    assert_eq!(one(&prefixed, "alpha", TextRole::Query), expected);
    assert_ne!(one(&prefixed, "alpha", TextRole::Passage), expected);

    let short = load(&EmbedderSettings { max_tokens: Some(5), ..EmbedderSettings::default() });
    assert_eq!(
        one(&short, &long, TextRole::Query),
        one(&plain, "alpha alpha alpha", TextRole::Query)
    );
    assert_eq!(plain.max_tokens(), TinyModel::default().positions);
    assert_eq!(plain.count_tokens(&long), 102);
    one(&plain, &long, TextRole::Passage);

    let cls = EmbedderSettings { pooling: Some(Pooling::Cls), ..EmbedderSettings::default() };
    let expected = one(&load(&cls), "alpha", TextRole::Query);
    model.add("1_Pooling/config.json", r#"{"pooling_mode_cls_token":true}"#);
    assert_eq!(one(&load(&EmbedderSettings::default()), "alpha", TextRole::Query), expected);

    model.add("config_sentence_transformers.json", r#"{"prompts":{"query":"beta "}}"#);
    model.add("sentence_bert_config.json", r#"{"max_seq_length":6}"#);
    let published = load(&EmbedderSettings::default());
    assert_eq!(published.max_tokens(), 6);
    assert_eq!(published.recipe.prefix(TextRole::Query), "beta ");
    assert_eq!(published.recipe.prefix(TextRole::Passage), "");
}

#[test]
fn vectors_have_length_one_unless_told_otherwise() {
    let model = TinyModel::default().write();
    let length = |normalize| {
        let settings = EmbedderSettings { normalize, ..EmbedderSettings::default() };
        let embedder = Embedder::load(model.path(), &settings).unwrap();
        let vector = embedder.embed(&["alpha beta"], TextRole::Query).unwrap().remove(0);
        assert_eq!(vector.len(), embedder.dimension());
        vector.iter().map(|x| x * x).sum::<f32>().sqrt()
    };
    assert!((length(true) - 1.0).abs() < 1e-6);
    assert!((length(false) - 1.0).abs() > 1e-3);
}

#[test]
fn no_texts_and_an_empty_text_are_fine() {
    let model = TinyModel::default().write();
    let embedder = Embedder::load(model.path(), &EmbedderSettings::default()).unwrap();
    assert!(embedder.embed(&[], TextRole::Query).unwrap().is_empty());
    let vectors = embedder.embed(&["", " "], TextRole::Query).unwrap();
    assert_eq!(vectors[0], vectors[1]);
    assert!(vectors[0].iter().all(|x| x.is_finite()));
}

#[test]
fn the_fingerprint_follows_weights_and_settings() {
    let print = |seed, settings: &EmbedderSettings| {
        let model = TinyModel { seed, ..TinyModel::default() }.write();
        Embedder::load(model.path(), settings).unwrap().fingerprint().to_owned()
    };
    let usual = EmbedderSettings::default();
    let first = print(1, &usual);
    assert_eq!(first.len(), 16);
    assert_eq!(print(1, &usual), first);
    assert_ne!(print(2, &usual), first);
    assert_ne!(print(1, &settings(Precision::F32)), first);
    let threads = EmbedderSettings { threads: 1, ..usual };
    assert_eq!(print(1, &threads), first, "threads do not change vectors");
}

#[test]
fn roberta_counts_positions_from_its_padding_token() {
    let bert = TinyModel::default().write();
    let roberta = TinyModel { kind: "roberta", ..TinyModel::default() }.write();
    let load = |path| Embedder::load(path, &EmbedderSettings::default()).unwrap();
    let (bert, roberta) = (load(bert.path()), load(roberta.path()));
    assert_eq!(roberta.max_tokens(), bert.max_tokens() - 1, "the padding token is number 0");
    assert_ne!(
        bert.embed(&["alpha"], TextRole::Query).unwrap(),
        roberta.embed(&["alpha"], TextRole::Query).unwrap()
    );
}

#[test]
fn models_that_cannot_be_run_are_refused() {
    let check = |file: &str, content: &str, expected: &str| {
        let model = TinyModel::default().write();
        model.add(file, content);
        let error = Embedder::load(model.path(), &EmbedderSettings::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error} does not say {expected:?}");
    };
    check("config.json", "{", "malformed");
    check("config.json", &TinyModel { kind: "mpnet", ..TinyModel::default() }.config(), "`mpnet`");
    check("config.json", &TinyModel { heads: 5, ..TinyModel::default() }.config(), "5 heads");
    check("config.json", &TinyModel { hidden: 45, ..TinyModel::default() }.config(), "instead of");
    check("modules.json", r#"[{"type":"sentence_transformers.models.Dense"}]"#, "`Dense`");
    check("1_Pooling/config.json", r#"{"pooling_mode_max_tokens":true}"#, "pooling");
    check("tokenizer.json", "{}", "malformed");
    let empty = tempfile::tempdir().unwrap();
    let error = Embedder::load(empty.path(), &EmbedderSettings::default()).unwrap_err();
    assert!(matches!(error, ModelError::Missing { .. }));
}

/// The real model, where somebody has fetched it.
fn real_model() -> Option<PathBuf> {
    let folder = match option_env!("ASSAY_MODELS_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => std::env::home_dir()?.join(".cache/assay/models"),
    };
    let folder = folder.join("all-MiniLM-L6-v2");
    folder.join("model.safetensors").is_file().then_some(folder)
}

#[derive(serde::Deserialize)]
struct Reference {
    text: String,
    tokens: usize,
    vector: Vec<f32>,
}

/// The reference vectors were computed with ONNX Runtime in f32 from the published weights.
#[test]
fn vectors_match_an_independent_runtime() {
    let Some(folder) = real_model() else {
        eprintln!("skipped: all-MiniLM-L6-v2 is not in the models directory");
        return;
    };
    let references = include_str!("../../testdata/all-MiniLM-L6-v2.json");
    let references: Vec<Reference> = serde_json::from_str(references).unwrap();
    let texts: Vec<&str> = references.iter().map(|reference| reference.text.as_str()).collect();
    for (precision, least) in [(Precision::F32, 0.999_9), (Precision::Int8, 0.99)] {
        let embedder = Embedder::load(&folder, &settings(precision)).unwrap();
        let vectors = embedder.embed(&texts, TextRole::Passage).unwrap();
        let mut worst = 1.0_f32;
        for (reference, vector) in references.iter().zip(&vectors) {
            let tokens = embedder.count_tokens(&reference.text).min(embedder.max_tokens());
            assert_eq!(tokens, reference.tokens, "{:?}", reference.text);
            let cosine = cosine(vector, &reference.vector);
            assert!(cosine >= least, "{precision:?}: {cosine} for {:?}", reference.text);
            worst = worst.min(cosine);
        }
        eprintln!("{precision:?}: least cosine {worst}");
    }
}
