//! A server that is killed comes back from its backup, elsewhere, as it was.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_core::Clock as _;
use assay_sqlite::testing::whole;
use assay_testkit::{
    bucket::{FakeBucket, SECRET},
    process::{Run, Server, run},
};
use serde_json::json;

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

#[test]
fn a_killed_server_comes_back_from_a_bucket() {
    let desk = Desk::new();
    let bucket = FakeBucket::start();
    let root = desk.data().parent().unwrap().to_owned();
    let text = format!(
        "[backup]\nto = \"s3://docs/of/this\"\nkey_file = {:?}\n[backup.s3]\nendpoint = {:?}\n\
         access_key = \"AKIA\"\nsecret_key = {SECRET:?}\n",
        desk.file("key", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n"),
        bucket.url
    );
    let config = desk.file("assay.toml", text);
    let config = ["--config", config.to_str().unwrap()];
    let with = |arguments: &[&str]| desk.run(&[arguments, &config].concat());
    let server = Server::start_with(binary(), &desk.data(), &config).unwrap();
    let file = desk.file("first.md", "The okapi sleeps in the garden of forks.");
    with(&["ingest", file.to_str().unwrap()]).expect_success();
    with(&["backup", "run"]).expect_success();
    let done = assay_core::SystemClock.now().to_string();
    while with(&["backup", "list", "--json"]).expect_success().json()["until"].as_str().unwrap()
        < done.as_str()
    {}
    let shown = with(&["backup", "list"]).expect_success().stdout;
    assert!(shown.contains("s3://docs/of/this: everything up to"), "{shown}");
    assert!(shown.contains("sealed") && !shown.contains(SECRET), "{shown}");
    server.kill().unwrap();
    let back = root.join("back");
    with(&["restore", "s3://docs/of/this", "--to", back.to_str().unwrap()]).expect_success();
    assert_eq!(found(&back, "okapi"), 1);
    let sound = with(&["backup", "verify", "s3://docs/of/this", "--json"]).expect_success().json();
    assert_eq!((&sound["sound"], &sound["sealed"]), (&json!(true), &json!(true)));
    let name = bucket.with_objects(|all| {
        let is_object = |key: &&String| key.contains("/objects/");
        let name = all.keys().find(is_object).unwrap().clone();
        all.get_mut(&name).unwrap()[0] ^= 1;
        name
    });
    let damaged = with(&["backup", "verify", "s3://docs/of/this"]);
    assert_eq!(damaged.code, 1);
    assert!(damaged.stderr.contains(&format!("s3://docs/{name}")), "{}", damaged.stderr);
}

#[test]
fn a_data_folder_goes_one_version_back_and_forward_again() {
    let desk = Desk::new();
    let file = desk.file("first.md", "The okapi sleeps in the garden of forks.");
    desk.run(&["ingest", file.to_str().unwrap()]).expect_success();
    let tenants = fs::read_dir(desk.data().join("tenants")).unwrap();
    let records = tenants.map(|it| it.unwrap().path().join("records.db")).next().unwrap();
    let named = |name: &str| desk.data().join(name);
    let databases = [records, named("identity.db"), named("tasks.db"), named("ledger/ledger.db")];
    let versions = || {
        let of = |path: &PathBuf| format!("{:?}", whole(path)["version"]);
        databases.iter().map(of).collect::<Vec<_>>()
    };
    let newest = versions();
    let preview = desk.run(&["migrate", "--back", "--preview", "--json"]).expect_success().json();
    let counts = preview["back"].as_array().unwrap().iter().map(|it| it["databases"].as_u64());
    assert_eq!(counts.flatten().collect::<Vec<_>>(), [1, 1, 1, 1], "{preview}");
    assert_eq!(desk.run(&["migrate", "--back"]).code, 2, "no copy, no way back");
    assert_eq!(desk.run(&["migrate", "--back=control", "--no-copy"]).code, 2);
    let server = desk.serve();
    let busy = desk.run(&["migrate", "--back", "--no-copy"]);
    assert_ne!(busy.code, 0, "a server runs: {}", busy.stdout);
    drop(server);
    assert_eq!(versions(), newest);

    let copy = desk.data().with_file_name("copy");
    let copy = copy.to_str().unwrap();
    desk.run(&["migrate", "--back", "--copy-to", copy]).expect_success();
    let old = versions();
    assert!(old.iter().zip(&newest).all(|(old, newest)| old != newest), "{old:?}");
    let before: Vec<_> = databases.iter().map(|path| whole(path)).collect();
    // Forward by the next start, with everything there.
    assert_eq!(found(&desk.data(), "okapi"), 1);
    assert_eq!(versions(), newest);
    desk.run(&["migrate", "--back=records", "--no-copy"]).expect_success();
    let again = whole(&databases[0]);
    for (part, rows) in before[0].iter().filter(|(part, _)| !part.contains("sqlite_sequence")) {
        assert_eq!(again.get(part), Some(rows), "{part}");
    }
    let back = desk.data().with_file_name("back");
    desk.run(&["restore", copy, "--to", back.to_str().unwrap()]).expect_success();
    assert_eq!(found(&back, "okapi"), 1);
}
