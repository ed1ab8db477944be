//! Repositories made by the `git` program; skipped, saying so, where there is none.

use std::{fs, path::Path, process::Command};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::{
    Change, Reply, SourceSettings,
    testing::{Act, Recorder, Server, Synced, context, redirect, status},
};

/// A repository in `repository` below a new folder; none where git is not installed.
fn repository(files: &[(&str, &str)]) -> Option<TempDir> {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("repository")).unwrap();
    if Command::new("git").arg("version").output().is_err() {
        println!("skipped: git is not installed");
        return None;
    }
    git(&folder, &["init", "--quiet", "--initial-branch=main"]);
    commit(&folder, files);
    Some(folder)
}

fn git(folder: &TempDir, arguments: &[&str]) {
    let output = Command::new("git")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgSign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .current_dir(folder.path().join("repository"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn commit(folder: &TempDir, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.path().join("repository").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--allow-empty", "--message=x"]);
}

fn open(folder: &TempDir, more: Value) -> Synced {
    let url = folder.path().join("repository");
    let mut settings = json!({ "kind": "git", "url": url });
    for (name, value) in more.as_object().unwrap() {
        settings[name] = value.clone();
    }
    Synced::open(settings, folder.path())
}

#[test]
fn the_files_of_the_head_and_then_the_difference() {
    let files = [("a.md", "one"), ("docs/ü b.md", "two"), (".hidden/c.md", "x"), ("d.md", "four")];
    let Some(folder) = repository(&files) else { return };
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("repository/link.md")).unwrap();
    commit(&folder, &[]);
    let mut synced = open(&folder, json!({}));
    let run = synced.run();
    assert_eq!(run.keys(), ["a.md", "d.md", "docs/ü b.md"]);
    assert_eq!((run.puts[2].name.as_str(), &*run.puts[2].bytes), ("ü b.md", &b"two"[..]));
    let before = synced.state.clone();
    assert!(synced.run().puts.is_empty());
    assert_eq!(synced.state, before);

    fs::remove_file(folder.path().join("repository/d.md")).unwrap();
    commit(&folder, &[("a.md", "other"), ("new.md", "new")]);
    let run = synced.run();
    assert_eq!(run.keys(), ["a.md", "new.md"]);
    assert_eq!(run.removes, ["d.md"]);
    // The cache is not needed.
    fs::remove_dir_all(folder.path().join(".cache")).unwrap();
    commit(&folder, &[("a.md", "third")]);
    assert_eq!(synced.run().keys(), ["a.md"]);
    // A damaged one is made anew.
    fs::write(folder.path().join(".cache/repository.git/HEAD"), "nonsense").unwrap();
    commit(&folder, &[("a.md", "fourth")]);
    assert_eq!(synced.run().keys(), ["a.md"]);
}

#[test]
fn branches_and_patterns_choose() {
    let Some(folder) = repository(&[("a.md", "main")]) else { return };
    git(&folder, &["checkout", "--quiet", "-b", "work/it"]);
    commit(&folder, &[("a.md", "work"), ("b.txt", "x"), ("sub/c.md", "x")]);
    let settings = json!({ "branch": "work/it", "include": ["**/*.md"], "exclude": ["sub/**"] });
    let run = open(&folder, settings).run();
    assert_eq!(run.keys(), ["a.md"]);
    assert_eq!(run.puts[0].bytes, b"work");
    let missing = open(&folder, json!({ "branch": "missing" }));
    let error = missing.source.sync(&missing.state, &mut Recorder::default()).unwrap_err();
    assert!(error.to_string().contains("no branch `missing`"), "{error}");
}

#[test]
fn what_is_left_comes_again_although_the_commit_is_the_same() {
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:0\n";
    let files = [("a.md", "a"), ("b.md", "b"), ("large.md", "much too large"), ("lfs.bin", lfs)];
    let Some(folder) = repository(&files) else { return };
    let mut synced = open(&folder, json!({ "limits": { "file_bytes": 60 } }));
    let run = synced.run_with(Recorder::replying(|change| match change {
        Change::Put(file) if file.key == "a.md" => Reply::Again,
        _ => Reply::Taken,
    }));
    assert_eq!(run.keys(), ["b.md", "large.md"]);
    assert!(run.told().contains("lfs.bin: its content is in Git LFS"), "{}", run.told());
    assert_eq!(synced.run().keys(), ["a.md"]);
    let small = open(&folder, json!({ "limits": { "file_bytes": 5 } })).run();
    assert_eq!(small.keys(), ["a.md", "b.md"]);
    assert_eq!(small.problems.len(), 2);
}

#[test]
fn nothing_of_the_repository_is_run() {
    let Some(folder) = repository(&[("a.md", "x")]) else { return };
    let mark = folder.path().join("ran");
    let script = format!("#!/bin/sh\ntouch {}\n", mark.display());
    commit(&folder, &[("hooks/post-checkout", &script), (".gitattributes", "*.md filter=run\n")]);
    let hooks = folder.path().join("repository/.git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-upload-pack", "pre-upload-pack", "reference-transaction"] {
        fs::write(hooks.join(hook), &script).unwrap();
    }
    git(&folder, &["config", "filter.run.smudge", &script]);
    open(&folder, json!({})).run();
    assert!(!mark.try_exists().unwrap());
}

#[test]
fn git_connects_to_the_address_that_was_checked() {
    let Some(folder) = repository(&[]) else { return };
    let server = Server::start(|_| status(404));
    let port = server.url.rsplit(':').next().unwrap();
    // A name that nobody resolves: only the address that goes with it can lead anywhere.
    let remote = Remote {
        url: format!("http://name.invalid:{port}/r.git"),
        protocol: "http",
        pinned: Some(format!("name.invalid:{port}:127.0.0.1")),
        header: None,
    };
    let program = Program::new(&folder.path().join("cache"), remote, 1 << 20).unwrap();
    let mut sink = Recorder::default();
    let mut run: Run<'_, String> = Run::new(BTreeMap::new(), &Limits::default(), &mut sink);
    assert!(program.head(None, std::time::Duration::from_secs(20), &mut run).is_err());
    assert!(server.paths().first().is_some_and(|path| path.starts_with("/r.git/info/refs")));
}

#[test]
fn servers_that_misbehave_are_left() {
    let Some(folder) = repository(&[]) else { return };
    let open = |server: &Server, more: Value| {
        let mut settings = json!({
            "kind": "git", "url": format!("{}/r.git", server.url),
            "limits": { "request_seconds": 1 },
        });
        for (name, value) in more.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let synced = Synced::open(settings, folder.path());
        synced.source.sync(&synced.state, &mut Recorder::default()).unwrap_err()
    };
    let server = Server::start(|_| redirect("http://169.254.169.254/r.git/info/refs"));
    let error = open(&server, json!({ "url": format!("{}/401/403.git", server.url) }));
    assert!(matches!(error, SourceError::Failed { .. }), "{error}");
    assert_eq!(server.paths().len(), 1);

    let server = Server::start(|_| Act::Drip);
    assert!(open(&server, json!({})).to_string().contains("took too long"));

    let server = Server::start(|_| status(401));
    let error = open(&server, json!({ "token": "s3cret" }));
    assert!(matches!(error, SourceError::Refused { .. }), "{error}");
    assert!(!format!("{error:?}").contains("s3cret"));
    let sent = server.requests().swap_remove(0).headers["authorization"].clone();
    assert_eq!(sent, format!("Basic {}", STANDARD.encode("git:s3cret")));
}

#[test]
fn settings_are_checked() {
    let folder = TempDir::new().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let context = context(&runtime, SourcePolicy::default(), folder.path());
    let open = |settings: Value| {
        serde_json::from_value::<SourceSettings>(settings).unwrap().open(&context).err()
    };
    for url in ["ssh://git@host/x", "ext::sh -c id", "git@host:x", "-u", "relative/path"] {
        let error = open(json!({ "kind": "git", "url": url }));
        assert!(matches!(error, Some(SourceError::Settings(_))), "{url}");
    }
    for branch in ["--upload-pack=x", "a..b", "a:b", "a b", "", "*"] {
        let error = open(json!({ "kind": "git", "url": "https://e.com/x", "branch": branch }));
        assert!(matches!(error, Some(SourceError::Settings(_))), "{branch}");
    }
    let own = folder.path().to_str().unwrap();
    for url in ["http://127.0.0.1/x", "https://u:p@e.com/x", own] {
        let error = open(json!({ "kind": "git", "url": url }));
        assert!(matches!(error, Some(SourceError::Forbidden { .. })), "{url}: {error:?}");
    }
    assert!(open(json!({ "kind": "git", "url": "https://e.com/x.git" })).is_none());
    assert!(Path::new(own).is_dir());
}
