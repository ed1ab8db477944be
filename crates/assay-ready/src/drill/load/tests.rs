//! Latency counts from when a request was due; the grade tells what it is made of.

use std::{collections::BTreeMap, path::Path};

use super::*;
use crate::{Blast, Own, Response};

/// Answers after a time, with a body.
struct Slow(Duration, &'static str);

impl Transport for Slow {
    fn send(&self, _: &Request) -> Result<Response, String> {
        std::thread::sleep(self.0);
        Ok(Response { status: 200, body: self.1.as_bytes().to_vec(), ..Response::default() })
    }
}

impl Own for Slow {
    fn tell(&self, _: &str) -> Result<serde_json::Value, String> {
        Err("nothing".to_owned())
    }
}

fn made(slow: &Slow, rate: f64, seconds: f64) -> Outcome {
    let deployment = Deployment {
        url: "http://x".to_owned(),
        transport: slow,
        own: slow,
        config: None,
        data: None,
        docs: None,
        prometheus: None,
        traces: None,
        key: None,
        other_key: None,
        allow: Blast::High,
        version: String::new(),
    };
    let call = Call {
        weight: 1,
        method: "GET".to_owned(),
        path: "/".to_owned(),
        body: String::new(),
        holds: "yes".to_owned(),
    };
    let scenario = Scenario { about: String::new(), call: vec![call] };
    let load = Load { rate, seconds, target_ms: 1_000.0 };
    super::load(&deployment, &scenario, load, &AtomicBool::new(false))
}

#[test]
fn a_server_that_stalls_is_charged_for_those_that_wait() {
    // 96 at once, each 200 ms, serve 480 a second; 960 are due: the last wait for half of the time.
    let stalled = made(&Slow(Duration::from_millis(200), "yes"), 960.0, 0.5);
    assert_eq!(stalled.requests, 480);
    assert!(stalled.p99_ms > 450.0, "{} ms are those of the server alone", stalled.p99_ms);
    assert!(stalled.grade > 'A', "{:?}", stalled.graded);
    let quick = made(&Slow(Duration::ZERO, "yes"), 100.0, 0.5);
    assert_eq!(quick.errors, Value::Share { count: 0, of: 50 });
}

#[test]
fn an_answer_that_does_not_hold_what_it_must_is_an_error() {
    let wrong = made(&Slow(Duration::ZERO, "no"), 200.0, 0.1);
    assert_eq!(wrong.errors, Value::Share { count: 20, of: 20 });
    assert_eq!(wrong.grade, 'F');
    assert!(wrong.failures[0].contains("without `yes`"));
}

#[test]
fn the_grade_is_what_it_says() {
    assert_eq!(grade(0.0, 1.0, 10.0, 40.0, 50.0, 1_000.0).letter, 'A');
    let slow = grade(0.0, 1.0, 500.0, 1_001.0, 1_100.0, 1_000.0);
    assert!(slow.capped && slow.letter >= 'D', "{slow:?}");
    let wrong = grade(0.06, 1.0, 10.0, 40.0, 50.0, 1_000.0);
    assert!(wrong.capped && wrong.letter >= 'D', "{wrong:?}");
    assert_eq!(grade(0.0, 0.9, 10.0, 40.0, 50.0, 1_000.0).letter, 'B');
}

#[test]
fn the_usual_scenario_is_sound_and_mixed() {
    let usual = Scenario::load(None).unwrap();
    let asked: Vec<&str> = (0..10).map(|n| usual.call(n).unwrap().path.as_str()).collect();
    assert_eq!(asked.iter().filter(|path| **path == "/search").count(), 6);
    assert_eq!(asked.iter().filter(|path| **path == "/query").count(), 3);
}

#[test]
fn the_scenario_of_the_documentation_asks_each_kind_as_often_as_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let day = Scenario::load(Some(&root.join("docs/howto/load-of-a-day.toml"))).unwrap();
    let asked = (0..100).map(|n| day.call(n).unwrap());
    let mut times = BTreeMap::new();
    asked.for_each(|call| *times.entry(call.path.as_str()).or_insert(0) += 1);
    assert_eq!(times.len(), day.call.len());
    assert!(day.call.iter().all(|call| times[call.path.as_str()] == call.weight), "{times:?}");
}
