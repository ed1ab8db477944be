//! Times of calendars, where clocks change too.

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::Cron;

/// Central Europe: clocks go from 02:00 to 03:00 on the last Sunday of March, and from 03:00 to 02:00
/// on the last Sunday of October.
fn berlin() -> TimeZone {
    TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
}

/// The next `count` times after a time of the zone, in UTC.
fn next(cron: &str, after: &str, zone: &TimeZone, count: usize) -> Vec<String> {
    let cron: Cron = cron.parse().unwrap();
    let mut at: Timestamp = after.parse().unwrap();
    let mut times = Vec::new();
    while let Some(next) = cron.next(at, zone).filter(|_| times.len() < count) {
        at = next;
        times.push(next.to_string());
    }
    times
}

#[test]
fn the_fields_mean_what_cron_means() {
    let utc = TimeZone::UTC;
    let after = "2026-11-20T10:07:30Z"; // a Friday
    for (cron, expected) in [
        ("* * * * *", "2026-11-20T10:08:00Z"),
        ("*/15 * * * *", "2026-11-20T10:15:00Z"),
        ("5/20 * * * *", "2026-11-20T10:25:00Z"),
        ("7 10 * * *", "2026-11-21T10:07:00Z"),
        ("0 9-17/4 * * mon-fri", "2026-11-20T13:00:00Z"),
        ("0 9 * * 7", "2026-11-22T09:00:00Z"),
        ("0 9 * * 0", "2026-11-22T09:00:00Z"),
        ("0 0 1,15 * *", "2026-12-01T00:00:00Z"),
        ("0 0 13 * fri", "2026-11-27T00:00:00Z"),
        ("30 6 29 feb *", "2028-02-29T06:30:00Z"),
        ("@monthly", "2026-12-01T00:00:00Z"),
        ("@hourly", "2026-11-20T11:00:00Z"),
    ] {
        assert_eq!(next(cron, after, &utc, 1), [expected], "{cron}");
    }
}

#[test]
fn what_never_comes_has_no_next_time() {
    for cron in ["0 0 30 feb *", "0 0 31 2,4,6,9,11 *"] {
        assert!(next(cron, "2026-01-01T00:00:00Z", &TimeZone::UTC, 1).is_empty(), "{cron}");
    }
}

#[test]
fn a_time_of_day_that_is_left_out_comes_an_hour_later() {
    // 02:30 does not exist on 29 March 2026: 03:30 summer time is 01:30 UTC.
    let times = next("30 2 * * *", "2026-03-27T12:00:00Z", &berlin(), 3);
    assert_eq!(times, ["2026-03-28T01:30:00Z", "2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]);
}

#[test]
fn a_time_of_day_that_is_repeated_comes_once() {
    // 02:30 comes twice on 25 October 2026, at 00:30 and 01:30 UTC.
    let times = next("30 2 * * *", "2026-10-24T12:00:00Z", &berlin(), 2);
    assert_eq!(times, ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]);
}

#[test]
fn what_comes_every_hour_follows_elapsed_time() {
    let spring = next("0 * * * *", "2026-03-28T23:30:00Z", &berlin(), 3);
    assert_eq!(spring, ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"]);
    let autumn = next("*/30 * * * *", "2026-10-24T23:45:00Z", &berlin(), 5);
    let halves = ["00:00", "00:30", "01:00", "01:30", "02:00"];
    assert_eq!(autumn, halves.map(|half| format!("2026-10-25T{half}:00Z")));
}

#[test]
fn a_wrong_expression_says_what_is_wrong() {
    for (cron, part) in [
        ("", "0 fields"),
        ("* * * *", "4 fields"),
        ("* * * * * *", "6 fields"),
        ("60 * * * *", "`60` is no minute"),
        ("* 24 * * *", "`24` is no hour"),
        ("* * 0 * *", "`0` is no day of month"),
        ("* * * * 8", "`8` is no day of week"),
        ("*/0 * * * *", "`*/0` is no minute"),
        ("5-1 * * * *", "`5-1` is no minute"),
        ("a * * * *", "`a` is no minute"),
        ("1,,2 * * * *", "`` is no minute"),
        ("@fortnightly", "1 fields"),
    ] {
        let error = cron.parse::<Cron>().unwrap_err().to_string();
        assert!(error.contains(part), "{cron}: {error}");
    }
    assert!("1".repeat(300).parse::<Cron>().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_without_panic(text in "\\PC{0,40}") {
        let _ = text.parse::<Cron>();
    }

    #[test]
    fn times_rise_and_stand_on_a_minute(
        minute in 0..60_u8, hour in 0..24_u8, second in 1_700_000_000..1_900_000_000_i64,
    ) {
        let cron: Cron = format!("{minute} {hour} * * *").parse().unwrap();
        let after = Timestamp::from_second(second).unwrap();
        let next = cron.next(after, &berlin()).unwrap();
        prop_assert!(next > after);
        prop_assert!(next.duration_since(after).as_hours() <= 25, "{after} {next}");
        prop_assert_eq!(next.as_second() % 60, 0);
    }
}
