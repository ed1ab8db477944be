//! The promises of a database: durable, isolated, refused when it cannot be kept.

use std::fs;

use crate::sql::params;
use assay_core::{Coded, ErrorCode};
use proptest::prelude::*;

use super::*;

const FIRST: Migration = Migration {
    version: 1,
    name: "table",
    sql: "CREATE TABLE t (k INTEGER PRIMARY KEY, v INTEGER NOT NULL CHECK (v >= 0))",
};
const SECOND: Migration =
    Migration { version: 2, name: "second table", sql: "CREATE TABLE u (k INTEGER)" };

fn open(path: &Path, migrations: &[Migration]) -> Result<Database, SqliteError> {
    Database::open(path, &DatabaseSettings::default(), migrations)
}

fn put(database: &Database, key: i64, value: i64) -> Result<usize, SqliteError> {
    database.write(move |transaction| {
        let sql = "INSERT OR REPLACE INTO t VALUES (?, ?)";
        Ok(transaction.prepare_cached(sql)?.execute(params![key, value])?)
    })
}

fn rows(database: &Database) -> Vec<(i64, i64)> {
    let read = |connection: &Connection| -> Result<Vec<_>, SqliteError> {
        let mut statement = connection.prepare_cached("SELECT k, v FROM t ORDER BY k")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    database.read(read).unwrap()
}

#[test]
fn concurrent_writes_all_arrive_and_survive_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let database = open(&path, &[FIRST]).unwrap();
    thread::scope(|scope| {
        for producer in 0..16 {
            let database = database.clone();
            scope.spawn(move || {
                for number in 0..20 {
                    let key = producer * 20 + number;
                    // Every fifth write breaks a constraint, in the middle of the others' groups.
                    let value = if number % 5 == 4 { -1 } else { key };
                    assert_eq!(put(&database, key, value).is_ok(), value >= 0);
                }
            });
        }
    });
    let written: Vec<_> = (0..320).filter(|key| key % 5 != 4).map(|key| (key, key)).collect();
    assert_eq!(rows(&database), written);
    drop(database);
    assert!(!folder.path().join("a.db-wal").try_exists().unwrap(), "closing folds the log");
    assert_eq!(rows(&open(&path, &[FIRST]).unwrap()), written);
}

#[test]
fn an_acknowledged_write_is_in_a_copy_taken_without_closing() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("a.db"), &[FIRST]).unwrap();
    put(&database, 1, 10).unwrap();
    // What a crash would leave: the files as they are while the database is open.
    fs::copy(folder.path().join("a.db"), folder.path().join("b.db")).unwrap();
    fs::copy(folder.path().join("a.db-wal"), folder.path().join("b.db-wal")).unwrap();
    assert_eq!(rows(&open(&folder.path().join("b.db"), &[FIRST]).unwrap()), [(1, 10)]);
}

#[test]
fn the_writer_syncs_each_commit_and_checks_foreign_keys() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("a.db"), &[FIRST]).unwrap();
    let pragmas = database.write(|transaction| -> Result<_, SqliteError> {
        let mode: String = transaction.query_row("PRAGMA journal_mode", [], |r| r.get(0))?;
        let sync: i64 = transaction.query_row("PRAGMA synchronous", [], |r| r.get(0))?;
        let keys: bool = transaction.query_row("PRAGMA foreign_keys", [], |r| r.get(0))?;
        Ok((mode, sync, keys))
    });
    // 2 is FULL.
    assert_eq!(pragmas.unwrap(), ("wal".to_owned(), 2, true));
}

#[test]
fn a_panic_does_not_stop_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("a.db"), &[FIRST]).unwrap();
    let answer: Result<(), SqliteError> = database.write(|_| panic!("one job"));
    assert!(matches!(answer, Err(SqliteError::Panicked { .. })));
    put(&database, 1, 1).unwrap();
    assert_eq!(rows(&database), [(1, 1)]);
}

#[test]
fn a_write_inside_a_write_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("a.db"), &[FIRST]).unwrap();
    let inner = database.clone();
    let answer = database.write(move |_| put(&inner, 1, 1));
    assert!(matches!(answer, Err(SqliteError::NestedWrite)));
}

#[test]
fn a_read_sees_one_state() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("a.db"), &[FIRST]).unwrap();
    let count = |connection: &Connection| -> Result<i64, SqliteError> {
        Ok(connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?)
    };
    let (before, after) = database
        .read(|connection| {
            let before = count(connection)?;
            put(&database, 1, 1)?;
            Ok::<_, SqliteError>((before, count(connection)?))
        })
        .unwrap();
    assert_eq!((before, after), (0, 0));
    assert_eq!(database.read(count).unwrap(), 1);
}

