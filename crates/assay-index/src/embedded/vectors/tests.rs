//! Rounding, exactness, scans on two threads, and the size of the log.

use assay_core::{CollectionId, DocumentId, VersionId};
use proptest::{collection::vec, prelude::*};
use tempfile::TempDir;

use super::{codes::Query, *};
use crate::contract::passage;

fn put(id: u128, document: u128, vector: Vec<f32>) -> IndexChange {
    IndexChange::Put(Box::new(passage(id, document, 1, "", Some(vector))))
}

fn apply(vectors: &Vectors, changes: &[IndexChange], position: u64) {
    vectors.apply(vectors.prepare(changes).unwrap(), position).unwrap();
}

/// A vector that differs in every component from that of another seed.
fn vector(seed: u64, dimension: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1_u64 << 24) as f32 - 0.5
    };
    (0..dimension).map(|_| next()).collect()
}

fn exact(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()) as f32
}

proptest! {
    #[test]
    fn a_cosine_is_within_its_rounding(
        (a, b) in (1_usize..100).prop_flat_map(|n| (vec(-1.0_f32..1.0, n), vec(-1.0_f32..1.0, n))),
        length in 0.001_f32..1000.0,
    ) {
        prop_assume!(check(&a, a.len(), None).is_ok() && check(&b, b.len(), None).is_ok());
        let row = quantize(&a);
        let query: Vec<_> = b.iter().map(|value| value * length).collect();
        let found = Query::new(&query).cosine(&row, codes::row_scale(&row));
        prop_assert!((found - exact(&a, &b)).abs() < 0.006, "{found} {}", exact(&a, &b));
    }
}

#[test]
fn the_longest_vector_does_not_overflow() {
    let ones = vec![1.0; DIMENSIONS_MAX];
    let row = quantize(&ones);
    let cosine = Query::new(&ones).cosine(&row, codes::row_scale(&row));
    assert!((cosine - 1.0).abs() < 1e-3, "{cosine}");
    assert!(check(&vec![1.0; DIMENSIONS_MAX + 1], DIMENSIONS_MAX + 1, None).is_err());
}

#[test]
fn two_threads_find_what_one_finds() {
    let mut rows = Rows::default();
    let count = 50_001_u128;
    for id in 0..count {
        rows.apply(Op::Put {
            passage: PassageId::from_u128(id),
            document: DocumentId::from_u128(id % 7),
            version: VersionId::from_u128(1),
            collection: CollectionId::from_u128(1),
            codes: quantize(&vector(id as u64, 4)),
        });
    }
    let query = vector(0, 4);
    let documents = (0..7).map(DocumentId::from_u128).collect();
    let by_documents = Filter { documents, ..Filter::default() };
    let parallel = rows.nearest(&query, &Filter::default(), 100);
    assert_eq!(parallel.len(), 100);
    assert_eq!(parallel, rows.nearest(&query, &by_documents, 100), "one thread");
}

#[test]
fn a_log_mostly_dead_is_rewritten() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log");
    let vectors = Vectors::open(&path, None).unwrap();
    let changes: Vec<_> = (0..400).map(|id| put(id, id, vector(id as u64, 384))).collect();
    apply(&vectors, &changes, 1);
    let full = vectors.bytes();
    for id in 0..300 {
        let document = DocumentId::from_u128(id);
        apply(&vectors, &[IndexChange::RemoveDocument(document)], 2 + id as u64);
    }
    assert!(vectors.bytes() < full / 2, "{} of {full}", vectors.bytes());
    assert_eq!(vectors.bytes(), std::fs::metadata(&path).unwrap().len());
    let query = vector(350, 384);
    let before = vectors.search(&query, &Filter::default(), 400).unwrap();
    assert_eq!((before.len(), before[0].passage), (100, PassageId::from_u128(350)));
    drop(vectors);
    let vectors = Vectors::open(&path, None).unwrap();
    assert_eq!(vectors.position(), 301);
    assert_eq!(vectors.search(&query, &Filter::default(), 400).unwrap(), before);
}

#[test]
fn a_change_of_many_frames_is_whole_or_absent() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("log");
    let vectors = Vectors::open(&path, None).unwrap();
    apply(&vectors, &[put(1, 1, vector(1, 2048))], 5);
    let changes: Vec<_> = (0..3000).map(|id| put(id, id, vector(id as u64, 2048))).collect();
    apply(&vectors, &changes, 6);
    let bytes = vectors.bytes();
    drop(vectors);
    let vectors = Vectors::open(&path, None).unwrap();
    assert_eq!((vectors.position(), vectors.len()), (6, 3000));
    drop(vectors);
    std::fs::File::options().write(true).open(&path).unwrap().set_len(bytes - 1).unwrap();
    let vectors = Vectors::open(&path, None).unwrap();
    assert_eq!(vectors.position(), 5, "the first frame of the change does not carry its position");
}
