//! Speed and memory of searches on synthetic passages with vectors of 384 dimensions.
//!
//! `cargo run --release -p assay-index --example speed -- [passages]`

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring program for developers")]

use std::{collections::HashSet, sync::Arc, time::Instant};

use assay_core::{CollectionId, DocumentId, PassageId, TenantScope, VersionId};
use assay_index::{
    AllowedSet, EmbeddedIndex, Filter, IndexChange, IndexSettings, IndexedPassage, PassageIndex,
    Readable,
    fuse::{Fusion, fuse},
};

const DIMENSIONS: usize = 384;
const QUERIES: u64 = 200;

fn main() {
    let passages = std::env::args().nth(1).map_or(200_000, |count| count.parse().unwrap());
    let temporary = tempfile::tempdir().unwrap();
    let scope = TenantScope::built_in();
    let index = EmbeddedIndex::open(temporary.path(), &IndexSettings::default()).unwrap();
    let start = Instant::now();
    let mut random = Random(1);
    for batch in 0..passages / 1000 {
        let changes: Vec<_> =
            (batch * 1000..(batch + 1) * 1000).map(|number| passage(number, &mut random)).collect();
        index.apply(&scope, &changes, batch + 1).unwrap();
    }
    println!("{passages} passages written in {:.1?}, {} CPU ms", start.elapsed(), cpu_ms());
    drop(index);
    let start = Instant::now();
    let index = EmbeddedIndex::open(temporary.path(), &IndexSettings::default()).unwrap();
    println!(
        "opened in {:.1?}: {:?}",
        index.position(&scope).map(|_| start.elapsed()).unwrap(),
        index.stats(&scope).unwrap()
    );
    println!("memory: {}", memory());
    let all = Filter::default();
    let hundredth = Filter { collections: vec![CollectionId::from_u128(7)], ..Filter::default() };
    let documents = |step: usize| {
        let documents = (0..passages / 10).step_by(step).map(|id| DocumentId::from_u128(id.into()));
        let set = AllowedSet { documents: documents.collect(), passages: HashSet::new() };
        Filter { allowed: Some(Arc::new(set)), ..Filter::default() }
    };
    let (set_all, set_half, set_hundredth) = (documents(1), documents(2), documents(100));
    let readable = |step: usize| {
        let documents = (0..passages / 10).step_by(step).map(|id| DocumentId::from_u128(id.into()));
        let documents: HashSet<_, _> = documents.collect();
        let passages = documents.len() as u64 * 10;
        let readable = Readable { documents, passages, bytes: passages * 900 };
        Filter { readable: Some(Arc::new(readable)), ..Filter::default() }
    };
    let (sees_all, sees_half, sees_hundredth) = (readable(1), readable(2), readable(100));
    for (name, filter) in [
        ("all", &all),
        ("1 % by collection", &hundredth),
        ("100 % by a set", &set_all),
        ("50 % by a set", &set_half),
        ("1 % by a set", &set_hundredth),
        ("100 % for a reader", &sees_all),
        ("50 % for a reader", &sees_half),
        ("1 % for a reader", &sees_hundredth),
    ] {
        measure(&format!("vector, {name}"), || {
            index.vector(&scope, &random.vector(), filter, 50).unwrap();
        });
        let mut random = Random(2);
        measure(&format!("keyword of 10 words, {name}"), || {
            let query: Vec<_> = (0..10).map(|_| random.word()).collect();
            index.keyword(&scope, &query.join(" "), filter, 50).unwrap();
        });
        measure(&format!("both at once and fused, {name}"), || {
            let query: Vec<_> = (0..10).map(|_| random.word()).collect();
            let vector = random.vector();
            std::thread::scope(|threads| {
                let near = threads.spawn(|| index.vector(&scope, &vector, filter, 100).unwrap());
                let words = index.keyword(&scope, &query.join(" "), filter, 100).unwrap();
                let fusion = Fusion::ScoreNormalized { vector_weight: 0.5 };
                let _ = fuse(&words, &near.join().unwrap(), fusion, 100);
            });
        });
    }
}

fn passage(number: u64, random: &mut Random) -> IndexChange {
    let words: Vec<_> = (0..150).map(|_| random.word()).collect();
    IndexChange::Put(Box::new(IndexedPassage {
        id: PassageId::from_u128(number.into()),
        document: DocumentId::from_u128((number / 10).into()),
        version: VersionId::from_u128(1),
        collection: CollectionId::from_u128((number % 100).into()),
        title: random.word(),
        heading_path: String::new(),
        text: words.join(" "),
        language: None,
        vector: Some(random.vector()),
    }))
}

fn measure(name: &str, mut search: impl FnMut()) {
    let cpu = cpu_ms();
    let mut times: Vec<_> = (0..QUERIES)
        .map(|_| {
            let start = Instant::now();
            search();
            start.elapsed()
        })
        .collect();
    let cpu = (cpu_ms() - cpu) as f64 / QUERIES as f64;
    times.sort();
    let (best, p50, p95) = (times[0], times[times.len() / 2], times[times.len() * 95 / 100]);
    println!("{name}: best {best:.2?}, p50 {p50:.2?}, p95 {p95:.2?}, {cpu:.2} CPU ms");
}

/// CPU time of this process in milliseconds as Linux counts it, in ticks of 10 ms: what a busy
/// machine disturbs least.
fn cpu_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    stat.split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|ticks| ticks.parse::<u64>().ok())
        .sum::<u64>()
        * 10
}

/// Resident memory as Linux counts it.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let lines = status.lines().filter(|line| line.starts_with("Rss") || line.starts_with("VmRSS"));
    lines
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect::<Vec<_>>()
        .join(", ")
}

/// A small generator (xorshift), so that every run measures the same data.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A word of 50,000, the frequent ones as frequent as in language (Zipf).
    fn word(&mut self) -> String {
        format!("w{}", (50_000_f64.powf(self.unit())) as u64)
    }

    fn vector(&mut self) -> Vec<f32> {
        (0..DIMENSIONS).map(|_| (self.unit() - 0.5) as f32).collect()
    }
}
