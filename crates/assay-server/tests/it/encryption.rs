//! Encryption at rest, seen from outside: what is asked and answered leaves no trace on the disk that
//! can be read without the key.

use std::path::{Path, PathBuf};

use assay_identity::AuthMode;
use reqwest::Method;
use serde_json::json;

use crate::{
    app::TestApp,
    auth::{send, tenant, upload},
};

/// In the text, the name, the question and the title: no file may show it.
const PLANTED: &str = "Quorvex";

/// An encrypted server, and where its root key lies.
async fn encrypted() -> (TestApp, tempfile::TempDir) {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("root.key");
    std::fs::write(&root, format!("{}=\n", "A".repeat(43))).unwrap();
    let app = TestApp::open(|settings| settings.encryption.root_key_file = Some(root)).await;
    (app, outside)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

/// The files of a folder that hold a word, in any case, or have it in their names.
pub(crate) fn showing(folder: &Path, word: &str) -> Vec<PathBuf> {
    let word = word.to_lowercase();
    let shows = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap().to_ascii_lowercase();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
            || path.to_string_lossy().to_lowercase().contains(&word)
    };
    files(folder).into_iter().filter(shows).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_uploaded_and_asked_is_in_no_file() {
    let (app, _outside) = encrypted().await;
    let text = format!(
        "# The {PLANTED} trial\n\nThe {PLANTED} trial took place in 2021 in Oslo. \
         It lowered mortality after 28 days from 41.4 % to 29.3 %.\n"
    );
    let (document, _) = app.ingest(&format!("{PLANTED}.md"), text.clone()).await;
    let (status, made) = app.post("/v1/sessions", json!({ "title": PLANTED })).await;
    assert_eq!(status, 201, "{made}");
    let session = made["id"].as_str().unwrap().to_owned();
    let question = format!("When did the {PLANTED} trial take place?");
    let (status, answer) =
        app.post("/query", json!({ "query": question, "session_id": session })).await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.to_string().contains("2021"), "{answer}");
    assert_eq!(showing(app.data(), PLANTED), Vec::<PathBuf>::new());
    assert_eq!(showing(app.data(), "mortality"), Vec::<PathBuf>::new());
    // It is all there for whoever asks.
    let (status, shown) = app.get("/v1/documents").await;
    assert_eq!(status, 200);
    assert!(shown.to_string().contains(PLANTED) && shown.to_string().contains(&document));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_root_key_does_show_it() {
    // The look itself has to be one that finds something.
    let app = TestApp::start().await;
    app.ingest("plain.md", format!("# Title\n\nThe {PLANTED} trial.\n")).await;
    assert!(!showing(app.data(), PLANTED).is_empty());
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erased_tenant_is_gone_from_a_copy_of_the_data_made_before() {
    let outside = tempfile::tempdir().unwrap();
    let root = outside.path().join("root.key");
    std::fs::write(&root, format!("{}=\n", "A".repeat(43))).unwrap();
    let keys = outside.path().join("keys");
    let start = async |data: Option<&Path>| {
        TestApp::open(|settings| {
            settings.data = data.map_or_else(|| settings.data.clone(), Path::to_path_buf);
            settings.auth.mode = AuthMode::Required;
            settings.encryption.root_key_file = Some(root.clone());
            settings.encryption.keys_dir = Some(keys.clone());
        })
        .await
    };
    let app = start(None).await;
    let first = app.engine().identities().bootstrap("root@example.org", "first").unwrap();
    let platform = first.key.expose();
    let acme = tenant(&app, platform, "acme", "owner").await;
    let kept = tenant(&app, platform, "kept", "owner").await;
    for key in [&acme, &kept] {
        upload(&app, key, "a.md", &format!("# A\n\nThe {PLANTED} trial.\n")).await;
    }
    let list = "/v1/documents";
    let of = async |app: &TestApp, key: &str| send(app, key, Method::GET, list, None, &[]).await;
    assert_eq!(of(&app, &acme).await.1["documents"].as_array().unwrap().len(), 1);

    // What a backup of the data folder takes, with the server running; the keys lie elsewhere.
    let backup = tempfile::tempdir().unwrap();
    copy(app.data(), backup.path());
    let restored = tempfile::tempdir().unwrap();
    copy(backup.path(), restored.path());
    let before = start(Some(restored.path())).await;
    assert_eq!(of(&before, &acme).await.0, 200, "a backup opens as long as the key is there");
    drop(before);

    let erased = send(&app, platform, Method::DELETE, "/v1/tenants/acme", None, &[]).await;
    assert_eq!(erased.0, 204, "{}", erased.1);
    drop(app);
    let after = start(Some(backup.path())).await;
    assert_eq!(of(&after, &kept).await.0, 200, "the others are not touched");
    let (status, gone) = of(&after, &acme).await;
    assert_eq!(status, 404, "{gone}");
    assert_eq!(showing(backup.path(), PLANTED), Vec::<PathBuf>::new());
    assert!(gone.to_string().contains("destroyed"), "{gone}");
}
