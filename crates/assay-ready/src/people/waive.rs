//! Waivers: that something does not hold is accepted, by whom, why, and until when.

use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text;
use crate::{catalogue::Catalogue, check::Severity, error::ReadyError};

/// The file of the folder.
const FILE: &str = "waivers.toml";
/// Days that a waiver of a blocker may last.
const BLOCKER_DAYS: f64 = 90.0;
/// Days that any other may last.
const DAYS: f64 = 365.0;

/// One waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The check: one, by its id.
    pub check: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who has to mend it.
    pub owner: String,
    /// What keeps harm away meanwhile.
    pub control: String,
    /// Who approved it; not the owner.
    pub approver: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    waiver: Vec<Waiver>,
}

impl Waiver {
    fn problems(&self, catalogue: &Catalogue) -> Vec<String> {
        let mut problems = Vec::new();
        let mut say = |what: String| problems.push(format!("{}: {what}", self.check));
        let check = catalogue.check(&self.check);
        if self.check.contains(['*', '?', ',']) || self.check.is_empty() {
            say("a waiver names one check; there are no wildcards".to_owned());
        } else if check.is_none() {
            say("there is no such check".to_owned());
        }
        for (name, value) in [("reason", &self.reason), ("control", &self.control)] {
            if value.trim().chars().count() < 10 {
                say(format!("`{name}` must say something"));
            }
        }
        if self.owner.trim().is_empty() || self.approver.trim().is_empty() {
            say("it has an owner and an approver".to_owned());
        } else if self.owner.trim().eq_ignore_ascii_case(self.approver.trim()) {
            say("nobody approves a waiver of their own".to_owned());
        }
        let is_blocker = check.is_some_and(|check| check.severity == Severity::Blocker);
        let most = if is_blocker { BLOCKER_DAYS } else { DAYS };
        let days = (self.expires.as_second() - self.created.as_second()) as f64 / 86_400.0;
        if days <= 0.0 || days > most + 1.0 {
            say(format!("it must end within {most:.0} days"));
        }
        problems
    }
}

/// The waivers of a folder.
///
/// # Errors
/// With every problem at once: one without expiry, with a wildcard, twice for one check.
pub fn load(folder: &Path, catalogue: &Catalogue) -> Result<Vec<Waiver>, ReadyError> {
    let bad = |problems| Err(ReadyError::BadInput { what: "the waivers".to_owned(), problems });
    let found = match toml::from_str::<File>(&text(&folder.join(FILE))?) {
        Ok(file) => file.waiver,
        Err(error) => {
            let line = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
            return bad(vec![format!("{FILE}: {line}")]);
        }
    };
    let mut problems: Vec<String> = found.iter().flat_map(|it| it.problems(catalogue)).collect();
    for (at, waiver) in found.iter().enumerate() {
        if found.iter().take(at).any(|other| other.check == waiver.check) {
            problems.push(format!("{}: two waivers", waiver.check));
        }
    }
    if problems.is_empty() { Ok(found) } else { bad(problems) }
}

/// Adds one, in place of an earlier one of the same check.
///
/// # Errors
/// When it is not what a waiver must be, or the folder cannot be written.
pub fn add(folder: &Path, catalogue: &Catalogue, waiver: Waiver) -> Result<(), ReadyError> {
    let problems = waiver.problems(catalogue);
    if !problems.is_empty() {
        return Err(ReadyError::BadInput { what: "the waiver".to_owned(), problems });
    }
    let mut file = File { waiver: load(folder, catalogue)? };
    file.waiver.retain(|it| it.check != waiver.check);
    file.waiver.push(waiver);
    let path = folder.join(FILE);
    let written = toml::to_string_pretty(&file)
        .map_err(|error| ReadyError::bad("the waiver", error.to_string()))?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&path, written))
        .map_err(|error| ReadyError::io(&path, error))
}
