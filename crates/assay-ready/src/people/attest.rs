//! Attestations: the word of a person with a role, with evidence, until a day.

use std::{io::Write as _, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text;
use crate::{
    catalogue::Catalogue,
    check::{Check, Severity},
    error::ReadyError,
    run::Run,
};

/// The file of the folder, one attestation a line.
const FILE: &str = "attestations.jsonl";

/// The word of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The check.
    pub check: String,
    /// Who says so.
    pub by: String,
    /// As what.
    pub role: String,
    /// A second person who has looked; needed for blockers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub second: String,
    /// What was done and seen.
    pub text: String,
    /// Where the evidence lies.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub link: String,
    /// SHA-256 of a file that is evidence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file_sha256: String,
    /// When it was said.
    pub at: Timestamp,
    /// Until when it counts.
    pub expires: Timestamp,
}

impl Attestation {
    /// One line of it.
    #[must_use]
    pub fn shown(&self) -> String {
        let second = match self.second.as_str() {
            "" => String::new(),
            name => format!(" and {name}"),
        };
        let until = self.expires.to_string();
        let until: String = until.chars().take(10).collect();
        format!("{}{second} ({}), until {until}: {}", self.by, self.role, self.text)
    }

    /// What is wrong with it.
    fn problems(&self, check: Option<&Check>) -> Vec<String> {
        let Some(check) = check else { return vec![format!("there is no check `{}`", self.check)] };
        let mut problems = Vec::new();
        let mut say = |what: String| problems.push(format!("{}: {what}", self.check));
        if !check.can_be_attested() {
            say("it is decided by looking, not by a word".to_owned());
        }
        if self.role != check.role {
            say(format!("it is for {} to attest, not for {}", check.role, self.role));
        }
        if self.by.trim().is_empty() || self.text.trim().is_empty() {
            say("an attestation says who and what".to_owned());
        }
        if self.link.is_empty() && self.file_sha256.is_empty() && self.text.chars().count() < 20 {
            say("evidence is missing: a link, a file, or at least 20 letters of what was done"
                .to_owned());
        }
        if check.severity == Severity::Blocker
            && (self.second.trim().is_empty() || self.second == self.by)
        {
            say("a blocker needs a second person (--second NAME)".to_owned());
        }
        let days = (self.expires.as_second() - self.at.as_second()) as f64 / 86_400.0;
        if days <= 0.0 || days > check.max_age_days + 1.0 {
            say(format!("it must end within {:.0} days", check.max_age_days));
        }
        problems
    }
}

/// The attestations of a folder.
///
/// # Errors
/// With every problem at once.
pub fn load(folder: &Path, catalogue: &Catalogue) -> Result<Vec<Attestation>, ReadyError> {
    let text = text(&folder.join(FILE))?;
    let mut found = Vec::new();
    let mut problems = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<Attestation>(line) {
            Ok(word) => {
                problems.extend(word.problems(catalogue.check(&word.check)));
                found.push(word);
            }
            Err(error) => problems.push(format!("{FILE}:{}: {error}", at + 1)),
        }
    }
    if problems.is_empty() {
        return Ok(found);
    }
    Err(ReadyError::BadInput { what: "the attestations".to_owned(), problems })
}

/// Adds one.
///
/// # Errors
/// When it is not what an attestation must be, or the folder cannot be written.
pub fn add(folder: &Path, catalogue: &Catalogue, word: &Attestation) -> Result<(), ReadyError> {
    let problems = word.problems(catalogue.check(&word.check));
    if !problems.is_empty() {
        return Err(ReadyError::BadInput { what: "the attestation".to_owned(), problems });
    }
    let path = folder.join(FILE);
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&path)?;
        writeln!(file, "{}", serde_json::to_string(word)?)?;
        file.sync_all()
    };
    write().map_err(|error| ReadyError::io(&path, error))
}

/// The checks of a run that wait for the word of a role; of every role when none is named.
#[must_use]
pub fn open<'a>(run: &'a Run, role: Option<&str>) -> Vec<&'a crate::Outcome> {
    let waits = |it: &&crate::Outcome| {
        !it.verdict.is_decided()
            && !it.role.is_empty()
            && it.id != crate::run::SIGN_OFF
            && role.is_none_or(|role| role == it.role)
    };
    run.outcomes.iter().filter(waits).collect()
}
