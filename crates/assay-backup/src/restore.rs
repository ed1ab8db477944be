//! The way back: what leads to a moment, and writing it into an empty folder.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, OpenOptions},
    io::Write,
    path::{Component, Path, PathBuf},
};

use assay_sqlite::{fold, log_beside};
use assay_vault::{EncryptionSettings, Vault, VaultError};
use sha2::{Digest, Sha256};

use crate::{
    BackupError, Place,
    ahead::{WRITERS, each_piece, manifests, side_by_side},
    error::failed,
    files::{self, key_of},
    manifest::{Entry, Segment},
    medium::{flush_files, list, make_folder},
    place::{damaged, hex},
};

/// What leads to one moment.
#[derive(Debug)]
pub struct Plan {
    /// The point that it begins from.
    pub point: String,
    /// The moment that it leads to, in milliseconds since 1970: the last one at or before the one
    /// that was asked for.
    pub at_ms: i64,
    /// Steps after the full copy.
    pub steps: u64,
    /// Version of the program that wrote it.
    pub program: String,
    /// Versions of the schemas of that program, by the names of databases.
    pub schemas: BTreeMap<String, u32>,
    files: HashMap<String, Entry>,
    logs: HashMap<String, Vec<Segment>>,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files, databases among them.
    pub files: u64,
    /// Databases.
    pub databases: u64,
    /// Bytes of files and of the logs that were folded in.
    pub bytes: u64,
    /// Whether the data is encrypted and its keys were not there: logs lie beside the databases then,
    /// and the first start folds them in.
    pub is_without_keys: bool,
    /// Tenants whose key was destroyed: they are left out.
    pub erased: Vec<String>,
}

impl Plan {
    /// What leads to the last moment at or before `at_ms`, or to the last of all.
    ///
    /// # Errors
    /// [`BackupError::Nothing`], [`BackupError::NotSoOld`], [`BackupError::Damaged`].
    pub fn to(place: &Place, at_ms: Option<i64>) -> Result<Self, BackupError> {
        let mut names = place.names()?;
        names.reverse();
        let mut is_any = false;
        for name in names {
            let numbers = place.numbers(&name)?;
            if numbers.first() != Some(&0) {
                // A full copy that did not come to its end.
                continue;
            }
            is_any = true;
            let full = place.manifest(&name, 0)?.0;
            if at_ms.is_none_or(|at_ms| full.at_ms <= at_ms) {
                return Self::of(place, name, &numbers, at_ms);
            }
        }
        let path = place.root();
        Err(match at_ms {
            Some(at_ms) if is_any => BackupError::NotSoOld { path, at_ms },
            _ => BackupError::Nothing { path },
        })
    }

    /// What leads from the full copy of a point to its last moment at or before `until_ms`.
    pub(crate) fn of(
        place: &Place,
        point: String,
        numbers: &[u64],
        until_ms: Option<i64>,
    ) -> Result<Self, BackupError> {
        let mut plan = Self {
            point,
            at_ms: 0,
            steps: 0,
            program: String::new(),
            schemas: BTreeMap::new(),
            files: HashMap::new(),
            logs: HashMap::new(),
        };
        let mut before = None;
        let mut read = manifests(place, plan.point.clone(), numbers);
        for (expected, number) in (0..).zip(numbers) {
            if expected != *number {
                let path = place.manifest_path(&plan.point, expected);
                return Err(damaged(&path, "is missing".to_owned()));
            }
            let Some(found) = read.next() else { break };
            let (manifest, hash) = found?;
            if manifest.before != before {
                let path = place.manifest_path(&plan.point, *number);
                return Err(damaged(&path, "does not follow the one before it".to_owned()));
            }
            if until_ms.is_some_and(|until_ms| manifest.at_ms > until_ms) {
                break;
            }
            before = Some(hash);
            plan.at_ms = manifest.at_ms;
            plan.steps = *number;
            if *number == 0 {
                plan.program = manifest.program;
                plan.schemas = manifest.schemas;
            }
            for gone in manifest.gone {
                let is_gone = |path: &str| match gone.ends_with('/') {
                    true => path.starts_with(&gone),
                    false => path == gone,
                };
                plan.files.retain(|path, _| !is_gone(path));
                plan.logs.retain(|path, _| !is_gone(path));
            }
            for file in manifest.files {
                plan.logs.remove(&file.path);
                plan.files.insert(file.path.clone(), file);
            }
            for part in manifest.logs {
                plan.logs.entry(part.path.clone()).or_default().push(part);
            }
        }
        Ok(plan)
    }

