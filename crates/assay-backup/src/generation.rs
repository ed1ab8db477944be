//! A full copy under way and the steps that follow it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use assay_core::timestamp;
use assay_sqlite::{Reach, Still, log_beside};
use sha2::{Digest, Sha256};

use crate::{
    BackupError, Manifest, Place, Source, Summary,
    error::failed,
    files::{self, Look},
    manifest::{Entry, FORMAT, Segment},
    medium::list,
    place::{PIECE, hex},
};

/// Bytes of the header of a log, and where its salts stand: they are new whenever it begins again.
const LOG_HEADER: u64 = 32;
const SALTS: std::ops::Range<usize> = 16..24;
/// A folder that changed so short a time ago may change again without looking changed.
const SETTLED: Duration = Duration::from_secs(2);

/// What is kept of the log of a database.
#[derive(Debug, Default)]
struct Shipped {
    /// Which file has the name: a database may be removed and made anew.
    file: u64,
    round: u64,
    salts: [u8; 8],
    bytes: u64,
}

/// One point: its full copy is in the place, and steps are added.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) place: Arc<Place>,
    pub(crate) point: String,
    pub(crate) started_ms: i64,
    /// A log was folded that was not kept: what follows would not fit.
    pub(crate) is_broken: bool,
    /// The moment of the last manifest.
    pub(crate) until_ms: i64,
    /// What a list says of the full copy.
    pub(crate) summary: Option<Summary>,
    last: Option<String>,
    /// What the next manifest will say.
    next: Manifest,
    shipped: BTreeMap<String, Shipped>,
    small: BTreeMap<String, Look>,
    tenants: BTreeSet<String>,
    /// By tenant.
    originals: HashMap<String, HashSet<u128>>,
    shards: HashMap<PathBuf, SystemTime>,
}

impl Generation {
    /// Takes a full copy. `known` are originals that the place holds from before; `pause` is called
    /// after each piece, for what must not wait so long.
    pub(crate) fn take(
        source: &Source,
        place: Arc<Place>,
        known: &HashMap<String, Entry>,
        still: &Still<'_>,
        pause: &mut dyn FnMut(),
    ) -> Result<Self, BackupError> {
        let started_ms = source.clock.now_ms();
        let mut taken = Self::new(source, place, started_ms)?;
        for path in files::databases(&source.data)? {
            taken.add_file(source, &path, pause)?;
        }
        for (path, look) in files::small(&source.data, false)? {
            taken.add_small(source, path, look, pause)?;
        }
        taken.ship_all(source, still, true)?;
        taken.tenants = files::tenants(&source.data)?.into_iter().collect();
        for tenant in taken.tenants.clone() {
            taken.add_originals(source, &tenant, known, pause)?;
        }
        taken.next.schemas.clone_from(&source.schemas);
        let summary = taken.next.summary(taken.point.clone(), taken.next.at_ms, 0);
        taken.finish(source)?;
        taken.place.anchor()?;
        taken.summary = Some(summary);
        Ok(taken)
    }

    fn new(source: &Source, place: Arc<Place>, at_ms: i64) -> Result<Self, BackupError> {
        let names = place.names()?;
        let mut at_ms = at_ms;
        let name = |at_ms: i64| -> String {
            timestamp(at_ms).to_string().chars().filter(|it| !matches!(it, '-' | ':')).collect()
        };
        while names.contains(&name(at_ms)) {
            at_ms += 1;
        }
        Ok(Self {
            place,
            point: name(at_ms),
            started_ms: at_ms,
            is_broken: false,
            until_ms: at_ms,
            summary: None,
            last: None,
            next: source.manifest(0),
            shipped: BTreeMap::new(),
            small: BTreeMap::new(),
            tenants: BTreeSet::new(),
            originals: HashMap::new(),
            shards: HashMap::new(),
        })
    }

