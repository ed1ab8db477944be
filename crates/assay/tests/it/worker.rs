//! Workers beside a server, on a Postgres: what they take in is found, and their death loses nothing.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use assay_sqlite::testing::Postgres;
use assay_testkit::process::{Server, run};

use crate::support::{Desk, binary};

/// Files of the test in which workers die.
const FILES: usize = 40;

/// A worker process that has said that it works.
struct Worker(Child);

impl Worker {
    fn start(desk: &Desk, url: &str) -> Self {
        let mut child = Command::new(binary())
            .args(["worker", "--threads", "2", "--config", &config(desk, url), "--data-dir"])
            .arg(desk.data())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("takes files in"), "{line}");
        Self(child)
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _gone = (self.0.kill(), self.0.wait());
    }
}

/// A database with the tables, made as an operator makes them; the address to serve with.
fn database(postgres: &Postgres, name: &str) -> String {
    postgres.sql("postgres", &format!("CREATE DATABASE {name} OWNER migrator")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let migrated =
        run(binary(), folder.path(), &["migrate", "--database", &postgres.url(name, "migrator")]);
    assert_eq!(migrated.unwrap().code, 0);
    postgres.url(name, "assay")
}

/// Rows at an address, and no model on this machine.
fn config(desk: &Desk, url: &str) -> String {
    let file = desk.files().with_file_name("assay.toml");
    let text = format!("[embedding]\nmodel = \"\"\n[database]\nurl = \"{url}\"\n");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

fn serve(desk: &Desk, url: &str) -> Server {
    Server::start_with(binary(), &desk.data(), &["--config", &config(desk, url)]).unwrap()
}

#[test]
fn a_worker_takes_files_in_and_the_server_finds_them() {
    let Some(postgres) = Postgres::shared() else { return };
    let (desk, url) = (Desk::new(), database(postgres, "one_worker"));
    let refused = run(binary(), &desk.data(), &["worker", "--database", &url]).unwrap();
    assert!(refused.code != 0 && refused.stderr.contains("data folder of a server"), "{refused:?}");
    let server = serve(&desk, &url);
    // The server takes no tasks: whatever is done is done by the worker.
    assert_eq!(desk.run(&["tasks", "drain"]).code, 0);
    let _worker = Worker::start(&desk, &url);
    let file = desk.file("note.md", "# Minutes\n\nThe heliotrope budget was approved by Ada.\n");
    let taken = desk.run(&["ingest", file.to_str().unwrap(), "--timeout", "60"]);
    assert_eq!(taken.code, 0, "{taken:?}");
    let found = desk.run(&["search", "heliotrope", "--json"]).json();
    assert_eq!(found["results"][0]["title"], "note.md", "{found}");
    drop(server);
    let refused = run(binary(), &desk.data(), &["worker"]).unwrap();
    assert!(refused.stderr.contains("no server for the rows"), "{refused:?}");
}

#[test]
fn workers_that_are_killed_lose_nothing_and_double_nothing() {
    let Some(postgres) = Postgres::shared() else { return };
    let (desk, url) = (Desk::new(), database(postgres, "killed_workers"));
    let server = serve(&desk, &url);
    assert_eq!(desk.run(&["tasks", "drain"]).code, 0);
    for number in 0..FILES {
        let text = format!("# Note {number}\n\nWord{number}zeta stands here alone.\n");
        desk.file(&format!("note-{number}.md"), text);
    }
    let files = desk.files();
    let sent = desk.run(&["ingest", files.to_str().unwrap(), "--no-wait"]);
    assert_eq!(sent.code, 0, "{sent:?}");
    let until = Instant::now() + Duration::from_secs(300);
    let done = || {
        assert!(Instant::now() < until, "the tasks do not come to their end");
        let sql = "SELECT count(*) FROM assay_tasks.task WHERE state = 'done'";
        postgres.sql("killed_workers", sql).unwrap().parse::<usize>().unwrap()
    };
    // Each worker dies as soon as it has ended a few tasks, with others under way.
    for killed_at in [1, 4, 8, 13] {
        let worker = Worker::start(&desk, &url);
        while done() < killed_at {
            std::thread::yield_now();
        }
        drop(worker);
    }
    let worker = Worker::start(&desk, &url);
    let again = desk.run(&["ingest", files.to_str().unwrap(), "--timeout", "120"]);
    assert_eq!(again.code, 0, "{again:?}");
    while done() < FILES {
        std::thread::yield_now();
    }
    for number in 0..FILES {
        let found = desk.run(&["search", &format!("word{number}zeta"), "--json"]).json();
        let title = format!("note-{number}.md");
        let results = found["results"].as_array().unwrap();
        assert_eq!(results[0]["title"], title.as_str(), "{found}");
        assert_eq!(results.iter().filter(|one| one["title"] == title.as_str()).count(), 1);
    }
    drop((worker, server));
    let compared = desk.run(&["index", "check", "--json", "--config", &config(&desk, &url)]).json();
    assert_eq!(compared["same"], true, "{compared}");
    let doubled = "SELECT count(*) - count(DISTINCT key) FROM assay_tasks.task";
    assert_eq!(postgres.sql("killed_workers", doubled).unwrap(), "0");
}
