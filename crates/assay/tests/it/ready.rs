//! `assay ready`: from a server to a verdict, what is refused, what is found when evidence changes.

use std::fs;

use assay_testkit::process::{Run, Server};

use crate::support::{Desk, binary};

/// A profile of a folder, with what a server without a model can do.
const PROFILE: &str = r#"about = "for a test"
checks = ["CFG-01", "HLT-02", "DAT-01", "MET-01", "SMK-02", "TST-05"]
"#;

fn desk() -> Desk {
    let desk = Desk::new();
    let profiles = desk.data().join("ready/profiles");
    fs::create_dir_all(&profiles).unwrap();
    fs::write(profiles.join("own.toml"), PROFILE).unwrap();
    desk
}

fn check(desk: &Desk, further: &[&str]) -> Run {
    desk.run(&[&["ready", "check", "--profile", "own"], further].concat())
}

#[test]
fn a_server_that_works_is_ready_and_its_evidence_is_kept() {
    let desk = desk();
    let _server = desk.serve();
    let made = check(&desk, &["--json"]);
    assert_eq!(made.code, 0, "{}{}", made.stdout, made.stderr);
    let run: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!(run["ready"], true);
    assert_eq!(run["counts"]["pass"], 6, "{run:#}");
    let verified = desk.run(&["ready", "verify"]);
    assert_eq!(verified.code, 0, "{verified:?}");
    let artefacts = desk.data().join("ready/runs").join(run["id"].as_str().unwrap()).join("ev");
    let first = fs::read_dir(artefacts).unwrap().next().unwrap().unwrap().path();
    fs::write(first, "another text").unwrap();
    let verified = desk.run(&["ready", "verify"]);
    assert_eq!(verified.code, 1, "{verified:?}");
    assert!(verified.stdout.contains("was changed"), "{verified:?}");
    let left = desk.run(&["documents", "list", "--json"]);
    assert!(!left.stdout.contains("readiness-"), "something was left: {}", left.stdout);
}

#[test]
fn an_authority_of_ones_own_is_trusted_when_it_is_named_and_not_otherwise() {
    let desk = Desk::new();
    let profiles = desk.data().join("ready/profiles");
    fs::create_dir_all(&profiles).unwrap();
    fs::write(profiles.join("own.toml"), "about = \"a certificate\"\nchecks = [\"TLS-03\"]\n")
        .unwrap();
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../assay-server/tests/certificates");
    let file = |name: &str| folder.join(name).display().to_string();
    let settings =
        format!("[server.tls]\ncertificate = {:?}\nkey = {:?}\n", file("one.pem"), file("one.key"));
    let config = desk.file("tls.toml", settings).display().to_string();
    let server = Server::start_with(binary(), &desk.data(), &["--config", &config]).unwrap();
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let asked = |further: &[&str]| check(&desk, &[&["--url", &server.url], further].concat());
    // Nobody vouches for it, or somebody else does: then nothing was seen, and nothing passes.
    assert_eq!(asked(&[]).code, 3);
    assert_eq!(asked(&["--ca", &file("two.pem")]).code, 3);
    // What holds no certificate is refused before anything is asked.
    assert_eq!(asked(&["--ca", &file("one.key")]).code, 4);
    assert_eq!(asked(&["--ca", "/nonexistent.pem"]).code, 4);
    let made = asked(&["--ca", &file("one.pem"), "--json"]);
    let run: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!(run["outcomes"][0]["verdict"], "pass", "{run:#}");
}

#[test]
fn bad_input_is_refused_before_anything_runs() {
    let desk = desk();
    assert_eq!(check(&desk, &[]).code, 3, "no server is running");
    assert_eq!(check(&desk, &["--url", "ftp://x"]).code, 4);
    assert_eq!(desk.run(&["ready", "check", "--profile", "none"]).code, 4);
    let waiver = [
        "ready",
        "waive",
        "BCK-*",
        "--reason",
        "we will do it later on",
        "--owner",
        "eve",
        "--control",
        "nothing is lost meanwhile",
        "--approver",
        "ada",
        "--until",
        "2027-01-01",
    ];
    let refused = desk.run(&waiver);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("no wildcards"), "{refused:?}");
    let profiles = desk.data().join("ready/profiles");
    fs::write(profiles.join("own.toml"), "checks = [\"NOT-01\"]").unwrap();
    let unknown = check(&desk, &[]);
    assert_eq!(unknown.code, 4, "{unknown:?}");
    assert!(unknown.stderr.contains("there is no check `NOT-01`"), "{unknown:?}");
}

