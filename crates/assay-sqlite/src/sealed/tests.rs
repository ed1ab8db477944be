//! A sealed database behaves as a plain one, shows nothing on disk, and gives out nothing that was
//! changed.

use std::{fs, path::Path};

use crate::sql::{Transaction, params};
use assay_core::TenantId;
use assay_vault::{DataKey, Owner};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::{Database, DatabaseSettings, Migration, SqliteError};

const SCHEMA: Migration = Migration {
    version: 1,
    name: "texts",
    sql: "CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB NOT NULL); CREATE INDEX i ON t (v)",
};
/// A text that no file may show.
const PLANTED: &[u8] = b"planted-plaintext-that-nobody-may-read";

fn key() -> DataKey {
    DataKey::generate(Owner::Tenant(TenantId::new())).unwrap()
}

fn settings(key: Option<&DataKey>) -> DatabaseSettings {
    // A small cache makes SQLite write pages before the end of their transaction, and again.
    DatabaseSettings { key: key.cloned(), cache_kib: 16, ..DatabaseSettings::default() }
}

fn open(path: &Path, key: Option<&DataKey>) -> Result<Database, SqliteError> {
    Database::open(path, &settings(key), &[SCHEMA])
}

fn put(database: &Database, rows: Vec<(i64, Vec<u8>)>) -> Result<(), SqliteError> {
    database.write(move |transaction| {
        for (key, value) in rows {
            let sql = "INSERT OR REPLACE INTO t VALUES (?, ?)";
            transaction.prepare_cached(sql)?.execute(params![key, value])?;
        }
        Ok(())
    })
}

fn rows(database: &Database) -> Result<Vec<(i64, Vec<u8>)>, SqliteError> {
    database.read(|connection| {
        let mut statement = connection.prepare_cached("SELECT k, v FROM t ORDER BY k")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    })
}

fn integrity(database: &Database) -> Result<String, SqliteError> {
    database.read(|db| Ok(db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?))
}

fn check(database: &Database) -> String {
    integrity(database).unwrap()
}

/// The files as a crash would leave them, in another folder under the same name.
fn copy(from: &Path) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join(from.file_name().unwrap());
    for ending in ["", "-wal"] {
        let name = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
        if name(from).try_exists().unwrap() {
            fs::copy(name(from), name(&to)).unwrap();
        }
    }
    (folder, to)
}

fn shows(folder: &Path, text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if fs::read(&path).unwrap().windows(text.len()).any(|window| window == text) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Some hundred pages, in the file itself.
fn filled(folder: &Path, key: &DataKey) -> PathBuf {
    let path = folder.join("records.db");
    let database = open(&path, Some(key)).unwrap();
    let rows = (0..300).map(|number| (number, PLANTED.repeat(1 + number as usize % 60)));
    put(&database, rows.collect()).unwrap();
    path
}

#[test]
fn nothing_is_shown_by_any_file_while_it_is_open_and_after() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a name with ? and % in it.db");
    let key = key();
    let database = open(&path, Some(&key)).unwrap();
    put(&database, vec![(1, PLANTED.repeat(300)), (2, PLANTED.to_vec())]).unwrap();
    assert!(path.with_extension("db-wal").try_exists().unwrap());
    assert_eq!(shows(folder.path(), PLANTED), [""; 0]);
    assert_eq!(shows(folder.path(), b"CREATE TABLE"), [""; 0]);
    drop(database);
    assert_eq!(shows(folder.path(), PLANTED), [""; 0]);
    assert_eq!(shows(folder.path(), b"SQLite format"), [""; 0]);
    let database = open(&path, Some(&key)).unwrap();
    assert_eq!(rows(&database).unwrap()[1], (2, PLANTED.to_vec()));
}

