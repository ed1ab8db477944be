//! How backups stand. Nothing is shown where none are set up.

use std::sync::atomic::AtomicU64;

use assay_answer::{Location, Shipping};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PlaceLabels {
    /// `folder` or `bucket`; which one is in the settings.
    place: &'static str,
}

type Seconds = Family<PlaceLabels, Gauge<f64, AtomicU64>>;

/// The families.
#[derive(Debug, Default)]
pub(super) struct BackupMetrics {
    lag: Seconds,
    full_age: Seconds,
    full_every: Seconds,
    failures: Family<PlaceLabels, Counter>,
}

impl BackupMetrics {
    /// The families, in `registry`.
    pub(super) fn new(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        let help = "Time of changes that are in no backup yet";
        registry.register_with_unit("backup_lag", help, Unit::Seconds, metrics.lag.clone());
        let help = "Age of the last full copy";
        registry.register_with_unit(
            "backup_full_age",
            help,
            Unit::Seconds,
            metrics.full_age.clone(),
        );
        let help = "Time between two full copies, as it is set";
        let every = metrics.full_every.clone();
        registry.register_with_unit("backup_full_every", help, Unit::Seconds, every);
        let help = "Attempts to take a backup that failed";
        registry.register("backup_failures", help, metrics.failures.clone());
        metrics
    }

    pub(super) fn note(&self, shipping: Option<&Shipping>, now_ms: i64) {
        let Some((shipping, to)) = shipping.and_then(|it| Some((it, it.to.as_ref()?))) else {
            return;
        };
        let place = match to {
            Location::Folder(_) => "folder",
            Location::Bucket { .. } => "bucket",
        };
        let labels = PlaceLabels { place };
        let show = |family: &Seconds, ms: Option<i64>| match ms {
            Some(ms) => {
                family.get_or_create(&labels).set(ms as f64 / 1e3);
            }
            None => family.clear(),
        };
        show(&self.lag, shipping.lag_ms(now_ms));
        show(&self.full_age, shipping.full_age_ms(now_ms));
        self.full_every.get_or_create(&labels).set(shipping.full_every_seconds as f64);
        let failures = self.failures.get_or_create(&labels);
        failures.inner().store(shipping.failures, std::sync::atomic::Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;

    use super::*;

    fn shown(shipping: Option<&Shipping>) -> String {
        let mut registry = Registry::with_prefix("assay");
        let metrics = BackupMetrics::new(&mut registry);
        metrics.note(shipping, 100_000);
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        samples.map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn backups_are_shown_where_they_are_set_up_and_age_from_the_start() {
        assert_eq!(shown(None), "");
        assert_eq!(shown(Some(&Shipping::default())), "");
        let mut shipping = Shipping {
            to: Some("/mnt/backups".parse().unwrap()),
            began_ms: 40_000,
            full_every_seconds: 86_400,
            failures: 3,
            is_continuous: true,
            ..Shipping::default()
        };
        // Nothing was ever kept: that is no reason to look well.
        for (full_ms, until_ms, age, lag) in
            [(None, None, 60.0, 60.0), (Some(50_000), Some(99_000), 50.0, 1.0)]
        {
            (shipping.full_ms, shipping.until_ms) = (full_ms, until_ms);
            let expected = format!(
                "assay_backup_lag_seconds{{place=\"folder\"}} {lag:?}\nassay_backup_full_age_seconds{{place=\"folder\"}} {age:?}\n\
                 assay_backup_full_every_seconds{{place=\"folder\"}} 86400.0\nassay_backup_failures_total{{place=\"folder\"}} 3\n"
            );
            assert_eq!(shown(Some(&shipping)), expected);
        }
        shipping.is_continuous = false;
        assert!(!shown(Some(&shipping)).contains("lag"));
    }
}
