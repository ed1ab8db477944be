//! The way back of a whole folder: its databases as the version of the program before this one made
//! them.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use assay_sqlite::{
    Contents, Database, DatabaseSettings, Migration, WayBack, schema_version, step_back,
};
use assay_vault::{EncryptionSettings, Vault, VaultError};

use crate::{
    BackupError,
    ahead::{WRITERS, side_by_side},
    files::{databases, key_of},
};

/// Databases of one kind that go back, or went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// Their name, without folder and ending.
    pub name: String,
    /// How it is done.
    pub way: WayBack,
    /// How many they are: of `records` each tenant has one.
    pub databases: u64,
}

/// Takes the databases of a folder that nobody has open one version back, by the ways of their names.
///
/// With `is_preview` it only counts them. What is at an older version already stays as it is, so that
/// a call that was cut off is made again. Tenants whose key was destroyed are left out.
///
/// # Errors
/// When a database does not open, is newer than this program, or cannot go back: that one is as it
/// was.
pub fn go_back(
    data: &Path,
    encryption: &EncryptionSettings,
    ways: &[(&str, WayBack)],
    is_preview: bool,
) -> Result<Vec<Returned>, BackupError> {
    let vault = Vault::open(data, encryption)?;
    let paths = databases(data)?;
    let back = |path: &String, way: &WayBack| {
        let key = match key_of(&vault, path) {
            Err(VaultError::Destroyed { .. }) => return Ok(false),
            key => key?,
        };
        let full = data.join(path);
        if is_preview {
            return Ok(schema_version(&full, key.as_ref())? == way.from);
        }
        Ok(step_back(&full, key.as_ref(), way)?)
    };
    let mut returned = Vec::new();
    for (name, way) in ways {
        let is_named = |path: &&String| Path::new(path).file_stem().is_some_and(|it| it == *name);
        let own: Vec<&String> = paths.iter().filter(is_named).collect();
        let gone = side_by_side(WRITERS, &own, |path| back(path, way))?;
        let databases = gone.into_iter().filter(|is_gone| *is_gone).count() as u64;
        returned.push(Returned { name: (*name).to_owned(), way: *way, databases });
    }
    Ok(returned)
}

/// A database by its name, the way back from its newest version, and the steps to it.
pub type BothWays = (&'static str, WayBack, &'static [Migration]);

/// What came of going back and forth.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rehearsed {
    /// Databases that went back one version and forward again.
    pub databases: u64,
    /// Rows that they hold.
    pub rows: u64,
    /// The longest that one of them was held by a step, either way.
    pub longest_step: Duration,
    /// What was not as it was before.
    pub faults: Vec<String>,
}

/// Takes each database of a copy that nobody has open back one version and forward again.
///
/// What both versions can hold has to be the same in all three states. For scratch folders: what the
/// version before cannot hold is lost.
///
/// # Errors
/// When a database cannot be read, or a step fails.
pub fn rehearse(
    data: &Path,
    encryption: &EncryptionSettings,
    ways: &[BothWays],
) -> Result<Rehearsed, BackupError> {
    let vault = Vault::open(data, encryption)?;
    let mut rehearsed = Rehearsed::default();
    for path in databases(data)? {
        let name = Path::new(&path).file_stem().and_then(|it| it.to_str()).unwrap_or_default();
        let Some((_, way, steps)) = ways.iter().find(|(known, ..)| *known == name) else {
            continue;
        };
        let key = match key_of(&vault, &path) {
            Err(VaultError::Destroyed { .. }) => continue,
            key => key?,
        };
        let full = data.join(&path);
        let mut step = |work: &dyn Fn() -> Result<bool, BackupError>| {
            let begun = Instant::now();
            let is_done = work()?;
            rehearsed.longest_step = rehearsed.longest_step.max(begun.elapsed());
            Ok::<_, BackupError>(is_done)
        };
        let forward = || {
            let settings = DatabaseSettings { key: key.clone(), ..DatabaseSettings::default() };
            Database::open(&full, &settings, steps)?;
            Ok(true)
        };
        // A copy of an older version comes forward first.
        step(&forward)?;
        let before = Contents::of(&full, key.as_ref())?;
        if !step(&|| Ok(step_back(&full, key.as_ref(), way)?))? {
            rehearsed.faults.push(format!("{path} did not go back from version {}", way.from));
            continue;
        }
        let old = Contents::of(&full, key.as_ref())?;
        step(&forward)?;
        let after = Contents::of(&full, key.as_ref())?;
        rehearsed.databases += 1;
        rehearsed.rows += before.rows();
        let differing = before.differing(&old).into_iter().chain(old.differing(&after));
        rehearsed
            .faults
            .extend(differing.map(|table| format!("{path}: the rows of {table} differ")));
        if !after.has_tables_of(&before) {
            rehearsed.faults.push(format!("{path} came back with other tables"));
        }
    }
    Ok(rehearsed)
}
