//! A data folder under load, its backup, and restores to moments chosen at random: is every restored
//! database exactly what was committed by then, how much is lost, how long does it take?
//!
//! `cargo run -p assay-backup --example restore_cuts -- BYTES CUTS FOLDER`
//!
//! Four databases are written in a fixed order, a round at a time, with an original each round. After
//! a restore every row and original is compared with what was written; no database may have a round
//! that the one written before it has not; and no round may be missing that was answered before the
//! moment that the restore leads to.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "an example that a person runs")]

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use assay_backup::{BackupSettings, Backups, Logs, Place, Plan, Source};
use assay_core::{Clock, SystemClock, TenantId};
use assay_sqlite::{Database, DatabaseSettings, Migration, SqliteError, sql::params};
use assay_vault::EncryptionSettings;
use sha2::{Digest, Sha256};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "row",
    sql: "CREATE TABLE row (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;",
}];
/// Bytes of a row of each database, and rows of a round.
const ROW: usize = 8 << 10;
const ROWS: u64 = 4;
/// Bytes of an original.
const ORIGINAL: usize = 32 << 10;
/// Time that the folder is written to at a low rate while moments are recorded.
const RECORDED: Duration = Duration::from_secs(60);

/// Bytes that are of no other number, and always the same for this one.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let part = Sha256::digest(seed.to_le_bytes());
    let mut bytes = part.repeat(length.div_ceil(part.len()));
    bytes.truncate(length);
    bytes
}

fn row(database: usize, id: u64) -> Vec<u8> {
    noise(id * 16 + database as u64, ROW)
}

/// What a restored database holds: its rows, and whether each is what was written.
fn rows(path: &Path, database: usize) -> u64 {
    let open = Database::open(path, &DatabaseSettings::default(), MIGRATIONS).unwrap();
    open.read(|db| {
        let mut statement = db.prepare_cached("SELECT id, bytes FROM row ORDER BY id")?;
        let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut count = 0;
        for found in found {
            let (id, bytes): (u64, Vec<u8>) = found?;
            count += 1;
            assert_eq!(id, count, "a row is missing");
            assert!(bytes == row(database, id), "row {id} differs");
        }
        Ok::<_, SqliteError>(count)
    })
    .unwrap()
}

