//! Fusion: what it must hold for all rankings, and examples worked by hand.

use proptest::{collection::vec, prelude::*};

use super::*;

fn hit(id: u128, score: f32) -> Hit {
    Hit { passage: PassageId::from_u128(id), document: DocumentId::from_u128(id / 3), score }
}

fn ids(hits: &[FusedHit]) -> Vec<u128> {
    hits.iter().map(|hit| hit.passage.as_u128()).collect()
}

/// A ranking as an index gives it: no passage twice, best first.
fn ranking() -> impl Strategy<Value = Vec<Hit>> {
    vec((0_u128..30, 0_u16..20), 0..20).prop_map(|pairs| {
        let mut hits: Vec<_> =
            pairs.into_iter().map(|(id, score)| hit(id, f32::from(score) / 4.0)).collect();
        hits.sort_by_key(|hit| hit.passage);
        hits.dedup_by_key(|hit| hit.passage);
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        hits
    })
}

fn fusion() -> impl Strategy<Value = Fusion> {
    prop_oneof![
        (0.0_f32..=1.0).prop_map(|vector_weight| Fusion::ScoreNormalized { vector_weight }),
        (0.0_f32..100.0).prop_map(|k| Fusion::ReciprocalRank { k }),
    ]
}

proptest! {
    #[test]
    fn holds_each_passage_once_in_a_stable_order(
        keyword in ranking(), vector in ranking(), fusion in fusion(), limit in 0_usize..50,
    ) {
        let fused = fuse(&keyword, &vector, fusion, usize::MAX);
        let mut expected: Vec<_> =
            keyword.iter().chain(&vector).map(|hit| hit.passage).collect();
        expected.sort_unstable();
        expected.dedup();
        let mut found: Vec<_> = fused.iter().map(|hit| hit.passage).collect();
        found.sort_unstable();
        prop_assert_eq!(found, expected);
        prop_assert!(fused.is_sorted_by(|a, b| best_first(a, b).is_lt()));
        let head = fuse(&keyword, &vector, fusion, limit);
        prop_assert_eq!(&fused[..limit.min(fused.len())], head.as_slice());
    }

    #[test]
    fn first_in_both_is_first(keyword in ranking(), vector in ranking(), fusion in fusion()) {
        let best = hit(99, 50.0);
        let lead = |list: &[Hit]| -> Vec<Hit> { std::iter::once(best).chain(list.iter().copied()).collect() };
        let fused = fuse(&lead(&keyword), &lead(&vector), fusion, 1);
        prop_assert_eq!(ids(&fused), [99]);
        prop_assert_eq!((fused[0].keyword_rank, fused[0].vector_rank), (Some(1), Some(1)));
    }

    #[test]
    fn one_list_alone_keeps_its_order(list in ranking(), fusion in fusion()) {
        prop_assume!(fusion != Fusion::ScoreNormalized { vector_weight: 1.0 });
        let score = |hit: &FusedHit| hit.keyword_score.unwrap();
        let fused = fuse(&list, &[], fusion, usize::MAX);
        prop_assert!(fused.is_sorted_by(|a, b| score(a) >= score(b)));
    }

    #[test]
    fn grouping_loses_nothing(keyword in ranking(), vector in ranking(), fusion in fusion()) {
        let fused = fuse(&keyword, &vector, fusion, usize::MAX);
        let documents = by_document(&fused);
        prop_assert_eq!(documents.iter().map(|d| d.passages.len()).sum::<usize>(), fused.len());
        prop_assert!(documents.is_sorted_by(|a, b| a.score >= b.score));
        for group in &documents {
            prop_assert_eq!(group.score, group.passages[0].score);
            prop_assert!(group.passages.iter().all(|hit| hit.document == group.document));
        }
    }
}

#[test]
fn scores_are_normalised_and_weighted() {
    let keyword = [hit(1, 8.0), hit(2, 6.0), hit(3, 4.0)];
    let vector = [hit(2, 0.9), hit(4, 0.5)];
    let fused = fuse(&keyword, &vector, Fusion::ScoreNormalized { vector_weight: 0.25 }, 10);
    assert_eq!(ids(&fused), [1, 2, 3, 4]);
    let scores: Vec<_> = fused.iter().map(|hit| hit.score).collect();
    assert_eq!(scores, [0.75, 0.625, 0.0, 0.0]);
    assert_eq!((fused[1].keyword_rank, fused[1].vector_rank), (Some(2), Some(1)));
    assert_eq!((fused[1].keyword_score, fused[1].vector_score), (Some(6.0), Some(0.9)));
}

#[test]
fn ranks_are_summed() {
    let fused =
        fuse(&[hit(1, 8.0), hit(2, 6.0)], &[hit(2, 0.9)], Fusion::ReciprocalRank { k: 60.0 }, 10);
    assert_eq!(ids(&fused), [2, 1]);
    assert!((fused[0].score - (1.0 / 61.0 + 1.0 / 62.0)).abs() < 1e-6);
}

#[test]
fn a_document_scores_as_its_best_passage() {
    let list = [hit(9, 1.0), hit(1, 0.95), hit(2, 0.9), hit(30, 0.0)];
    let fused = fuse(&list, &[], Fusion::ScoreNormalized { vector_weight: 0.0 }, 10);
    let documents = by_document(&fused);
    let found: Vec<_> = documents.iter().map(|hit| hit.document.as_u128()).collect();
    assert_eq!(found, [3, 0, 10]);
    assert_eq!(ids(&documents[1].passages), [1, 2]);
}
