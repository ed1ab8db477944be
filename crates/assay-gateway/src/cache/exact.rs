//! Answers to the same request, and the same request under way.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};

use super::{
    CacheCounts, CacheSettings, CachedAnswer, Digest, Hit, HitKind, Partition,
    flight::{Flight, land},
    held::Held,
};

/// The cache of answers to the same request. Clones share it.
#[derive(Debug, Clone)]
pub struct ExactCache {
    shared: Arc<Mutex<Shared>>,
    wait: Duration,
}

#[derive(Debug)]
struct Shared {
    held: Held<Digest>,
    flights: HashMap<Digest, Flight>,
}

/// What a look into the cache gives.
#[derive(Debug)]
pub enum Lookup {
    /// An answer.
    Hit(Hit),
    /// There is none; whoever asked is to make it, and others with the same request wait for it.
    Lead(Lead),
    /// There is none, and the same request that was under way gave none either, or took too long:
    /// whoever asked makes one for itself.
    Alone,
}

impl ExactCache {
    /// An empty cache.
    #[must_use]
    pub fn new(settings: &CacheSettings) -> Self {
        let time = Duration::from_secs(settings.exact_seconds);
        let held = Held::new(settings.exact_bytes, usize::MAX, settings.answer_bytes_max, time);
        let shared = Shared { held, flights: HashMap::new() };
        Self {
            shared: Arc::new(Mutex::new(shared)),
            wait: Duration::from_secs(settings.wait_seconds),
        }
    }

    /// Looks for the answer to `request`, and waits for it while the same request is under way.
    pub async fn look_up(&self, partition: &Partition, request: &Digest) -> Lookup {
        let key = Digest::of(b"exact", &[partition.0.as_bytes(), request.as_bytes()]);
        let flight = match self.begin(key, Instant::now()) {
            Ok(lookup) => return lookup,
            Err(flight) => flight,
        };
        let waited = Instant::now();
        let landed = timeout(self.wait, land(flight)).await.ok().flatten();
        let mut shared = self.lock();
        shared.held.count(landed.as_ref().map(|answer| answer.cost));
        match landed {
            Some(answer) => {
                // It was made while this request waited.
                let age = waited.elapsed().min(Duration::from_millis(1));
                Lookup::Hit(Hit { answer, age, kind: HitKind::Joined })
            }
            None => Lookup::Alone,
        }
    }

    /// Counts since the start.
    #[must_use]
    pub fn counts(&self) -> CacheCounts {
        self.lock().held.counts()
    }

    /// Forgets every answer. Requests under way go on.
    pub fn clear(&self) {
        self.lock().held.clear();
    }

    /// A hit, the lead, or the flight to wait for.
    fn begin(&self, key: Digest, now: Instant) -> Result<Lookup, Flight> {
        let mut shared = self.lock();
        if let Some((answer, age)) = shared.held.get(&key, now) {
            shared.held.count(Some(answer.cost));
            return Ok(Lookup::Hit(Hit { answer, age, kind: HitKind::Exact }));
        }
        if let Some(flight) = shared.flights.get(&key) {
            return Err(flight.clone());
        }
        let (landing, flight) = watch::channel(None);
        shared.flights.insert(key, flight);
        shared.held.count(None);
        Ok(Lookup::Lead(Lead { cache: self.clone(), key, landing }))
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to make an answer that others wait for. Dropped without an answer, as after a failure
/// or a stream that was cut, it lets each of them make its own.
#[derive(Debug)]
pub struct Lead {
    cache: ExactCache,
    key: Digest,
    landing: watch::Sender<Option<Arc<CachedAnswer>>>,
}

impl Lead {
    /// Keeps a whole answer and gives it to those who wait; also one that is too large to be kept.
    pub fn fill(self, answer: CachedAnswer) -> Arc<CachedAnswer> {
        let answer = Arc::new(answer);
        let mut shared = self.cache.lock();
        let _gone = shared.held.put(self.key, Arc::clone(&answer), 0, Instant::now());
        drop(shared);
        self.landing.send_replace(Some(Arc::clone(&answer)));
        answer
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        self.cache.lock().flights.remove(&self.key);
    }
}
