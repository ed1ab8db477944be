//! The file system that holds a folder.

use std::path::Path;

/// Space of a file system in bytes.
pub(super) struct Space {
    pub(super) all: f64,
    pub(super) free: f64,
}

/// The space, as `df` tells it: the one program that every machine has for it, and which spares this
/// crate a call that is not safe Rust.
pub(super) fn space(folder: &Path) -> Option<Space> {
    let output = std::process::Command::new("df").arg("-Pk").arg(folder).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut fields = text.lines().nth(1)?.split_whitespace().skip(1);
    let all: f64 = fields.next()?.parse().ok()?;
    let free: f64 = fields.nth(1)?.parse().ok()?;
    Some(Space { all: all * 1024.0, free: free * 1024.0 })
}

/// The type of the file system, of the longest mount point that the folder lies below.
pub(super) fn kind(folder: &Path) -> Option<String> {
    let folder = std::fs::canonicalize(folder).ok()?;
    let mounts = std::fs::read_to_string("/proc/mounts").ok()?;
    let of = |line: &str| {
        let mut fields = line.split_whitespace().skip(1);
        let point = fields.next()?.to_owned();
        folder.starts_with(&point).then_some((point.len(), fields.next()?.to_owned()))
    };
    mounts.lines().filter_map(of).max().map(|(_, kind)| kind)
}
