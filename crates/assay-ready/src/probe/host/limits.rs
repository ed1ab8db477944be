//! Limits of the control groups that the server runs in, of version 1 and 2.

use std::path::{Path, PathBuf};

use crate::observation::Value;

/// Where control groups are mounted.
const ROOT: &str = "/sys/fs/cgroup";
/// Version 1 has a number for no limit that no machine has bytes for.
const NO_LIMIT: f64 = 1e18;
/// What is told where nothing limits the server.
const NONE: &str = "none";

/// The least of the limits of memory, in bytes.
pub(super) fn memory(data: &Path) -> Option<Value> {
    memory_of(&of_server(data)?, Path::new(ROOT))
}

/// The least of the limits of the processor, in cores.
pub(super) fn processor(data: &Path) -> Option<Value> {
    processor_of(&of_server(data)?, Path::new(ROOT))
}

fn memory_of(groups: &Groups, root: &Path) -> Option<Value> {
    let bytes = |folder: &Path, file| number(folder, file).filter(|bytes| *bytes < NO_LIMIT);
    Some(match groups.folders(root, "memory")? {
        (folders, Version::First) => least(&folders, |it| bytes(it, "memory.limit_in_bytes")),
        // Above `high` the kernel takes memory back, at `max` it ends the process.
        (folders, Version::Second) => least(&folders, |it| {
            let both = [bytes(it, "memory.max"), bytes(it, "memory.high")];
            both.into_iter().flatten().reduce(f64::min)
        }),
    })
}

fn processor_of(groups: &Groups, root: &Path) -> Option<Value> {
    Some(match groups.folders(root, "cpu")? {
        (folders, Version::First) => least(&folders, |it| {
            let quota = number(it, "cpu.cfs_quota_us").filter(|quota| *quota > 0.0);
            Some(quota? / number(it, "cpu.cfs_period_us")?)
        }),
        (folders, Version::Second) => least(&folders, |it| {
            let text = std::fs::read_to_string(it.join("cpu.max")).ok()?;
            let (quota, period) = text.trim().split_once(' ')?;
            Some(quota.parse::<f64>().ok()? / period.parse::<f64>().ok()?)
        }),
    })
}

fn number(folder: &Path, file: &str) -> Option<f64> {
    std::fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok()
}

/// The groups of the server that has announced itself in the data folder; else those of this process,
/// which is meant to run as the server does.
fn of_server(data: &Path) -> Option<Groups> {
    let said = std::fs::read_to_string(data.join("server.json")).unwrap_or_default();
    let said: serde_json::Value = serde_json::from_str(&said).unwrap_or_default();
    let process = said.get("pid").and_then(serde_json::Value::as_u64);
    let process = process.map_or_else(|| "self".to_owned(), |pid| pid.to_string());
    std::fs::read_to_string(format!("/proc/{process}/cgroup")).ok().map(Groups)
}

/// Of control groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    First,
    Second,
}

/// What `/proc/PID/cgroup` says.
struct Groups(String);

impl Groups {
    /// The folders of the group of a controller and those above it, the nearest first. None where the
    /// controller cannot be looked at.
    fn folders(&self, root: &Path, controller: &str) -> Option<(Vec<PathBuf>, Version)> {
        let path_of = |wanted: &dyn Fn(&str) -> bool| {
            self.0.lines().find_map(|line| {
                let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
                wanted(controllers).then(|| path.trim_start_matches('/').to_owned())
            })
        };
        let first = path_of(&|names| names.split(',').any(|it| it == controller));
        let (top, path, version) = match first {
            Some(path) => (root.join(controller), path, Version::First),
            None => (root.to_owned(), path_of(&str::is_empty)?, Version::Second),
        };
        let is_there = match version {
            Version::First => top.is_dir(),
            Version::Second => top.join("cgroup.controllers").is_file(),
        };
        // Inside a container the path may be that of the host, and the top is the container's own.
        let own = if path.contains("..") { top.clone() } else { top.join(path) };
        let above = own.ancestors().take_while(|it| it.starts_with(&top)).map(Path::to_path_buf);
        is_there.then(|| (above.collect(), version))
    }
}

/// The least limit of all groups that the server is in.
fn least(folders: &[PathBuf], limit: impl Fn(&Path) -> Option<f64>) -> Value {
    let least = folders.iter().filter_map(|folder| limit(folder)).reduce(f64::min);
    Value::Text(least.map_or_else(|| NONE.to_owned(), |it| it.to_string()))
}

#[cfg(test)]
mod tests;
