//! Events of the log. Nothing is shown where nobody counts them.

use std::sync::atomic::Ordering;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LevelLabels {
    level: &'static str,
}

/// The family.
#[derive(Debug, Default)]
pub(super) struct LogMetrics(Family<LevelLabels, Counter>);

impl LogMetrics {
    /// The family, in `registry`.
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register("log_events", "Events of the log, by level", metrics.0.clone());
        metrics
    }

    pub(super) fn note(&self) {
        for (level, count) in assay_telemetry::log_events() {
            self.0.get_or_create(&LevelLabels { level }).inner().store(count, Ordering::Relaxed);
        }
    }
}
