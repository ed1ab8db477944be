//! The vault: the data keys of an installation.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use assay_core::TenantId;
use serde::{Deserialize, Serialize};

use crate::{
    DataKey, EncryptionSettings, Owner, VaultError,
    file::{blank, replace},
    root::{Root, Source},
};

/// File of the data folder that says that what is in it is sealed.
const MARK: &str = "encrypted.json";
const VERSION: u32 = 1;
/// Bytes of a key file that are read.
const KEY_FILE_BYTES_MAX: u64 = 4096;

/// A data key on disk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    version: u32,
    /// The id of the root key that wraps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    wrapped: Option<String>,
    /// When the key was destroyed, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    destroyed_ms: Option<i64>,
}

/// What the data folder says of itself.
#[derive(Debug, Serialize, Deserialize)]
struct Mark {
    version: u32,
    /// Where the keys were when it was written, for a person who looks for them.
    keys: PathBuf,
}

/// A key as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyState {
    /// `installation`, or the id of a tenant.
    pub owner: String,
    /// The id of the root key that wraps it; `None` when it was destroyed.
    pub root_key: Option<String>,
    /// When it was destroyed, in milliseconds since 1970.
    pub destroyed_ms: Option<i64>,
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// The id of the root key that wraps everything now.
    pub root_key: String,
    /// Data keys that were wrapped anew.
    pub rewrapped: usize,
    /// Data keys in all.
    pub keys: usize,
}

/// The data keys of an installation, or none of them where encryption is not set up.
#[derive(Debug, Default)]
pub struct Vault(Option<Keys>);

#[derive(Debug)]
struct Keys {
    folder: PathBuf,
    source: Source,
    roots: Mutex<Vec<Root>>,
    installation: DataKey,
}

impl std::fmt::Debug for Root {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Root({})", self.id)
    }
}

impl Vault {
    /// A vault without keys: everything is written as it is.
    #[must_use]
    pub const fn plain() -> Self {
        Self(None)
    }

    /// Opens the keys of a data folder; makes the installation's at the first start with a root key.
    ///
    /// # Errors
    /// [`VaultError::NoRoot`] and [`VaultError::OtherRoot`], which say which root key is needed;
    /// [`VaultError::Missing`] where the data is sealed and the key is not there.
    pub fn open(data: &Path, settings: &EncryptionSettings) -> Result<Self, VaultError> {
        let folder = settings.keys_dir.clone().unwrap_or_else(|| data.join("keys"));
        let mark = data.join(MARK);
        let is_sealed = mark.try_exists().map_err(failed("read", &mark))?;
        let owner = Owner::Installation;
        let Some(source) = Source::of(settings)? else {
            if !is_sealed {
                return Ok(Self::plain());
            }
            let key = read_key(&folder, owner)?;
            let expected = key.and_then(|key| key.root_key);
            let expected = expected.unwrap_or_else(|| "that made its keys".to_owned());
            return Err(VaultError::NoRoot { expected });
        };
        let roots = source.read()?;
        make_folder(&folder)?;
        let roots = Mutex::new(roots);
        let installation = obtain(&folder, &source, &roots, owner, !is_sealed)?;
        if !is_sealed {
            let told = Mark { version: VERSION, keys: folder.clone() };
            let told =
                serde_json::to_vec(&told).map_err(|error| failed("write", &mark)(error.into()))?;
            replace(&mark, &told).map_err(failed("write", &mark))?;
        }
        Ok(Self(Some(Keys { folder, source, roots, installation })))
    }

    /// Whether there are keys.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// The key for what is not of one tenant; `None` where encryption is not set up.
    #[must_use]
    pub fn installation(&self) -> Option<DataKey> {
        self.0.as_ref().map(|keys| keys.installation.clone())
    }

    /// The key of a tenant; `None` where encryption is not set up. One that is not there is made if
    /// `may_make`: the caller says no when sealed data of the tenant exists.
    ///
    /// # Errors
    /// [`VaultError::Destroyed`], [`VaultError::Missing`], [`VaultError::OtherRoot`].
    pub fn tenant(&self, tenant: TenantId, may_make: bool) -> Result<Option<DataKey>, VaultError> {
        let Some(keys) = &self.0 else { return Ok(None) };
        let owner = Owner::Tenant(tenant);
        obtain(&keys.folder, &keys.source, &keys.roots, owner, may_make).map(Some)
    }

