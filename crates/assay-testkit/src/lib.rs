#![doc = include_str!("../README.md")]

pub mod bucket;
pub mod kill;
pub mod oidc;
mod pdf;
pub mod process;
pub mod public;
pub mod services;
pub mod upstream;
pub mod watch;

pub use pdf::long_pdf;

use std::path::{Path, PathBuf};

/// Lets HTTP clients be built; without a provider of cryptography none can.
pub fn install_crypto() {
    // A second installation of the same provider is an error value that means "already done".
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// The root of the checkout.
#[must_use]
pub fn workspace_root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root.pop();
    root
}

/// A folder or file of the shared data sets, which lie beside the checkout and are not part of it.
///
/// `None`, with a line on standard error, where they are absent: the caller's test ends there.
#[must_use]
#[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
pub fn shared_data(relative: &str) -> Option<PathBuf> {
    let path = workspace_root().parent()?.join("shared/data").join(relative);
    if path.try_exists().unwrap_or(false) {
        return Some(path);
    }
    eprintln!("skipped: {} is not here", path.display());
    None
}

/// Every file below `folder` whose name ends in `.{extension}`, sorted.
///
/// # Errors
/// When a folder cannot be listed.
pub fn files_below(folder: &Path, extension: &str) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
