//! Windows of the calendar, projections, and what can be a budget.

use proptest::prelude::*;

use super::{BudgetSpec, CounterStatus, Window};

/// 2026-02-28 23:59:59.999 UTC.
const LAST_OF_FEBRUARY: i64 = 1_772_323_199_999;

#[test]
fn a_month_is_one_of_the_calendar() {
    let (start, end) = Window::Month.around(LAST_OF_FEBRUARY);
    assert_eq!((end - start) / 86_400_000, 28);
    assert_eq!(end, LAST_OF_FEBRUARY + 1);
    assert_eq!((Window::Month.around(end).1 - end) / 86_400_000, 31);
}

#[test]
fn a_projection_stretches_what_was_used_to_the_whole_window() {
    let status = |spent, over_percent: i64, limit| {
        let mut status = CounterStatus {
            values: Vec::new(),
            start_ms: 0,
            end_ms: 100_000,
            spent,
            reserved: 0,
            refused: 0,
            projected: 0,
            exhausted_ms: None,
        };
        status.project(limit, over_percent * 1_000);
        (status.projected, status.exhausted_ms)
    };
    assert_eq!(status(30, 50, 100), (60, None));
    assert_eq!(status(30, 25, 100), (120, Some(83_333)));
    assert_eq!(status(100, 40, 100), (250, Some(40_000)));
    assert_eq!(status(0, 0, 100), (0, None));
    assert_eq!(status(u64::MAX, 1, 1).0, u64::MAX);
}

#[test]
fn a_budget_has_one_limit_and_a_name() {
    let named = BudgetSpec { name: "b".to_owned(), ..BudgetSpec::default() };
    assert!(named.check().is_err());
    let one = BudgetSpec { limit_calls: Some(0), ..named };
    assert_eq!(one.check(), Ok(()));
    assert!(BudgetSpec { limit_tokens: Some(1), ..one.clone() }.check().is_err());
    assert!(BudgetSpec { name: " ".to_owned(), ..one.clone() }.check().is_err());
    assert!(BudgetSpec { user: Some("a\n".to_owned()), ..one.clone() }.check().is_err());
    assert!(BudgetSpec { alerts: Some(vec![0]), ..one }.check().is_err());
}

proptest! {
    #[test]
    fn a_moment_lies_in_its_window_and_windows_follow_each_other(
        ms in -60_000_000_000_000_i64..240_000_000_000_000
    ) {
        for window in [Window::Minute, Window::Hour, Window::Day, Window::Month] {
            let (start, end) = window.around(ms);
            prop_assert!((start..end).contains(&ms));
            prop_assert_eq!(window.around(end).0, end);
            prop_assert_eq!(window.around(start - 1).1, start);
        }
    }
}
