//! Durable inserts per second from many producers:
//! `cargo run --release -p assay-sqlite --example durable_writes -- <folder>`.

use std::{path::PathBuf, thread, time::Instant};

use assay_sqlite::{Database, DatabaseSettings, Migration, SqliteError};

const PRODUCERS: usize = 32;
const INSERTS_EACH: usize = 1_000;
const TABLE: Migration = Migration {
    version: 1,
    name: "bench",
    sql: "CREATE TABLE record (id INTEGER PRIMARY KEY, body TEXT NOT NULL)",
};

#[expect(clippy::print_stdout, reason = "the figures are what the example is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder)?;
    let database =
        Database::open(&folder.path().join("bench.db"), &DatabaseSettings::default(), &[TABLE])?;
    let start = Instant::now();
    let mut waits = produce(&database)?;
    let elapsed = start.elapsed().as_secs_f64();
    waits.sort_by(f64::total_cmp);
    let inserts = waits.len();
    let p95 = waits.get(inserts * 95 / 100).copied().unwrap_or_default();
    let rate = inserts as f64 / elapsed;
    println!("{inserts} durable inserts from {PRODUCERS} producers: {rate:.0}/s, P95 {p95:.1} ms");
    Ok(())
}

/// The time that each insert took until it was durable, in milliseconds.
fn produce(database: &Database) -> Result<Vec<f64>, SqliteError> {
    let produce_one = || -> Result<Vec<f64>, SqliteError> {
        (0..INSERTS_EACH)
            .map(|_| {
                let start = Instant::now();
                database.write(|transaction| -> Result<(), SqliteError> {
                    let sql = "INSERT INTO record (body) VALUES (?)";
                    transaction
                        .prepare_cached(sql)?
                        .execute(["a body of some forty characters, no more"])?;
                    Ok(())
                })?;
                Ok(start.elapsed().as_secs_f64() * 1e3)
            })
            .collect()
    };
    thread::scope(|scope| {
        let producers: Vec<_> = (0..PRODUCERS).map(|_| scope.spawn(produce_one)).collect();
        let mut waits = Vec::new();
        for producer in producers {
            waits.extend(producer.join().map_err(|_| SqliteError::WriterGone)??);
        }
        Ok(waits)
    })
}
