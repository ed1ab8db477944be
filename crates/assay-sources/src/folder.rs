//! Source: the files of a folder.

mod watch;

use std::{
    collections::BTreeMap,
    fs::{File, Metadata},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use assay_core::Clock;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

pub use watch::{FolderWatch, Wake};

use crate::{
    Limits, Sink, Source, SourceContext, SourceError, SourceFile, SourceState,
    pattern::Patterns,
    run::Run,
    settings::{SettingProblem, checked},
};

/// Folders inside folders at most; deeper ones are a problem.
const DEPTH_MAX: usize = 64;
/// A file that was modified this close to the time it was read may be modified again without a
/// change of its time, since some file systems count whole seconds.
const TIME_GRAIN_MS: i64 = 2_000;

/// The files of a folder, hidden ones and links left out.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderSettings {
    /// The folder; an absolute path.
    pub path: PathBuf,
    /// Patterns of relative paths, such as `**/*.pdf`; all files when empty.
    #[serde(default)]
    pub include: Vec<String>,
    /// Patterns of relative paths that are left out, whole folders too; they win over `include`.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// What a run may consume.
    #[serde(default)]
    pub limits: Limits,
}

#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    patterns: Patterns,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

/// What is remembered of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    size: u64,
    modified_us: i64,
    sha256: String,
    /// Modified so shortly before it was read that its time says nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    fresh: bool,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    files: BTreeMap<String, Mark>,
}

impl Folder {
    pub(crate) fn new(
        settings: FolderSettings,
        context: &SourceContext,
    ) -> Result<Self, SourceError> {
        let mut problems = Vec::new();
        if !settings.path.is_absolute() {
            problems.push(SettingProblem::new("path", "must be an absolute path"));
        }
        let patterns = Patterns::new(&settings.include, &settings.exclude, &mut problems);
        settings.limits.check(&mut problems);
        checked(problems)?;
        let root = context.policy.folder(&settings.path)?;
        Ok(Self { root, patterns, limits: settings.limits, clock: Arc::clone(&context.clock) })
    }

    /// Looks at one file.
    fn file(&self, path: &Path, key: &str, run: &mut Run<'_, Mark>) {
        if !run.has_room_for(key) {
            return;
        }
        match self.read(path, run.mark(key)) {
            Ok(Found::Unchanged) => run.keep(key),
            Ok(Found::SameContent(mark)) => run.keep_as(key, mark),
            Ok(Found::Changed { bytes, mark, modified }) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let key = key.to_owned();
                let file = SourceFile { key, name, modified, bytes, ..SourceFile::default() };
                let _ = run.put(file, mark);
            }
            // It went away since the folder was listed: whatever was known of it is reported gone.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => run.failed(key, error.to_string()),
        }
    }

    fn read(&self, path: &Path, known: Option<&Mark>) -> io::Result<Found> {
        let now_ms = self.clock.now_ms();
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let modified = modified(&metadata);
        let modified_us = modified.map_or(0, Timestamp::as_microsecond);
        let same = |mark: &Mark| mark.size == metadata.len() && mark.modified_us == modified_us;
        if known.is_some_and(|mark| !mark.fresh && same(mark)) {
            return Ok(Found::Unchanged);
        }
        let bytes = read_up_to(file, self.limits.file_bytes)?;
        let mark = Mark {
            size: metadata.len(),
            modified_us,
            sha256: hash(&bytes),
            fresh: modified.is_none_or(|at| at.as_millisecond() + TIME_GRAIN_MS > now_ms),
        };
        if known.is_some_and(|known| known.sha256 == mark.sha256) {
            return Ok(Found::SameContent(mark));
        }
        Ok(Found::Changed { bytes, mark, modified })
    }

    /// The path below the folder, with `/` between its parts.
    fn key<'p>(&self, path: &'p Path) -> std::borrow::Cow<'p, str> {
        let key = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy();
        if std::path::MAIN_SEPARATOR == '/' { key } else { key.replace('\\', "/").into() }
    }

    fn is_walked(&self, entry: &DirEntry) -> bool {
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        entry.depth() == 0 || !(hidden || self.patterns.excludes(&self.key(entry.path())))
    }
}

impl Source for Folder {
    fn sync(&self, state: &SourceState, sink: &mut dyn Sink) -> Result<SourceState, SourceError> {
        let state: State = state.read()?;
        let mut run = Run::new(state.files, &self.limits, sink);
        // Links are not followed: they may lead out of the folder or in a circle.
        let walk = WalkDir::new(&self.root).max_depth(DEPTH_MAX).sort_by_file_name();
        for entry in walk.into_iter().filter_entry(|entry| self.is_walked(entry)) {
            if !run.goes_on() {
                break;
            }
            match entry {
                Ok(entry) if entry.file_type().is_dir() && entry.depth() == DEPTH_MAX => {
                    let key = self.key(entry.path()).into_owned();
                    run.problem(&key, format!("deeper than {DEPTH_MAX} folders: not looked at"));
                }
                Ok(entry) if entry.file_type().is_file() => match entry.path().to_str() {
                    None => {
                        let key = self.key(entry.path()).into_owned();
                        run.problem(&key, "its name is not valid Unicode");
                    }
                    Some(_) => {
                        let key = self.key(entry.path()).into_owned();
                        if self.patterns.takes(&key) {
                            self.file(entry.path(), &key, &mut run);
                        }
                    }
                },
                Ok(_) => {}
                Err(error) => self.unreadable(error, &mut run)?,
            }
        }
        SourceState::write(&State { files: run.finish(true) })
    }
}

impl Folder {
    /// A folder that cannot be listed: what was known of its files stays. The root itself is an
    /// error, so that a disk that is not mounted does not empty the collection.
    fn unreadable(
        &self,
        error: walkdir::Error,
        run: &mut Run<'_, Mark>,
    ) -> Result<(), SourceError> {
        let path = error.path().unwrap_or(&self.root).to_owned();
        let at_root = error.depth() == 0;
        let source = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
        if at_root {
            return Err(SourceError::File { path, source });
        }
        if source.kind() != io::ErrorKind::NotFound {
            let key = self.key(&path).into_owned();
            run.problem(&key, source.to_string());
            run.keep_below(&format!("{key}/"));
        }
        Ok(())
    }
}

/// What a look at a file found.
enum Found {
    Unchanged,
    /// Touched, or read again to be sure: the same bytes.
    SameContent(Mark),
    Changed {
        bytes: Vec<u8>,
        mark: Mark,
        modified: Option<Timestamp>,
    },
}

fn modified(metadata: &Metadata) -> Option<Timestamp> {
    metadata.modified().ok().and_then(|time| Timestamp::try_from(time).ok())
}

/// Reads a whole file, or fails when it has more than `bytes_max` bytes.
fn read_up_to(file: impl Read, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(bytes_max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > bytes_max {
        let message = format!("it has more than `limits.file_bytes` = {bytes_max} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
