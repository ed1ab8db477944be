//! What can be set on backups.

use std::path::PathBuf;

use assay_core::Secret;
use assay_vault::{DataKey, backup_keys};
use serde::{Deserialize, Serialize};

use crate::BackupError;

/// The variable that may hold the key of backups.
const VARIABLE: &str = "ASSAY_BACKUP_KEY";

/// Where backups go, how often, how long they stay, and what seals them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BackupSettings {
    /// Folder that backups go to while the server runs; none by default. It should lie on another disk.
    pub to: Option<PathBuf>,
    /// Other folders that `POST /v1/backups` may name.
    pub folders: Vec<PathBuf>,
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

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            to: None,
            folders: Vec::new(),
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
