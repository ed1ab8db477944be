//! What of a data folder belongs into a backup.

use std::{collections::BTreeMap, fs, io, path::Path, time::SystemTime};

use assay_vault::{DataKey, Vault, VaultError};

use crate::{BackupError, error::failed, medium::list};

/// Folders below the data folder that a backup leaves out: what is made again, other people's
/// models, and the wrapped data keys.
const LEFT_OUT: [&str; 4] = ["keys", "models", "sources", "tenants"];
/// Says which data folder this is, to a bucket: a restored one is another.
pub(crate) const HOLDER: &str = "backup-holder";
/// Files that are of the running process, or of this folder alone.
const OF_PROCESS: [&str; 3] = ["lock", "server.json", HOLDER];
/// Ending of databases.
const DATABASE: &str = ".db";
/// Files that SQLite keeps beside a database, and those that are written before they are renamed.
const COMPANIONS: [&str; 5] = ["-wal", "-shm", "-journal", ".part", ".sealing"];
/// Folders inside the data folder that are looked through.
const DEPTH_MAX: usize = 16;

/// How a file looks from outside: its length and when it was changed.
pub(crate) type Look = (u64, SystemTime);

/// The files of a data folder but originals and databases, with the look of each.
///
/// Only those directly in it, in `secrets/` and in the journal of the ledger when it is `brief`.
pub(crate) fn small(data: &Path, brief: bool) -> Result<BTreeMap<String, Look>, BackupError> {
    let mut found = BTreeMap::new();
    if brief {
        for folder in ["", "secrets/", "ledger/journal/"] {
            walk(data, folder, 0, &mut found)?;
        }
    } else {
        walk(data, "", DEPTH_MAX, &mut found)?;
    }
    Ok(found)
}

fn walk(
    data: &Path,
    below: &str,
    depth: usize,
    found: &mut BTreeMap<String, Look>,
) -> Result<(), BackupError> {
    for name in list(&data.join(below))? {
        let path = format!("{below}{name}");
        let is_left_out = below.is_empty()
            && (LEFT_OUT.contains(&name.as_str()) || OF_PROCESS.contains(&name.as_str()));
        let is_companion = COMPANIONS.iter().any(|ending| name.ends_with(ending));
        if is_left_out || is_companion || name.ends_with(DATABASE) {
            continue;
        }
        let full = data.join(&path);
        let Some(seen) = look(&full)? else { continue };
        match seen {
            Seen::Folder if depth > 0 => walk(data, &format!("{path}/"), depth - 1, found)?,
            Seen::File(look) => {
                found.insert(path, look);
            }
            Seen::Folder | Seen::Other => {}
        }
    }
    Ok(())
}

enum Seen {
    File(Look),
    Folder,
    /// A link, a socket: no content of the data folder.
    Other,
}

/// `None` when it is gone by now.
fn look(path: &Path) -> Result<Option<Seen>, BackupError> {
    let data = match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        data => data.map_err(failed("read", path))?,
    };
    if data.is_dir() {
        return Ok(Some(Seen::Folder));
    }
    if !data.is_file() {
        return Ok(Some(Seen::Other));
    }
    let modified = data.modified().map_err(failed("read", path))?;
    Ok(Some(Seen::File((data.len(), modified))))
}

/// The databases of a data folder, below it.
pub(crate) fn databases(data: &Path) -> Result<Vec<String>, BackupError> {
    let mut found = Vec::new();
    let mut folders = vec![String::new(), "ledger/".to_owned()];
    folders.extend(tenants(data)?.into_iter().map(|tenant| format!("tenants/{tenant}/")));
    for folder in folders {
        let names = list(&data.join(&folder))?;
        let databases = names.into_iter().filter(|name| name.ends_with(DATABASE));
        found.extend(databases.map(|name| format!("{folder}{name}")));
    }
    Ok(found)
}

/// The names of the folders of tenants; those that are being removed have another form.
pub(crate) fn tenants(data: &Path) -> Result<Vec<String>, BackupError> {
    let mut names = list(&data.join("tenants"))?;
    names.retain(|name| name.parse::<assay_core::TenantId>().is_ok());
    Ok(names)
}

/// The tenant that a file below the data folder belongs to.
pub(crate) fn tenant_of(path: &str) -> Option<&str> {
    path.strip_prefix("tenants/")?.split('/').next()
}

/// Whether a file below the data folder is a database.
pub(crate) fn is_database(path: &str) -> bool {
    path.ends_with(DATABASE)
}

/// The key of a database of the data folder.
pub(crate) fn key_of(vault: &Vault, path: &str) -> Result<Option<DataKey>, VaultError> {
    match tenant_of(path).and_then(|tenant| tenant.parse().ok()) {
        Some(tenant) => vault.tenant(tenant, false),
        None => Ok(vault.installation()),
    }
}
