//! What runs over a folder tell.

use std::{
    cell::Cell,
    fs,
    rc::Rc,
    time::{Duration, SystemTime},
};

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    Change, Reply, SourcePolicy, SourceSettings,
    testing::{Recorder, Synced, context},
};

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn opened(folder: &TempDir) -> Synced {
    Synced::open(json!({ "kind": "folder", "path": folder.path() }), folder.path())
}

/// Gives a file other content and sets its time.
fn write(folder: &TempDir, path: &str, text: &str, seconds: u64) {
    let path = folder.path().join(path);
    fs::write(&path, text).unwrap();
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::options().write(true).open(path).unwrap().set_modified(at).unwrap();
}

#[test]
fn only_changes_are_told() {
    let folder = folder(&[("a.txt", "a"), ("sub/b.txt", "b"), ("c.txt", "c")]);
    let mut synced = opened(&folder);
    let first = synced.run();
    assert_eq!(first.keys(), ["a.txt", "c.txt", "sub/b.txt"]);
    assert_eq!((first.puts[2].name.as_str(), &*first.puts[2].bytes), ("b.txt", &b"b"[..]));
    assert!(first.puts[0].modified.is_some());
    let second = synced.run();
    assert!(second.puts.is_empty() && second.removes.is_empty());
    assert_eq!(second.progress.seen, 3);

    write(&folder, "a.txt", "other", 1_000);
    write(&folder, "new.txt", "new", 1_000);
    fs::remove_file(folder.path().join("sub/b.txt")).unwrap();
    let third = synced.run();
    assert_eq!(third.keys(), ["a.txt", "new.txt"]);
    assert_eq!(third.removes, ["sub/b.txt"]);
}

#[test]
fn a_touched_file_is_not_changed_but_one_of_the_same_size_is() {
    let folder = folder(&[]);
    write(&folder, "a.txt", "one", 1_000);
    let mut synced = opened(&folder);
    synced.run();
    write(&folder, "a.txt", "one", 2_000);
    assert!(synced.run().puts.is_empty());
    write(&folder, "a.txt", "two", 3_000);
    assert_eq!(synced.run().keys(), ["a.txt"]);
}

#[test]
fn a_change_within_the_grain_of_the_clock_is_seen() {
    // The clock of the tests stands at the second the file is said to be modified.
    let now = 4_102_444_800;
    let folder = folder(&[]);
    write(&folder, "a.txt", "one", now);
    let mut synced = opened(&folder);
    synced.run();
    write(&folder, "a.txt", "two", now);
    assert_eq!(synced.run().keys(), ["a.txt"]);
}

#[test]
fn hidden_files_links_and_excluded_ones_are_left_out() {
    let folder = folder(&[
        ("a.md", "x"),
        (".hidden.md", "x"),
        (".git/config.md", "x"),
        ("skip/deep/b.md", "x"),
        ("kept/c.txt", "x"),
        ("kept/d.md", "x"),
    ]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("/etc", folder.path().join("etc")).unwrap();
        std::os::unix::fs::symlink("a.md", folder.path().join("link.md")).unwrap();
    }
    let settings = json!({
        "kind": "folder", "path": folder.path(), "include": ["**/*.md"], "exclude": ["skip"],
    });
    assert_eq!(Synced::open(settings, folder.path()).run().keys(), ["a.md", "kept/d.md"]);
}

#[test]
fn a_file_that_fails_is_a_problem_and_tried_again() {
    let folder = folder(&[("a.txt", "small"), ("b.txt", "too long")]);
    let settings =
        json!({ "kind": "folder", "path": folder.path(), "limits": { "file_bytes": 5 } });
    let mut synced = Synced::open(settings, folder.path());
    let run = synced.run();
    assert_eq!(run.keys(), ["a.txt"]);
    assert!(run.told().starts_with("b.txt: it has more than"), "{}", run.told());
    assert_eq!(synced.run().problems.len(), 1);
    // One that grew too large is still there: it is not removed.
    write(&folder, "a.txt", "grown too long", 1_000);
    let run = synced.run();
    assert_eq!((run.problems.len(), run.removes.len()), (2, 0));
    write(&folder, "b.txt", "ok", 1_000);
    assert_eq!(synced.run().keys(), ["b.txt"]);
}

