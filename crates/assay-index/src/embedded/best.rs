//! The best hits of a search, kept while it runs.

use std::{cmp::Ordering, collections::BinaryHeap};

use crate::Hit;

/// The best hits seen so far, at most `limit`; the worst of them is at hand.
pub(super) struct Best {
    limit: usize,
    heap: BinaryHeap<Ranked>,
}

impl Best {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, heap: BinaryHeap::new() }
    }

    /// Whether a hit of this score may be among the best: what is dear to find out of a hit is
    /// asked after this.
    pub(super) fn may_take(&self, score: f32) -> bool {
        self.heap.len() < self.limit || self.heap.peek().is_some_and(|worst| score >= worst.0.score)
    }

    /// Keeps the hit if it is among the best; `hit` is only made when it may be.
    pub(super) fn offer(&mut self, score: f32, hit: impl FnOnce() -> Hit) {
        if self.heap.len() < self.limit {
            self.heap.push(Ranked(hit()));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && score >= worst.0.score
        {
            let ranked = Ranked(hit());
            if ranked < *worst {
                *worst = ranked;
            }
        }
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        for Ranked(hit) in other.heap {
            self.offer(hit.score, || hit);
        }
        self
    }

    /// The hits, best first.
    pub(super) fn into_hits(self) -> Vec<Hit> {
        self.heap.into_sorted_vec().into_iter().map(|ranked| ranked.0).collect()
    }
}

/// A hit that sorts before the worse ones: higher score first, then lower id.
struct Ranked(Hit);

impl Ord for Ranked {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_score = other.0.score.total_cmp(&self.0.score);
        by_score.then_with(|| self.0.passage.cmp(&other.0.passage))
    }
}

impl PartialOrd for Ranked {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ranked {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Ranked {}
