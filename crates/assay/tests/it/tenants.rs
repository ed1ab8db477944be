//! From the first key to an erased tenant, as a person types it.

use crate::support::{Desk, binary};
use assay_testkit::process::{Run, Server};

/// Runs a command with a key.
fn with(desk: &Desk, key: &str, arguments: &[&str]) -> Run {
    let output = std::process::Command::new(binary())
        .args(arguments)
        .arg("--data-dir")
        .arg(desk.data())
        .env("ASSAY_API_KEY", key)
        .env("ASSAY_AUTH__MODE", "required")
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn the_first_key_opens_the_way_to_all_the_rest() {
    let desk = Desk::new();
    let config = desk.file("assay.toml", "[auth]\nmode = \"required\"\n");
    let server =
        Server::start_with(binary(), &desk.data(), &["--config", config.to_str().unwrap()])
            .unwrap();
    let refused = desk.run(&["documents", "list"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stderr.contains("assay keys create"), "{refused:?}");
    // Made beside the running server, good in it at once.
    let made = desk.run(&["keys", "create", "--bootstrap", "ada@example.org"]);
    assert_eq!(made.code, 0, "{made:?}");
    let root = made.stdout.trim().to_owned();
    assert!(root.starts_with("assay_"));
    let run = |key: &str, arguments: &[&str]| {
        let run = with(&desk, key, arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run
    };
    run(&root, &["users", "create", "bob@example.org"]);
    run(&root, &["tenant", "create", "acme", "--owner", "bob@example.org"]);
    assert!(run(&root, &["tenant", "list"]).stdout.contains("acme"));
    assert!(run(&root, &["tenant", "show"]).stdout.contains("as owner"));
    let members = run(&root, &["tenant", "members", "list", "--tenant", "acme"]);
    assert!(members.stdout.contains("bob@example.org"), "{members:?}");
    run(&root, &["tenant", "service", "bot"]);
    let key = run(&root, &["keys", "create", "ci", "--service", "bot", "--json"]).json();
    let bot = key["key"].as_str().unwrap().to_owned();
    let note = desk.file("note.md", "# Note\n\nThe budget of 2026 is 40 euros.\n");
    run(&bot, &["ingest", note.to_str().unwrap()]);
    assert!(run(&bot, &["search", "budget"]).stdout.contains("note.md"));
    let id = key["about"]["id"].as_str().unwrap();
    let rotated = run(&root, &["keys", "rotate", id, "--overlap", "0", "--json"]).json();
    assert_eq!(with(&desk, &bot, &["search", "budget"]).code, 1);
    let next = rotated["about"]["id"].as_str().unwrap();
    run(&root, &["keys", "revoke", next]);
    assert_eq!(with(&desk, rotated["key"].as_str().unwrap(), &["search", "budget"]).code, 1);
    run(&root, &["tenant", "suspend", "acme"]);
    assert!(run(&root, &["tenant", "show", "acme"]).stdout.contains("suspended"));
    run(&root, &["tenant", "resume", "acme"]);
    assert_eq!(with(&desk, &root, &["tenant", "erase", "acme"]).code, 2, "it asks for --yes");
    run(&root, &["tenant", "erase", "acme", "--yes"]);
    let listed = run(&root, &["audit", "list", "--limit", "1000"]);
    for action in ["auth.failed", "key.create", "user.create", "tenant.create", "document.add"] {
        assert!(listed.stdout.contains(action), "{action}: {listed:?}");
    }
    let log = desk.files().join("audit.jsonl");
    run(&root, &["audit", "export", "--out", log.to_str().unwrap()]);
    drop(server);
    let sound = desk.run(&["audit", "verify", log.to_str().unwrap()]);
    assert_eq!(sound.code, 0, "{sound:?}");
    let text = std::fs::read_to_string(&log).unwrap().replacen("document.add", "document.all", 1);
    std::fs::write(&log, text).unwrap();
    let forged = desk.run(&["audit", "verify", log.to_str().unwrap(), "--json"]);
    assert_eq!((forged.code, &forged.json()["sound"]), (1, &false.into()), "{forged:?}");
}

#[test]
fn a_server_that_others_can_reach_asks_for_keys_or_does_not_start() {
    let desk = Desk::new();
    let refused = desk.run(&["serve", "--host", "0.0.0.0", "--port", "0"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.stderr.contains("auth.mode"), "{refused:?}");
    assert!(!desk.data().join("control.db").try_exists().unwrap(), "nothing was touched");
}

#[test]
fn the_tables_of_rights_are_printed() {
    let printed = Desk::new().run(&["tenant", "roles"]);
    assert_eq!(printed.code, 0);
    assert!(printed.stdout.contains("content.read") && printed.stdout.contains("suspended"));
}
