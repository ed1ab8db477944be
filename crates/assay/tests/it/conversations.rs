//! Conversations by command: found, shared, judged; and what the guard did.

use std::fs;

use crate::support::Desk;

const REPORT: &str = "# Pump 7\n\nPump 7 was replaced on 4 March 2023 by Ines Duarte.\n";
const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

#[test]
fn a_conversation_is_found_shared_and_judged() {
    let desk = Desk::new();
    let pump = desk.file("pump.md", REPORT);
    let _server = desk.serve();
    assert_eq!(desk.run(&["ingest", pump.to_str().unwrap()]).code, 0);
    let made = desk.run(&["sessions", "create", "--title", "Pumps"]);
    let session = made.stdout.trim();
    assert_eq!(desk.run(&["ask", "Who replaced pump 7?", "--session", session]).code, 0);

    let found = desk.run(&["sessions", "list", "--search", "duar"]);
    assert!(found.stdout.contains(session), "{found:?}");
    assert!(found.stdout.contains("Ines Duarte"), "it shows where: {found:?}");
    let none = desk.run(&["sessions", "list", "--search", "volcano"]);
    assert_eq!((none.code, none.stdout.as_str()), (0, ""), "{none:?}");

    assert_ne!(desk.run(&["sessions", "read", session]).code, 0, "it is not shared yet");
    let shared = desk.run(&["conversations", "share", session]);
    assert!(shared.stdout.contains(&format!("/app/shared/{session}")), "{shared:?}");
    let read = desk.run(&["sessions", "read", session]);
    assert!(read.stdout.contains("1. Who replaced pump 7?"), "{read:?}");
    assert!(read.stdout.contains("Ines Duarte"), "{read:?}");
    assert_eq!(desk.run(&["sessions", "unshare", session]).code, 0);
    assert_ne!(desk.run(&["sessions", "read", session]).code, 0, "it is closed again");

    assert_eq!(desk.run(&["opinions", "list"]).stdout, "Nobody has said anything yet.\n");
    let word = ["opinions", "say", session, "1", "--useless", "--comment", "Which year?"];
    let said = desk.run(&word);
    assert_eq!(said.code, 0, "{said:?}");
    let listed = desk.run(&["opinions", "list"]);
    assert!(listed.stdout.contains("did not help"), "{listed:?}");
    assert!(listed.stdout.contains("Who replaced pump 7?"), "{listed:?}");
    assert!(listed.stdout.contains("    Which year?"), "{listed:?}");
    let both = ["opinions", "say", session, "1", "--useless", "--useful"];
    assert_eq!(desk.run(&both).code, 2, "one word at a time");
    assert_ne!(desk.run(&["opinions", "say", session, "9", "--useful"]).code, 0);
}

#[test]
fn acts_of_the_guard_are_listed_without_the_text() {
    let desk = Desk::new();
    fs::create_dir_all(desk.data()).unwrap();
    let config = desk.file("assay.toml", "[guard.places.question.actions]\nsecret = \"block\"\n");
    let config = config.to_str().unwrap();
    let events = || desk.run(&["guard", "events", "--config", config]);
    assert_eq!(events().stdout, "The guard had nothing to do.\n");
    let refused = desk.run(&["ask", &format!("Who owns {TOKEN}?"), "--config", config]);
    assert_ne!(refused.code, 0, "{refused:?}");
    let listed = events();
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.stdout.contains("guard.blocked"), "{listed:?}");
    assert!(listed.stdout.contains("secret.token 1x block"), "{listed:?}");
    assert!(!listed.stdout.contains(TOKEN), "{listed:?}");
}
