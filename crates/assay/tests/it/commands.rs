//! Files in, answers out, with a server and without.

use std::fs;

use crate::support::Desk;

const REPORT: &str = "# Pump 7\n\nPump 7 was replaced on 4 March 2023 by Ines Duarte. \
    The new pump moves 340 litres a minute.\n";

#[test]
fn a_folder_becomes_answers_with_citations() {
    let desk = Desk::new();
    desk.file("pump.md", REPORT);
    desk.file("valve.txt", "The valve of line 2 was greased in May.");
    let taken = desk.run(&["ingest", desk.files().to_str().unwrap(), "--json"]);
    assert_eq!(taken.code, 0, "{taken:?}");
    assert_eq!(taken.json()["new"], 2, "{taken:?}");

    let asked = desk.run(&["ask", "Who replaced pump 7?"]);
    assert_eq!(asked.code, 0, "{asked:?}");
    assert!(asked.stdout.contains("by Ines Duarte. [1]"), "{}", asked.stdout);
    assert!(asked.stdout.contains("[1] pump.md"), "{}", asked.stdout);
    let asked = desk.run(&["ask", "Who replaced pump 7?", "--json"]).json();
    let citation = &asked["citations"][0];
    let quote = citation["quote"].as_str().unwrap();
    let (start, end) = (citation["start"].as_u64().unwrap(), citation["end"].as_u64().unwrap());
    assert_eq!(quote.chars().count() as u64, end - start);

    let unknown = desk.run(&["ask", "Which volcano erupted in Iceland in 1783?"]);
    assert_eq!(unknown.code, 7, "{unknown:?}");
}

#[test]
fn a_running_server_does_the_work_of_a_command() {
    let desk = Desk::new();
    let pump = desk.file("pump.md", REPORT);
    let server = desk.serve();
    assert_eq!(desk.run(&["ingest", pump.to_str().unwrap()]).code, 0);
    let found = desk.run(&["search", "litres a minute", "--json"]);
    assert_eq!(found.json()["results"][0]["title"], "pump.md", "{found:?}");
    // Beside a server the folder cannot be opened: this command needs it for itself.
    assert_eq!(desk.run(&["index", "check"]).code, 4);
    server.kill().unwrap();
    let checked = desk.run(&["index", "check", "--json"]);
    assert_eq!(checked.json()["same"], true, "{checked:?}");
}

#[test]
fn a_file_that_is_gone_is_forgotten_when_asked_to() {
    let desk = Desk::new();
    let pump = desk.file("pump.md", REPORT);
    desk.file("valve.txt", "The valve of line 2 was greased in May.");
    let files = desk.files();
    assert_eq!(desk.run(&["ingest", files.to_str().unwrap()]).code, 0);
    fs::remove_file(pump).unwrap();
    assert_eq!(desk.run(&["ingest", files.to_str().unwrap(), "--prune"]).code, 0);
    assert_eq!(desk.run(&["search", "Duarte", "--mode", "keyword"]).code, 7);
    assert_eq!(desk.run(&["search", "greased", "--mode", "keyword"]).code, 0);
}

#[test]
fn a_broken_file_is_told_and_its_neighbour_is_in() {
    let desk = Desk::new();
    desk.file("pump.md", REPORT);
    desk.file("broken.pdf", "%PDF-1.7\nnothing that follows is a PDF");
    let taken = desk.run(&["ingest", desk.files().to_str().unwrap()]);
    assert_eq!(taken.code, 6, "{taken:?}");
    let told = format!("{}{}", taken.stdout, taken.stderr);
    assert!(told.contains("broken.pdf"), "{told}");
    assert_eq!(desk.run(&["search", "Duarte"]).code, 0);
}

#[test]
fn the_index_can_be_thrown_away_and_made_again() {
    let desk = Desk::new();
    let pump = desk.file("pump.md", REPORT);
    assert_eq!(desk.run(&["ingest", pump.to_str().unwrap()]).code, 0);
    for tenant in fs::read_dir(desk.data().join("tenants")).unwrap() {
        fs::remove_dir_all(tenant.unwrap().path().join("index")).unwrap();
    }
    let rebuilt = desk.run(&["index", "rebuild", "--json"]);
    assert_eq!(rebuilt.json()["passages"], 1, "{rebuilt:?}");
    assert_eq!(desk.run(&["index", "check"]).code, 0);
    assert_eq!(desk.run(&["search", "Duarte"]).code, 0);
}
