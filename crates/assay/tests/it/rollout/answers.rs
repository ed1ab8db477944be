//! Canaries that answer worse, as well, and questions that are too few to tell.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::{erring::get, plan, proxy::haproxy, result, under_traffic};
use crate::support::Desk;

/// Stations that documents tell of: with none lost, 72 show that fewer than one in twenty is.
const STATIONS: usize = 80;

fn station(number: usize) -> String {
    const PARTS: [&str; 9] = ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "po"];
    [number, number / 9, number * 7 + 3].map(|at| PARTS[at % 9]).concat() + "ra"
}

/// A deployment that knows the first so many stations.
fn knows(stations: usize) -> Desk {
    let desk = Desk::new();
    for number in 0..stations {
        let name = station(number);
        let year = 1900 + number;
        let text =
            format!("# Station {name}\n\nStation {name} was opened in {year} by Ines Duarte.\n");
        desk.file(&format!("{name}.md"), text);
    }
    assert_eq!(desk.run(&["ingest", desk.files().to_str().unwrap()]).code, 0);
    desk
}

/// A file with that many questions whose answers are known, and one of which nothing is.
fn questions(desk: &Desk, count: usize) -> String {
    let mut text = "question,documents\nWhat is all this about?,\n".to_owned();
    for number in 0..count {
        let name = station(number);
        text.push_str(&format!("In which year was station {name} opened?,{name}.md\n"));
    }
    let file = desk.file(&format!("questions-{count}.csv"), text);
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_canary_that_answers_worse_is_rolled_back_and_one_as_good_arrives() {
    let (old, forgetful, same) = (knows(STATIONS), knows(STATIONS - 30), knows(STATIONS));
    let (stable, worse, good) = (old.serve(), forgetful.serve(), same.serve());
    let rolled = |canary: &str, count: usize| {
        let desk = Desk::new();
        let file = questions(&desk, count);
        let proxy = haproxy(&desk, &stable.url, canary)?;
        let path = plan(&desk, &stable.url, canary, &proxy, [300, 600, 300]);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{text}[questions]\nfile = \"{file}\"\n")).unwrap();
        let run = || desk.run(&["rollout", "run", &path, "--json"]);
        let run = under_traffic(&proxy.front, run).0;
        Some((desk, run))
    };
    let Some((desk, run)) = rolled(&worse.url, STATIONS) else { return };
    assert_eq!(run.code, 1, "{run:?}");
    let ended = run.json();
    assert_eq!(ended["state"]["state"], "rolled_back", "{ended:#}");
    let why = ended["state"]["why"].as_str().unwrap();
    assert!(
        why.contains("of 80 questions of 80 that the baseline answers right the canary loses 30"),
        "{why}"
    );
    assert_eq!(result(&desk)["result"]["steps_held"]["count"], 0, "{ended:#}");

    let (_desk, run) = rolled(&good.url, STATIONS).unwrap();
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.json()["state"]["state"], "done", "{run:?}");
    let findings = run.json()["compared"]["findings"].clone();
    let answers = findings.as_array().unwrap().iter().find(|it| it["what"] == "answers").unwrap();
    assert!(answers["says"].as_str().unwrap().contains("loses 0, and gains 0"), "{answers:#}");

    // What can never pass is refused before traffic is moved.
    let (_desk, run) = rolled(&good.url, 10).unwrap();
    assert_eq!(run.code, 4, "{run:?}");
    assert!(run.stdout.contains("10 right answers are too few, 50 are needed"), "{run:?}");
}

#[test]
fn two_deployments_are_compared_by_their_answers() {
    let (old, forgetful, same, desk) =
        (knows(STATIONS), knows(STATIONS - 30), knows(STATIONS), Desk::new());
    let (stable, worse, good) = (old.serve(), forgetful.serve(), same.serve());
    let compare = |canary: &str, count: usize| {
        let file = questions(&desk, count);
        let compare = ["rollout", "compare", "--stable", &stable.url, "--canary", canary];
        let lengths = ["--hold", "0", "--sample", "0", "--longest", "60", "--alerts", "false"];
        let limits = ["--slower", "1000", "--extra-errors", "0.99", "--questions", &file, "--json"];
        // Somebody else must ask something too: the questions are no traffic.
        let over = AtomicBool::new(false);
        let run = std::thread::scope(|scope| {
            for url in [stable.url.as_str(), canary] {
                let over = &over;
                scope.spawn(move || {
                    while !over.load(Ordering::Relaxed) {
                        get(url.trim_start_matches("http://"), "/v1/collections");
                    }
                });
            }
            let run = desk.run(&[&compare[..], &lengths[..], &limits[..]].concat());
            over.store(true, Ordering::Relaxed);
            run
        });
        let answers = run.json()["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["what"] == "answers")
            .cloned();
        (run.code, answers.unwrap_or(Value::Null))
    };
    let (code, answers) = compare(&worse.url, STATIONS);
    assert_eq!((code, &answers["verdict"]), (1, &"fail".into()), "{answers:#}");
    let (code, answers) = compare(&good.url, STATIONS);
    assert_eq!((code, &answers["verdict"]), (0, &"pass".into()), "{answers:#}");
    let (code, answers) = compare(&good.url, 20);
    assert_eq!((code, &answers["verdict"]), (2, &"inconclusive".into()), "{answers:#}");
    assert!(answers["says"].as_str().unwrap().contains("too few"), "{answers:#}");
}