    /// Adds what is new since the last manifest; the caller holds the folder still.
    pub(crate) fn step(&mut self, source: &Source, still: &Still<'_>) -> Result<(), BackupError> {
        let small = files::small(&source.data, true)?;
        for (path, look) in &small {
            if self.small.get(path) != Some(look) {
                self.add_small(source, path.clone(), *look, &mut || {})?;
            }
        }
        let is_brief = |path: &str| {
            !path.contains('/')
                || path.starts_with("secrets/")
                || path.starts_with("ledger/journal/")
        };
        let gone: Vec<String> = self
            .small
            .keys()
            .filter(|path| is_brief(path) && !small.contains_key(*path))
            .cloned()
            .collect();
        for path in gone {
            self.small.remove(&path);
            self.next.gone.push(path);
        }
        let busy = self.ship_all(source, still, false)?;
        let tenants: BTreeSet<String> = files::tenants(&source.data)?.into_iter().collect();
        for tenant in self.tenants.difference(&tenants).cloned().collect::<Vec<_>>() {
            self.forget(&format!("tenants/{tenant}/records.db"));
        }
        self.tenants = tenants;
        for tenant in busy {
            self.add_originals(source, &tenant, &HashMap::new(), &mut || {})?;
        }
        if self.next.is_empty() {
            self.until_ms = self.next.at_ms;
            return Ok(());
        }
        self.finish(source)
    }

    /// Writes the next manifest.
    fn finish(&mut self, source: &Source) -> Result<(), BackupError> {
        self.next.before.clone_from(&self.last);
        let hash = self.place.put_manifest(&self.point, &self.next)?;
        self.until_ms = self.next.at_ms;
        let number = self.next.number + 1;
        self.next = source.manifest(number);
        self.last = Some(hash);
        Ok(())
    }

    /// Keeps the new part of every log. Returns the tenants whose records have one.
    fn ship_all(
        &mut self,
        source: &Source,
        still: &Still<'_>,
        is_full: bool,
    ) -> Result<BTreeSet<String>, BackupError> {
        let mut busy = BTreeSet::new();
        // The clock may have been set back: moments only rise. What was answered before this moment is
        // in the cut.
        self.next.at_ms = source.clock.now_ms().max(self.until_ms);
        let ends = still.cut();
        for (full, reach) in &ends {
            let Some(path) = below(&source.data, full) else { continue };
            if !full.try_exists().map_err(failed("read", full))? {
                continue;
            }
            if self.shipped.get(&path).is_some_and(|known| known.file != reach.file) {
                self.forget(&path);
            }
            let has_file = self.shipped.contains_key(&path);
            if !has_file {
                if !is_full || !self.next.files.iter().any(|file| file.path == path) {
                    self.add_file(source, &path, &mut || {})?;
                }
                let known = Shipped { file: reach.file, ..Shipped::default() };
                self.shipped.insert(path.clone(), known);
            }
            let is_new = self.ship(full, &path, reach.end, Some(reach.salts))? || !has_file;
            if let Some(tenant) = files::tenant_of(&path).filter(|_| is_new) {
                busy.insert(tenant.to_owned());
            }
        }
        if is_full {
            self.ship_closed(source, &ends)?;
        }
        Ok(busy)
    }

    /// Forgets a tenant whose records were made anew: what the point has of it is gone.
    fn forget(&mut self, path: &str) {
        self.shipped.remove(path);
        let Some(tenant) = files::tenant_of(path) else { return };
        let folder = format!("tenants/{tenant}/");
        self.originals.remove(tenant);
        self.shards.retain(|shard, _| !shard.to_string_lossy().contains(&folder));
        self.next.files.retain(|file| !file.path.starts_with(&folder));
        self.next.logs.retain(|part| !part.path.starts_with(&folder));
        self.next.gone.push(folder);
    }

