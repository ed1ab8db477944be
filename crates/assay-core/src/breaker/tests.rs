//! When it opens, how long it rests, who may try.

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn breaker() -> (Breaker, Instant) {
    (Breaker::new(BreakerSettings::default()), Instant::now())
}

fn fail(breaker: &Breaker, now: Instant) {
    breaker.pass(now).unwrap().failed(now);
}

/// Opens it with five failures at once.
fn open(breaker: &Breaker, now: Instant) {
    for _ in 0..5 {
        fail(breaker, now);
    }
}

#[test]
fn only_recent_failures_count() {
    let (breaker, start) = breaker();
    // One failure every 16 s, for ever: four lie within a minute, never five.
    for step in 0..100 {
        fail(&breaker, start + 16 * step * SECOND);
    }
    let now = start + 1_700 * SECOND;
    assert_eq!(breaker.state(now), BreakerState::Closed);
    open(&breaker, now);
    assert_eq!(breaker.state(now), BreakerState::Open(60 * SECOND));
    assert_eq!(breaker.pass(now + SECOND).unwrap_err(), 59 * SECOND);
}

#[test]
fn one_probe_decides() {
    let (breaker, start) = breaker();
    open(&breaker, start);
    let later = start + 60 * SECOND;
    assert_eq!(breaker.state(later), BreakerState::HalfOpen);
    let probe = breaker.pass(later).unwrap();
    assert!(breaker.pass(later).is_err(), "a second call while the probe is under way");
    probe.succeeded(later);
    assert_eq!(breaker.state(later), BreakerState::Closed);
    fail(&breaker, later);
    assert_eq!(breaker.state(later), BreakerState::Closed, "old failures are forgotten");
}

#[test]
fn a_failed_probe_doubles_the_rest_up_to_an_hour() {
    let (breaker, mut now) = breaker();
    open(&breaker, now);
    for seconds in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
        assert_eq!(breaker.state(now), BreakerState::Open(seconds * SECOND));
        now += seconds * SECOND;
        fail(&breaker, now);
    }
}

#[test]
fn a_probe_that_nobody_waits_for_makes_room_for_the_next() {
    let (breaker, start) = breaker();
    open(&breaker, start);
    let later = start + 60 * SECOND;
    drop(breaker.pass(later).unwrap());
    breaker.pass(later).unwrap().succeeded(later);
    assert_eq!(breaker.state(later), BreakerState::Closed);
}

#[test]
fn what_the_other_side_asks_for_is_kept() {
    let (breaker, start) = breaker();
    breaker.rest(start, 90 * SECOND);
    breaker.rest(start, 10 * SECOND);
    assert_eq!(breaker.state(start), BreakerState::Open(90 * SECOND));
    breaker.rest(start, 100_000 * SECOND);
    assert_eq!(breaker.state(start), BreakerState::Open(3_600 * SECOND));
    let later = start + 3_600 * SECOND;
    let probe = breaker.pass(later).unwrap();
    breaker.rest(later, 10 * SECOND);
    probe.succeeded(later);
    assert_eq!(breaker.state(later), BreakerState::Open(10 * SECOND), "a good answer may ask too");
}

#[test]
fn calls_that_began_earlier_do_not_prolong_it() {
    let (breaker, start) = breaker();
    let slow = breaker.pass(start).unwrap();
    open(&breaker, start);
    slow.failed(start + 30 * SECOND);
    assert_eq!(breaker.state(start + 60 * SECOND), BreakerState::HalfOpen);
}