    /// Destroys the key of a tenant: what it sealed, here and in every copy, cannot be read any more
    /// by whoever has no older copy of the key's file. A mark stays, so that no key is made for it
    /// again, also where there was none yet.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn destroy(&self, tenant: TenantId, now_ms: i64) -> Result<(), VaultError> {
        let mark =
            KeyFile { version: VERSION, root_key: None, wrapped: None, destroyed_ms: Some(now_ms) };
        self.remove(tenant, |path| write_key(path, &mark))
    }

    /// Destroys the key of a tenant that goes on without data; the next use makes a new one.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn renew(&self, tenant: TenantId) -> Result<(), VaultError> {
        self.remove(tenant, |path| match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(failed("remove", path)),
        })
    }

    fn remove(
        &self,
        tenant: TenantId,
        end: impl FnOnce(&Path) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let Some(keys) = &self.0 else { return Ok(()) };
        let _lock = lock(&keys.folder)?;
        let owner = Owner::Tenant(tenant);
        let path = path_of(&keys.folder, owner);
        match read_key(&keys.folder, owner)? {
            Some(key) if key.destroyed_ms.is_some() => return Ok(()),
            Some(_) => blank(&path).map_err(failed("overwrite", &path))?,
            None => {}
        }
        end(&path)
    }

    /// The keys, by the names of their files.
    ///
    /// # Errors
    /// [`VaultError::Off`], and when a file cannot be read.
    pub fn states(&self) -> Result<Vec<KeyState>, VaultError> {
        let keys = self.0.as_ref().ok_or(VaultError::Off)?;
        let mut states = Vec::new();
        for owner in owners(&keys.folder)? {
            let Some(key) = read_key(&keys.folder, owner)? else { continue };
            let KeyFile { root_key, destroyed_ms, .. } = key;
            states.push(KeyState { owner: owner.file_name(), root_key, destroyed_ms });
        }
        Ok(states)
    }

    /// Wraps every data key by the newest root key. Where root keys come from a file that holds one,
    /// a new one is made; the file holds both until the last key is wrapped anew, so that a rotation
    /// that was cut off is finished by the next. A server that runs reads the root key again when it
    /// meets a key that it cannot unwrap.
    ///
    /// # Errors
    /// [`VaultError::Off`]; [`VaultError::NoNextRoot`] where another source gives one key only.
    pub fn rotate(&self) -> Result<Rotation, VaultError> {
        let keys = self.0.as_ref().ok_or(VaultError::Off)?;
        let _lock = lock(&keys.folder)?;
        let mut roots = keys.source.read()?;
        if roots.len() < 2 {
            roots.insert(0, Root::generate()?);
            keys.source.write(&roots.iter().collect::<Vec<_>>())?;
        }
        let Some(newest) = roots.first() else { return Err(VaultError::Off) };
        let owners = owners(&keys.folder)?;
        let (mut rewrapped, mut count) = (0, 0);
        for owner in owners {
            let Some(key) = read_key(&keys.folder, owner)? else { continue };
            let Some(by) = key.root_key.as_deref() else { continue };
            count += 1;
            if by != newest.id {
                let opened = unwrap(&keys.folder, owner, &key, &roots)?;
                write_key(&path_of(&keys.folder, owner), &wrapped(newest, &opened)?)?;
                rewrapped += 1;
            }
        }
        if matches!(keys.source, Source::File(_)) {
            keys.source.write(&[newest])?;
        }
        Ok(Rotation { root_key: newest.id.clone(), rewrapped, keys: count })
    }
}

