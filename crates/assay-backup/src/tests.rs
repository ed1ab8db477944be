//! A folder in use is copied, damaged, cut and brought back.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use assay_core::{Clock, FakeClock, TenantId, TenantScope};
use assay_sqlite::{Database, DatabaseSettings, Keeper, Logs, Migration, SqliteError, sql::params};
use assay_testkit::bucket::FakeBucket;
use assay_vault::EncryptionSettings;

use crate::{
    BackupError, BackupSettings, Backups, Location, Place, Plan, S3Settings, Source,
    generation::Generation,
};

mod places;

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "row",
    sql: "CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;",
}];
const START_MS: i64 = 1_700_000_000_000;

/// Where a test puts its backups.
pub(crate) struct Spot {
    pub(crate) at: Location,
    /// How it is reached.
    pub(crate) settings: BackupSettings,
}

impl Spot {
    fn folder(root: &Path) -> Self {
        Self { at: root.into(), settings: BackupSettings::default() }
    }

    /// A part of the bucket of a service on loopback.
    pub(crate) fn bucket(of: &FakeBucket) -> Self {
        let s3 = S3Settings {
            endpoint: of.url.clone(),
            access_key: Some("AKIA".to_owned()),
            secret_key: Some(assay_core::Secret::new(assay_testkit::bucket::SECRET.to_owned())),
            ..S3Settings::default()
        };
        let settings = BackupSettings { s3, ..BackupSettings::default() };
        Self { at: "s3://docs/of/assay".parse().unwrap(), settings }
    }

    pub(crate) fn open(&self) -> Place {
        Place::open(&self.at, &self.settings).unwrap()
    }

    fn sealed(mut self) -> Self {
        self.settings.key = Some(assay_core::Secret::new(
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned(),
        ));
        self
    }
}

fn open(root: &Path) -> Place {
    Spot::folder(root).open()
}

