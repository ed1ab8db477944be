//! What can be set on encryption at rest.

use std::path::PathBuf;

use assay_core::Secret;
use serde::{Deserialize, Serialize};

/// Where the root key comes from, and where the wrapped keys lie. With no root key nothing is
/// encrypted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EncryptionSettings {
    /// A file with the root key: 32 random bytes in base64. During a rotation it holds two, the new
    /// one in the first line.
    pub root_key_file: Option<PathBuf>,
    /// A command, with its arguments, that prints the root key.
    pub root_key_command: Vec<String>,
    /// Folder of the wrapped data keys; `keys` in the data folder when absent. A backup of the data
    /// has to leave it out, or erased tenants stay readable in it.
    pub keys_dir: Option<PathBuf>,
    /// The root key itself, from the environment. No key of the file: there it would lie beside
    /// other settings, in every copy of them.
    #[serde(skip)]
    pub root_key: Option<Secret>,
}
