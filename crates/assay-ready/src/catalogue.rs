//! All checks and profiles: those of the program, and those of a folder over them.

mod embedded;
mod lint;

use std::{collections::BTreeMap, path::Path};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{check::Check, error::ReadyError, profile::Profile};

/// Facts that only a profile can tell.
pub(crate) const DECLARED: [&str; 13] = [
    "containers",
    "kubernetes",
    "domain",
    "replicas",
    "redis",
    "postgres",
    "cdn",
    "load_balancer",
    "accelerator",
    "business_system",
    "training",
    "extraction",
    "hosted",
];

/// All checks and profiles.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// The checks in the order of their files.
    pub checks: Vec<Check>,
    /// The profiles by name.
    pub profiles: BTreeMap<String, Profile>,
    /// SHA-256 of the files: which checklist a run was made with.
    pub digest: String,
}

/// One file of checks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    section: String,
    #[serde(default)]
    check: Vec<Check>,
}

impl Catalogue {
    /// The checks of the program, and those of a folder over them: `checks/*.toml` there replaces
    /// checks of the same id and adds others, `profiles/*.toml` likewise.
    ///
    /// # Errors
    /// With every problem at once: two equal ids, an unknown check, a pattern that is none.
    pub fn load(folder: Option<&Path>) -> Result<Self, ReadyError> {
        let mut files: Vec<(String, String)> = embedded::CHECKS.map(own).into();
        let mut profiles: Vec<(String, String)> = embedded::PROFILES.map(own).into();
        let own_files = files.len();
        if let Some(folder) = folder {
            files.extend(toml_files(&folder.join("checks"))?);
            profiles.extend(toml_files(&folder.join("profiles"))?);
        }
        let mut problems = Vec::new();
        let mut checks: Vec<Check> = Vec::new();
        let mut hash = Sha256::new();
        for (at, (name, text)) in files.iter().enumerate() {
            hash.update(text.as_bytes());
            match toml::from_str::<Section>(text) {
                Ok(section) => add(&mut checks, section, name, at < own_files, &mut problems),
                Err(error) => problems.push(format!("{name}: {}", one_line(&error))),
            }
        }
        let mut found = BTreeMap::new();
        for (name, text) in &profiles {
            hash.update(text.as_bytes());
            match toml::from_str::<Profile>(text) {
                Ok(profile) => {
                    let short = name.trim_end_matches(".toml").to_owned();
                    found.insert(short.clone(), Profile { name: short, ..profile });
                }
                Err(error) => problems.push(format!("{name}: {}", one_line(&error))),
            }
        }
        let digest = hex(&hash.finalize());
        let catalogue = Self { checks, profiles: found, digest };
        lint::lint(&catalogue, &mut problems);
        if problems.is_empty() {
            return Ok(catalogue);
        }
        Err(ReadyError::BadInput { what: "the checklist".to_owned(), problems })
    }

    /// A check by its id.
    #[must_use]
    pub fn check(&self, id: &str) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == id)
    }

    /// A profile by its name.
    ///
    /// # Errors
    /// When there is none of that name.
    pub fn profile(&self, name: &str) -> Result<&Profile, ReadyError> {
        self.profiles.get(name).ok_or_else(|| {
            let names: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
            ReadyError::bad(
                "the profile",
                format!("there is no profile `{name}`; there are {}", names.join(", ")),
            )
        })
    }

    /// The checks that a profile asks, with its severities and thresholds.
    #[must_use]
    pub fn selected(&self, profile: &Profile) -> Vec<Check> {
        let under = |check: &Check| {
            let mut check = check.clone();
            if let Some(severity) = profile.severity.get(&check.id) {
                check.severity = *severity;
            }
            for (of, value) in profile.thresholds.get(&check.id).into_iter().flatten() {
                let meant = check.expect.iter_mut().filter(|expect| expect.of == *of);
                meant.for_each(|expect| expect.value = value.clone());
            }
            check
        };
        self.checks.iter().filter(|check| profile.selects(&check.id)).map(under).collect()
    }
}

fn own((name, text): (&str, &str)) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

/// Adds the checks of a file. Two equal ids are a problem, except that a folder replaces what the
/// program brings.
fn add(
    checks: &mut Vec<Check>,
    section: Section,
    file: &str,
    is_own: bool,
    problems: &mut Vec<String>,
) {
    let mut seen: Vec<String> = Vec::new();
    for mut check in section.check {
        check.section.clone_from(&section.section);
        if seen.contains(&check.id) {
            problems.push(format!("{file}: two checks are called `{}`", check.id));
            continue;
        }
        seen.push(check.id.clone());
        match checks.iter_mut().find(|other| other.id == check.id) {
            Some(_) if is_own => {
                problems.push(format!("{file}: two checks are called `{}`", check.id));
            }
            Some(other) => *other = check,
            None => checks.push(check),
        }
    }
}

/// The TOML files of a folder in the order of their names; none when there is no folder.
fn toml_files(folder: &Path) -> Result<Vec<(String, String)>, ReadyError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ReadyError::io(folder, error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| ReadyError::io(folder, error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text =
                std::fs::read_to_string(&path).map_err(|error| ReadyError::io(&path, error))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, text));
        }
    }
    files.sort();
    Ok(files)
}

fn one_line(error: &impl std::fmt::Display) -> String {
    error.to_string().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The file of the program that defines a check, and the line; the first line of the first file for
/// one that a folder brought.
pub(crate) fn place(id: &str) -> (&'static str, usize) {
    let wanted = format!("id = \"{id}\"");
    for (name, text) in embedded::CHECKS {
        if let Some(at) = text.lines().position(|line| line == wanted) {
            return (name, at + 1);
        }
    }
    (embedded::CHECKS.first().map_or("", |(name, _)| *name), 1)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
