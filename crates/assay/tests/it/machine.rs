//! What the machine can get wrong: ports, folders, sizes, model files, configuration.

use std::{fs, net::TcpListener};

use assay_testkit::process::run;

use crate::support::{Desk, binary};

#[test]
fn two_servers_on_one_folder() {
    let desk = Desk::new();
    let _first = desk.serve();
    let second = desk.run(&["serve", "--port", "0"]);
    assert_eq!(second.code, 4, "{second:?}");
    assert!(second.stderr.contains("another process"), "{}", second.stderr);
    assert_eq!(desk.run(&["search", "anything"]).code, 7, "the first one still answers");
}

#[test]
fn a_port_in_use() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let desk = Desk::new();
    let served = desk.run(&["serve", "--port", &port]);
    assert_eq!(served.code, 4, "{served:?}");
    assert!(served.stderr.contains(&format!("port {port} is in use")), "{}", served.stderr);
    assert!(!desk.data().join("control.db").is_file(), "the folder was touched");
}

#[test]
fn a_folder_that_cannot_be_written() {
    let desk = Desk::new();
    let file = desk.file("not-a-folder", "x");
    let served = run(binary(), &file.join("data"), &["serve", "--port", "0"]).unwrap();
    assert_eq!(served.code, 5, "{served:?}");
    assert!(served.stderr.contains("not-a-folder"), "{}", served.stderr);
}

#[test]
fn a_file_of_300_megabytes() {
    let desk = Desk::new();
    let big = desk.file("big.txt", "");
    fs::File::options().write(true).open(&big).unwrap().set_len(300 << 20).unwrap();
    desk.file("small.txt", "The valve of line 2 was greased in May.");
    let taken = desk.run(&["ingest", desk.files().to_str().unwrap()]);
    assert_eq!(taken.code, 6, "{taken:?}");
    let told = format!("{}{}", taken.stdout, taken.stderr);
    assert!(told.contains("big.txt") && told.contains("file_bytes_max"), "{told}");
    assert_eq!(desk.run(&["search", "greased"]).code, 0);
}

#[test]
fn a_model_file_with_a_wrong_hash() {
    let desk = Desk::new();
    let models = desk.files();
    let model = models.join("all-MiniLM-L6-v2");
    fs::create_dir_all(&model).unwrap();
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        fs::write(model.join(file), "{}").unwrap();
    }
    let config = desk.file("assay.toml", format!("models_dir = {:?}", models.to_str().unwrap()));
    let config = config.to_str().unwrap();
    let checked = desk.run(&["--config", config, "models", "verify", "all-MiniLM-L6-v2"]);
    assert_eq!(checked.code, 3, "{checked:?}");
    assert!(checked.stderr.contains("SHA-256"), "{}", checked.stderr);
    // A model that cannot be loaded is told, and keywords go on without it.
    let searched = desk.run(&["--config", config, "search", "anything", "--json"]);
    assert_eq!(searched.code, 7, "{searched:?}");
    assert_eq!(searched.json()["lanes"][1]["status"], "skipped", "{searched:?}");
}

#[test]
fn every_problem_of_a_configuration_is_told_at_once() {
    let desk = Desk::new();
    let text = "[answer]\ntotal_ms = 10\nvector_weight = 3.0\n";
    let config = desk.file("assay.toml", text);
    let checked = desk.run(&["--config", config.to_str().unwrap(), "config", "check"]);
    assert_eq!(checked.code, 2, "{checked:?}");
    for key in ["lanes_ms", "vector_weight"] {
        assert!(checked.stderr.contains(key), "{}", checked.stderr);
    }
}
