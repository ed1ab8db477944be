//! What every source is set up with: its settings, the policy of the server, its surroundings.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use assay_core::Clock;
use serde::Deserialize;
use tokio::runtime::Handle;

use crate::{
    Source, SourceError,
    folder::{Folder, FolderSettings},
    git::{Git, GitSettings},
    imap::{Imap, ImapSettings},
    s3::{S3, S3Settings},
    web::{Web, WebSettings},
};

/// The most files that one source can have: the state is read and written as a whole.
pub const MAX_FILES: usize = 200_000;

/// The settings of a source of any kind.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SourceSettings {
    /// Files of a folder.
    Folder(FolderSettings),
    /// Pages of a web site.
    Web(WebSettings),
    /// Objects of a bucket.
    S3(S3Settings),
    /// Files of a branch of a repository.
    Git(GitSettings),
    /// Messages of a mailbox.
    Imap(ImapSettings),
}

impl SourceSettings {
    /// Checks the settings against themselves and against the policy, and makes the source. Nothing
    /// is connected to.
    ///
    /// # Errors
    /// [`SourceError::Settings`] with all that is wrong, [`SourceError::Forbidden`] when the policy
    /// does not allow it.
    pub fn open(self, context: &SourceContext) -> Result<Box<dyn Source>, SourceError> {
        Ok(match self {
            Self::Folder(settings) => Box::new(Folder::new(settings, context)?),
            Self::Web(settings) => Box::new(Web::new(settings, context)?),
            Self::S3(settings) => Box::new(S3::new(settings, context)?),
            Self::Git(settings) => Box::new(Git::new(settings, context)?),
            Self::Imap(settings) => Box::new(Imap::new(settings, context)?),
        })
    }
}

/// Something that is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingProblem {
    /// The setting, such as `limits.files`.
    pub setting: String,
    /// What is wrong with it.
    pub problem: String,
}

impl SettingProblem {
    pub(crate) fn new(setting: &str, problem: impl Into<String>) -> Self {
        Self { setting: setting.to_owned(), problem: problem.into() }
    }
}

impl fmt::Display for SettingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.setting, self.problem)
    }
}

/// Turns collected problems into an error.
pub(crate) fn checked(problems: Vec<SettingProblem>) -> Result<(), SourceError> {
    if problems.is_empty() { Ok(()) } else { Err(SourceError::Settings(problems)) }
}

/// What one source may consume.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of one file; a larger one is a problem. At most 1 GiB, since a file is in memory.
    pub file_bytes: u64,
    /// Files that the source may have; at most [`MAX_FILES`].
    pub files: usize,
    /// Seconds for a run; the next one goes on.
    pub run_seconds: u64,
    /// Seconds for one request or one file.
    pub request_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 200 << 20, files: 50_000, run_seconds: 6 * 3_600, request_seconds: 60 }
    }
}

impl Limits {
    pub(crate) fn check(&self, problems: &mut Vec<SettingProblem>) {
        let mut within = |setting: &str, value: u64, most: u64| {
            if value == 0 || value > most {
                let problem = format!("is {value}, but must be from 1 to {most}");
                problems.push(SettingProblem::new(setting, problem));
            }
        };
        within("limits.file_bytes", self.file_bytes, 1 << 30);
        within("limits.files", self.files as u64, MAX_FILES as u64);
        within("limits.run_seconds", self.run_seconds, 7 * 24 * 3_600);
        within("limits.request_seconds", self.request_seconds, 3_600);
    }

    pub(crate) const fn run_time(&self) -> Duration {
        Duration::from_secs(self.run_seconds)
    }

    pub(crate) const fn request_time(&self) -> Duration {
        Duration::from_secs(self.request_seconds)
    }
}

/// What whoever runs the server allows all sources. It is apart from the settings of a source,
/// because who may add a source must not thereby be able to read the server's files and network.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SourcePolicy {
    /// Hosts inside the network that may be reached, at any port: names, addresses, or networks
    /// such as `10.2.0.0/16`. Names are matched exactly.
    pub allow_private_hosts: Vec<String>,
    /// Folders of this machine that may be read, with all that is below them.
    pub allow_folders: Vec<PathBuf>,
}

impl SourcePolicy {
    /// Gives the real path of a folder, when it is an allowed one or below one.
    pub(crate) fn folder(&self, path: &Path) -> Result<PathBuf, SourceError> {
        let real = |path: &Path| {
            path.canonicalize()
                .map_err(|source| SourceError::File { path: path.to_owned(), source })
        };
        let asked = real(path)?;
        // An allowed folder that is not there allows nothing.
        let allowed = self.allow_folders.iter().filter_map(|folder| real(folder).ok());
        if allowed.into_iter().any(|folder| asked.starts_with(folder)) {
            return Ok(asked);
        }
        Err(SourceError::Forbidden {
            what: format!("`{}`", path.display()),
            reason: "it is not below a folder that the server allows".to_owned(),
        })
    }
}

/// What a source is surrounded by.
#[derive(Debug, Clone)]
pub struct SourceContext {
    /// Runs the network calls; `sync` must not be called from one of its async tasks.
    pub runtime: Handle,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What is allowed.
    pub policy: SourcePolicy,
    /// A folder of this source alone for what makes the next run cheaper; it need not exist and may
    /// be deleted between runs.
    pub cache_dir: PathBuf,
}