    /// Refuses what a newer program wrote.
    ///
    /// # Errors
    /// [`BackupError::Newer`].
    pub fn refuse_newer(&self, known: &BTreeMap<String, u32>) -> Result<(), BackupError> {
        for (name, found) in &self.schemas {
            let known = known.get(name).copied().unwrap_or(0);
            if *found > known {
                let what = format!("the schema `{name}` in version");
                return Err(BackupError::Newer { what, found: *found, known });
            }
        }
        Ok(())
    }

    /// Files that it leads to, databases, and bytes of both and of their logs.
    #[must_use]
    pub fn sizes(&self) -> (u64, u64, u64) {
        let databases = self.files.keys().filter(|path| files::is_database(path)).count();
        let bytes: u64 = self.files.values().map(|file| file.bytes).sum();
        let logs: u64 = self.logs.values().flatten().map(|part| part.bytes).sum();
        (self.files.len() as u64, databases as u64, bytes + logs)
    }

    pub(crate) fn into_files(self) -> HashMap<String, Entry> {
        self.files
    }

    /// Writes it into `to`, which is empty or not there. `keys_from` is the folder of the wrapped data
    /// keys of an encrypted installation; it is copied where the settings do not name one.
    ///
    /// # Errors
    /// [`BackupError::Occupied`]; [`BackupError::Damaged`], which names the file. What was written
    /// until then is removed, so that nobody starts on a part.
    pub fn restore(
        &self,
        place: &Place,
        to: &Path,
        encryption: &EncryptionSettings,
        keys_from: Option<&Path>,
    ) -> Result<Restored, BackupError> {
        make_folder(to)?;
        if fs::read_dir(to).map_err(failed("read", to))?.next().is_some() {
            return Err(BackupError::Occupied { path: to.to_owned() });
        }
        self.write(place, to, encryption, keys_from).inspect_err(|_| {
            // The error says more than a second one would.
            for name in list(to).unwrap_or_default() {
                let path = to.join(name);
                let _ =
                    if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            }
        })
    }

    fn write(
        &self,
        place: &Place,
        to: &Path,
        encryption: &EncryptionSettings,
        keys_from: Option<&Path>,
    ) -> Result<Restored, BackupError> {
        let mut restored = Restored::default();
        let mut files: Vec<&Entry> = self.files.values().collect();
        files.sort_unstable_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        let mut folders: Vec<PathBuf> = Vec::new();
        for file in &files {
            let path = inside(to, &file.path)?;
            folders.extend(path.parent().map(Path::to_owned));
        }
        folders.sort_unstable();
        folders.dedup();
        folders.iter().try_for_each(|folder| make_folder(folder))?;
        side_by_side(WRITERS, &files, |file| write_file(place, file, &inside(to, &file.path)?))?;
        restored.files = files.len() as u64;
        restored.bytes = files.iter().map(|file| file.bytes).sum();
        let vault = keys(to, encryption, keys_from)?;
        restored.is_without_keys = vault.is_none();
        let databases: Vec<&Entry> =
            files.iter().copied().filter(|file| files::is_database(&file.path)).collect();
        restored.databases = databases.len() as u64;
        let outcomes = side_by_side(WRITERS, &databases, |file| {
            self.fold_in(place, to, &file.path, vault.as_ref())
        })?;
        for (file, folded) in databases.iter().zip(outcomes) {
            match folded {
                Folded::Bytes(bytes) => restored.bytes += bytes,
                Folded::Erased => {
                    let tenant = files::tenant_of(&file.path).unwrap_or_default().to_owned();
                    let folder = to.join("tenants").join(&tenant);
                    fs::remove_dir_all(&folder).map_err(failed("remove", &folder))?;
                    restored.erased.push(tenant);
                }
            }
        }
        let mut written = Vec::new();
        for file in files {
            let path = inside(to, &file.path)?;
            if path.try_exists().map_err(failed("read", &path))? {
                written.push(path);
            }
        }
        written.extend(folders.into_iter().filter(|folder| folder.is_dir()));
        flush_files(&written)?;
        Ok(restored)
    }

