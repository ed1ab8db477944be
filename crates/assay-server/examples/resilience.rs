//! A thousand questions while every lane fails at random, with the default budgets:
//! `cargo run --release -p assay-server --example resilience [-- QUESTIONS]`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a drill fails by panicking")]
#![expect(dead_code, reason = "it shares the set-up of the tests")]

#[path = "../tests/it/app.rs"]
mod app;
#[path = "../tests/it/resilience.rs"]
mod resilience;

use std::time::Duration;

use assay_answer::AnswerSettings;

/// Questions asked of one server; the next begins with closed breakers.
const ROUND: usize = 40;
/// The bar.
const LATE: Duration = Duration::from_millis(3_050);

#[tokio::main]
async fn main() {
    let questions = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(1_000);
    let mut took = Vec::new();
    let (mut errors, mut silent, mut partial) = (0, 0, 0);
    for (round, first) in (1..).zip((0..questions).step_by(ROUND)) {
        // Every third server has a keyword lane that is too slow more often than not.
        let keyword_ms = if round % 3 == 0 { 1 } else { 1_500 };
        let answer = AnswerSettings { keyword_ms, ..AnswerSettings::default() };
        let questions = ROUND.min(questions - first);
        let outcome = resilience::run(resilience::Drill { questions, seed: round, answer }).await;
        for problem in outcome.errors.iter().chain(&outcome.silent) {
            println!("{problem}");
        }
        errors += outcome.errors.len();
        silent += outcome.silent.len();
        partial += outcome.partial;
        took.extend(outcome.took);
    }
    took.sort_unstable();
    let late = took.iter().filter(|took| **took > LATE).count();
    println!(
        "{} questions: {errors} errors, {late} over {LATE:?}, {silent} silent about what was \
         missing; {partial} with something missing; median {:?}, P95 {:?}, slowest {:?}",
        took.len(),
        took[took.len() / 2],
        took[took.len() * 95 / 100],
        took[took.len() - 1],
    );
    assert!(errors + late + silent == 0, "the bar is missed");
}