#[test]
fn a_plain_database_of_before_is_sealed_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("records.db");
    let plain = open(&path, None).unwrap();
    put(&plain, (0..200).map(|key| (key, PLANTED.repeat(key as usize % 40))).collect()).unwrap();
    let before = rows(&plain).unwrap();
    // As after a crash: the log is not folded into the file, and a try of before was cut off.
    let (copied, path) = copy(&path);
    drop(plain);
    fs::write(copied.path().join("records.db.sealing"), b"half").unwrap();
    assert!(!shows(copied.path(), PLANTED).is_empty());
    let key = key();
    let sealed = open(&path, Some(&key)).unwrap();
    assert_eq!(rows(&sealed).unwrap(), before);
    assert_eq!(check(&sealed), "ok");
    assert_eq!(shows(copied.path(), PLANTED), [""; 0]);
    put(&sealed, vec![(1, b"new".to_vec())]).unwrap();
    drop(sealed);
    assert_eq!(rows(&open(&path, Some(&key)).unwrap()).unwrap()[1].1, b"new");
    assert_eq!(fs::read_dir(copied.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn another_key_and_no_key_open_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = filled(folder.path(), &key());
    let error = open(&path, Some(&key())).unwrap_err();
    assert!(matches!(&error, SqliteError::Sealed { path: at, .. } if *at == path), "{error}");
    assert!(error.to_string().contains("records.db") && error.to_string().contains("page 1"));
    assert!(open(&path, None).is_err());
}

#[test]
fn a_flipped_bit_in_any_page_is_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let key = key();
    let path = filled(folder.path(), &key);
    let (whole, good) =
        (fs::read(&path).unwrap(), rows(&open(&path, Some(&key)).unwrap()).unwrap());
    let check = integrity;
    for page in 0..whole.len() / PAGE {
        let mut bytes = whole.clone();
        bytes[page * PAGE + page * 37 % PAGE] ^= 1 << (page % 8);
        fs::write(&path, bytes).unwrap();
        let found = open(&path, Some(&key)).and_then(|database| {
            // A page of the index is not read by this; what is answered is right then.
            assert_eq!(rows(&database)?, good);
            check(&database)
        });
        match found {
            Ok(report) => assert_ne!(report, "ok", "page {}", page + 1),
            Err(error) => {
                assert!(matches!(&error, SqliteError::Sealed { .. }), "{error}");
                assert!(error.to_string().contains("records.db"), "{error}");
            }
        }
    }
}

#[test]
fn moved_and_foreign_and_missing_pages_are_errors() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let key = key();
    let path = filled(folder.path(), &key);
    let whole = fs::read(&path).unwrap();
    let foreign = fs::read(filled(other.path(), &self::key())).unwrap();
    let page = |of: &[u8], number: usize| of[number * PAGE..(number + 1) * PAGE].to_vec();
    let is_found = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let error = open(&path, Some(&key)).and_then(|database| rows(&database)).unwrap_err();
        // A file that is too short for its first page is refused by SQLite itself.
        assert!(matches!(error, SqliteError::Sealed { .. } | SqliteError::Open { .. }), "{error}");
        assert!(error.to_string().contains("records.db"), "{error}");
    };
    // Pages that the query reads: found by spoiling them.
    let read: Vec<usize> = (2..60)
        .filter(|number| {
            let mut bytes = whole.clone();
            bytes[number * PAGE] ^= 1;
            fs::write(&path, bytes).unwrap();
            open(&path, Some(&key)).and_then(|database| rows(&database)).is_err()
        })
        .take(2)
        .collect();
    let (first, second) = (read[0], read[1]);
    let mut swapped = whole.clone();
    swapped[first * PAGE..(first + 1) * PAGE].copy_from_slice(&page(&whole, second));
    swapped[second * PAGE..(second + 1) * PAGE].copy_from_slice(&page(&whole, first));
    is_found(&swapped);
    let mut mixed = whole.clone();
    mixed[first * PAGE..(first + 1) * PAGE].copy_from_slice(&page(&foreign, first));
    is_found(&mixed);
    is_found(&whole[..whole.len() - PAGE]);
    is_found(&whole[..whole.len() - 100]);
    is_found(&foreign);
    fs::write(&path, &whole).unwrap();
    assert_eq!(check(&open(&path, Some(&key)).unwrap()), "ok");
}

#[test]
fn a_frame_of_the_log_that_was_changed_under_an_open_database_is_an_error() {
    use std::os::unix::fs::FileExt;
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("records.db"), key());
    let database = open(&path, Some(&key)).unwrap();
    put(&database, vec![(1, PLANTED.repeat(500))]).unwrap();
    let log = path.with_extension("db-wal");
    let length = fs::metadata(&log).unwrap().len();
    let file = fs::OpenOptions::new().write(true).read(true).open(&log).unwrap();
    // Every frame but the header of the log is spoilt.
    for frame in 0..(length - 32) / 4120 {
        file.write_at(&[0x55; 8], 32 + frame * 4120 + 1000).unwrap();
    }
    let error = rows(&database).unwrap_err();
    assert!(error.to_string().contains("of the log"), "{error}");
    std::mem::forget(database);
}

