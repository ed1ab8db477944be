//! Answers to questions that ask the same in other words.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{
    CacheCounts, CacheSettings, CachedAnswer, Digest, Guard, Hit, HitKind, Partition,
    SIMILARITY_MIN, held::Held,
};

/// Questions of one guard that are compared; the oldest goes first.
const BUCKET_MAX: usize = 64;

/// The cache of answers to like questions. It knows no embedding model: the caller gives vectors,
/// all of the same one. Clones share it.
///
/// A question lies in the bucket of its partition and guard, so that one that differs in tenant,
/// access, model, documents, system prompt, tools, numbers, names or a negation is not looked at.
#[derive(Debug, Clone)]
pub struct SemanticCache {
    shared: Arc<Mutex<Shared>>,
    similarity: f32,
}

#[derive(Debug)]
struct Shared {
    held: Held<u64>,
    buckets: HashMap<Digest, Vec<Question>>,
    homes: HashMap<u64, Digest>,
    next: u64,
}

#[derive(Debug)]
struct Question {
    id: u64,
    /// Of length 1.
    vector: Box<[f32]>,
}

impl SemanticCache {
    /// An empty cache. A similarity below [`SIMILARITY_MIN`] is taken as that.
    #[must_use]
    pub fn new(settings: &CacheSettings) -> Self {
        let time = Duration::from_secs(settings.semantic_seconds);
        let (bytes, entries) = (settings.semantic_bytes, settings.semantic_entries);
        let held = Held::new(bytes, entries, settings.answer_bytes_max, time);
        let shared = Shared { held, buckets: HashMap::new(), homes: HashMap::new(), next: 0 };
        let similarity = settings.similarity.max(SIMILARITY_MIN);
        Self { shared: Arc::new(Mutex::new(shared)), similarity }
    }

    /// The answer to the most similar question, when one is similar enough. A vector without a
    /// direction finds nothing.
    #[must_use]
    pub fn find(&self, partition: &Partition, guard: &Guard, vector: &[f32]) -> Option<Hit> {
        let key = home(partition, guard);
        let vector = unit(vector);
        let mut shared = self.lock();
        let best = vector.and_then(|vector| shared.best(&key, &vector, self.similarity));
        let found = best.and_then(|(id, similarity)| {
            let (answer, age) = shared.held.get(&id, Instant::now())?;
            Some(Hit { answer, age, kind: HitKind::Semantic { similarity } })
        });
        if let (None, Some((id, _))) = (&found, best) {
            // It was too old.
            shared.leave(id);
        }
        shared.held.count(found.as_ref().map(Hit::saved));
        found
    }

    /// Keeps an answer for questions that are like this one.
    pub fn keep(
        &self,
        partition: &Partition,
        guard: &Guard,
        vector: &[f32],
        answer: Arc<CachedAnswer>,
    ) {
        let Some(vector) = unit(vector) else { return };
        let key = home(partition, guard);
        let bytes = size_of_val(&*vector) + size_of::<(Digest, Question, u64)>();
        let mut shared = self.lock();
        let id = shared.next;
        shared.next += 1;
        let Some(gone) = shared.held.put(id, answer, bytes, Instant::now()) else { return };
        gone.into_iter().for_each(|id| shared.leave(id));
        shared.homes.insert(id, key);
        let bucket = shared.buckets.entry(key).or_default();
        bucket.push(Question { id, vector });
        let oldest = (bucket.len() > BUCKET_MAX).then(|| bucket.first().map(|it| it.id)).flatten();
        if let Some(id) = oldest {
            shared.held.remove(&id);
            shared.leave(id);
        }
    }

    /// Counts since the start.
    #[must_use]
    pub fn counts(&self) -> CacheCounts {
        self.lock().held.counts()
    }

    /// Forgets every answer.
    pub fn clear(&self) {
        let mut shared = self.lock();
        shared.held.clear();
        shared.buckets.clear();
        shared.homes.clear();
    }

    /// Questions in buckets, and places of questions that are noted.
    #[cfg(test)]
    pub(super) fn shared_sizes(&self) -> (usize, usize) {
        let shared = self.lock();
        (shared.buckets.values().map(Vec::len).sum(), shared.homes.len())
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// The most similar question of a bucket.
    fn best(&self, key: &Digest, vector: &[f32], least: f32) -> Option<(u64, f32)> {
        let bucket = self.buckets.get(key)?;
        bucket
            .iter()
            .filter(|question| question.vector.len() == vector.len())
            .map(|question| (question.id, cosine(&question.vector, vector)))
            .filter(|(_, similarity)| *similarity >= least)
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Takes a question out of its bucket.
    fn leave(&mut self, id: u64) {
        let Some(key) = self.homes.remove(&id) else { return };
        if let Some(bucket) = self.buckets.get_mut(&key) {
            bucket.retain(|question| question.id != id);
            if bucket.is_empty() {
                self.buckets.remove(&key);
            }
        }
    }
}

fn home(partition: &Partition, guard: &Guard) -> Digest {
    Digest::of(b"semantic", &[partition.0.as_bytes(), guard.digest().as_bytes()])
}

/// The vector with length 1; none when it has no direction.
fn unit(vector: &[f32]) -> Option<Box<[f32]>> {
    let length = vector.iter().map(|part| part * part).sum::<f32>().sqrt();
    let is_one = length.is_finite() && length > f32::EPSILON;
    is_one.then(|| vector.iter().map(|part| part / length).collect())
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
