//! The folder of readiness: runs with their evidence, one behind the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::{
    catalogue::hex,
    error::ReadyError,
    people::sign,
    run::{Run, by_signatures},
};

/// The folder.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

/// What a check of a kept run has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// What is not as it was written, each in a line; empty when all is.
    pub faults: Vec<String>,
    /// Artefacts that were compared.
    pub artefacts: usize,
    /// Signatures that hold: role, person, key.
    pub signed: Vec<(String, String, String)>,
}

impl Folder {
    /// The folder at a path, which need not be there yet.
    #[must_use]
    pub const fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Where a run lies.
    #[must_use]
    pub fn run_path(&self, id: &str) -> PathBuf {
        self.root.join("runs").join(id)
    }

    /// The names of the runs, oldest first.
    #[must_use]
    pub fn runs(&self) -> Vec<String> {
        let entries = fs::read_dir(self.root.join("runs"));
        let mut names: Vec<String> = entries
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names
    }

    /// The head of the newest run; empty when there is none.
    #[must_use]
    pub fn newest_head(&self) -> String {
        let newest = self.runs().pop();
        let head = newest.and_then(|id| fs::read_to_string(self.run_path(&id).join("head")).ok());
        head.unwrap_or_default().trim().to_owned()
    }

    /// Writes a run with its artefacts: all of it or nothing.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self, run: &Run, artefacts: &BTreeMap<String, String>) -> Result<(), ReadyError> {
        let made = self.root.join("runs").join(format!(".{}", run.id));
        let write = || -> std::io::Result<()> {
            fs::create_dir_all(made.join("ev"))?;
            for (name, text) in artefacts {
                fs::write(made.join("ev").join(name), text)?;
            }
            let text = serde_json::to_string_pretty(run)?;
            fs::write(made.join("head"), hex(&Sha256::digest(text.as_bytes())))?;
            fs::write(made.join("run.json"), text)?;
            fs::File::open(made.join("run.json"))?.sync_all()?;
            fs::rename(&made, self.run_path(&run.id))
        };
        write().map_err(|error| ReadyError::io(&made, error))
    }

    /// Reads a run, with what its sign-offs decide. `latest` is the newest.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be read.
    pub fn load(&self, id: &str) -> Result<Run, ReadyError> {
        let (mut run, text) = self.read(id)?;
        let head = hex(&Sha256::digest(text.as_bytes()));
        let signed: Vec<(String, String)> = sign::load(&self.run_path(&run.id))?
            .into_iter()
            .filter(|it| sign::fault(it, &run, &head).is_none())
            .map(|it| (it.statement.role, it.statement.by))
            .collect();
        by_signatures(&mut run, &signed);
        Ok(run)
    }

    /// The SHA-256 of a run as it lies there.
    ///
    /// # Errors
    /// When there is none of that name, or it cannot be read.
    pub fn head(&self, id: &str) -> Result<String, ReadyError> {
        Ok(hex(&Sha256::digest(self.read(id)?.1.as_bytes())))
    }

    fn read(&self, id: &str) -> Result<(Run, String), ReadyError> {
        let name = match id {
            "latest" => self.runs().pop().unwrap_or_default(),
            id => id.to_owned(),
        };
        let known = self.runs();
        if name.is_empty() || !known.contains(&name) {
            let last: Vec<&str> = known.iter().rev().take(5).map(String::as_str).collect();
            let there = format!("there is no run `{id}`; the newest are {}", last.join(", "));
            return Err(ReadyError::bad("the run", there));
        }
        let path = self.run_path(&name).join("run.json");
        let text = fs::read_to_string(&path).map_err(|error| ReadyError::io(&path, error))?;
        let run = serde_json::from_str(&text)
            .map_err(|error| ReadyError::bad(path.display().to_string(), error.to_string()))?;
        Ok((run, text))
    }

    /// Compares a run with what it says of itself: its head, its artefacts, the run before, its
    /// sign-offs. Nothing but the folder is needed.
    ///
    /// # Errors
    /// When it cannot be read at all.
    pub fn verify(&self, id: &str) -> Result<Verified, ReadyError> {
        let (run, text) = self.read(id)?;
        let folder = self.run_path(&run.id);
        let head = hex(&Sha256::digest(text.as_bytes()));
        let mut faults = Vec::new();
        let written = fs::read_to_string(folder.join("head")).unwrap_or_default();
        if written.trim() != head {
            faults
                .push("run.json is not what was written: its hash differs from `head`".to_owned());
        }
        let named = run.outcomes.iter().flat_map(|outcome| &outcome.observations);
        let named = named.map(|it| it.artefact.clone()).filter(|name| !name.is_empty());
        // What was kept beside the observations bears its hash as its name, too.
        let kept = fs::read_dir(folder.join("ev")).into_iter().flatten().flatten();
        let kept = kept.map(|file| file.file_name().to_string_lossy().into_owned());
        let names: BTreeSet<String> = named.chain(kept).collect();
        for name in &names {
            match fs::read(folder.join("ev").join(name)) {
                Ok(bytes) if hex(&Sha256::digest(&bytes)) == *name => {}
                Ok(_) => faults.push(format!("ev/{name} was changed")),
                Err(_) => faults.push(format!("ev/{name} is missing")),
            }
        }
        self.verify_previous(&run, &mut faults);
        let mut signed = Vec::new();
        for signature in sign::load(&folder)? {
            let statement = &signature.statement;
            match sign::fault(&signature, &run, &head) {
                Some(fault) => faults.push(format!("sign-off of {}: {fault}", statement.by)),
                None => {
                    signed.push((
                        statement.role.clone(),
                        statement.by.clone(),
                        signature.key.clone(),
                    ));
                }
            }
        }
        Ok(Verified { faults, artefacts: names.len(), signed })
    }

    /// Whether the run before is there as this one knew it. One that was removed breaks the chain.
    fn verify_previous(&self, run: &Run, faults: &mut Vec<String>) {
        if run.previous.is_empty() {
            return;
        }
        let before = self.runs().into_iter().rev().find(|id| *id < run.id);
        let head = before.as_ref().and_then(|id| self.head(id).ok());
        if head.as_deref() != Some(run.previous.as_str()) {
            faults.push("the run before this one was changed or removed".to_owned());
        }
    }
}