#[test]
fn a_torn_end_of_the_log_ends_it_as_sqlite_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("records.db"), key());
    let database = open(&path, Some(&key)).unwrap();
    put(&database, vec![(1, b"kept".to_vec())]).unwrap();
    let kept = fs::metadata(path.with_extension("db-wal")).unwrap().len();
    put(&database, vec![(1, PLANTED.repeat(500)), (2, b"torn".to_vec())]).unwrap();
    let (_folder, copied) = copy(&path);
    let log = copied.with_extension("db-wal");
    let mut bytes = fs::read(&log).unwrap();
    bytes.truncate(usize::try_from(kept).unwrap() + 5000);
    fs::write(&log, bytes).unwrap();
    let database = open(&copied, Some(&key)).unwrap();
    assert_eq!(rows(&database).unwrap(), [(1, b"kept".to_vec())]);
    assert_eq!(check(&database), "ok");
}

/// A step of the comparison.
#[derive(Debug, Clone)]
enum Step {
    /// Rows of one transaction: key, length and filling of the value.
    Put(Vec<(u8, u16, u8)>),
    Delete(u8, u8),
    Fail(Vec<(u8, u16, u8)>),
    Checkpoint,
    Reopen,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    let some = || prop::collection::vec((any::<u8>(), 0..9_000_u16, any::<u8>()), 1..40);
    prop_oneof![
        6 => some().prop_map(Step::Put),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(from, count)| Step::Delete(from, count)),
        1 => some().prop_map(Step::Fail),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
        2 => Just(Step::Crash),
    ]
}

fn values(rows: &[(u8, u16, u8)]) -> Vec<(i64, Vec<u8>)> {
    rows.iter()
        .map(|(key, length, byte)| (i64::from(*key), vec![*byte; usize::from(*length)]))
        .collect()
}

fn apply(database: &Database, step: &Step) {
    match step {
        Step::Put(rows) => put(database, values(rows)).unwrap(),
        Step::Delete(from, count) => {
            let (from, to) = (i64::from(*from), i64::from(*from) + i64::from(*count));
            let sql = "DELETE FROM t WHERE k BETWEEN ? AND ?";
            let job = move |tx: &Transaction<'_>| Ok(tx.execute(sql, [from, to])?);
            database.write::<usize, SqliteError>(job).unwrap();
        }
        Step::Fail(rows) => {
            let rows = values(rows);
            let failed = database.write::<(), SqliteError>(move |transaction| {
                for (key, value) in rows {
                    let sql = "INSERT OR REPLACE INTO t VALUES (?, ?)";
                    transaction.execute(sql, params![key, value])?;
                }
                Err(SqliteError::NestedWrite)
            });
            assert!(failed.is_err());
        }
        Step::Checkpoint | Step::Reopen | Step::Crash => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is done, and wherever a crash comes, both hold the same rows.
    #[test]
    fn a_sealed_database_holds_what_a_plain_one_does(
        steps in prop::collection::vec(step(), 1..24),
    ) {
        let key = key();
        let mut folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let mut paths: Vec<_> = folders.iter().map(|it| it.path().join("records.db")).collect();
        let keys = [None, Some(&key)];
        let mut open_ones = [open(&paths[0], None).unwrap(), open(&paths[1], Some(&key)).unwrap()];
        for step in &steps {
            for side in 0..2 {
                match step {
                    Step::Checkpoint => {
                        let sealed = keys[side].map(|key| Sealed::new(&paths[side], key).unwrap());
                        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE;
                        let connection = match &sealed {
                            Some(sealed) => sealed.connect(flags).unwrap(),
                            None => Connection::open(&paths[side]).unwrap(),
                        };
                        connection.execute_batch("PRAGMA wal_checkpoint(PASSIVE)").unwrap();
                    }
                    Step::Crash => {
                        let (folder, path) = copy(&paths[side]);
                        open_ones[side] = open(&path, keys[side]).unwrap();
                        (folders[side], paths[side]) = (folder, path);
                    }
                    Step::Reopen => {
                        // The old one closes when it is replaced: two at once are allowed.
                        open_ones[side] = open(&paths[side], keys[side]).unwrap();
                    }
                    step => apply(&open_ones[side], step),
                }
            }
            prop_assert_eq!(rows(&open_ones[0]).unwrap(), rows(&open_ones[1]).unwrap());
        }
        prop_assert_eq!(check(&open_ones[1]), "ok");
    }
}