#[test]
fn a_read_job_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let database = open(&folder.path().join("a.db"), &[FIRST]).unwrap();
    let answer = database.read(|connection| {
        Ok::<_, SqliteError>(connection.execute("INSERT INTO t VALUES (1, 1)", [])?)
    });
    assert!(matches!(answer, Err(SqliteError::ReadOnly(_))));
}

#[test]
fn a_folder_that_cannot_be_written_is_reported_with_the_path() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(&folder.path().join("absent/a.db"), &[FIRST]).unwrap_err();
    assert!(error.to_string().contains("absent/a.db"), "{error}");
    assert!(error.hint().is_some());

    let mut permissions = fs::metadata(folder.path()).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(folder.path(), permissions).unwrap();
    if fs::write(folder.path().join("probe"), "").is_ok() {
        println!("skipped the second half: this user may write everywhere");
        return;
    }
    let error = open(&folder.path().join("a.db"), &[FIRST]).unwrap_err();
    assert!(matches!(error, SqliteError::Open { .. }));
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    fs::write(&path, "not a database, but long enough to have a header ".repeat(20)).unwrap();
    assert!(matches!(open(&path, &[FIRST]), Err(SqliteError::Open { .. })));
}

#[test]
fn migrations_run_once_and_a_newer_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    put(&open(&path, &[FIRST]).unwrap(), 1, 1).unwrap();
    assert_eq!(rows(&open(&path, &[FIRST, SECOND]).unwrap()), [(1, 1)]);
    let error = open(&path, &[FIRST]).unwrap_err();
    assert!(matches!(error, SqliteError::NewerSchema { found: 2, known: 1 }));
    assert_eq!(error.code(), ErrorCode::Internal);
}

#[test]
fn a_failing_migration_leaves_the_schema_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let broken = Migration { sql: "CREATE TABLE u (k); CREATE TABLE t (k)", ..SECOND };
    let error = open(&path, &[FIRST, broken]).unwrap_err();
    assert!(matches!(error, SqliteError::Migration { version: 2, .. }));
    open(&path, &[FIRST, SECOND]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Threads that each own a range of keys leave what they would leave one after the other.
    #[test]
    fn concurrent_writes_equal_sequential_ones(
        producers in prop::collection::vec(prop::collection::vec((0..4_i64, -1..9_i64), 0..12), 1..6),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let database = open(&folder.path().join("a.db"), &[FIRST]).unwrap();
        let keyed = |producer: usize, key: i64| i64::try_from(producer).unwrap() * 4 + key;
        thread::scope(|scope| {
            for (producer, writes) in producers.iter().enumerate() {
                let database = &database;
                scope.spawn(move || {
                    for (key, value) in writes {
                        let done = put(database, keyed(producer, *key), *value).is_ok();
                        assert_eq!(done, *value >= 0);
                    }
                });
            }
        });
        let mut model = std::collections::BTreeMap::new();
        for (producer, writes) in producers.iter().enumerate() {
            let kept = writes.iter().filter(|(_, value)| *value >= 0);
            model.extend(kept.map(|(key, value)| (keyed(producer, *key), *value)));
        }
        prop_assert_eq!(rows(&database), model.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn what_was_deleted_is_in_no_file() {
    const TEXT: &str = "CREATE TABLE note (k INTEGER PRIMARY KEY, v TEXT NOT NULL)";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    // With the folder followed, as a server has it, and without.
    for logs in [None, Some(Logs::follow(folder.path()))] {
        let database = open(&path, &[Migration { version: 1, name: "note", sql: TEXT }]).unwrap();
        let run = |sql: &'static str, value: String| {
            database.write(move |tx| Ok::<_, SqliteError>(tx.execute(sql, [value])?)).unwrap()
        };
        // Short ones share a page, the long ones lie on pages of their own.
        for length in [1, 40, 9_000] {
            run("INSERT INTO note (v) VALUES (?)", "quorvex".repeat(length));
        }
        run("INSERT INTO note (v) VALUES (?)", "kept".to_owned());
        let holding = |word: &[u8]| {
            let files = fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().path());
            let holds = |path: &PathBuf| {
                fs::read(path).unwrap().windows(word.len()).any(|part| part == word)
            };
            files.filter(holds).count()
        };
        assert!(holding(b"quorvex") > 0);
        run("DELETE FROM note WHERE v LIKE ?", "quorvex%".to_owned());
        database.empty_log().unwrap();
        assert_eq!(holding(b"quorvex"), 0, "{logs:?}");
        assert!(holding(b"kept") > 0);
        // It goes on being a database.
        run("DELETE FROM note WHERE v = ?", "kept".to_owned());
    }
}