#[test]
fn load_that_users_feel_must_be_allowed() {
    let desk = desk();
    let _server = desk.serve();
    let refused = desk.run(&["drill", "load", "--rate", "100"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    assert!(refused.stderr.contains("blast High"), "the plan comes first: {refused:?}");
    let made = desk.run(&["drill", "load", "--rate", "10", "--seconds", "1", "--json"]);
    let result: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
    assert_eq!(result["requests"], 10, "{made:?}");
    // A busy machine may answer too late, and says so; anything else that is no answer is a fault.
    let failures = result["failures"].as_array().unwrap();
    let is_late = |it: &serde_json::Value| it.as_str().is_some_and(|it| it.contains("timeout"));
    assert!(failures.iter().all(is_late), "{result:#}");
    assert_eq!(result["errors"]["count"], failures.len(), "{result:#}");
    assert!(desk.data().join("ready/drills/load.json").is_file());
    assert_eq!(result["baseline"], "this one", "{result:#}");
    let again = |more: &[&str]| {
        let words =
            ["drill", "load", "--rate", "30", "--seconds", "1", "--allow", "high", "--json"];
        let made = desk.run(&[&words, more].concat());
        serde_json::from_str::<serde_json::Value>(&made.stdout).unwrap()
    };
    // Another load is not held against it until it is made the baseline.
    let other = again(&[]);
    assert!(other["baseline"].as_str().unwrap().contains("another load"), "{other:#}");
    assert_eq!(again(&["--baseline"])["baseline"], "this one");
    let held = again(&[]);
    assert!(held["worse_than_baseline_percent"].is_number(), "{held:#}");
}

#[test]
fn a_server_that_is_told_to_end_loses_nothing_and_its_bundle_shows_no_secret() {
    let result = drilled(&Desk::new(), "stop");
    assert!(result["stop_seconds"].as_f64().unwrap() < 10.0, "{result:#}");
    assert!(result["under_way"].as_u64().unwrap() > 0, "it was at work: {result:#}");
    assert_eq!(result["found_again"]["count"], result["found_again"]["of"], "{result:#}");
    assert_eq!(result["shown"], serde_json::json!([]), "{result:#}");
    assert_eq!(result["bundle_redacted"], true, "{result:#}");
}

#[test]
fn a_server_of_the_drill_survives_faults_and_leaves_nothing_behind() {
    let desk = Desk::new();
    let made = desk.run(&["drill", "fault", "--rounds", "2", "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    let result: serde_json::Value = serde_json::from_str(&made.stdout).unwrap();
    let held = serde_json::json!({ "count": 2, "of": 2 });
    for pointer in [
        "/tasks/resumed",
        "/tasks/stopped_cleanly",
        "/tasks/parked",
        "/kill_recovers",
        "/freeze_recovers",
        "/lanes_degrade",
        "/provider_recovers",
        "/broken_files",
    ] {
        assert_eq!(result.pointer(pointer), Some(&held), "{pointer}: {result:#}");
    }
    assert_eq!(result["start_order"], serde_json::json!({ "count": 4, "of": 4 }), "{result:#}");
    // Where a disk of its own or libfaketime cannot be had, that is said, and nothing is decided.
    let left_out = result["left_out"].to_string();
    assert!(result["disk_full"] == held || left_out.contains("a full disk"), "{result:#}");
    let jumps = &result["clock_jumps"];
    let all_held = jumps["count"] == jumps["of"] && jumps["of"].as_u64() >= Some(2);
    assert!(all_held || jumps.is_null() && left_out.contains("clock jumps"), "{result:#}");
    assert_eq!(result["clock_kept"].is_null(), jumps.is_null(), "{result:#}");
    assert!(desk.data().join("ready/drills/fault.json").is_file());
    assert!(!desk.data().join("records").is_dir(), "the data folder is not the drill's");
}

/// Runs a drill that has a server of its own; what it found, and what it keeps.
fn drilled(desk: &Desk, name: &str) -> serde_json::Value {
    let made = desk.run(&["drill", name, "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.stderr.contains("blast None"), "the plan comes first: {made:?}");
    let kept = fs::read_to_string(desk.data().join(format!("ready/drills/{name}.json"))).unwrap();
    assert!(!desk.data().join("records").is_dir(), "the data folder is not the drill's");
    serde_json::from_str::<serde_json::Value>(&kept).unwrap()["result"].clone()
}

#[test]
fn a_tenant_sees_and_changes_nothing_of_another() {
    let desk = Desk::new();
    let made = desk.run(&["drill", "tenancy", "--json"]);
    assert_eq!(made.code, 0, "{made:?}");
    let result = serde_json::from_str::<serde_json::Value>(&made.stdout).unwrap();
    assert_eq!(result["erase"]["canaries_left"], 0, "{result:#}");
    let result = &result["tenancy"];
    assert_eq!(result["crossed"]["count"], 0, "{result:#}");
    // 299 tries without one that crosses show that fewer than 1 % do.
    assert!(result["crossed"]["of"].as_u64().unwrap() >= 299, "{result:#}");
    assert!(result["routes"].as_u64().unwrap() > 130, "{result:#}");
    assert!(result["reached_by_owner"]["count"].as_u64().unwrap() > 10, "{result:#}");
}

#[test]
fn planted_secrets_come_out_nowhere() {
    let result = drilled(&Desk::new(), "secrets");
    assert_eq!(result["leaked"]["count"], 0, "{result:#}");
    assert!(result["leaked"]["of"].as_u64().unwrap() > 100, "{result:#}");
    assert_eq!(result["canaries_in_log"], 0, "{result:#}");
    assert_eq!(result["rotation"]["failed"]["count"], 0, "{result:#}");
    assert_eq!(result["log_lines"]["count"], result["log_lines"]["of"], "{result:#}");
}

#[test]
fn a_version_that_fails_is_sent_back_and_a_good_one_arrives() {
    let result = drilled(&Desk::new(), "rollout");
    assert!(
        result["sent_back"]["state"]["why"].as_str().unwrap().starts_with("errors"),
        "{result:#}"
    );
    assert!(result["rollback_seconds"].as_f64().unwrap() < 60.0, "{result:#}");
    assert_eq!(result["arrived"]["state"]["state"], "done", "{result:#}");
    assert_eq!(result["requests_lost"]["count"], 0, "{result:#}");
    assert_eq!(result["triggers_tested"], serde_json::json!({ "count": 8, "of": 8 }), "{result:#}");
}

#[test]
fn all_drills_show_their_plans_and_what_is_not_allowed_is_refused() {
    let desk = Desk::new();
    let _server = desk.serve();
    let plans = desk.run(&["drill", "all", "--plan", "--allow", "high"]);
    assert_eq!(plans.code, 0, "{plans:?}");
    for name in [
        "tenancy", "secrets", "tasks", "stop", "attack", "restore", "rollout", "fault", "alerts",
        "load",
    ] {
        assert!(plans.stderr.contains(&format!("Drill {name} ")), "{name}: {plans:?}");
    }
    let refused = desk.run(&["drill", "load", "--allow", "none"]);
    assert_eq!(refused.code, 5, "{refused:?}");
    let unknown = desk.run(&["drill", "all", "--only", "none-of-them"]);
    assert_eq!(unknown.code, 4, "{unknown:?}");
    assert!(unknown.stderr.contains("there is no drill `none-of-them`"), "{unknown:?}");
    assert!(!desk.data().join("ready/drills").is_dir(), "nothing was run");
}

#[test]
fn the_script_for_ci_leaves_its_reports_and_the_code_of_the_check() {
    let desk = Desk::new();
    let out = desk.files().join("reports");
    let script = assay_testkit::workspace_root().join("docs/howto/ready-in-ci.sh");
    let ran = std::process::Command::new(script)
        .env("ASSAY", crate::support::binary())
        .env("OUT", &out)
        .output()
        .unwrap();
    // This build is none for release, and the profile says so.
    assert_eq!(ran.status.code(), Some(1), "{}", String::from_utf8_lossy(&ran.stderr));
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert!(read("ready.xml").contains("CFG-02"), "{}", read("ready.xml"));
    let sarif: serde_json::Value = serde_json::from_str(&read("ready.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert!(results.iter().any(|it| it["ruleId"] == "CFG-02"), "{sarif:#}");
    assert!(read("ready.md").contains("CFG-02") && read("ready.html").contains("CFG-02"));
}
