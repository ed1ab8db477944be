//! What a person sees of work that takes long, and what becomes of it when they do not wait.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
};

use assay_testkit::long_pdf;

use crate::support::{Desk, binary};

/// Pages that take several seconds to parse without optimisation.
const LONG: usize = 5_000;

#[test]
fn a_command_that_does_not_wait_leaves_its_jobs_to_the_server() {
    let desk = Desk::new();
    let long = desk.file("long.pdf", long_pdf(LONG));
    let _server = desk.serve();
    let taken = desk.run(&["ingest", long.to_str().unwrap(), "--timeout", "1", "--json"]);
    assert_eq!(taken.code, 3, "{taken:?}");
    assert_eq!(
        (&taken.json()["ended"], &taken.json()["unfinished"]),
        (&"timed_out".into(), &1.into())
    );
    assert!(taken.stderr.contains("long.pdf: "), "{}", taken.stderr);
    assert!(taken.stderr.contains("goes on with them"), "{}", taken.stderr);

    let listed = desk.run(&["jobs", "list", "--state", "running", "--json"]).json();
    let job = listed["jobs"][0]["id"].as_str().unwrap().to_owned();
    let shown = desk.run(&["jobs", "show", &job]);
    assert!(shown.stdout.contains("long.pdf: parsing"), "{shown:?}");
    let cancelled = desk.run(&["jobs", "cancel", &job, "--json"]);
    assert_eq!(
        (cancelled.code, &cancelled.json()["state"]),
        (0, &"cancelled".into()),
        "{cancelled:?}"
    );
    assert_eq!(desk.run(&["jobs", "cancel", &job]).code, 0, "it is cancelled already");
    let retried = desk.run(&["jobs", "retry", &job]);
    assert_eq!(retried.code, 0, "{retried:?}");
    assert_eq!(desk.run(&["jobs", "retry", &job]).code, 4, "it waits or runs");
    assert_eq!(desk.run(&["jobs", "cancel", &job]).code, 0);
    let watched = desk.run(&["jobs", "watch", &job, "--json"]);
    assert_eq!((watched.code, &watched.json()["state"]), (6, &"cancelled".into()), "{watched:?}");
    assert_eq!(desk.run(&["jobs", "show", "nothing"]).code, 2);
    assert_eq!(desk.run(&["jobs", "list", "--state", "a&b"]).code, 2);
}

#[test]
fn a_wait_without_an_end_says_what_it_waits_for() {
    let desk = Desk::new();
    let long = desk.file("long.pdf", long_pdf(LONG));
    let config = desk.file("assay.toml", "[answer]\nstall_seconds = 1\n");
    let arguments = ["ingest", long.to_str().unwrap(), "--timeout", "4"];
    let config = ["--config", config.to_str().unwrap()];
    let taken = desk.run(&[&config[..], &arguments[..]].concat());
    assert_eq!(taken.code, 3, "{taken:?}");
    assert!(taken.stderr.contains("no file has finished for "), "{}", taken.stderr);
    assert!(taken.stderr.contains("long.pdf: parsing page "), "{}", taken.stderr);
    assert!(taken.stderr.contains("the next start"), "{}", taken.stderr);
}

#[cfg(unix)]
#[test]
fn an_interrupted_command_leaves_its_jobs_to_the_server() {
    let desk = Desk::new();
    let long = desk.file("long.pdf", long_pdf(LONG));
    let config = desk.file("assay.toml", "[answer]\nstall_seconds = 1\n");
    let _server = desk.serve();
    let mut child = Command::new(binary())
        .args(["ingest", long.to_str().unwrap(), "--config", config.to_str().unwrap()])
        .arg("--data-dir")
        .arg(desk.data())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    // The first line comes after a second: by then the file is accepted.
    let first = lines.next().unwrap().unwrap();
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.unwrap().success());
    let told: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{first} {told:?}");
    assert!(told.iter().any(|line| line.contains("goes on with them")), "{told:?}");
    let running = desk.run(&["jobs", "list", "--state", "running", "--json"]).json();
    assert_eq!(running["jobs"][0]["document"]["name"], "long.pdf", "{running}");
}
