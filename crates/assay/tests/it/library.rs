//! Tags, metadata, collections, and a collection carried to another installation.

use serde_json::json;

use crate::support::Desk;

#[test]
fn a_collection_goes_to_another_installation_with_its_originals() {
    let desk = Desk::new();
    desk.file("valve.txt", "The valve of line 2 was greased in May.");
    desk.file("valve.txt.meta.json", r#"{ "title": "Greasing log", "owner": "Ada" }"#);
    let files = desk.files();
    let taken = desk.run(&["ingest", files.to_str().unwrap(), "--tag", "log", "--json"]);
    assert_eq!((taken.code, &taken.json()["files"]), (0, &json!(1)), "{taken:?}");
    let archive = desk.data().join("default.zip");
    let archive = archive.to_str().unwrap();
    let exported = desk.run(&["collections", "export", "default", archive, "--json"]);
    assert_eq!(exported.json(), json!({ "documents": 1 }), "{exported:?}");
    let again = desk.run(&["collections", "export", "default", archive]);
    assert_eq!(again.code, 2, "a file that is there is not overwritten: {again:?}");

    let other = Desk::new();
    let _server = other.serve();
    let imported = other.run(&["collections", "import", archive, "--collection", "plant"]);
    assert_eq!(imported.code, 0, "{imported:?}");
    let listed = other.run(&["documents", "list", "--tag", "log", "--json"]);
    let document = &listed.json()["documents"][0];
    assert_eq!(document["collection"], "plant", "{listed:?}");
    assert_eq!(document["told"], json!({ "title": "Greasing log", "owner": "Ada" }));
    assert_eq!(document["metadata"]["title"], "Greasing log");
    let damaged = other.file("no.zip", "no archive");
    let refused = other.run(&["collections", "import", damaged.to_str().unwrap()]);
    assert_eq!(refused.code, 2, "{refused:?}");
}

#[test]
fn documents_are_described_and_moved() {
    let desk = Desk::new();
    let file = desk.file("valve.txt", "The valve of line 2 was greased in May.");
    let _server = desk.serve();
    assert_eq!(desk.run(&["ingest", file.to_str().unwrap()]).code, 0);
    assert_eq!(desk.run(&["collections", "create", "plant a/b"]).code, 0);
    let listed = desk.run(&["documents", "list", "--json"]);
    let id = listed.json()["documents"][0]["id"].as_str().unwrap().to_owned();
    let set = ["documents", "set", &id, "--tag", "log", "--meta", "owner=Ada", "--json"];
    assert_eq!(desk.run(&set).json()["told"], json!({ "owner": "Ada" }));
    let moved = ["documents", "set", &id, "--title", "Log", "--collection", "plant a/b", "--json"];
    let moved = desk.run(&moved).json();
    assert_eq!(moved["told"], json!({ "owner": "Ada", "title": "Log" }), "{moved}");
    assert_eq!((&moved["collection"], &moved["tags"]), (&json!("plant a/b"), &json!(["log"])));
    let kept = desk.run(&["collections", "delete", "plant a/b"]);
    assert_eq!(kept.code, 2, "{kept:?}");
    assert_eq!(desk.run(&["collections", "delete", "plant a/b", "--documents"]).code, 0);
    assert_eq!(desk.run(&["documents", "show", &id]).code, 2);
}
