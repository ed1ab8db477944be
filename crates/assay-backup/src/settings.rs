//! What can be set on backups.

use std::path::PathBuf;

use assay_core::Secret;
use assay_vault::{DataKey, backup_keys};
use serde::Deserialize;

use crate::{BackupError, Location};

/// The variable that may hold the key of backups.
const VARIABLE: &str = "ASSAY_BACKUP_KEY";

/// Where backups go, how often, how long they stay, and what seals them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupSettings {
    /// Where backups go to while the server runs: a folder, which should lie on another disk, or
    /// `s3://BUCKET/PREFIX`; none by default.
    pub to: Option<Location>,
    /// Other folders and buckets that `POST /v1/backups` may name.
    pub folders: Vec<Location>,
    /// The service that buckets are at.
    pub s3: S3Settings,
    /// Seconds between two steps of the continuous backup; 0 leaves full copies alone.
    pub every_seconds: u64,
    /// Hours between two full copies.
    pub full_every_hours: u64,
    /// Full copies that stay, with what followed them, however old they are.
    pub keep_last: usize,
    /// Days for which every moment can be restored.
    pub keep_days: u32,
    /// A file with the key of backups: 32 random bytes in base64. The first line seals, all open.
    pub key_file: Option<PathBuf>,
    /// A command, with its arguments, that prints the key.
    pub key_command: Vec<String>,
    /// The key itself, from the environment.
    #[serde(skip)]
    pub key: Option<Secret>,
}

/// A service that speaks the S3 protocol, and who asks it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3Settings {
    /// The address of the service, such as `https://s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
    /// The region that requests are signed for.
    pub region: String,
    /// Whether the bucket is named in the host (`bucket.host`) and not in the path (`host/bucket`).
    pub bucket_in_host: bool,
    /// The access key; the variable `AWS_ACCESS_KEY_ID` where it is not set.
    pub access_key: Option<String>,
    /// The secret of the access key; the variable `AWS_SECRET_ACCESS_KEY` where it is not set.
    pub secret_key: Option<Secret>,
    /// The token of temporary credentials; the variable `AWS_SESSION_TOKEN` where it is not set.
    pub session_token: Option<Secret>,
}

impl Default for S3Settings {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            region: "us-east-1".to_owned(),
            bucket_in_host: false,
            access_key: None,
            secret_key: None,
            session_token: None,
        }
    }
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            to: None,
            folders: Vec::new(),
            s3: S3Settings::default(),
            every_seconds: 1,
            full_every_hours: 24,
            keep_last: 2,
            keep_days: 30,
            key_file: None,
            key_command: Vec::new(),
            key: None,
        }
    }
}

impl BackupSettings {
    /// What cannot be meant: a key and what is wrong with it.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.every_seconds > 3_600 {
            problems.push(("every_seconds", "is more than an hour".to_owned()));
        }
        if !(1..=24 * 31).contains(&self.full_every_hours) {
            problems.push(("full_every_hours", "is not 1 to 744".to_owned()));
        }
        let is_bucket = |at: &Location| matches!(at, Location::Bucket { .. });
        if self.to.iter().chain(&self.folders).any(is_bucket) && self.s3.endpoint.is_empty() {
            problems.push(("s3.endpoint", "is needed for a place in a bucket".to_owned()));
        }
        if self.s3.access_key.is_some() != self.s3.secret_key.is_some() {
            problems.push(("s3.access_key", "and `secret_key` go together".to_owned()));
        }
        if self.keep_last == 0 {
            problems.push(("keep_last", "0 would keep no backup at all".to_owned()));
        }
        problems
    }

    /// The keys of backups with their ids, the one that seals first; none leaves backups in clear.
    ///
    /// # Errors
    /// [`BackupError::Key`].
    pub fn keys(&self) -> Result<Vec<(String, DataKey)>, BackupError> {
        let variable = self.key.clone().map(|key| (VARIABLE, key));
        Ok(backup_keys(&self.key_file, &self.key_command, variable)?)
    }
}