    /// Logs of databases that nobody has opened: a crash left them. They are copied whole, and the
    /// file is copied again by the first step after somebody opens it.
    fn ship_closed(
        &mut self,
        source: &Source,
        ends: &BTreeMap<PathBuf, Reach>,
    ) -> Result<(), BackupError> {
        let files: Vec<String> = self.next.files.iter().map(|file| file.path.clone()).collect();
        for path in files.into_iter().filter(|path| files::is_database(path)) {
            let full = source.data.join(&path);
            let log = log_beside(&full);
            if ends.contains_key(&full) {
                continue;
            }
            let length = fs::metadata(&log).map_or(0, |log| log.len());
            if length > 0 {
                self.ship(&full, &path, length, None)?;
                self.shipped.remove(&path);
            } else {
                self.shipped.insert(path, Shipped::default());
            }
        }
        Ok(())
    }

    /// Keeps the log of a database up to `end`; whether there was something new.
    ///
    /// A log that has begun again since its `expected` salts were noted was folded before the folder
    /// was held still, and kept before that: nothing of it is missing.
    pub(crate) fn ship(
        &mut self,
        full: &Path,
        path: &str,
        end: u64,
        expected: Option<[u8; 8]>,
    ) -> Result<bool, BackupError> {
        if end <= LOG_HEADER {
            return Ok(false);
        }
        let log = log_beside(full);
        let failure = |error: io::Error| failed("read", &log)(error);
        // The log has no locks on it that closing this file would take away.
        let mut file = match File::open(&log) {
            // Folded and closed before the folder was held still.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file.map_err(failure)?,
        };
        let salts = salts(&mut file).map_err(failure)?;
        if expected.is_some_and(|expected| expected != salts) {
            return Ok(false);
        }
        let known = self.shipped.entry(path.to_owned()).or_default();
        let is_same = known.salts == salts && known.round > 0;
        let (round, from) = if is_same { (known.round, known.bytes) } else { (known.round + 1, 0) };
        if end <= from {
            return Ok(false);
        }
        file.seek(SeekFrom::Start(from)).map_err(failure)?;
        let mut rest = (&mut file).take(end - from);
        let mut pieces = Vec::new();
        let mut bytes = 0;
        while let Some(piece) = read_piece(&mut rest).map_err(failure)? {
            bytes += piece.len() as u64;
            pieces.push(self.place.put(&piece)?);
        }
        if self::salts(&mut file).map_err(failure)? != salts {
            // It began again while it was read.
            return Ok(false);
        }
        if bytes != end - from {
            return Err(failure(io::Error::from(io::ErrorKind::UnexpectedEof)));
        }
        self.next.logs.push(Segment { path: path.to_owned(), round, from, bytes, pieces });
        if let Some(known) = self.shipped.get_mut(path) {
            *known = Shipped { round, salts, bytes: end, ..*known };
        }
        Ok(true)
    }

    /// Keeps what the log of a database holds before it is folded. One of which there is no copy yet
    /// needs no log: its file will be copied as it is then.
    pub(crate) fn keep(
        &mut self,
        source: &Source,
        full: &Path,
        end: u64,
    ) -> Result<(), BackupError> {
        match below(&source.data, full) {
            Some(path) if self.shipped.contains_key(&path) && !self.is_broken => {
                self.ship(full, &path, end, None).map(|_| ())
            }
            _ => Ok(()),
        }
    }

    fn add_small(
        &mut self,
        source: &Source,
        path: String,
        look: Look,
        pause: &mut dyn FnMut(),
    ) -> Result<(), BackupError> {
        self.add_file(source, &path, pause)?;
        self.small.insert(path, look);
        Ok(())
    }

