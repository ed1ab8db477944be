//! Budgets go as events do, over restarts too.

use super::Objectives;
use crate::{Expression, History, ObjectiveStatus, TelemetrySettings, read};

const MINUTE: i64 = 60_000;

fn objectives() -> Objectives {
    let text = "[objectives.mine]\ntarget = 0.99\nbad = 'sum(assay_task_retries_total)'\nall = 'sum(assay_tasks_ended_total)'";
    Objectives::new(&toml::from_str::<TelemetrySettings>(text).unwrap()).unwrap()
}

fn status(objectives: &Objectives, now_ms: i64) -> ObjectiveStatus {
    objectives.status(now_ms).into_iter().find(|it| it.name == "mine").unwrap()
}

/// A hundred events a minute, of which so many are bad.
fn run(
    objectives: &mut Objectives,
    minutes: std::ops::Range<i64>,
    bad: i64,
    from: &mut (i64, i64),
) {
    let names = objectives.expressions().flat_map(Expression::metrics).map(str::to_owned);
    let mut history = History::of(names.collect::<Vec<_>>());
    for minute in minutes {
        from.0 += 100;
        from.1 += bad;
        let text =
            format!("assay_tasks_ended_total {}\nassay_task_retries_total {}", from.0, from.1);
        history.take(minute * MINUTE, &read(&text));
        objectives.count(minute * MINUTE, &history);
    }
}

#[test]
fn without_events_nothing_is_said() {
    let status = status(&objectives(), 0);
    assert_eq!((status.achieved, status.budget_left, status.exhausted_in_s), (None, None, None));
    assert!(status.burns.iter().all(|burn| burn.long_rate.is_none()));
}

#[test]
fn the_even_use_of_the_budget_burns_at_one() {
    let mut objectives = objectives();
    run(&mut objectives, 0..601, 1, &mut (0, 0));
    let status = status(&objectives, 600 * MINUTE);
    assert!((status.achieved.unwrap() - 0.99).abs() < 1e-9, "{status:?}");
    assert!(status.budget_left.unwrap().abs() < 1e-9);
    assert!((status.burns[0].long_rate.unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn a_bad_hour_burns_fast_and_says_when_all_is_gone() {
    let mut objectives = objectives();
    let mut counters = (0, 0);
    run(&mut objectives, 0..60_000, 0, &mut counters);
    run(&mut objectives, 60_000..60_060, 20, &mut counters);
    let status = status(&objectives, 60_059 * MINUTE);
    let fast = status.burns[0];
    assert!(fast.long_rate.unwrap() > fast.threshold && fast.short_rate.unwrap() > fast.threshold);
    // 30 days of 100 a minute allow 43,200 bad ones; 1,200 are gone in the hour.
    let left = status.budget_left.unwrap();
    assert!((left - (1.0 - 1200.0 / 43_200.0)).abs() < 0.01, "{left}");
    let hours = status.exhausted_in_s.unwrap() / 3600.0;
    assert!((hours - 35.0).abs() < 1.0, "{hours}");
}

#[test]
fn what_was_counted_survives_a_restart_of_the_process() {
    let mut objectives = objectives();
    run(&mut objectives, 0..120, 2, &mut (0, 0));
    let kept = objectives.counted();
    let before = status(&objectives, 120 * MINUTE);
    let mut next = self::objectives();
    next.take_up(&kept);
    assert_eq!(status(&next, 120 * MINUTE), before);
    // Its counters begin at nothing.
    run(&mut next, 120..130, 0, &mut (0, 0));
    assert_eq!(status(&next, 130 * MINUTE).bad_events, before.bad_events);
    next.take_up(&serde_json::json!({"mine": [{"at": "x"}]}));
    assert_eq!(status(&next, 130 * MINUTE).events, 0.0, "what cannot be read is not counted");
}