/// A data folder with two databases, as the parts of Assay open them.
pub(crate) struct Desk {
    folder: tempfile::TempDir,
    clock: Arc<FakeClock>,
    logs: Logs,
    control: Database,
    records: Database,
    tenant: TenantId,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let tenant = TenantScope::built_in().tenant();
        let own = data.join("tenants").join(tenant.to_string());
        fs::create_dir_all(own.join("index")).unwrap();
        fs::write(own.join("index/part"), "made again").unwrap();
        fs::create_dir_all(data.join("secrets")).unwrap();
        fs::write(data.join("secrets/keys"), "pepper").unwrap();
        fs::create_dir_all(data.join("keys")).unwrap();
        fs::write(data.join("keys/installation.json"), "wrapped").unwrap();
        fs::write(data.join("lock"), "").unwrap();
        let logs = Logs::follow(&data);
        let settings = DatabaseSettings::default();
        let open = |path: PathBuf| Database::open(&path, &settings, MIGRATIONS).unwrap();
        Self {
            control: open(data.join("control.db")),
            records: open(own.join("records.db")),
            clock: Arc::new(FakeClock::at_ms(START_MS)),
            folder,
            logs,
            tenant,
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn set_ms(&self, ms: i64) {
        self.clock.advance_ms(ms - self.clock.now_ms());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn source(&self) -> Source {
        Source {
            data: self.data(),
            logs: self.logs.clone(),
            clock: Arc::clone(&self.clock) as Arc<dyn Clock>,
            program: "1.2.3".to_owned(),
            schemas: BTreeMap::from([("rows".to_owned(), 1)]),
        }
    }

    /// Backups that are taken only when a test says so.
    fn backups(&self, key: Option<&str>) -> Backups {
        let settings = BackupSettings {
            folders: vec![(&self.path("place")).into()],
            key: key.map(|key| assay_core::Secret::new(key.to_owned())),
            ..BackupSettings::default()
        };
        Backups::start(self.source(), settings).unwrap()
    }

    /// A point that steps are added to by hand.
    fn follow(&self, root: &Path) -> (Arc<Place>, Arc<Kept>) {
        self.follow_to(&Spot::folder(root))
    }

    fn follow_to(&self, spot: &Spot) -> (Arc<Place>, Arc<Kept>) {
        let place = Arc::new(Place::open_or_make(&spot.at, &spot.settings).unwrap());
        let (source, known) = (self.source(), std::collections::HashMap::new());
        let still = self.logs.hold_still();
        let live =
            Generation::take(&source, Arc::clone(&place), &known, &still, &mut || {}).unwrap();
        let live = Arc::new(Kept(source, Mutex::new(live)));
        self.logs.keep_with(Some(Arc::clone(&live) as Arc<dyn Keeper>));
        drop(still);
        (place, live)
    }

    fn original(&self, text: &str) -> PathBuf {
        let own = format!("tenants/{}/blobs/ab", self.tenant);
        fs::create_dir_all(self.data().join(&own)).unwrap();
        let path = self.data().join(own).join(text);
        fs::write(&path, text).unwrap();
        path
    }
}

/// A point whose logs are kept before they are folded.
struct Kept(Source, Mutex<Generation>);

impl Keeper for Kept {
    fn keep(&self, path: &Path, end: u64) -> std::io::Result<()> {
        self.1.lock().unwrap().keep(&self.0, path, end).map_err(std::io::Error::other)
    }

    fn lost(&self, _: &Path) {
        panic!("nothing is lost here");
    }
}

fn add(database: &Database, text: &str) {
    let text = text.to_owned();
    database
        .write(move |tx| {
            Ok::<_, SqliteError>(tx.execute("INSERT INTO row (text) VALUES (?)", params![text])?)
        })
        .unwrap();
}

fn rows(path: &Path) -> Vec<String> {
    let database = Database::open(path, &DatabaseSettings::default(), MIGRATIONS).unwrap();
    database
        .read(|db| {
            let mut rows = db.prepare_cached("SELECT text FROM row ORDER BY id")?;
            Ok::<_, SqliteError>(rows.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .unwrap()
}

fn restore(place: &Place, at_ms: Option<i64>, to: &Path) -> Result<crate::Restored, BackupError> {
    Plan::to(place, at_ms)?.restore(place, to, &EncryptionSettings::default(), None)
}

#[test]
fn what_is_needed_comes_back_and_nothing_else() {
    let desk = Desk::new();
    add(&desk.control, "tenant");
    for number in 0..100 {
        add(&desk.records, &format!("document {number}"));
    }
    desk.original("cd");
    let taken = desk.backups(None).take(Some(&(&desk.path("place")).into())).unwrap();
    assert_eq!(taken.steps, 0);
    let place = open(&desk.path("place"));
    let to = desk.path("back");
    let restored = restore(&place, None, &to).unwrap();
    assert_eq!(restored.databases, 2);
    assert_eq!(rows(&to.join("control.db")), ["tenant"]);
    let own = to.join("tenants").join(desk.tenant.to_string());
    assert_eq!(rows(&own.join("records.db")).len(), 100);
    assert_eq!(fs::read_to_string(own.join("blobs/ab/cd")).unwrap(), "cd");
    assert_eq!(fs::read_to_string(to.join("secrets/keys")).unwrap(), "pepper");
    for left_out in ["keys", "lock"] {
        assert!(!to.join(left_out).try_exists().unwrap(), "{left_out}");
    }
    assert!(!own.join("index").try_exists().unwrap());
    let again = restore(&place, None, &to).unwrap_err();
    assert!(matches!(again, BackupError::Occupied { .. }), "{again}");
}

#[test]
fn a_flipped_byte_is_refused_with_its_file_and_nothing_is_left() {
    let desk = Desk::new();
    for number in 0..50 {
        add(&desk.records, &format!("document {number}"));
    }
    desk.original("cd");
    for key in [None, Some("MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")] {
        let root = desk.path(if key.is_some() { "sealed" } else { "clear" });
        let settings = BackupSettings {
            folders: vec![(&root).into()],
            key: key.map(|key| assay_core::Secret::new(key.to_owned())),
            ..BackupSettings::default()
        };
        let spot = Spot { at: (&root).into(), settings: settings.clone() };
        Backups::start(desk.source(), settings).unwrap().take(Some(&(&root).into())).unwrap();
        let place = spot.open();
        place.check().unwrap();
        let files = below(&root);
        assert!(files.len() > 5, "{files:?}");
        for file in files.iter().filter(|file| !file.ends_with("lock")) {
            let whole = fs::read(file).unwrap();
            let mut flipped = whole.clone();
            let middle = flipped.len() / 2;
            flipped[middle] ^= 1;
            fs::write(file, &flipped).unwrap();
            if !file.ends_with("backup.json") {
                let found = place.check().unwrap_err();
                assert!(found.to_string().contains(&file.display().to_string()), "{found}");
                let to = desk.path("refused");
                restore(&place, None, &to).unwrap_err();
                assert_eq!(below(&to), Vec::<PathBuf>::new());
            }
            fs::write(file, &whole).unwrap();
        }
        place.check().unwrap();
    }
    let without = BackupSettings::default();
    let sealed = Place::open(&(&desk.path("sealed")).into(), &without).unwrap_err();
    assert!(matches!(sealed, BackupError::OtherKey { .. }), "{sealed}");
}

#[test]
fn a_newer_schema_and_an_older_moment_are_refused() {
    let desk = Desk::new();
    let root = desk.path("place");
    desk.backups(None).take(Some(&(&root).into())).unwrap();
    let place = open(&root);
    let plan = Plan::to(&place, None).unwrap();
    plan.refuse_newer(&BTreeMap::from([("rows".to_owned(), 1)])).unwrap();
    let newer = plan.refuse_newer(&BTreeMap::from([("rows".to_owned(), 0)])).unwrap_err();
    assert!(matches!(newer, BackupError::Newer { found: 1, known: 0, .. }), "{newer}");
    let older = Plan::to(&place, Some(START_MS - 1)).unwrap_err();
    assert!(matches!(older, BackupError::NotSoOld { .. }), "{older}");
}

#[test]
fn only_folders_that_a_setting_names_are_written() {
    let desk = Desk::new();
    let backups = desk.backups(None);
    let elsewhere = backups.take(Some(&(&desk.path("elsewhere")).into())).unwrap_err();
    assert!(matches!(elsewhere, BackupError::Refused { .. }), "{elsewhere}");
    assert!(!desk.path("elsewhere").try_exists().unwrap());
    let settings = BackupSettings {
        to: Some((&desk.data().join("inside")).into()),
        ..BackupSettings::default()
    };
    let inside = Backups::start(desk.source(), settings).unwrap_err();
    assert!(matches!(inside, BackupError::Refused { .. }), "{inside}");
    fs::create_dir_all(desk.path("place")).unwrap();
    fs::write(desk.path("place/holiday.jpg"), "x").unwrap();
    let other = backups.take(Some(&(&desk.path("place")).into())).unwrap_err();
    assert!(matches!(other, BackupError::NotAPlace { .. }), "{other}");
}

#[test]
fn steps_lead_to_each_moment_and_originals_are_read_once() {
    let desk = Desk::new();
    let root = desk.path("place");
    desk.original("cd");
    let (place, live) = desk.follow(&root);
    let own = format!("tenants/{}", desk.tenant);
    for number in 0..60 {
        desk.set_ms(START_MS + 1_000 * (number + 1));
        for _ in 0..5 {
            // Enough for the log to be folded several times.
            add(&desk.records, &"x".repeat(40_000));
        }
        add(&desk.control, &format!("{number}"));
        desk.original(&format!("original-{number}"));
        let still = desk.logs.hold_still();
        live.1.lock().unwrap().step(&desk.source(), &still).unwrap();
    }
    for number in [0, 1, 17, 42, 59] {
        let to = desk.path(&format!("back-{number}"));
        // Half a second later nothing was kept yet that is not in this moment.
        restore(&place, Some(START_MS + 1_000 * (number + 1) + 500), &to).unwrap();
        let count = usize::try_from(number).unwrap() + 1;
        assert_eq!(rows(&to.join("control.db")).len(), count);
        assert_eq!(rows(&to.join(&own).join("records.db")).len(), 5 * count);
        assert_eq!(below(&to.join(&own).join("blobs")).len(), count + 1);
    }
    // A tenant that is gone is gone from there on, and there before.
    fs::remove_dir_all(desk.data().join(&own)).unwrap();
    desk.set_ms(START_MS + 100_000);
    let still = desk.logs.hold_still();
    live.1.lock().unwrap().step(&desk.source(), &still).unwrap();
    drop(still);
    restore(&place, None, &desk.path("after")).unwrap();
    assert!(!desk.path("after").join(&own).try_exists().unwrap());
    restore(&place, Some(START_MS + 60_000), &desk.path("before")).unwrap();
    assert_eq!(rows(&desk.path("before").join(&own).join("records.db")).len(), 300);
    place.check().unwrap();
}

#[test]
fn a_log_that_begins_again_after_the_cut_is_left_for_the_next() {
    let desk = Desk::new();
    let root = desk.path("place");
    let (place, live) = desk.follow(&root);
    let full = desk.data().join("control.db");
    let reach = {
        let still = desk.logs.hold_still();
        add(&desk.control, &"x".repeat(5 << 20));
        still.cut()[&full]
    };
    // The log is folded after the second commit, and begins again with the third.
    add(&desk.control, "second");
    add(&desk.control, "third");
    let still = desk.logs.hold_still();
    assert_ne!(still.cut()[&full].salts, reach.salts, "the log has begun again");
    let mut point = live.1.lock().unwrap();
    assert!(!point.ship(&full, "control.db", reach.end, Some(reach.salts)).unwrap());
    point.step(&desk.source(), &still).unwrap();
    drop((point, still));
    restore(&place, None, &desk.path("back")).unwrap();
    assert_eq!(rows(&desk.path("back").join("control.db")).len(), 3);
}

#[test]
fn a_manifest_that_is_missing_or_put_elsewhere_is_found() {
    let desk = Desk::new();
    let root = desk.path("place");
    let (place, live) = desk.follow(&root);
    let still = desk.logs.hold_still();
    let mut live = live.1.lock().unwrap();
    for text in ["a", "b", "c"] {
        add(&desk.control, text);
        live.step(&desk.source(), &still).unwrap();
    }
    let step =
        |number: u32| root.join("points").join(&live.point).join(format!("{number:08}.json"));
    let second = fs::read(step(2)).unwrap();
    fs::remove_file(step(2)).unwrap();
    let missing = Plan::to(&place, None).unwrap_err();
    assert!(missing.to_string().contains("00000002.json` is missing"), "{missing}");
    fs::write(step(2), fs::read(step(1)).unwrap()).unwrap();
    let moved = Plan::to(&place, None).unwrap_err();
    assert!(moved.to_string().contains("says that it is number 1"), "{moved}");
    fs::write(step(2), second).unwrap();
    Plan::to(&place, None).unwrap();
}

#[test]
fn old_points_go_with_what_only_they_name() {
    let desk = Desk::new();
    let root = desk.path("place");
    let settings = BackupSettings {
        to: Some((&root).into()),
        every_seconds: 0,
        keep_last: 1,
        keep_days: 10,
        ..BackupSettings::default()
    };
    let place = Place::open_or_make(&(&root).into(), &BackupSettings::default()).unwrap();
    let backups = desk.backups(None);
    let gone = desk.original("soon-gone");
    backups.take(Some(&(&root).into())).unwrap();
    let first = below(&root.join("objects"));
    fs::remove_file(gone).unwrap();
    desk.original("stays");
    let days = |days: i64| START_MS + days * 24 * 3_600_000;
    desk.set_ms(days(5));
    backups.take(Some(&(&root).into())).unwrap();
    crate::prune::prune(&place, &settings, days(9), &mut || {}).unwrap();
    assert_eq!(place.points().unwrap().len(), 2);
    for object in below(&root.join("objects")) {
        let old = fs::File::options().write(true).open(object).unwrap();
        old.set_modified(std::time::UNIX_EPOCH).unwrap();
    }
    crate::prune::prune(&place, &settings, days(11), &mut || {}).unwrap();
    assert_eq!(place.points().unwrap().len(), 1);
    let left = below(&root.join("objects"));
    assert_eq!(first.iter().filter(|object| !left.contains(object)).count(), 1);
    place.check().unwrap();
    restore(&place, None, &desk.path("back")).unwrap();
}

#[test]
fn sealed_data_comes_back_with_its_keys_and_not_without() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    let encryption = EncryptionSettings {
        root_key: Some(assay_core::Secret::new(
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=".to_owned(),
        )),
        ..EncryptionSettings::default()
    };
    let vault = assay_vault::Vault::open(&data, &encryption).unwrap();
    let logs = Logs::follow(&data);
    let settings = DatabaseSettings { key: vault.installation(), ..DatabaseSettings::default() };
    let database = Database::open(&data.join("control.db"), &settings, MIGRATIONS).unwrap();
    add(&database, "secret");
    let root = folder.path().join("place");
    let source = Source {
        data: data.clone(),
        logs,
        clock: Arc::new(FakeClock::at_ms(START_MS)),
        program: "1".to_owned(),
        schemas: BTreeMap::new(),
    };
    let backups = BackupSettings { folders: vec![(&root).into()], ..BackupSettings::default() };
    Backups::start(source, backups).unwrap().take(Some(&(&root).into())).unwrap();
    let place = open(&root);
    let plan = Plan::to(&place, None).unwrap();
    let to = folder.path().join("back");
    let keys = data.join("keys");
    let restored = plan.restore(&place, &to, &encryption, Some(&keys)).unwrap();
    assert!(!restored.is_without_keys);
    let key = assay_vault::Vault::open(&to, &encryption).unwrap().installation();
    assert_eq!(crate::faults(&to, &encryption).unwrap(), (Vec::new(), 1));
    let again = DatabaseSettings { key, ..DatabaseSettings::default() };
    let again = Database::open(&to.join("control.db"), &again, MIGRATIONS).unwrap();
    let text: String = again
        .read(|db| {
            Ok::<_, SqliteError>(db.query_row("SELECT text FROM row", [], |row| row.get(0))?)
        })
        .unwrap();
    assert_eq!(text, "secret");
    let without = plan.restore(&place, &folder.path().join("without"), &encryption, None);
    assert!(without.unwrap().is_without_keys);
    let other = Spot::folder(&root).sealed();
    let other = Place::open(&other.at, &other.settings).unwrap_err();
    assert!(matches!(other, BackupError::InClear { .. }), "{other}");
}

#[test]
fn two_data_folders_do_not_share_a_place() {
    let (one, other) = (Desk::new(), Desk::new());
    let root = one.path("place");
    let settings =
        BackupSettings { to: Some((&root).into()), every_seconds: 0, ..BackupSettings::default() };
    let first = Backups::start(one.source(), settings.clone()).unwrap();
    first.take(None).unwrap();
    let second = BackupSettings { to: None, folders: vec![(&root).into()], ..settings };
    let second = Backups::start(other.source(), second).unwrap();
    let refused = second.take(Some(&(&root).into())).unwrap_err();
    assert!(matches!(refused, BackupError::InUse { .. }), "{refused}");
    first.stop();
    second.take(Some(&(&root).into())).unwrap();
}

/// Every file below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder) else { return found };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(below(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}
