//! What statements take is counted under the store that they were on.

use crate::{Database, DatabaseSettings, Migration, SqliteError};

use super::*;

const NUMBERS: Migration =
    Migration { version: 1, name: "numbers", sql: "CREATE TABLE n (k INTEGER PRIMARY KEY)" };

/// How many statements of a kind are counted; no other test has a store of this name.
fn counted(store: &str, kind: &str) -> (u64, f64) {
    let times = statement_times().into_iter().find(|it| (it.store, it.kind) == (store, kind));
    times.map_or((0, 0.0), |it| (it.buckets.iter().map(|(_, count)| count).sum(), it.seconds))
}

#[test]
fn each_statement_counts_once_until_its_last_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("control.db");
    let database = Database::open(&path, &DatabaseSettings::default(), &[NUMBERS]).unwrap();
    let write = || {
        database.write(|tx| {
            for k in 0..100 {
                tx.execute("INSERT OR REPLACE INTO n VALUES (?)", [k])?;
            }
            Ok::<_, SqliteError>(())
        })
    };
    write().unwrap();
    // The writes and their commit.
    assert_eq!(counted("control", "write").0, 101);
    assert_eq!(counted("control", "read").0, 0);
    let (sum, before) = database
        .read(|db| {
            let mut statement = db.prepare_cached("SELECT k FROM n")?;
            let mut rows = statement.query([])?;
            let mut sum = 0;
            while let Some(row) = rows.next()? {
                sum += row.get::<_, i64>(0)?;
            }
            // Not yet: more rows might be asked for.
            Ok::<_, SqliteError>((sum, counted("control", "read").0))
        })
        .unwrap();
    assert_eq!((sum, before), (4_950, 0));
    let (count, seconds) = counted("control", "read");
    assert!(count == 1 && seconds > 0.0, "{count} in {seconds} s");
    let told = statement_times();
    let control = told.iter().find(|it| it.store == "control" && it.kind == "read").unwrap();
    assert_eq!(control.buckets.last().unwrap().0, f64::INFINITY);
    assert_eq!(control.slow, 0);
}

#[test]
fn a_slow_statement_is_counted_and_told_without_values() {
    let times = Times::new("ledger", "read");
    times.note(Duration::from_millis(900), "SELECT 1");
    times.note(Duration::from_millis(1_100), "SELECT 1");
    let counts: Vec<u64> = times.counts.iter().map(|it| it.load(Ordering::Relaxed)).collect();
    assert_eq!(counts.get(11..), Some([1, 1].as_slice()), "{counts:?}");
    assert_eq!(times.slow.load(Ordering::Relaxed), 1);
    assert_eq!(shown("SELECT  a\n   FROM b\n WHERE c = ?"), "SELECT a FROM b WHERE c = ?");
    assert_eq!(shown(&"x".repeat(9_000)).len(), SHOWN);
}
