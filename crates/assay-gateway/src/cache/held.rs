//! Answers in memory: so many bytes, so long, the longest unused go first.

use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use assay_core::NanoUsd;
use lru::LruCache;

use super::{CacheCounts, CachedAnswer};

/// Answers by key.
#[derive(Debug)]
pub(super) struct Held<K: Hash + Eq> {
    answers: LruCache<K, Kept>,
    bytes: usize,
    bytes_max: usize,
    entries_max: usize,
    answer_bytes_max: usize,
    time: Duration,
    hits: u64,
    misses: u64,
    evicted: u64,
    saved: NanoUsd,
}

#[derive(Debug)]
struct Kept {
    answer: Arc<CachedAnswer>,
    made: Instant,
    bytes: usize,
}

impl<K: Hash + Eq> Held<K> {
    pub(super) fn new(
        bytes_max: usize,
        entries_max: usize,
        answer_bytes_max: usize,
        time: Duration,
    ) -> Self {
        Self {
            answers: LruCache::unbounded(),
            bytes: 0,
            bytes_max,
            entries_max,
            answer_bytes_max,
            time,
            hits: 0,
            misses: 0,
            evicted: 0,
            saved: NanoUsd::ZERO,
        }
    }

    /// The answer of a key with its age; one that is too old goes.
    pub(super) fn get(&mut self, key: &K, now: Instant) -> Option<(Arc<CachedAnswer>, Duration)> {
        let kept = self.answers.get(key)?;
        let age = now.saturating_duration_since(kept.made);
        if age < self.time {
            return Some((Arc::clone(&kept.answer), age));
        }
        self.remove(key);
        None
    }

    /// Keeps an answer; the keys that had to go for it. Gives `None`, and keeps nothing, when it is
    /// too large.
    pub(super) fn put(
        &mut self,
        key: K,
        answer: Arc<CachedAnswer>,
        further_bytes: usize,
        now: Instant,
    ) -> Option<Vec<K>> {
        let bytes = answer.bytes() + further_bytes + size_of::<(K, Kept)>();
        if bytes > self.answer_bytes_max.min(self.bytes_max) {
            return None;
        }
        self.bytes += bytes;
        let mut gone = Vec::new();
        if let Some((key, old)) = self.answers.push(key, Kept { answer, made: now, bytes }) {
            self.bytes -= old.bytes;
            gone.push(key);
        }
        while self.bytes > self.bytes_max || self.answers.len() > self.entries_max {
            let Some((key, old)) = self.answers.pop_lru() else { break };
            self.bytes -= old.bytes;
            self.evicted += 1;
            gone.push(key);
        }
        Some(gone)
    }

    pub(super) fn remove(&mut self, key: &K) {
        if let Some(old) = self.answers.pop(key) {
            self.bytes -= old.bytes;
        }
    }

    /// Counts a request that was answered, or was not.
    pub(super) fn count(&mut self, saved: Option<NanoUsd>) {
        match saved {
            Some(saved) => {
                self.hits += 1;
                self.saved = self.saved.plus(saved);
            }
            None => self.misses += 1,
        }
    }

    pub(super) fn clear(&mut self) {
        self.answers.clear();
        self.bytes = 0;
    }

    pub(super) fn counts(&self) -> CacheCounts {
        CacheCounts {
            hits: self.hits,
            misses: self.misses,
            evicted: self.evicted,
            entries: self.answers.len(),
            bytes: self.bytes,
            saved: self.saved,
        }
    }
}
