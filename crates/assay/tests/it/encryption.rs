//! An encrypted data folder as an operator meets it: the root key changes under a running server, and
//! a start without the right one is refused.

use std::{
    fs,
    path::{Path, PathBuf},
};

use assay_testkit::process::Server;

use crate::support::{Desk, binary};

struct Encrypted {
    desk: Desk,
    config: PathBuf,
    root: PathBuf,
}

impl Encrypted {
    fn new() -> Self {
        let desk = Desk::new();
        let root = desk.file("root.key", format!("{}=\n", "A".repeat(43)));
        let text = format!("[encryption]\nroot_key_file = {root:?}\n");
        let config = desk.file("assay.toml", text);
        Self { desk, config, root }
    }

    fn serve(&self) -> Server {
        let arguments = ["--config", self.config.to_str().unwrap()];
        Server::start_with(binary(), &self.desk.data(), &arguments).unwrap()
    }

    /// Runs a command that has to end well.
    fn run(&self, arguments: &[&str]) -> String {
        let run = self.try_run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run.stdout
    }

    fn try_run(&self, arguments: &[&str]) -> assay_testkit::process::Run {
        let config = ["--config", self.config.to_str().unwrap()];
        self.desk.run(&[arguments, &config].concat())
    }
}

fn shows(folder: &Path, text: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return shows(&path, text);
        }
        fs::read(path).unwrap().windows(text.len()).any(|window| window == text)
    })
}

#[test]
fn the_root_key_changes_under_a_running_server() {
    let at = Encrypted::new();
    let server = at.serve();
    let note = at.desk.file("first.md", "# First\n\nThe budget of 2026 is 40 euros.\n");
    at.run(&["ingest", note.to_str().unwrap()]);
    let before = fs::read_to_string(&at.root).unwrap();
    let rotated = at.run(&["encryption", "rotate"]);
    assert!(rotated.contains("2 of 2 keys"), "{rotated}");
    assert_ne!(fs::read_to_string(&at.root).unwrap(), before);
    // The server goes on, and wraps what is new by the new root key.
    let note = at.desk.file("second.md", "# Second\n\nThe budget of 2027 is 50 euros.\n");
    at.run(&["ingest", note.to_str().unwrap()]);
    at.run(&["tenant", "create", "acme"]);
    server.kill().unwrap();
    let server = at.serve();
    assert!(at.run(&["search", "budget 2026"]).contains("first.md"));
    assert!(at.run(&["search", "budget 2027"]).contains("second.md"));
    let audit = at.run(&["audit", "list"]);
    assert!(audit.contains("encryption.rotate"), "{audit}");
    server.kill().unwrap();
    assert!(!shows(&at.desk.data(), b"budget"));

    let status = at.run(&["encryption", "status"]);
    let id = status.split_whitespace().last().unwrap().to_owned();
    fs::write(&at.root, before).unwrap();
    let refused = at.try_run(&["documents", "list"]);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains(&id), "{refused:?}");
    let bare = at.desk.run(&["documents", "list"]);
    assert_ne!(bare.code, 0);
    assert!(bare.stderr.contains(&id) && bare.stderr.contains("root_key_file"), "{bare:?}");
    let doctor = at.desk.run(&["doctor"]);
    assert!(doctor.stdout.contains("FAIL encryption"), "{doctor:?}");
}

#[test]
fn a_folder_in_clear_says_so_and_is_taken_over() {
    let at = Encrypted::new();
    let note = at.desk.file("note.md", "# Note\n\nThe budget of 2026 is 40 euros.\n");
    assert_eq!(at.desk.run(&["ingest", note.to_str().unwrap()]).code, 0);
    assert!(at.desk.run(&["doctor"]).stdout.contains("not encrypted"));
    assert!(at.desk.run(&["encryption", "status"]).stdout.contains("not encrypted"));
    assert!(shows(&at.desk.data(), b"budget of 2026"));
    let found = at.run(&["search", "budget"]);
    assert!(found.contains("note.md"), "{found}");
    assert!(!shows(&at.desk.data(), b"budget"));
    assert!(at.run(&["doctor"]).contains("is encrypted"));
}

#[test]
fn the_key_of_a_tenant_is_destroyed_without_a_server_and_stays_so() {
    let at = Encrypted::new();
    let server = at.serve();
    at.run(&["tenant", "create", "acme"]);
    let refused = at.try_run(&["encryption", "destroy", "acme", "--yes"]);
    assert!(refused.stderr.contains("tenant erase"), "{refused:?}");
    server.kill().unwrap();
    assert_eq!(at.try_run(&["encryption", "destroy", "acme"]).code, 2, "it asks for --yes");
    at.run(&["encryption", "destroy", "acme", "--yes"]);
    assert!(at.run(&["encryption", "status"]).contains("destroyed"));
    assert_ne!(at.try_run(&["encryption", "destroy", "default", "--yes"]).code, 0);
    let _server = at.serve();
    let audit = at.run(&["audit", "list"]);
    assert!(audit.contains("encryption.destroy"), "{audit}");
    at.run(&["tenant", "erase", "acme", "--yes"]);
}
