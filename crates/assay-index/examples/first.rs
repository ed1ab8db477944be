//! How often keyword search puts the right passage first, by language.
//!
//! `cargo run --release -p assay-index --example first -- FOLDER`: the folder holds corpus.jsonl
//! (`_id`, `language`, `title`, `text`), queries.jsonl (`_id`, `text`) and qrels.tsv (a header, then
//! query, passage, grade); k1 and b of BM25 may follow. Each language is asked in an index of its own and in one of all.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measuring program for developers"
)]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use assay_core::{CollectionId, DocumentId, PassageId, TenantScope, VersionId};
use assay_index::{
    EmbeddedIndex, Filter, IndexChange, IndexSettings, IndexedPassage, PassageIndex,
};
use serde_json::Value;

struct Question {
    text: String,
    right: u128,
}

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let (passages, questions) = read(Path::new(&folder));
    let languages: Vec<_> = questions.keys().cloned().collect();
    let together = index(passages.values().flatten());
    let (mut alone_all, mut mixed_all, mut count_all) = (0, 0, 0);
    for language in &languages {
        let alone = index(&passages[language]);
        let asked = &questions[language];
        let mixed = first(&together, asked, None);
        let right = first(&alone, asked, Some(&passages[language]));
        println!(
            "{language}: {} passages, {} questions: {right} first alone, {mixed} among all",
            passages[language].len(),
            asked.len()
        );
        (alone_all, mixed_all, count_all) =
            (alone_all + right, mixed_all + mixed, count_all + asked.len());
    }
    println!("all: {count_all} questions: {alone_all} first alone, {mixed_all} among all");
}

type Passages = BTreeMap<String, Vec<IndexedPassage>>;

fn read(folder: &Path) -> (Passages, BTreeMap<String, Vec<Question>>) {
    let lines = |name: &str| -> Vec<Value> {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let mut passages = Passages::new();
    let mut place = HashMap::new();
    for (number, line) in (1..).zip(lines("corpus.jsonl")) {
        let language = text(&line, "language");
        place.insert(text(&line, "_id"), (number, language.clone()));
        passages.entry(language.clone()).or_default().push(IndexedPassage {
            id: PassageId::from_u128(number),
            document: DocumentId::from_u128(number),
            version: VersionId::from_u128(1),
            collection: CollectionId::from_u128(1),
            title: text(&line, "title"),
            heading_path: String::new(),
            text: text(&line, "text"),
            language: Some(language),
            vector: None,
        });
    }
    let judged = fs::read_to_string(folder.join("qrels.tsv")).unwrap();
    let right: HashMap<&str, &str> = judged
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(query, rest)| Some((query, rest.split('\t').next()?)))
        .collect();
    let mut questions: BTreeMap<String, Vec<Question>> = BTreeMap::new();
    for line in lines("queries.jsonl") {
        let (right, language) = &place[right[text(&line, "_id").as_str()]];
        let question = Question { text: text(&line, "text"), right: *right };
        questions.entry(language.clone()).or_default().push(question);
    }
    (passages, questions)
}

struct Opened {
    index: EmbeddedIndex,
    _folder: tempfile::TempDir,
}

fn index<'a>(passages: impl IntoIterator<Item = &'a IndexedPassage>) -> Opened {
    let folder = tempfile::tempdir().unwrap();
    let argument = |n| std::env::args().nth(n).map(|number| number.parse().unwrap());
    let IndexSettings { bm25_k1, bm25_b, .. } = IndexSettings::default();
    let settings = IndexSettings {
        bm25_k1: argument(2).unwrap_or(bm25_k1),
        bm25_b: argument(3).unwrap_or(bm25_b),
        ..IndexSettings::default()
    };
    let index = EmbeddedIndex::open(folder.path(), &settings).unwrap();
    let changes: Vec<_> =
        passages.into_iter().map(|passage| IndexChange::Put(Box::new(passage.clone()))).collect();
    index.apply(&TenantScope::built_in(), &changes, 1).unwrap();
    Opened { index, _folder: folder }
}

/// Questions whose passage comes first; the others are printed when `passages` are given.
fn first(opened: &Opened, questions: &[Question], passages: Option<&[IndexedPassage]>) -> usize {
    let scope = TenantScope::built_in();
    let is_right = |question: &&Question| {
        let hits = opened.index.keyword(&scope, &question.text, &Filter::default(), 10).unwrap();
        let rank = hits.iter().position(|hit| hit.passage.as_u128() == question.right);
        if let (false, Some(passages)) = (rank == Some(0), passages) {
            let first = hits.first().and_then(|hit| passages.iter().find(|p| p.id == hit.passage));
            let first: String =
                first.map(|p| p.text.chars().take(90).collect()).unwrap_or_default();
            println!("  rank {rank:?}: {} <> {first}", question.text);
        }
        rank == Some(0)
    };
    questions.iter().filter(is_right).count()
}
