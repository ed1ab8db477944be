//! Breakers and budgets of lanes.

use std::time::Duration;

use assay_core::Deadline;

use super::*;
use crate::AnswerError;

async fn run(lanes: &Lanes, outcome: Result<Vec<u8>, AnswerError>) -> (LaneReport, Vec<u8>) {
    let deadline = Deadline::after(Duration::from_secs(5));
    lanes.run("keyword", deadline, std::future::ready(outcome)).await
}

#[tokio::test]
async fn a_lane_that_keeps_failing_is_left_out_and_says_so() {
    let lanes = Lanes::default();
    for _ in 0..5 {
        let (report, _) = run(&lanes, Err(AnswerError::Worker)).await;
        assert_eq!(report.state, LaneState::Failed);
    }
    let (report, items) = run(&lanes, Ok(vec![1])).await;
    assert_eq!((report.state, items.len()), (LaneState::Broken, 0));
    assert!(report.notice().unwrap().contains("`keyword` is missing: it failed too often"));
    assert_eq!(lanes.broken().map(|(name, _)| name).collect::<Vec<_>>(), ["keyword"]);
    lanes.add(&[report]);
    assert_eq!((lanes.totals().lanes["keyword"].broken, lanes.totals().failed), (1, 1));
}

#[tokio::test]
async fn wrong_requests_open_no_breaker() {
    let lanes = Lanes::default();
    for _ in 0..10 {
        let what = "it is wrong".to_owned();
        run(&lanes, Err(AnswerError::Invalid { what, hint: "" })).await;
    }
    assert_eq!(run(&lanes, Ok(vec![1])).await.0.state, LaneState::Completed);
}

#[tokio::test]
async fn a_late_lane_is_cut_at_its_budget() {
    let lanes = Lanes::default();
    let deadline = Deadline::after(Duration::from_millis(20));
    let work = std::future::pending::<Result<Vec<u8>, AnswerError>>();
    let (report, _) = lanes.run("vector", deadline, work).await;
    assert_eq!(report.state, LaneState::TimedOut);
    assert!(report.took >= Duration::from_millis(15), "{report:?}");
}
