//! Bounds and spread of the delay.

use std::collections::BTreeSet;

use super::*;

#[test]
fn the_delay_doubles_within_its_bounds() {
    let settings = TaskSettings::default();
    let id = TaskId::new();
    for (failures, full) in [(1, 1_000), (2, 2_000), (5, 16_000), (13, 3_600_000), (99, 3_600_000)]
    {
        let delay = backoff_ms(&settings, id, failures);
        assert!((full / 2..=full).contains(&delay), "{failures} failures: {delay} ms");
        assert_eq!(delay, backoff_ms(&settings, id, failures));
    }
}

#[test]
fn tasks_that_failed_together_come_back_apart() {
    let settings = TaskSettings::default();
    let delays: BTreeSet<_> = (0..100).map(|_| backoff_ms(&settings, TaskId::new(), 1)).collect();
    assert!(delays.len() > 70, "{} different delays", delays.len());
}
