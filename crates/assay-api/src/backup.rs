//! Backups.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Takes a full copy now.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackupRequest {
    /// Folder of the server or `s3://BUCKET/PREFIX` that the copy goes to: `backup.to` (the default)
    /// or one of `backup.folders`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "/mnt/backups/assay")]
    pub to: Option<String>,
}

/// A full copy and the steps that follow it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupPoint {
    /// Its name.
    #[schema(example = "20261121T160000Z")]
    pub name: String,
    /// When the full copy was taken; from here on every step can be restored.
    #[schema(example = "2026-11-21T16:00:00Z")]
    pub from: String,
    /// The last moment that it leads to.
    pub until: String,
    /// Steps after the full copy.
    pub steps: u64,
    /// Files of the full copy.
    pub files: u64,
    /// Bytes of the full copy before it was cut into pieces that are kept once.
    pub bytes: u64,
    /// Version of Assay that wrote it.
    #[schema(example = "0.1.0")]
    pub program: String,
}

/// The backups of the installation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BackupsResponse {
    /// Where backups go; absent where none are set up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Whether they are sealed with a key.
    pub sealed: bool,
    /// The moment up to which everything is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// How long ago that is, in seconds: what would be lost if the machine were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 0.8)]
    pub lag_seconds: Option<f64>,
    /// Why the last attempt failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Days for which every moment can be restored.
    pub keep_days: u32,
    /// Oldest first.
    pub backups: Vec<BackupPoint>,
}
