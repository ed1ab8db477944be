//! Quality of keyword search on SciFact claims: nDCG@10 of documents, over BM25 constants, ways to
//! make a document's score of its passages' scores, and the weight of titles.
//!
//! `cargo run --release -p assay-index --example scifact -- <folder with corpus.jsonl ...>`

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measuring program for developers"
)]

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

use assay_core::{CollectionId, DocumentId, PassageId, TenantScope, VersionId};
use assay_index::{
    EmbeddedIndex, Filter, Hit, IndexChange, IndexSettings, IndexedPassage, PassageIndex,
};
use serde_json::Value;

struct Abstract {
    id: u128,
    title: String,
    text: String,
}

type Judged = HashMap<String, HashSet<u128>>;

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| panic!("name the data folder"));
    let folder = Path::new(&folder);
    let (corpus, queries, judged) = read(folder);
    println!("{} abstracts, {} claims", corpus.len(), queries.len());
    for (words, titles) in [(100_000, 1), (150, 1), (150, 2), (150, 3), (150, 0)] {
        let temporary = tempfile::tempdir().unwrap();
        let scope = TenantScope::built_in();
        let passages = fill(temporary.path(), &scope, &corpus, words, titles);
        println!("{passages} passages of up to {words} words, title x {titles}");
        for (k1, b) in
            [(0.9, 0.4), (1.2, 0.75), (1.2, 0.5), (1.5, 0.75), (1.5, 0.9), (2.0, 0.75), (2.0, 0.9)]
        {
            let settings = IndexSettings { bm25_k1: k1, bm25_b: b, ..IndexSettings::default() };
            let index = EmbeddedIndex::open(temporary.path(), &settings).unwrap();
            print!("  k1 {k1} b {b}:");
            for (name, second, third) in [
                ("max", 0.0, 0.0),
                ("+.2", 0.2, 0.0),
                ("+.3", 0.3, 0.0),
                ("+.5", 0.5, 0.0),
                ("+.3+.3", 0.3, 0.3),
                ("sum2", 1.0, 0.0),
            ] {
                let mean = mean(&queries, &judged, |query| {
                    let hits = index.keyword(&scope, query, &Filter::default(), 100).unwrap();
                    documents(&hits, second, third)
                });
                print!("  {name} {mean:.4}");
            }
            println!();
        }
    }
}

fn read(folder: &Path) -> (Vec<Abstract>, Vec<(String, String)>, Judged) {
    let lines = |name: &str| -> Vec<Value> {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let text = |value: &Value, key: &str| value[key].as_str().unwrap().to_owned();
    let corpus = lines("corpus.jsonl")
        .iter()
        .map(|line| Abstract {
            id: text(line, "_id").parse().unwrap(),
            title: text(line, "title"),
            text: text(line, "text"),
        })
        .collect();
    let queries =
        lines("queries.train.jsonl").iter().map(|l| (text(l, "_id"), text(l, "text"))).collect();
    let mut judged = Judged::new();
    for line in fs::read_to_string(folder.join("qrels.train.tsv")).unwrap().lines().skip(1) {
        let mut cells = line.split('\t');
        let (query, document) = (cells.next().unwrap(), cells.next().unwrap());
        judged.entry(query.to_owned()).or_default().insert(document.parse().unwrap());
    }
    (corpus, queries, judged)
}

fn mean(
    queries: &[(String, String)],
    judged: &Judged,
    mut search: impl FnMut(&str) -> Vec<u128>,
) -> f64 {
    let sum: f64 = queries.iter().map(|(id, text)| ndcg(&search(text), &judged[id])).sum();
    sum / queries.len() as f64
}

/// nDCG@10 with relevance 0 or 1.
fn ndcg(found: &[u128], relevant: &HashSet<u128>) -> f64 {
    let gain = |rank: usize| 1.0 / (rank as f64 + 2.0).log2();
    let ideal: f64 = (0..relevant.len().min(10)).map(gain).sum();
    let found = found.iter().take(10).enumerate().filter(|(_, id)| relevant.contains(id));
    found.map(|(rank, _)| gain(rank)).sum::<f64>() / ideal
}

fn documents(hits: &[Hit], second: f32, third: f32) -> Vec<u128> {
    let mut scores: HashMap<u128, (usize, f32)> = HashMap::new();
    for hit in hits {
        let (seen, score) = scores.entry(hit.document.as_u128()).or_default();
        *score += hit.score * [1.0, second, third].get(*seen).copied().unwrap_or(0.0);
        *seen += 1;
    }
    let mut ranking: Vec<_> = scores.into_iter().map(|(id, (_, score))| (score, id)).collect();
    ranking.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    ranking.into_iter().map(|(_, id)| id).collect()
}

fn fill(
    root: &Path,
    scope: &TenantScope,
    corpus: &[Abstract],
    words_max: usize,
    titles: usize,
) -> usize {
    let index = EmbeddedIndex::open(root, &IndexSettings::default()).unwrap();
    let mut changes = Vec::new();
    for document in corpus {
        let words: Vec<&str> = document.text.split_whitespace().collect();
        let parts = words.len().div_ceil(words_max).max(1);
        for part in words.chunks(words.len().div_ceil(parts).max(1)) {
            changes.push(IndexChange::Put(Box::new(IndexedPassage {
                id: PassageId::from_u128(changes.len() as u128),
                document: DocumentId::from_u128(document.id),
                version: VersionId::from_u128(1),
                collection: CollectionId::from_u128(1),
                title: vec![document.title.as_str(); titles].join(" "),
                heading_path: String::new(),
                text: part.join(" "),
                language: None,
                vector: None,
            })));
        }
    }
    index.apply(scope, &changes, 1).unwrap();
    changes.len()
}
