//! What was kept of the logs, folded into a copy of the file, is the file.

use std::{
    fs,
    sync::{Arc, Mutex},
};

use assay_vault::{DataKey, Owner};

use super::*;
use crate::{Database, DatabaseSettings, Migration, sql::params};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 3,
    name: "row",
    sql: "CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
}];

/// Keeps logs in memory, by their salts, as a backup keeps them in files.
#[derive(Default)]
struct Memory(Mutex<Vec<(Vec<u8>, Vec<u8>)>>);

impl Keeper for Memory {
    fn keep(&self, path: &Path, end: u64) -> io::Result<()> {
        let mut bytes = fs::read(beside(path))?;
        bytes.truncate(usize::try_from(end).unwrap());
        let salts = bytes[16..24].to_vec();
        let mut rounds = lock(&self.0);
        match rounds.last_mut().filter(|(of, _)| *of == salts) {
            Some((_, known)) => *known = bytes,
            None => rounds.push((salts, bytes)),
        }
        Ok(())
    }

    fn lost(&self, _: &Path) {
        panic!("nothing is lost here");
    }
}

fn write(database: &Database, from: u64, count: u64) {
    database
        .write(move |tx| {
            for id in from..from + count {
                tx.execute("INSERT INTO row VALUES (?, ?)", params![id, "x".repeat(2_000)])?;
            }
            Ok::<_, SqliteError>(())
        })
        .unwrap();
}

fn count(database: &Database) -> u64 {
    database
        .read(|db| {
            Ok::<_, SqliteError>(db.query_row("SELECT count(*) FROM row", [], |row| row.get(0))?)
        })
        .unwrap()
}

fn rounds_lead_to_the_same_rows(key: Option<DataKey>) {
    let folder = tempfile::tempdir().unwrap();
    let (live, copy) = (folder.path().join("live"), folder.path().join("copy"));
    fs::create_dir_all(&live).unwrap();
    fs::create_dir_all(&copy).unwrap();
    let (path, restored) = (live.join("rows.db"), copy.join("rows.db"));
    let settings = DatabaseSettings { key: key.clone(), ..DatabaseSettings::default() };
    let logs = Logs::follow(&live);
    let database = Database::open(&path, &settings, MIGRATIONS).unwrap();
    write(&database, 0, 10);
    let memory = Arc::new(Memory::default());
    {
        let still = logs.hold_still();
        // Commits go on; the file stays as it is.
        let before = fs::read(&path).unwrap();
        for part in 0..4 {
            write(&database, 10 + part * 1_000, 1_000);
        }
        assert_eq!(fs::read(&path).unwrap(), before);
        fs::copy(&path, &restored).unwrap();
        memory.keep(&path, still.cut()[&path].end).unwrap();
        logs.keep_with(Some(Arc::clone(&memory) as Arc<dyn Keeper>));
    }
    for part in 0..20 {
        write(&database, 10_000 + part * 300, 300);
    }
    let end = logs.hold_still().cut()[&path].end;
    memory.keep(&path, end).unwrap();
    let rounds = std::mem::take(&mut *lock(&memory.0));
    assert!(rounds.len() > 3, "{} rounds", rounds.len());
    for (_, bytes) in rounds {
        fs::write(beside(&restored), &bytes).unwrap();
        assert_eq!(fold(&restored, key.as_ref()).unwrap(), bytes.len() as u64);
        assert!(!is_there(&restored));
    }
    assert_eq!(faults(&restored, key.as_ref()).unwrap(), Vec::<String>::new());
    assert_eq!(schema_version(&restored, key.as_ref()).unwrap(), 3);
    logs.keep_with(None);
    assert_eq!(count(&database), 10_010);
    let again = Database::open(&restored, &settings, MIGRATIONS).unwrap();
    assert_eq!(count(&again), 10_010);
}

#[test]
fn what_was_kept_leads_to_the_same_rows() {
    rounds_lead_to_the_same_rows(None);
}

#[test]
fn what_was_kept_of_a_sealed_database_leads_to_the_same_rows() {
    rounds_lead_to_the_same_rows(Some(DataKey::generate(Owner::Installation).unwrap()));
}

#[test]
fn a_log_that_was_left_open_is_taken_up_where_it_ended() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.db");
    let logs = Logs::follow(folder.path());
    let settings = DatabaseSettings::default();
    let database = Database::open(&path, &settings, MIGRATIONS).unwrap();
    write(&database, 0, 10);
    let still = logs.hold_still();
    let end = still.cut()[&path].end;
    drop(database);
    assert!(is_there(&path), "nothing is folded while the folder is held still");
    assert_eq!(still.cut()[&path].end, end);
    drop(still);
    let database = Database::open(&path, &settings, MIGRATIONS).unwrap();
    assert!(logs.hold_still().cut()[&path].end > end);
    assert_eq!(count(&database), 10);
    drop(database);
    assert!(!is_there(&path));
    assert_eq!(logs.hold_still().cut()[&path].end, 0);
}
