//! Fetching a model from a hub: whole and checked, or not at all.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
};

use crate::support::Desk;

/// A hub on the loopback address that answers each path with a head and a body.
fn hub(answers: HashMap<String, (String, Vec<u8>)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
            while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
            let none = ("404 Not Found".to_owned(), Vec::new());
            let (head, body) = answers.get(&path).unwrap_or(&none);
            let length = body.len();
            let end = format!("content-length: {length}\r\nconnection: close\r\n\r\n");
            // A client that has seen enough closes; that is its right.
            let _ = stream.write_all(format!("HTTP/1.1 {head}\r\n{end}").as_bytes());
            let _ = stream.write_all(body);
        }
    });
    url
}

/// The model that `make test` fetches, if it is there.
#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
fn model() -> Option<PathBuf> {
    let home = std::env::home_dir()?;
    let folder = home.join(".cache/assay/models/all-MiniLM-L6-v2");
    if !folder.join("model.safetensors").is_file() {
        eprintln!("skipped: all-MiniLM-L6-v2 is not here");
        return None;
    }
    Some(folder)
}

/// The files of the model under `/org/small/resolve/main/`; the weights are kept elsewhere, with
/// `tag` as their hash.
fn files(model: &Path, tag: &str) -> HashMap<String, (String, Vec<u8>)> {
    let at = |file: &str| format!("/org/small/resolve/main/{file}");
    let moved = format!("302 Found\r\nlocation: /kept/elsewhere\r\nx-linked-etag: \"{tag}\"");
    let read = |file: &str| fs::read(model.join(file)).unwrap();
    HashMap::from([
        (at("config.json"), ("200 OK".to_owned(), read("config.json"))),
        (at("tokenizer.json"), ("200 OK".to_owned(), read("tokenizer.json"))),
        (at("model.safetensors"), (moved, Vec::new())),
        ("/kept/elsewhere".to_owned(), ("200 OK".to_owned(), read("model.safetensors"))),
    ])
}

#[test]
fn a_model_of_a_hub_runs() {
    let Some(model) = model() else { return };
    let tag = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db";
    let url = hub(files(&model, tag));
    let desk = Desk::new();
    let config = desk.file(
        "assay.toml",
        format!(
            "models_dir = {:?}\n[embedding]\nmodel = \"org/small\"\n",
            desk.files().join("models").to_str().unwrap()
        ),
    );
    let config = config.to_str().unwrap();
    let pulled = desk.run(&["--config", config, "models", "pull", "org/small", "--hub", &url]);
    assert_eq!(pulled.code, 0, "{pulled:?}");
    assert_eq!(desk.run(&["--config", config, "models", "verify", "org/small"]).code, 0);
    let found = desk.run(&["--config", config, "search", "anything", "--json"]).json();
    assert_eq!(found["lanes"][1]["status"], "completed", "{found}");
    fs::write(desk.files().join("models/org/small/config.json"), "{}").unwrap();
    assert_eq!(desk.run(&["--config", config, "models", "verify", "org/small"]).code, 3);
}

#[test]
fn what_is_cut_or_changed_on_the_way_is_not_kept() {
    let Some(model) = model() else { return };
    let url = hub(files(&model, &"0".repeat(64)));
    let desk = Desk::new();
    let models = desk.files().join("models");
    let config = desk.file("assay.toml", format!("models_dir = {:?}", models.to_str().unwrap()));
    let config = config.to_str().unwrap();
    let pull = |name: &str| desk.run(&["--config", config, "models", "pull", name, "--hub", &url]);
    let pulled = pull("org/small");
    assert_eq!(pulled.code, 3, "{pulled:?}");
    assert!(pulled.stderr.contains("SHA-256"), "{}", pulled.stderr);
    assert_eq!(fs::read_dir(models.join("org")).unwrap().count(), 0, "something was kept");
    assert_eq!(pull("org/none").code, 2);
    assert_eq!(pull("../etc").code, 2);
}