/// Reads the key of an owner, or makes it.
fn obtain(
    folder: &Path,
    source: &Source,
    roots: &Mutex<Vec<Root>>,
    owner: Owner,
    may_make: bool,
) -> Result<DataKey, VaultError> {
    let mut roots = roots.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = read_key(folder, owner)? {
        let opened = unwrap(folder, owner, &key, &roots);
        let Err(VaultError::OtherRoot { .. }) = opened else { return opened };
        // A rotation may have come between; under its lock, because it may not have ended yet.
        let _lock = lock(folder)?;
        *roots = source.read()?;
        let key = read_key(folder, owner)?.unwrap_or(key);
        return unwrap(folder, owner, &key, &roots);
    }
    let path = path_of(folder, owner);
    if !may_make {
        return Err(VaultError::Missing { owner: owner.to_string(), path });
    }
    let _lock = lock(folder)?;
    *roots = source.read()?;
    // Another process may have been first.
    if let Some(key) = read_key(folder, owner)? {
        return unwrap(folder, owner, &key, &roots);
    }
    let key = DataKey::generate(owner)?;
    let newest = roots.first().ok_or(VaultError::Off)?;
    write_key(&path, &wrapped(newest, &key)?)?;
    Ok(key)
}

fn wrapped(root: &Root, key: &DataKey) -> Result<KeyFile, VaultError> {
    Ok(KeyFile {
        version: VERSION,
        root_key: Some(root.id.clone()),
        wrapped: Some(root.wrap(key)?),
        destroyed_ms: None,
    })
}

fn unwrap(
    folder: &Path,
    owner: Owner,
    key: &KeyFile,
    roots: &[Root],
) -> Result<DataKey, VaultError> {
    if key.destroyed_ms.is_some() {
        return Err(VaultError::Destroyed { owner: owner.to_string() });
    }
    let damaged =
        |what: &str| VaultError::Damaged { path: path_of(folder, owner), what: what.to_owned() };
    let (Some(id), Some(text)) = (&key.root_key, &key.wrapped) else {
        return Err(damaged("it holds no key"));
    };
    let Some(root) = roots.iter().find(|root| root.id == *id) else {
        let given: Vec<_> = roots.iter().map(|root| root.id.as_str()).collect();
        return Err(VaultError::OtherRoot {
            owner: owner.to_string(),
            expected: id.clone(),
            given: given.join(", "),
        });
    };
    root.unwrap(owner, text).ok_or_else(|| damaged("the wrapped key was changed, or is another's"))
}

fn path_of(folder: &Path, owner: Owner) -> PathBuf {
    folder.join(owner.file_name()).with_extension("json")
}

fn read_key(folder: &Path, owner: Owner) -> Result<Option<KeyFile>, VaultError> {
    let path = path_of(folder, owner);
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(failed("read", &path))?,
    };
    let read = serde_json::from_reader(io::Read::take(file, KEY_FILE_BYTES_MAX));
    let key: KeyFile =
        read.map_err(|error| VaultError::Damaged { path: path.clone(), what: error.to_string() })?;
    if key.version != VERSION {
        let what = format!("version {} is not known", key.version);
        return Err(VaultError::Damaged { path, what });
    }
    Ok(Some(key))
}

fn write_key(path: &Path, key: &KeyFile) -> Result<(), VaultError> {
    let text = serde_json::to_vec(key).map_err(|error| failed("write", path)(error.into()))?;
    replace(path, &text).map_err(failed("write", path))
}

fn owners(folder: &Path) -> Result<Vec<Owner>, VaultError> {
    let mut owners = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed("list", folder))? {
        let path = entry.map_err(failed("list", folder))?.path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match stem.parse() {
            Ok(tenant) => owners.push(Owner::Tenant(tenant)),
            Err(_) if stem == Owner::Installation.file_name() => owners.push(Owner::Installation),
            Err(_) => {}
        }
    }
    owners.sort_by_key(|owner| owner.file_name());
    Ok(owners)
}

fn make_folder(folder: &Path) -> Result<(), VaultError> {
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, mode).map_err(failed("protect", folder))?;
    }
    Ok(())
}

/// Waits until no other process or thread changes keys.
fn lock(folder: &Path) -> Result<File, VaultError> {
    let path = folder.join("lock");
    let options = File::options().create(true).write(true).truncate(false).to_owned();
    let file = options.open(&path).map_err(failed("open", &path))?;
    file.lock().map_err(failed("lock", &path))?;
    Ok(file)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> VaultError {
    move |source| VaultError::File { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;