#[test]
fn what_the_sink_did_not_take_comes_again() {
    let folder = folder(&[("a.txt", "a"), ("b.txt", "b"), ("c.txt", "c")]);
    let mut synced = opened(&folder);
    let run = synced.run_with(Recorder::replying(|change| match change {
        Change::Put(file) if file.key == "a.txt" => Reply::Again,
        _ => Reply::Taken,
    }));
    assert_eq!(run.keys(), ["b.txt", "c.txt"]);
    assert_eq!(synced.run().keys(), ["a.txt"]);
    fs::remove_file(folder.path().join("b.txt")).unwrap();
    assert!(synced.run_with(Recorder::replying(|_| Reply::Again)).removes.is_empty());
    assert_eq!(synced.run().removes, ["b.txt"]);
}

#[test]
fn a_stop_ends_the_run_and_the_next_goes_on() {
    let folder = folder(&[("a.txt", "a"), ("b.txt", "b"), ("c.txt", "c"), ("d.txt", "d")]);
    let mut synced = opened(&folder);
    for expected in [vec!["a.txt", "b.txt"], vec!["c.txt", "d.txt"], vec![]] {
        let left = Rc::new(Cell::new(2));
        let run = synced.run_with(Recorder::replying(move |_| {
            left.set(left.get() - 1);
            if left.get() < 0 { Reply::Stop } else { Reply::Taken }
        }));
        assert_eq!(run.keys(), expected);
        assert!(run.removes.is_empty());
    }
}

#[test]
fn more_files_than_the_limit_are_told_once() {
    let folder = folder(&[("a.txt", "a"), ("b.txt", "b"), ("c.txt", "c"), ("d.txt", "d")]);
    let settings = json!({ "kind": "folder", "path": folder.path(), "limits": { "files": 2 } });
    let mut synced = Synced::open(settings, folder.path());
    for expected in [vec!["a.txt", "b.txt"], vec![]] {
        let run = synced.run();
        assert_eq!(run.keys(), expected);
        assert_eq!(run.problems.len(), 1);
    }
}

#[test]
fn a_folder_that_is_gone_removes_nothing() {
    let outer = folder(&[("inner/a.txt", "a")]);
    let path = outer.path().join("inner");
    let mut synced = Synced::open(json!({ "kind": "folder", "path": path }), outer.path());
    synced.run();
    fs::remove_dir_all(&path).unwrap();
    let mut sink = Recorder::default();
    let error = synced.source.sync(&synced.state, &mut sink).unwrap_err();
    assert!(matches!(error, SourceError::File { .. }));
    assert!(sink.removes.is_empty());
}

#[test]
fn settings_and_policy_are_checked() {
    let inside = folder(&[]);
    let outside = folder(&[]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let allow_folders = vec![inside.path().to_owned()];
    let policy = SourcePolicy { allow_folders, ..SourcePolicy::default() };
    let context = context(&runtime, policy, inside.path());
    let open = |settings: serde_json::Value| {
        serde_json::from_value::<SourceSettings>(settings).unwrap().open(&context).err()
    };
    assert!(open(json!({ "kind": "folder", "path": inside.path() })).is_none());
    let dots = inside.path().join("..");
    for path in [outside.path(), &dots] {
        let refused = open(json!({ "kind": "folder", "path": path }));
        assert!(matches!(refused, Some(SourceError::Forbidden { .. })), "{path:?}");
    }
    let error = open(json!({
        "kind": "folder", "path": "relative", "include": ["a[", "ok"], "limits": { "files": 0 },
    }));
    let Some(SourceError::Settings(problems)) = error else { panic!("{error:?}") };
    let settings: Vec<_> = problems.iter().map(|problem| problem.setting.as_str()).collect();
    assert_eq!(settings, ["path", "include", "limits.files"]);
    let unknown = json!({ "kind": "folder", "path": "/x", "colour": 1 });
    assert!(serde_json::from_value::<SourceSettings>(unknown).is_err());
}

#[test]
fn a_watch_wakes_on_a_change() {
    let folder = folder(&[]);
    let mut watch = FolderWatch::new(&[folder.path().to_owned()]);
    if watch.fallback().is_some() {
        assert_eq!(watch.wait(Duration::ZERO), Wake::Timeout);
        return;
    }
    assert_eq!(watch.wait(Duration::ZERO), Wake::Timeout);
    for count in 0..3 {
        fs::write(folder.path().join("a.txt"), count.to_string()).unwrap();
    }
    assert_eq!(watch.wait(Duration::from_secs(20)), Wake::Changed);
    assert_eq!(watch.wait(Duration::ZERO), Wake::Timeout, "one change");
    let gone = FolderWatch::new(&[folder.path().join("missing")]);
    assert!(gone.fallback().is_some());
}
