//! From the first key to an erased tenant, as a person types it.

use std::{fs::File, process::Command};

use crate::support::{Desk, binary};
use assay_testkit::process::{Run, Server};

/// Runs a command with a key.
fn with(desk: &Desk, key: &str, arguments: &[&str]) -> Run {
    let output = Command::new(binary())
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
    // What a test asks in a second is not what a client does.
    let rates = "[server.rates]\nclient_per_minute = 0\ntenant_per_minute = 0\n";
    let config = desk.file("assay.toml", format!("[auth]\nmode = \"required\"\n{rates}"));
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
    lists_and_limits(&desk, &root, &bot);
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

/// A document closed to a service and opened to a group, an invitation, limits, and the way out.
fn lists_and_limits(desk: &Desk, root: &str, bot: &str) {
    let run = |key: &str, arguments: &[&str]| {
        let run = with(desk, key, arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {run:?}");
        run
    };
    let listed = run(root, &["documents", "list", "--json"]).json();
    let document = listed["documents"][0]["id"].as_str().unwrap();
    run(root, &["groups", "create", "readers"]);
    run(root, &["access", "set", document, "--for-group", "readers"]);
    let nothing = with(desk, bot, &["search", "budget"]);
    assert_eq!((nothing.code, nothing.stdout.trim()), (7, "Nothing found."));
    run(root, &["groups", "add", "readers", "bot"]);
    assert!(run(bot, &["search", "budget"]).stdout.contains("note.md"));
    assert!(run(root, &["access", "show", document]).stdout.contains("readers"));
    let closed = desk.file("closed.md", "# Minutes\n\nThe board met on Monday.\n");
    run(root, &["ingest", closed.to_str().unwrap(), "--for-member", "ada@example.org"]);
    assert!(!run(bot, &["search", "board"]).stdout.contains("closed.md"));
    assert!(run(root, &["search", "board"]).stdout.contains("closed.md"));
    let invited = ["tenant", "members", "invite", "eve@example.org", "guest", "--json"];
    let invited = run(root, &invited).json();
    let token = invited["token"].as_str().unwrap();
    let joined = Command::new(binary())
        .args(["tenant", "members", "accept", token, "--data-dir"])
        .arg(desk.data())
        .env("ASSAY_AUTH__MODE", "required")
        .stdin(File::open(desk.file("password", "correct horse battery\n")).unwrap())
        .output()
        .unwrap();
    assert!(joined.status.success(), "{joined:?}");
    let invitations = run(root, &["tenant", "members", "invitations"]);
    assert!(invitations.stdout.contains("accepted"), "{invitations:?}");
    run(root, &["tenant", "limit", "acme", "--documents", "5"]);
    assert!(run(root, &["tenant", "show", "acme"]).stdout.contains("0 of at most 5"));
    let archive = desk.files().join("all.tar");
    let out = archive.to_str().unwrap();
    let foreign = with(desk, root, &["tenant", "export", "acme", "--out", out]);
    assert_eq!(foreign.code, 5, "{foreign:?}");
    assert!(foreign.stderr.contains("not for `acme`"), "{foreign:?}");
    run(root, &["tenant", "export", "default", "--out", out]);
    let bytes = std::fs::read(&archive).unwrap();
    assert!(bytes.windows(13).any(|part| part == b"manifest.json"));
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
