//! What the server holds while it is under load, as it says itself.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use crate::{
    Deployment, Request,
    probe::{samples, selector},
};

/// Between two looks, and how soon the end is seen.
const EVERY: Duration = Duration::from_secs(2);
const GLANCE: Duration = Duration::from_millis(50);
/// Longest that a look may take.
const WAIT: Duration = Duration::from_secs(10);
/// What the server says of its memory.
const RESIDENT: &str = "assay_process_resident_memory_bytes";
/// Share of the time in which caches and pools fill.
const WARM: f64 = 0.2;

/// Seconds since the start and bytes of memory, again and again until it is over.
pub(super) fn watch(
    deployment: &Deployment<'_>,
    start: Instant,
    over: &AtomicBool,
) -> Vec<(f64, f64)> {
    let mut looks = Vec::new();
    loop {
        // What does not say leaves nothing.
        let bytes = resident(deployment);
        looks.extend(bytes.map(|bytes| (start.elapsed().as_secs_f64(), bytes)));
        let next = Instant::now() + EVERY;
        while Instant::now() < next {
            if over.load(Ordering::Relaxed) {
                let bytes = resident(deployment);
                looks.extend(bytes.map(|bytes| (start.elapsed().as_secs_f64(), bytes)));
                return looks;
            }
            std::thread::sleep(GLANCE);
        }
    }
}

fn resident(deployment: &Deployment<'_>) -> Option<f64> {
    let key = deployment.key.iter();
    let answer = deployment.transport.send(&Request {
        method: "GET".to_owned(),
        url: format!("{}/metrics", deployment.url),
        headers: key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))).collect(),
        body: Vec::new(),
        timeout: WAIT,
    });
    let selector = selector(RESIDENT).ok()?;
    let text = answer.ok().filter(|it| it.status == 200)?.text();
    let found = samples(&text).iter().find(|it| selector.covers(it)).map(|it| it.value);
    found.filter(|bytes| *bytes > 0.0)
}

/// By how many megabytes memory grew for each thousand requests once it was warm.
pub(super) fn mb_per_1000(looks: &[(f64, f64)], seconds: f64, rate: f64) -> Option<f64> {
    let warm = looks.iter().find(|(at, _)| *at >= seconds * WARM)?;
    let last = looks.last().filter(|last| last.0 > warm.0)?;
    let requests = (last.0 - warm.0) * rate;
    Some(((last.1 - warm.1) / 1e6 / (requests / 1_000.0).max(f64::EPSILON)).max(0.0))
}

#[cfg(test)]
mod tests {
    //! Growth counts from when it is warm.

    use super::*;

    #[test]
    fn what_fills_caches_does_not_count_and_two_looks_are_needed() {
        let looks = [(0.0, 1e6), (10.0, 90e6), (20.0, 100e6), (50.0, 115e6), (100.0, 140e6)];
        let grown = mb_per_1000(&looks, 100.0, 100.0).unwrap();
        assert!((grown - 5.0).abs() < 1e-9, "{grown}");
        assert_eq!(mb_per_1000(&[(100.0, 1e6)], 100.0, 1.0), None);
        assert_eq!(mb_per_1000(&[], 100.0, 1.0), None);
        assert_eq!(mb_per_1000(&[(30.0, 9e6), (90.0, 1e6)], 100.0, 1.0), Some(0.0));
    }
}
