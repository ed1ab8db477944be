//! A server that is killed comes back from its backup, elsewhere, as it was.

use std::{fs, path::Path};

use assay_core::Clock as _;
use assay_testkit::process::{Run, Server, run};

use crate::support::{Desk, binary};

trait Done {
    fn expect_success(self) -> Run;
}

impl Done for Run {
    fn expect_success(self) -> Run {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }
}

/// How many documents hold this word.
fn found(data: &Path, word: &str) -> u64 {
    let args = ["search", word, "--mode", "keyword", "--json"];
    let found = run(binary(), data, &args).unwrap();
    found.json()["total_results"].as_u64().unwrap()
}

#[test]
fn a_killed_server_comes_back_from_its_backup() {
    let desk = Desk::new();
    let root = desk.data().parent().unwrap().to_owned();
    let (place, back) = (root.join("place"), root.join("back"));
    let config = desk.file("assay.toml", format!("[backup]\nto = {place:?}\n"));
    let config = config.to_str().unwrap();
    let (place, to) = (place.to_str().unwrap(), back.to_str().unwrap());
    let server = Server::start_with(binary(), &desk.data(), &["--config", config]).unwrap();
    let first = desk.file("first.md", "The okapi sleeps in the garden of forks.");
    desk.run(&["ingest", first.to_str().unwrap()]).expect_success();
    let taken = desk.run(&["backup", "run", "--json"]).expect_success().json();
    assert_eq!(taken["steps"], 0);
    let moment = taken["until"].as_str().unwrap().to_owned();
    let second = desk.file("second.md", "The quagga grazes behind the mill.");
    desk.run(&["ingest", second.to_str().unwrap()]).expect_success();
    let done = assay_core::SystemClock.now().to_string();
    // Steps go on by themselves.
    let listed = loop {
        let listed = desk.run(&["backup", "list", "--json"]).expect_success().json();
        if listed["until"].as_str().unwrap() > done.as_str() {
            break listed;
        }
    };
    assert_eq!(listed["sealed"], false);
    server.kill().unwrap();
    let live = desk.run(&["restore", place, "--to", desk.data().to_str().unwrap()]);
    assert_eq!(live.code, 5, "{}", live.stderr);
    let preview = desk.run(&["restore", place, "--to", to, "--preview", "--json"]);
    assert_eq!(preview.expect_success().json()["databases"], 5);
    assert!(!back.try_exists().unwrap());
    desk.run(&["restore", place, "--to", to]).expect_success();
    for word in ["okapi", "quagga"] {
        assert_eq!(found(&back, word), 1, "{word}");
    }
    let before = root.join("before");
    let at = ["restore", place, "--to", before.to_str().unwrap(), "--at", &moment];
    desk.run(&at).expect_success();
    assert_eq!(found(&before, "quagga"), 0);
    let sound = desk.run(&["backup", "verify", place, "--json"]).expect_success().json();
    assert_eq!(sound["faults"], serde_json::json!([]));
    assert!(sound["versions"].as_u64().unwrap() >= 2, "{sound}");
    let shard = fs::read_dir(root.join("place/objects")).unwrap().next().unwrap().unwrap().path();
    let object = fs::read_dir(shard).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&object).unwrap();
    bytes[0] ^= 1;
    fs::write(&object, bytes).unwrap();
    let damaged = desk.run(&["backup", "verify", place]);
    assert_eq!(damaged.code, 1);
    assert!(damaged.stderr.contains(object.to_str().unwrap()), "{}", damaged.stderr);
}