    /// Keeps a file as it is; one that is gone by now is left out.
    fn add_file(
        &mut self,
        source: &Source,
        path: &str,
        pause: &mut dyn FnMut(),
    ) -> Result<(), BackupError> {
        let full = source.data.join(path);
        let failure = |error: io::Error| failed("read", &full)(error);
        // Closing this file takes the locks of SQLite on it away, of which there is no need: the lock
        // of the folder keeps other processes out.
        let mut file = match File::open(&full) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            file => file.map_err(failure)?,
        };
        let (mut whole, mut bytes, mut pieces) = (Sha256::new(), 0, Vec::new());
        while let Some(piece) = read_piece(&mut file).map_err(failure)? {
            whole.update(&piece);
            bytes += piece.len() as u64;
            pieces.push(self.place.put(&piece)?);
            pause();
        }
        let sha256 = hex(&whole.finalize());
        self.next.files.push(Entry { path: path.to_owned(), bytes, sha256, pieces });
        Ok(())
    }

    /// Keeps the originals of a tenant that are new.
    fn add_originals(
        &mut self,
        source: &Source,
        tenant: &str,
        known: &HashMap<String, Entry>,
        pause: &mut dyn FnMut(),
    ) -> Result<(), BackupError> {
        let folder = format!("tenants/{tenant}/blobs");
        for shard in list(&source.data.join(&folder))?.into_iter().filter(|it| it.len() == 2) {
            let shard = format!("{folder}/{shard}");
            let full = source.data.join(&shard);
            let Ok(modified) = fs::metadata(&full).and_then(|data| data.modified()) else {
                continue;
            };
            if self.shards.get(&full) == Some(&modified) {
                continue;
            }
            for name in list(&full)? {
                let path = format!("{shard}/{name}");
                let kept = self.originals.entry(tenant.to_owned()).or_default();
                if !kept.insert(short(&path)) {
                    continue;
                }
                match known.get(&path) {
                    Some(entry) if self.is_kept(source, entry)? => {
                        self.next.files.push(entry.clone());
                    }
                    _ => self.add_file(source, &path, pause)?,
                }
            }
            let age = SystemTime::from(source.clock.now()).duration_since(modified);
            if age.is_ok_and(|age| age > SETTLED) {
                self.shards.insert(full, modified);
            }
        }
        Ok(())
    }

    /// Whether an original is in the place, with the length that it has here.
    fn is_kept(&self, source: &Source, entry: &Entry) -> Result<bool, BackupError> {
        let length = fs::metadata(source.data.join(&entry.path)).map(|data| data.len());
        if length.ok() != Some(entry.bytes) {
            return Ok(false);
        }
        let mut left = entry.bytes;
        for piece in &entry.pieces {
            let bytes = left.min(PIECE as u64);
            if !self.place.holds(piece, usize::try_from(bytes).unwrap_or(usize::MAX))? {
                return Ok(false);
            }
            left -= bytes;
        }
        Ok(true)
    }
}

/// The salts in the header of a log.
fn salts(log: &mut File) -> io::Result<[u8; 8]> {
    let mut header = [0; LOG_HEADER as usize];
    log.seek(SeekFrom::Start(0))?;
    log.read_exact(&mut header)?;
    let salts = header.get(SALTS).and_then(|salts| salts.try_into().ok());
    Ok(salts.unwrap_or_default())
}

/// Up to [`PIECE`] bytes; `None` at the end.
fn read_piece(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut piece = Vec::new();
    from.take(PIECE as u64).read_to_end(&mut piece)?;
    Ok((!piece.is_empty()).then_some(piece))
}

/// A path below the data folder, with `/`.
fn below(data: &Path, full: &Path) -> Option<String> {
    let parts = full.strip_prefix(data).ok()?.iter();
    let parts: Option<Vec<&str>> = parts.map(|part| part.to_str()).collect();
    Some(parts?.join("/"))
}

/// A path as a number; two originals of one number are as unlikely as a damaged disk.
fn short(path: &str) -> u128 {
    let hash = Sha256::digest(path.as_bytes());
    hash.iter().take(16).fold(0, |number, byte| number << 8 | u128::from(*byte))
}

impl Source {
    /// An empty manifest.
    fn manifest(&self, number: u64) -> Manifest {
        Manifest {
            format: FORMAT,
            program: self.program.clone(),
            at_ms: 0,
            number,
            before: None,
            schemas: BTreeMap::new(),
            files: Vec::new(),
            logs: Vec::new(),
            gone: Vec::new(),
        }
    }
}
