//! Facts of the machine that holds the data folder.

mod disk;
mod limits;

use std::path::Path;

use super::{Gathered, Session, Takes};
use crate::observation::{Observation, Value};

/// The facts and what they are.
const FACTS: [&str; 12] = [
    // Of the file system that holds the data.
    "disk_free_bytes",
    "disk_used_share",
    "disk_type",
    // Of the folders: permissions as octal digits.
    "data_mode",
    "secrets_mode",
    // Whether a file could be written there, flushed and read again: `yes`, or why not.
    "data_writable",
    // Of the process that examines, which is meant to run as the server does.
    "uid",
    "root_writable",
    // Of the control groups of the server: a number, or `none` where nothing limits it.
    "memory_max_bytes",
    "cpu_max",
    // Of the machine.
    "memory_used_share",
    "load_per_core",
];

/// What is wrong with the name of a fact.
pub(super) fn problem(fact: &str) -> Option<String> {
    (!FACTS.contains(&fact)).then(|| format!("`{fact}` is no fact of a machine"))
}

pub(super) fn gather(session: &Session<'_>, takes: &Takes) -> Gathered {
    let Some(data) = &session.deployment.data else {
        return Gathered::missing("run on the machine of the deployment, or name its --data-dir");
    };
    let mut gathered = Gathered::default();
    let mut seen = Vec::new();
    for (name, fact) in takes {
        match read(fact, data) {
            Some(value) => {
                seen.push(format!("{fact}: {}", value.shown()));
                let unit = if fact.ends_with("_bytes") { "bytes" } else { "" };
                gathered.observations.push(Observation {
                    unit: unit.to_owned(),
                    ..Observation::new(name.as_str(), value)
                });
            }
            None => gathered.missing = Some(format!("this machine does not tell `{fact}`")),
        }
    }
    let artefact = session.keep(&seen.join("\n"));
    for observation in &mut gathered.observations {
        observation.artefact.clone_from(&artefact);
    }
    gathered
}

fn read(fact: &str, data: &Path) -> Option<Value> {
    match fact {
        "disk_free_bytes" => disk::space(data).map(|space| Value::Number(space.free)),
        "disk_used_share" => {
            disk::space(data).map(|space| Value::Number(1.0 - space.free / space.all.max(1.0)))
        }
        "disk_type" => disk::kind(data).map(Value::Text),
        "data_mode" => mode(data),
        "secrets_mode" => mode(&data.join("secrets")),
        "data_writable" => Some(Value::Text(writable(data))),
        "uid" => status_field("Uid:").map(Value::Number),
        "root_writable" => {
            let path = Path::new("/.assay-ready");
            let is_writable = std::fs::write(path, "x").is_ok();
            let _ = std::fs::remove_file(path);
            Some(Value::Text(if is_writable { "yes" } else { "no" }.to_owned()))
        }
        "memory_max_bytes" => limits::memory(data),
        "cpu_max" => limits::processor(data),
        "memory_used_share" => memory_used().map(Value::Number),
        "load_per_core" => {
            let load = first_number("/proc/loadavg")?;
            let cores = std::thread::available_parallelism().ok()?.get();
            Some(Value::Number(load / cores as f64))
        }
        _ => None,
    }
}

/// The permissions of a file or folder as octal digits.
fn mode(path: &Path) -> Option<Value> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    Some(Value::Text(format!("{:03o}", mode & 0o777)))
}

fn writable(data: &Path) -> String {
    use std::io::Write as _;
    let path = data.join(".ready");
    let tried = || -> std::io::Result<bool> {
        let mut file = std::fs::File::create(&path)?;
        file.write_all(b"ready")?;
        file.sync_all()?;
        Ok(std::fs::read(&path)? == b"ready")
    };
    let outcome = tried();
    let _ = std::fs::remove_file(&path);
    match outcome {
        Ok(true) => "yes".to_owned(),
        Ok(false) => "what was read is not what was written".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// The first number of a file that has one number or more.
fn first_number(path: &str) -> Option<f64> {
    std::fs::read_to_string(path).ok()?.split_whitespace().next()?.parse().ok()
}

fn status_field(name: &str) -> Option<f64> {
    field("/proc/self/status", name)
}

/// The first number of the line that begins with a name.
fn field(path: &str, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn memory_used() -> Option<f64> {
    let all = field("/proc/meminfo", "MemTotal:")?;
    let free = field("/proc/meminfo", "MemAvailable:")?;
    Some(1.0 - free / all.max(1.0))
}
