//! How long statements on databases take, and what caches spare.

use std::sync::atomic::{AtomicU64, Ordering};

use assay_answer::{EmbeddingTotals, StatementTimes, statement_times};
use assay_gateway::cache::CacheCounts;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, NoLabelSet},
    metrics::{MetricType, counter::Counter, family::Family},
    registry::{Registry, Unit},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StoreLabels {
    store: &'static str,
    /// `read` or `write`.
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CacheLabels {
    cache: &'static str,
    /// `hit` or `miss`.
    outcome: &'static str,
}

/// The families.
#[derive(Debug, Default)]
pub(super) struct StoreMetrics {
    lookups: Family<CacheLabels, Counter<u64, AtomicU64>>,
}

impl StoreMetrics {
    /// The families, in `registry`.
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "Look-ups in a cache, by what came of them";
        registry.register("cache_lookups", help, metrics.lookups.clone());
        registry.register_collector(Box::new(Statements));
        metrics
    }

    /// Takes over what the caches counted: vectors of questions and of sentences where there is a model,
    /// answers of models to the same and to like requests.
    pub(super) fn note(&self, vectors: Option<EmbeddingTotals>, answers: [CacheCounts; 2]) {
        let [same, like] = answers;
        let vectors = vectors.map(|it| {
            [
                ("question_vectors", it.hits, it.misses),
                ("sentence_vectors", it.sentence_hits, it.sentence_misses),
            ]
        });
        let answers =
            [("answers", same.hits, same.misses), ("like_answers", like.hits, like.misses)];
        for (cache, hits, misses) in vectors.into_iter().flatten().chain(answers) {
            for (outcome, count) in [("hit", hits), ("miss", misses)] {
                let counter = self.lookups.get_or_create(&CacheLabels { cache, outcome });
                counter.inner().store(count, Ordering::Relaxed);
            }
        }
    }
}

/// What the databases of the process count, read when it is asked for.
#[derive(Debug)]
struct Statements;

impl Collector for Statements {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let times = statement_times();
        let labels = |it: &StatementTimes| StoreLabels { store: it.store, kind: it.kind };
        let (name, help) = ("database_query_duration", "Time of a statement until its last row");
        let mut family =
            encoder.encode_descriptor(name, help, Some(&Unit::Seconds), MetricType::Histogram)?;
        for it in &times {
            let count = it.buckets.iter().map(|(_, count)| count).sum();
            let labels = labels(it);
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(
                it.seconds,
                count,
                &it.buckets,
                None,
            )?;
        }
        let (name, help) = ("database_slow_queries", "Statements that took more than a second");
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for it in &times {
            let labels = labels(it);
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&it.slow, None)?;
        }
        Ok(())
    }
}