fn write_round(databases: &[Database], own: &Path, round: u64) {
    let original = noise(round, ORIGINAL);
    let name: String = Sha256::digest(&original).iter().map(|byte| format!("{byte:02x}")).collect();
    let shard = own.join("blobs").join(&name[..2]);
    fs::create_dir_all(&shard).unwrap();
    let part = own.join("blobs").join(format!("{round}.tmp"));
    fs::write(&part, &original).unwrap();
    fs::rename(part, shard.join(&name[2..])).unwrap();
    for (number, database) in databases.iter().enumerate() {
        database
            .write(move |tx| {
                for id in round * ROWS + 1..=(round + 1) * ROWS {
                    tx.execute("INSERT INTO row VALUES (?, ?)", params![id, row(number, id)])?;
                }
                Ok::<_, SqliteError>(())
            })
            .unwrap();
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let bytes: u64 = arguments.next().map_or(64 << 20, |text| text.parse().unwrap());
    let cuts: u64 = arguments.next().map_or(10, |text| text.parse().unwrap());
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "/tmp/assay-cuts".to_owned()));
    let (data, to) = (folder.join("data"), folder.join("place"));
    let own = data.join("tenants").join(TenantId::new().to_string());
    fs::create_dir_all(&own).unwrap();
    let logs = Logs::follow(&data);
    let paths = [
        data.join("control.db"),
        data.join("identity.db"),
        data.join("tasks.db"),
        own.join("records.db"),
    ];
    let open = |path: &PathBuf| Database::open(path, &DatabaseSettings::default(), MIGRATIONS);
    let databases: Vec<Database> = paths.iter().map(|path| open(path).unwrap()).collect();
    let rounds = bytes / (4 * ROWS * ROW as u64 + ORIGINAL as u64);
    for round in 0..rounds {
        write_round(&databases, &own, round);
    }
    println!("{rounds} rounds, {} bytes before the backup begins", size(&data));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let source = Source {
        data: data.clone(),
        logs,
        clock: Arc::clone(&clock),
        program: "cuts".to_owned(),
        schemas: BTreeMap::new(),
    };
    let settings = BackupSettings { to: Some((&to).into()), ..BackupSettings::default() };
    let began = Instant::now();
    let backups = Backups::start(source, settings).unwrap();
    while backups.shipping().until_ms.is_none() {
        thread::sleep(Duration::from_millis(20));
    }
    println!("the full copy took {:.1} s", began.elapsed().as_secs_f64());
    // Moments and what was answered by then.
    let answered = Arc::new(Mutex::new(Vec::<(i64, u64)>::new()));
    let is_over = Arc::new(AtomicBool::new(false));
    let writing = {
        let (answered, is_over, clock) =
            (Arc::clone(&answered), Arc::clone(&is_over), Arc::clone(&clock));
        let own = own.clone();
        thread::spawn(move || {
            let mut round = rounds;
            while !is_over.load(Ordering::Relaxed) {
                write_round(&databases, &own, round);
                round += 1;
                answered.lock().unwrap().push((clock.now_ms(), round));
                thread::sleep(Duration::from_millis(5));
            }
            databases
        })
    };
    let mut worst_lag: f64 = 0.0;
    let recording = Instant::now();
    while recording.elapsed() < RECORDED {
        thread::sleep(Duration::from_millis(50));
        let lag = clock.now_ms() - backups.shipping().until_ms.unwrap();
        worst_lag = worst_lag.max(lag as f64 / 1e3);
    }
    // From here on nothing is shipped: what the thread has not kept is lost, as at a kill.
    let killed_ms = clock.now_ms();
    is_over.store(true, Ordering::Relaxed);
    let _databases = writing.join().unwrap();
    let answered = std::mem::take(&mut *answered.lock().unwrap());
    let place = Place::open(&(&to).into(), &BackupSettings::default()).unwrap();
    let (first_ms, last_ms) = (answered.first().unwrap().0 + 1_100, killed_ms);
    println!(
        "{} rounds in {:.0} s; the oldest commit that was not kept was {worst_lag:.2} s old at most",
        answered.len(),
        RECORDED.as_secs_f64()
    );
    let (mut worst_rto, mut worst_loss): (f64, f64) = (0.0, 0.0);
    for cut in 0..cuts {
        let span = (last_ms - first_ms).unsigned_abs();
        let wanted = first_ms + i64::try_from(noise_number(cut) % span).unwrap();
        let back = folder.join("back");
        let began = Instant::now();
        let plan = Plan::to(&place, Some(wanted)).unwrap();
        plan.restore(&place, &back, &EncryptionSettings::default(), None).unwrap();
        let rto = began.elapsed().as_secs_f64();
        worst_rto = worst_rto.max(rto);
        let own_back = back.join(own.strip_prefix(&data).unwrap());
        let counts: Vec<u64> = paths
            .iter()
            .enumerate()
            .map(|(number, path)| rows(&back.join(path.strip_prefix(&data).unwrap()), number))
            .collect();
        // Databases are written one after the other: each has as many rounds as the next, or one more.
        assert!(counts.windows(2).all(|pair| pair[0] >= pair[1]), "{counts:?}");
        assert!(counts[0] - counts[3] <= ROWS, "{counts:?}");
        let restored = counts[3] / ROWS;
        let before = answered.iter().rev().find(|(at_ms, _)| *at_ms < plan.at_ms);
        let expected = before.map_or(rounds, |(_, round)| *round);
        assert!(restored >= expected, "{restored} of {expected} rounds");
        for round in 0..restored {
            let original = noise(round, ORIGINAL);
            let name: String =
                Sha256::digest(&original).iter().map(|byte| format!("{byte:02x}")).collect();
            let path = own_back.join("blobs").join(&name[..2]).join(&name[2..]);
            assert!(fs::read(&path).unwrap() == original, "an original differs");
        }
        let lost = answered.iter().filter(|(at_ms, round)| *at_ms <= wanted && *round > restored);
        let loss = lost.map(|(at_ms, _)| wanted - at_ms).max().unwrap_or(0) as f64 / 1e3;
        worst_loss = worst_loss.max(loss);
        println!("cut {cut}: {restored} rounds, {loss:.2} s lost, restored in {rto:.1} s");
        fs::remove_dir_all(&back).unwrap();
    }
    println!(
        "{} bytes of data, {} bytes of backup: {cuts} cuts, every row and original equal, \
         {worst_loss:.2} s lost and {worst_rto:.1} s to restore at worst, RPO {worst_lag:.2} s",
        size(&data),
        size(&to)
    );
    backups.stop();
    fs::remove_dir_all(&folder).unwrap();
}

fn noise_number(seed: u64) -> u64 {
    noise(seed + 7_777, 8).iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(|entry| match entry.file_type().unwrap().is_dir() {
            true => size(&entry.path()),
            false => entry.metadata().map_or(0, |data| data.len()),
        })
        .sum()
}
