#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod error;
mod file;
mod key;
mod root;
mod sealer;
mod settings;
mod vault;

pub use error::VaultError;
pub use file::replace;
pub use key::{DataKey, Owner};
pub use root::backup_keys;
pub use sealer::{Damaged, OVERHEAD, Sealer};
pub use settings::EncryptionSettings;
pub use vault::{KeyState, Rotation, Vault};
