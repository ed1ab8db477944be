//! What the files of the data folder tell.

use std::{fs, io::Read as _, path::Path};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Originals that are compared with their names at most.
const BLOBS_MAX: usize = 300;
/// Largest original that is compared.
const BLOB_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How a database that is not sealed begins.
const PLAIN: &[u8] = b"SQLite format 3";

/// Folders of tenants.
fn folders(data: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let path = data.join("tenants");
    let entries = fs::read_dir(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(entries.flatten().map(|entry| entry.path()).filter(|it| it.is_dir()).collect())
}

/// How many originals were compared with their names, which are their hashes, and how many differ.
pub(super) fn blobs(data: &Path) -> Result<(usize, usize), String> {
    if data.join("encrypted.json").is_file() {
        return Err("encrypted originals have keyed names: each is checked when it is read".into());
    }
    let (mut compared, mut damaged) = (0, 0);
    for tenant in folders(data)? {
        let groups = fs::read_dir(tenant.join("blobs")).into_iter().flatten().flatten();
        for group in groups {
            for blob in fs::read_dir(group.path()).into_iter().flatten().flatten() {
                // `ab/cdef…`: the name of the folder is the begin of the hash.
                let [start, rest] = [group.file_name(), blob.file_name()]
                    .map(|name| name.to_string_lossy().into_owned());
                let name = format!("{start}{rest}");
                let is_small = blob.metadata().is_ok_and(|it| it.len() <= BLOB_BYTES_MAX);
                if compared == BLOBS_MAX || !is_small || start == "tmp" {
                    continue;
                }
                compared += 1;
                let bytes = fs::read(blob.path()).unwrap_or_default();
                let hash = Sha256::digest(&bytes);
                let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
                damaged += usize::from(name != hash);
            }
        }
    }
    Ok((compared, damaged))
}

/// Tenants without a database of their own.
pub(super) fn tenants(data: &Path, listed: &Value) -> Result<Value, String> {
    let own = folders(data)?.iter().filter(|it| it.join("records.db").is_file()).count();
    let listed = listed.pointer("/tenants").and_then(Value::as_array).map_or(0, Vec::len);
    Ok(json!({ "shared_stores": listed.saturating_sub(own), "tenants": listed, "stores": own }))
}

/// Whether the databases can be read without a key.
pub(super) fn sealed(data: &Path) -> Result<Value, String> {
    let mut plain = 0;
    let mut looked = 0;
    for tenant in folders(data)? {
        let Ok(mut file) = fs::File::open(tenant.join("records.db")) else { continue };
        let mut head = [0; PLAIN.len()];
        if file.read_exact(&mut head).is_ok() {
            looked += 1;
            plain += usize::from(head == PLAIN);
        }
    }
    if looked == 0 {
        return Err("there is no database to look at".to_owned());
    }
    Ok(json!({ "sealed": plain == 0, "looked": looked, "plain": plain }))
}

#[cfg(test)]
mod tests {
    //! What is compared is what is stored, and a change of it is found.

    use super::*;

    #[test]
    fn a_changed_original_is_found_and_nothing_to_compare_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let blobs_of = |name: &str| folder.path().join("tenants").join(name).join("blobs");
        fs::create_dir_all(blobs_of("one").join("tmp")).unwrap();
        assert_eq!(blobs(folder.path()), Ok((0, 0)));
        let hash = Sha256::digest(b"text");
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let group = blobs_of("one").join(&hash[..2]);
        fs::create_dir(&group).unwrap();
        fs::write(group.join(&hash[2..]), "text").unwrap();
        assert_eq!(blobs(folder.path()), Ok((1, 0)));
        fs::write(group.join(&hash[2..]), "texT").unwrap();
        assert_eq!(blobs(folder.path()), Ok((1, 1)));
        fs::write(folder.path().join("encrypted.json"), "{}").unwrap();
        assert!(blobs(folder.path()).unwrap_err().contains("encrypted"));
    }
}
