//! Drills: what can only be shown by doing it. A plan first, a limit on what may be done, a journal
//! that puts everything back even after a kill, and a result that checks read.

mod journal;
pub mod load;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

pub use journal::{Journal, Undo};

use crate::{Blast, ReadyError};

/// What a drill will do, before it does it.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Its name.
    pub name: &'static str,
    /// The steps in words.
    pub steps: Vec<String>,
    /// What it does to the deployment.
    pub blast: Blast,
    /// How long it takes at most, in seconds.
    pub seconds: f64,
    /// How it is put back.
    pub restore: &'static str,
}

impl Plan {
    /// For a person.
    #[must_use]
    pub fn shown(&self, url: &str) -> String {
        let steps: String = self.steps.iter().map(|step| format!("  - {step}\n")).collect();
        format!(
            "Drill {} against {url}, blast {:?}, at most {:.0} s; Ctrl-C ends it.\n{steps}  \
             afterwards: {}\n",
            self.name, self.blast, self.seconds, self.restore
        )
    }
}

/// The command that leaves a result of this name; none for what other tools write.
#[must_use]
pub fn command(name: &str) -> Option<&'static str> {
    Some(match name {
        "alerts" => "assay drill alerts",
        "delivery" => "assay drill delivery",
        "attack" | "quota" => "assay drill attack",
        "erase" | "tenancy" => "assay drill tenancy",
        "fault" => "assay drill fault",
        "guard" | "secrets" => "assay drill secrets",
        "ingest" | "tasks" => "assay drill tasks",
        "judge" => "assay eval support --drill",
        "knee" => "assay drill load --knee",
        "load" | "soak" => "assay drill load",
        "release" => "assay rollout run",
        "restore" => "assay drill restore",
        "rollout" => "assay drill rollout",
        "stop" => "assay drill stop",
        _ => return None,
    })
}

/// Keeps the result of a drill where checks look for it; the one before becomes `NAME.before.json`.
///
/// # Errors
/// When the folder cannot be written.
pub fn keep(
    folder: &Path,
    name: &str,
    result: &Value,
    at: Timestamp,
    version: &str,
    config: &str,
) -> Result<PathBuf, ReadyError> {
    let path = folder.join("drills").join(format!("{name}.json"));
    let document = json!({
        "drill": name, "at": at.to_string(), "version": version, "config": config, "result": result,
    });
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder.join("drills"))?;
        if path.is_file() {
            std::fs::rename(&path, folder.join("drills").join(format!("{name}.before.json")))?;
        }
        std::fs::write(&path, format!("{document:#}\n"))
    };
    write().map_err(|error| ReadyError::io(&path, error))?;
    Ok(path)
}
