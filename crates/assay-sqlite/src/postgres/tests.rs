//! The promises of a database hold on a server too, also when it goes away.

use assay_core::{Coded, ErrorCode, TenantId};

use super::*;
use crate::{
    Database, Migration, SqliteError, WayBack,
    sql::params,
    testing::{Postgres, binaries},
};

const NOTES: Schema = Schema {
    name: "assay_notes",
    guard: Guard::Tenant,
    migrations: &[Migration {
        version: 1,
        name: "notes",
        sql: "CREATE TABLE note (tenant uuid NOT NULL DEFAULT assay.tenant(), \
              k bigint NOT NULL CHECK (k >= 0), PRIMARY KEY (tenant, k))",
    }],
};

fn server(url: &str, connections_max: usize) -> Server {
    Server::at(url, &ServerSettings { connections_max, ..ServerSettings::default() }).unwrap()
}

fn open(server: &Server, tenant: TenantId) -> Database {
    Database::on(server, &NOTES, Some(tenant), &Default::default()).unwrap()
}

fn put(database: &Database, key: i64) -> Result<usize, SqliteError> {
    database.write(move |tx| Ok(tx.execute("INSERT INTO note (k) VALUES (?)", params![key])?))
}

fn keys(database: &Database) -> Result<Vec<i64>, SqliteError> {
    database.read(|db| {
        let mut rows = db.prepare_cached("SELECT k FROM note ORDER BY k")?;
        Ok(rows.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    })
}

#[test]
fn tenants_share_connections_and_nothing_else() {
    let Some(postgres) = Postgres::shared() else { return };
    // One connection to read and one to write, for everybody.
    let server = server(&postgres.database(&[NOTES]).unwrap(), 2);
    let tenants: Vec<_> = (0..4).map(|_| open(&server, TenantId::new())).collect();
    std::thread::scope(|scope| {
        for (number, tenant) in (0..).zip(&tenants) {
            scope.spawn(move || {
                for key in 0..20 {
                    put(tenant, number * 100 + key).unwrap();
                    let keys = keys(tenant).unwrap();
                    assert!(keys.iter().all(|key| key / 100 == number), "{keys:?}");
                }
            });
        }
    });
    for (number, tenant) in (0..).zip(&tenants) {
        let expected: Vec<i64> = (0..20).map(|key| number * 100 + key).collect();
        assert_eq!(keys(tenant).unwrap(), expected);
    }
    // What is left on an idle connection names nobody.
    let nobody = server.place(&NOTES, None);
    let seen: i64 = nobody
        .read(|db| {
            Ok::<_, SqliteError>(db.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(seen, 0);
}

#[test]
fn a_failing_job_takes_back_only_its_own_changes() {
    let Some(postgres) = Postgres::shared() else { return };
    let server = server(&postgres.database(&[NOTES]).unwrap(), 4);
    let database = open(&server, TenantId::new());
    std::thread::scope(|scope| {
        for producer in 0..8 {
            let database = &database;
            scope.spawn(move || {
                for number in 0..10 {
                    let key = producer * 10 + number;
                    let key = if number % 5 == 4 { -1 } else { key };
                    assert_eq!(put(database, key).is_ok(), key >= 0);
                }
            });
        }
    });
    let expected: Vec<i64> = (0..80).filter(|key| key % 5 != 4).collect();
    assert_eq!(keys(&database).unwrap(), expected);
    assert!(put(&database, 0).unwrap_err().is_duplicate());
    let panicked: Result<(), SqliteError> = database.write(|_| panic!("one job"));
    assert!(matches!(panicked, Err(SqliteError::Panicked { .. })));
    let written = database.read(|db| Ok(db.execute("DELETE FROM note", [])?));
    assert!(matches!(written, Err(SqliteError::ReadOnly(_))), "{written:?}");
}

#[test]
fn a_read_sees_one_state() {
    let Some(postgres) = Postgres::shared() else { return };
    let server = server(&postgres.database(&[NOTES]).unwrap(), 4);
    let database = open(&server, TenantId::new());
    let count = |db: &crate::sql::Connection| {
        Ok::<i64, SqliteError>(db.query_row("SELECT count(*) FROM note", [], |row| row.get(0))?)
    };
    let seen = database.read(|db| {
        let before = count(db)?;
        put(&database, 1)?;
        Ok::<_, SqliteError>((before, count(db)?))
    });
    assert_eq!((seen.unwrap(), database.read(count).unwrap()), ((0, 0), 1));
}

#[test]
fn a_server_that_goes_away_is_told_and_loses_nothing() {
    let Some(bin) = binaries() else { return };
    let postgres = std::sync::Arc::new(Postgres::start(bin).unwrap());
    let server = server(&postgres.database(&[NOTES]).unwrap(), 4);
    let tenant = TenantId::new();
    let database = open(&server, tenant);
    put(&database, 1).unwrap();
    let stopping = std::sync::Arc::clone(&postgres);
    let lost = database.write(move |tx| {
        tx.execute("INSERT INTO note (k) VALUES (2)", [])?;
        stopping.stop().unwrap();
        Ok::<_, SqliteError>(tx.execute("INSERT INTO note (k) VALUES (3)", [])?)
    });
    is_unavailable(&lost.unwrap_err());
    is_unavailable(&keys(&database).unwrap_err());
    is_unavailable(&put(&database, 4).unwrap_err());
    is_unavailable(&Database::on(&server, &NOTES, Some(tenant), &Default::default()).unwrap_err());
    postgres.start_again().unwrap();
    assert_eq!(keys(&database).unwrap(), [1]);
    put(&database, 5).unwrap();
    assert_eq!(keys(&database).unwrap(), [1, 5]);
}

fn is_unavailable(error: &SqliteError) {
    assert_eq!(error.code(), ErrorCode::Unavailable, "{error:?}");
    assert!(error.hint().is_some());
}

#[test]
fn tables_of_another_version_are_refused() {
    const NEXT: Schema = Schema {
        migrations: &[NOTES.migrations[0], Migration { version: 2, name: "b", sql: "SELECT 1" }],
        ..NOTES
    };
    const BROKEN: Schema = Schema {
        migrations: &[
            NOTES.migrations[0],
            Migration { version: 2, name: "b", sql: "CREATE TABLE u (); CREATE TABLE note ()" },
        ],
        ..NOTES
    };
    let Some(postgres) = Postgres::shared() else { return };
    let url = postgres.database(&[NOTES]).unwrap();
    let user = server(&url, 4);
    let older = user.check(&NEXT).unwrap_err();
    assert!(matches!(older, SqliteError::OlderSchema { found: 1, known: 2, .. }), "{older:?}");
    assert!(older.hint().unwrap().contains("assay migrate"));
    let migrator = server(&url.replace("//assay@", "//migrator@"), 4);
    let broken = migrator.migrate(&[BROKEN], "assay").unwrap_err();
    assert!(matches!(broken, SqliteError::Migration { version: 2, .. }), "{broken:?}");
    assert_eq!(migrator.migrate(&[NEXT], "assay").unwrap(), ["assay_notes 2 (b)"]);
    assert!(migrator.migrate(&[NEXT], "assay").unwrap().is_empty(), "once");
    user.check(&NEXT).unwrap();
    let newer = user.check(&NOTES).unwrap_err();
    assert!(matches!(newer, SqliteError::NewerSchema { found: 2, known: 1 }), "{newer:?}");
    let absent = migrator.migrate(&[NEXT], "nobody").unwrap_err();
    assert!(matches!(absent, SqliteError::NoRole { .. }), "{absent:?}");
}

#[test]
fn tables_go_back_one_version_and_keep_their_rows() {
    const NEXT: Schema = Schema {
        migrations: &[
            NOTES.migrations[0],
            Migration { version: 2, name: "b", sql: "ALTER TABLE note ADD COLUMN extra text" },
        ],
        ..NOTES
    };
    let sql = "ALTER TABLE note DROP COLUMN extra";
    let way = WayBack { from: 2, to: 1, loses: "", sql, sql_on_server: None };
    let Some(postgres) = Postgres::shared() else { return };
    let url = postgres.database(&[NOTES]).unwrap();
    let migrator = server(&url.replace("//assay@", "//migrator@"), 4);
    migrator.migrate(&[NEXT], "assay").unwrap();
    let (user, tenant) = (server(&url, 4), TenantId::new());
    let notes = Database::on(&user, &NEXT, Some(tenant), &Default::default()).unwrap();
    put(&notes, 7).unwrap();
    drop(notes);
    let broken = WayBack { sql: "ALTER TABLE note DROP COLUMN extra; SELECT 1/0", ..way };
    let failed = migrator.step_back(&NEXT, &broken).unwrap_err();
    assert!(matches!(failed, SqliteError::Migration { version: 1, .. }), "{failed:?}");
    assert_eq!(migrator.version(&NEXT).unwrap(), 2);
    user.step_back(&NEXT, &way).unwrap_err();
    assert!(migrator.step_back(&NEXT, &way).unwrap());
    assert!(!migrator.step_back(&NEXT, &way).unwrap(), "once");
    assert_eq!(keys(&open(&user, tenant)).unwrap(), [7]);
    assert_eq!(migrator.migrate(&[NEXT], "assay").unwrap(), ["assay_notes 2 (b)"]);
    let newer = WayBack { from: 1, to: 0, ..way };
    let newer = migrator.step_back(&NOTES, &newer).unwrap_err();
    assert!(matches!(newer, SqliteError::NewerSchema { found: 2, known: 1 }), "{newer:?}");
}

#[test]
fn a_password_is_in_no_text() {
    let bad = ["postgres://u:hush@", "hush", "postgres://u:hush@h:port/d", "mysql://u:hush@h/d"];
    for url in bad {
        let error = Server::at(url, &ServerSettings::default()).unwrap_err();
        let said = format!("{error} {error:?} {:?}", error.hint());
        assert!(!said.contains("hush"), "{said}");
    }
    let server = server("postgres://u:hush@127.0.0.1:1/d", 4);
    let error = Database::on(&server, &NOTES, None, &Default::default()).unwrap_err();
    let said = format!("{server:?} {error} {error:?} {:?}", error.hint());
    assert!(!said.contains("hush"), "{said}");
    assert_eq!(error.code(), ErrorCode::Unavailable);
}