    /// Lays the logs of a database beside it, one after the other, and folds them in.
    fn fold_in(
        &self,
        place: &Place,
        to: &Path,
        path: &str,
        vault: Option<&Vault>,
    ) -> Result<Folded, BackupError> {
        let full = inside(to, path)?;
        let Some(parts) = self.logs.get(path) else { return Ok(Folded::Bytes(0)) };
        let key = match vault {
            Some(vault) => match key_of(vault, path) {
                Err(VaultError::Destroyed { .. }) => return Ok(Folded::Erased),
                key => key?,
            },
            None => None,
        };
        let mut bytes = 0;
        let mut rest = parts.as_slice();
        while let Some(first) = rest.first() {
            let length = rest.iter().take_while(|part| part.round == first.round).count();
            let (round, later) = rest.split_at(length);
            let written = lay_beside(place, &full, round)?;
            bytes += written;
            rest = later;
            if vault.is_none() {
                // Without keys nothing can be folded: only a single log can wait for them.
                if !rest.is_empty() {
                    let path = full.display().to_string();
                    let from = "encryption.keys_dir or --keys".to_owned();
                    let what = format!("none is there, and the logs of `{path}` need one");
                    return Err(VaultError::Root { from, what }.into());
                }
                break;
            }
            let folded = fold(&full, key.as_ref())?;
            let is_closed = self.was_closed(path, round);
            if folded != written && !is_closed {
                let what = format!("opens with {folded} of {written} bytes of its log");
                return Err(damaged(&full, what));
            }
        }
        Ok(Folded::Bytes(bytes))
    }

    /// Whether a log was copied whole, with what a crash may have left behind its last commit.
    fn was_closed(&self, path: &str, round: &[Segment]) -> bool {
        round.len() == 1 && self.logs.get(path).is_some_and(|parts| parts.len() == 1)
    }
}

enum Folded {
    Bytes(u64),
    /// The key of the tenant was destroyed.
    Erased,
}

/// The keys of the restored data: `None` where it is encrypted and they are not there.
fn keys(
    to: &Path,
    encryption: &EncryptionSettings,
    keys_from: Option<&Path>,
) -> Result<Option<Vault>, BackupError> {
    let mark = to.join("encrypted.json");
    if !mark.try_exists().map_err(failed("read", &mark))? {
        return Ok(Some(Vault::plain()));
    }
    if let Some(from) = keys_from {
        let keys = to.join("keys");
        make_folder(&keys)?;
        for name in list(from)?.iter().filter(|name| name.ends_with(".json")) {
            let (source, target) = (from.join(name), keys.join(name));
            let bytes = fs::read(&source).map_err(failed("read", &source))?;
            assay_vault::replace(&target, &bytes).map_err(failed("write", &target))?;
        }
    } else if encryption.keys_dir.is_none() {
        return Ok(None);
    }
    Ok(Some(Vault::open(to, encryption)?))
}

fn write_file(place: &Place, file: &Entry, path: &Path) -> Result<(), BackupError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut to = options.open(path).map_err(failed("create", path))?;
    let (mut hash, mut bytes) = (Sha256::new(), 0);
    each_piece(place, &file.pieces.iter().collect::<Vec<_>>(), &mut |piece| {
        hash.update(&piece);
        bytes += piece.len() as u64;
        to.write_all(&piece).map_err(failed("write", path))
    })?;
    if bytes != file.bytes || hex(&hash.finalize()) != file.sha256 {
        return Err(damaged(path, "is not what its manifest says".to_owned()));
    }
    Ok(())
}

/// Writes one log beside a database; returns its bytes.
fn lay_beside(place: &Place, full: &Path, round: &[Segment]) -> Result<u64, BackupError> {
    let path = log_beside(full);
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut log = options.open(&path).map_err(failed("create", &path))?;
    let mut end = 0;
    for part in round {
        if part.from != end {
            return Err(damaged(&path, format!("has a gap at byte {end}")));
        }
        end += part.bytes;
    }
    let pieces: Vec<_> = round.iter().flat_map(|part| &part.pieces).collect();
    let mut written = 0;
    each_piece(place, &pieces, &mut |piece| {
        written += piece.len() as u64;
        log.write_all(&piece).map_err(failed("write", &path))
    })?;
    if written != end {
        return Err(damaged(&path, "is not as long as its manifests say".to_owned()));
    }
    Ok(end)
}

/// A path of a manifest below a folder; one that leads out of it is refused.
fn inside(to: &Path, path: &str) -> Result<PathBuf, BackupError> {
    let below = Path::new(path);
    let is_below = below.components().all(|part| matches!(part, Component::Normal(_)));
    if path.is_empty() || !is_below {
        return Err(damaged(below, "leads out of the folder".to_owned()));
    }
    Ok(to.join(below))
}
