//! What encryption at rest costs: durable inserts, reads that are not in a cache, blobs.
//!
//! `cargo run --release -p assay-store --example encryption_cost`
#![expect(clippy::print_stdout, reason = "the output is the measurement")]

use std::{error::Error, path::Path, sync::Arc, thread, time::Instant};

use assay_core::{Secret, SystemClock, TenantId, TenantScope};
use assay_sqlite::{Database, DatabaseSettings, Migration, SqliteError, sql::params};
use assay_store::{Store, StoreSettings};
use assay_vault::{DataKey, EncryptionSettings, Owner, Vault};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SCHEMA: Migration = Migration {
    version: 1,
    name: "passages",
    sql: "CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT NOT NULL)",
};
/// Rows, of about the size of a passage: 150 MB, far more than the 4 MB cache of a connection.
const ROWS: i64 = 100_000;
/// Threads that insert one row at a time, each durable before the next.
const WRITERS: i64 = 8;
const INSERTS: i64 = 500;
const READS: i64 = 100_000;
const ROUNDS: usize = 3;
/// A large original and a usual one.
const BLOBS: [(usize, usize); 2] = [(64 << 20, 4), (200 << 10, 300)];

fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    for round in 0..ROUNDS {
        for name in ["plain", "sealed"] {
            let key = match name {
                "sealed" => Some(DataKey::generate(Owner::Tenant(TenantId::new()))?),
                _ => None,
            };
            let path = folder.path().join(format!("{name}-{round}.db"));
            database(name, &path, key)?;
        }
    }
    for round in 0..ROUNDS {
        for name in ["plain", "sealed"] {
            blobs(name, &folder.path().join(format!("{name}-{round}")))?;
        }
    }
    Ok(())
}

fn database(name: &str, path: &Path, key: Option<DataKey>) -> Outcome<()> {
    let settings = DatabaseSettings { key, ..DatabaseSettings::default() };
    let database = Database::open(path, &settings, &[SCHEMA])?;
    let text = "A passage of a document, about as long as one is. ".repeat(30);

    let start = Instant::now();
    let bulk = text.clone();
    database.write(move |tx| -> Result<(), SqliteError> {
        let mut insert = tx.prepare_cached("INSERT INTO t VALUES (?, ?)")?;
        (0..ROWS).try_for_each(|key| Ok(insert.execute(params![key, bulk]).map(|_| ())?))
    })?;
    let bulk_s = start.elapsed().as_secs_f64();

    let start = Instant::now();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (database, text) = (&database, &text);
            scope.spawn(move || {
                for number in 0..INSERTS {
                    let (key, text) = (ROWS + writer * INSERTS + number, text.clone());
                    let job = move |tx: &assay_sqlite::sql::Transaction<'_>| {
                        let mut insert = tx.prepare_cached("INSERT INTO t VALUES (?, ?)")?;
                        Ok::<_, SqliteError>(insert.execute(params![key, text])?)
                    };
                    if let Err(error) = database.write(job) {
                        println!("an insert failed: {error}");
                    }
                }
            });
        }
    });
    let inserts = (WRITERS * INSERTS) as f64 / start.elapsed().as_secs_f64();

    drop(database);
    let database = Database::open(path, &settings, &[SCHEMA])?;
    let start = Instant::now();
    let bytes = database.read(|db| -> Result<usize, SqliteError> {
        let mut get = db.prepare_cached("SELECT v FROM t WHERE k = ?")?;
        let mut bytes = 0;
        for number in 0..READS {
            // Far from one another, so that hardly any page is in the cache.
            let key = number * 7_919 % ROWS;
            bytes += get.query_row([key], |row| Ok(row.get_ref(0)?.as_str()?.len()))?;
        }
        Ok(bytes)
    })?;
    let reads = READS as f64 / start.elapsed().as_secs_f64();
    println!(
        "{name:<6} bulk {:>6.0} rows/s, durable inserts {inserts:>6.0}/s by {WRITERS} threads, \
         scattered reads {reads:>7.0}/s ({} MB)",
        ROWS as f64 / bulk_s,
        bytes >> 20
    );
    Ok(())
}

fn blobs(name: &str, data: &Path) -> Outcome<()> {
    std::fs::create_dir_all(data)?;
    let root_key = (name == "sealed").then(|| Secret::new(format!("{}=", "A".repeat(43))));
    let settings = EncryptionSettings { root_key, ..EncryptionSettings::default() };
    let vault = Arc::new(Vault::open(data, &settings)?);
    let store = Store::open_with(data, Arc::new(SystemClock), &StoreSettings::default(), vault)?;
    let tenant = store.tenant(&TenantScope::built_in())?;
    for (length, count) in BLOBS {
        let mut hashes = Vec::new();
        let start = Instant::now();
        for number in 0..count {
            let mut bytes = vec![0; length];
            if let Some(start) = bytes.first_chunk_mut() {
                *start = number.to_le_bytes();
            }
            hashes.push(tenant.put_blob(&bytes)?);
        }
        let put = start.elapsed().as_secs_f64();
        let start = Instant::now();
        for hash in &hashes {
            tenant.blob(*hash)?;
        }
        let got = start.elapsed().as_secs_f64();
        let megabytes = (length * count) as f64 / 1e6;
        println!(
            "{name:<6} blobs of {:>6} kB: put {:>5.0} MB/s, get {:>5.0} MB/s",
            length >> 10,
            megabytes / put,
            megabytes / got
        );
    }
    Ok(())
}
