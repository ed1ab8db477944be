//! Writes what the reranker knows of the candidates of judged queries, for `training/reranker`.
//!
//! `cargo run --release -p assay-answer --example reranking -- QUERIES DATA_DIR MODELS_DIR [plain] > FEATURES`
//!
//! QUERIES is what `prepare.py` writes, `DATA_DIR` a data folder that took the documents in. A line
//! a query: set, id, and per candidate the file, whether it is relevant, fused score and features.
//! With `plain`, no embedding model takes part.
#![expect(clippy::print_stdout, reason = "the features are the output")]

use std::{collections::HashMap, error::Error, path::PathBuf, sync::Arc};

use assay_answer::{
    AnswerSettings, EmbeddingSettings, Engine, EngineSettings, FoundPassage, SearchMode,
    SearchQuery,
};
use assay_core::{SystemClock, TenantScope};
use serde::Deserialize;

#[derive(Deserialize)]
struct Judged {
    set: String,
    id: String,
    query: String,
    /// File name to the sentences that decide; none for the whole file.
    relevant: HashMap<String, Vec<String>>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [queries, data, models, rest @ ..] = arguments.as_slice() else {
        return Err("give QUERIES, DATA_DIR and MODELS_DIR".into());
    };
    let mut settings = EngineSettings {
        models: PathBuf::from(models),
        answer: AnswerSettings {
            lanes_ms: 60_000,
            total_ms: 61_000,
            rerank_ms: 60_000,
            ..AnswerSettings::default()
        },
        ..EngineSettings::new(data.as_ref())
    };
    if rest.first().is_none_or(|word| word != "plain") {
        settings.embedding = EmbeddingSettings::default();
    }
    let engine = Engine::open(settings, Arc::new(SystemClock))?;
    let scope = TenantScope::built_in();
    for line in std::fs::read_to_string(queries)?.lines() {
        let judged: Judged = serde_json::from_str(line)?;
        let mut query = SearchQuery::new(&judged.query);
        (query.limit, query.mode) = (50, SearchMode::Reranked);
        let outcome = engine.search(&scope, &query).await?;
        let rows: Vec<_> = outcome.passages.iter().map(|found| row(&judged, found)).collect();
        let took: Vec<f64> =
            outcome.lanes.iter().map(|lane| lane.took.as_secs_f64() * 1e3).collect();
        let line = serde_json::json!([
            judged.set,
            judged.id,
            judged.query,
            judged.relevant.len(),
            took,
            rows
        ]);
        println!("{line}");
    }
    engine.close(std::time::Duration::from_secs(5));
    Ok(())
}

fn row(judged: &Judged, found: &FoundPassage) -> serde_json::Value {
    let passage = &found.passage;
    let relevant = judged.relevant.get(&passage.name).is_some_and(|sentences| {
        let text = normal(&passage.text);
        sentences.is_empty() || sentences.iter().any(|sentence| text.contains(&normal(sentence)))
    });
    let reranked = found.reranked.as_ref();
    let features: Vec<f32> = reranked
        .map(|reranked| reranked.features().map(|(_, value)| value).collect())
        .unwrap_or_default();
    let before = reranked.map(|reranked| reranked.fused_score);
    serde_json::json!([passage.name, relevant, before, found.score, features])
}

/// Letters and digits, in lower case: what parsing does not change.
fn normal(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
