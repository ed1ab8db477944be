//! The data folder: its tenants, and the handles to them.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use assay_core::{Clock, TenantId, TenantScope};
use assay_sqlite::{
    Database, DatabaseSettings, Guard, Migration, Schema, Server, is_plain,
    sql::{self, Connection, OptionalExtension, Row, params},
};
use assay_vault::Vault;

use crate::{
    StoreError, StoreSettings, TenantStore, Usage,
    blob::{entries, failed, file_name, sync_folder},
    row::{check_text, get},
    tenant::{RECORDS, RECORDS_FILE, erase, open_records},
};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "tenants",
    sql: include_str!("migrations/control/0001_tenants.sql"),
}];

/// The tables of a Postgres that holds the records of every tenant: [`Server::migrate`] makes them.
pub const SCHEMAS: [Schema; 2] = [CONTROL, RECORDS];

const CONTROL: Schema = Schema {
    name: "assay_control",
    guard: Guard::Role("control"),
    migrations: &[Migration {
        version: 1,
        name: "tenants",
        sql: include_str!("migrations/postgres/control.sql"),
    }],
};

const NAME_BYTES_MAX: usize = 128;

/// Ending of the folder of a tenant that is being deleted; a start finishes the work.
const DELETED: &str = ".deleted";

/// A tenant as the installation knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name, unique in the installation.
    pub name: String,
    /// When it was created, in milliseconds since 1970.
    pub created_ms: i64,
}

/// The data folder. One process opens it at a time.
#[derive(Debug)]
pub struct Store {
    tenants: PathBuf,
    pub(crate) control: Database,
    /// Where the records are, when they are not in the folders of their tenants.
    pub(crate) server: Option<Server>,
    clock: Arc<dyn Clock>,
    settings: StoreSettings,
    vault: Arc<Vault>,
    /// Which folder `tenants` was when it was opened.
    opened: Identity,
    pub(crate) open: Mutex<OpenTenants>,
}

/// What tells a folder from another one at the same path: its device and its number there.
type Identity = (u64, u64);

/// The tenants whose files are open, with a count of uses to know the one idle the longest.
#[derive(Debug, Default)]
pub(crate) struct OpenTenants {
    uses: u64,
    /// Since the last [`Store::take_used`].
    used: HashSet<TenantId>,
    pub(crate) stores: HashMap<TenantId, (TenantStore, u64)>,
    /// How much tenants may have, as the caller told.
    limits: HashMap<TenantId, Usage>,
}

impl OpenTenants {
    fn limits_of(&self, tenant: TenantId) -> Usage {
        self.limits.get(&tenant).copied().unwrap_or_default()
    }

    fn take(&mut self, tenant: TenantId) -> Option<TenantStore> {
        self.uses += 1;
        self.used.insert(tenant);
        let (store, used) = self.stores.get_mut(&tenant)?;
        *used = self.uses;
        Some(store.clone())
    }

    /// Closes tenants that nobody uses, those used longest ago first, until fewer than `max` are
    /// open.
    fn make_room(&mut self, max: usize) {
        let mut idle: Vec<_> = self
            .stores
            .iter()
            .filter(|(_, (store, _))| !store.is_in_use())
            .map(|(tenant, (_, used))| (*used, *tenant))
            .collect();
        idle.sort_unstable();
        let surplus = (self.stores.len() + 1).saturating_sub(max.max(1));
        for (_, tenant) in idle.into_iter().take(surplus) {
            self.stores.remove(&tenant);
        }
    }
}

impl Store {
    /// Opens or creates a data folder that is not encrypted, with the built-in tenant.
    ///
    /// # Errors
    /// [`StoreError::File`] and [`StoreError::Database`].
    pub fn open(
        data: &Path,
        clock: Arc<dyn Clock>,
        settings: &StoreSettings,
    ) -> Result<Self, StoreError> {
        Self::open_with(data, clock, settings, Arc::default())
    }

    /// Opens or creates the data folder, with the built-in tenant. With keys in the vault all that
    /// it holds is encrypted when this returns, also what was not before.
    ///
    /// # Errors
    /// [`StoreError::File`], [`StoreError::Database`] and [`StoreError::Vault`].
    pub fn open_with(
        data: &Path,
        clock: Arc<dyn Clock>,
        settings: &StoreSettings,
        vault: Arc<Vault>,
    ) -> Result<Self, StoreError> {
        fs::create_dir_all(data).map_err(failed("create", data))?;
        let database = DatabaseSettings { key: vault.installation(), ..settings.database.clone() };
        let control = Database::open(&data.join("control.db"), &database, MIGRATIONS)?;
        Self::over(data, None, control, (clock, settings, vault))
    }

    /// Opens the data folder with the records of all tenants on `server`; in the folder are their
    /// blobs alone.
    ///
    /// # Errors
    /// As [`Self::open`]; among those of the database that its tables were not made by
    /// [`Server::migrate`] with [`SCHEMAS`], or that the role could see the rows of every tenant.
    pub fn open_on(
        server: &Server,
        data: &Path,
        clock: Arc<dyn Clock>,
        settings: &StoreSettings,
    ) -> Result<Self, StoreError> {
        let control = Database::on(server, &CONTROL, None, &settings.database)?;
        Self::over(data, Some(server.clone()), control, (clock, settings, Arc::default()))
    }

    fn over(
        data: &Path,
        server: Option<Server>,
        control: Database,
        (clock, settings, vault): (Arc<dyn Clock>, &StoreSettings, Arc<Vault>),
    ) -> Result<Self, StoreError> {
        let tenants = data.join("tenants");
        fs::create_dir_all(&tenants).map_err(failed("create", &tenants))?;
        let opened = identity(&tenants).map_err(failed("find", &tenants))?;
        let (settings, open) = (settings.clone(), Mutex::default());
        let store = Self { tenants, control, server, clock, settings, vault, opened, open };
        store.finish_deletions()?;
        let built_in = TenantScope::built_in().tenant();
        if store.find(built_in)?.is_none() {
            store.insert(built_in, TenantScope::DEFAULT_NAME)?;
        }
        store.seal_plain()?;
        Ok(store)
    }

    /// Encrypts what tenants have from before there were keys.
    fn seal_plain(&self) -> Result<(), StoreError> {
        if !self.vault.is_on() {
            return Ok(());
        }
        for tenant in self.tenants()? {
            let folder = self.folder(tenant.id);
            let records = folder.join(RECORDS_FILE);
            if is_plain(&records).map_err(failed("read", &records))? {
                let database = self.database_of(tenant.id)?;
                TenantStore::open(tenant.id, &folder, Arc::clone(&self.clock), &database)?;
            }
        }
        Ok(())
    }

    /// The settings of a tenant's database, with its key. A key is made where nothing is encrypted yet.
    fn database_of(&self, tenant: TenantId) -> Result<DatabaseSettings, StoreError> {
        let records = self.folder(tenant).join(RECORDS_FILE);
        let failure = failed("read", &records);
        let is_sealed =
            (|| Ok(records.try_exists()? && !is_plain(&records)?))().map_err(failure)?;
        let key = self.vault.tenant(tenant, !is_sealed)?;
        Ok(DatabaseSettings { key, ..self.settings.database.clone() })
    }

    /// Whether the data folder still lies where it was opened. Files that are open go on being read when
    /// it was moved away or its disk was taken off, but nothing more can be kept.
    ///
    /// # Errors
    /// [`StoreError::File`] when there is none, or another one.
    pub fn check_place(&self) -> Result<(), StoreError> {
        let same = identity(&self.tenants).and_then(|there| match there == self.opened {
            true => Ok(()),
            false => Err(io::Error::other(
                "another folder has taken its place: put the data folder back, or start anew",
            )),
        });
        same.map_err(failed("find", &self.tenants))
    }

    /// Bytes that the disk of the data folder has left for this process.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn free_bytes(&self) -> Result<u64, StoreError> {
        fs4::available_space(&self.tenants).map_err(failed("measure the disk of", &self.tenants))
    }

    /// Bytes of the disk of the data folder that are used or left for this process: without what is
    /// kept back for the system, as `df` counts.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        let stats = fs4::statvfs(&self.tenants);
        let stats = stats.map_err(failed("measure the disk of", &self.tenants))?;
        let used = stats.total_space().saturating_sub(stats.free_space());
        Ok(used + stats.available_space())
    }

    /// Whether what is written is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.vault.is_on()
    }

    /// The data of the tenant of `scope`, for its reader: the only way to it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the tenant was never created or was deleted.
    pub fn tenant(&self, scope: &TenantScope) -> Result<TenantStore, StoreError> {
        let tenant = scope.tenant();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = open.take(tenant) {
            return Ok(store.read_by(scope.reader(), open.limits_of(tenant)));
        }
        if self.find(tenant)?.is_none() {
            return Err(StoreError::not_found("tenant", tenant));
        }
        open.make_room(self.settings.open_tenants_max);
        let folder = self.folder(tenant);
        let clock = Arc::clone(&self.clock);
        let store = match &self.server {
            Some(_) => {
                TenantStore::open_on(tenant, &folder, self.records(tenant, &folder)?, clock)?
            }
            None => TenantStore::open(tenant, &folder, clock, &self.database_of(tenant)?)?,
        };
        sync_folder(&self.tenants)?;
        let uses = open.uses;
        open.stores.insert(tenant, (store.clone(), uses));
        Ok(store.read_by(scope.reader(), open.limits_of(tenant)))
    }

    /// Says how much a tenant may have, 0 for any number; it holds for handles that are got from now
    /// on, and until the store is closed.
    pub fn set_limits(&self, scope: &TenantScope, limits: Usage) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.limits.insert(scope.tenant(), limits);
    }

    /// Creates a tenant.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken, [`StoreError::Invalid`] when it is empty,
    /// longer than 128 bytes or not printable.
    pub fn create_tenant(&self, name: &str) -> Result<Tenant, StoreError> {
        check_text("tenant name", name, NAME_BYTES_MAX)?;
        self.insert(TenantId::new(), name)
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        self.control.read(|db| {
            let mut rows = db.prepare_cached("SELECT * FROM tenant ORDER BY name")?;
            Ok(rows.query_map([], read)?.collect::<Result<_, _>>()?)
        })
    }

    /// The scopes of all tenants on disk, for work that has no caller.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn scopes(&self) -> Result<Vec<TenantScope>, StoreError> {
        let tenants = self.tenants()?;
        Ok(tenants.iter().map(|tenant| TenantScope::of_stored_tenant(tenant.id)).collect())
    }

    /// The scopes of the tenants whose data was looked at since the last call: the others have
    /// nothing new to tidy.
    #[must_use]
    pub fn take_used(&self) -> Vec<TenantScope> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut open.used).into_iter().map(TenantScope::of_stored_tenant).collect()
    }

    /// The tenant of this name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn tenant_named(&self, name: &str) -> Result<Tenant, StoreError> {
        self.control
            .read(|db| named(db, name)?.ok_or_else(|| StoreError::not_found("tenant", name)))
    }

    /// Deletes a tenant with all its data, and its key: old copies of the data cannot be read any more
    /// either, unless they hold the key file too. The built-in tenant stays, empty.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::TenantInUse`] while somebody holds a handle.
    pub fn delete_tenant(&self, scope: &TenantScope) -> Result<(), StoreError> {
        let tenant = scope.tenant();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if self.find(tenant)?.is_none() {
            return Err(StoreError::not_found("tenant", tenant));
        }
        if open.stores.get(&tenant).is_some_and(|(store, _)| store.is_in_use()) {
            return Err(StoreError::TenantInUse { tenant });
        }
        open.stores.remove(&tenant);
        self.finish_deletions()?;
        let folder = self.folder(tenant);
        let doomed = self.tenants.join(format!("{tenant}{DELETED}"));
        // The new name comes first: a start finds it and finishes what a crash cut off.
        match fs::rename(&folder, &doomed) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.forget(tenant)?;
                return self.destroy_key(tenant);
            }
            renamed => renamed.map_err(failed("rename", &folder))?,
        }
        sync_folder(&self.tenants)?;
        self.forget(tenant)?;
        self.destroy_key(tenant)?;
        fs::remove_dir_all(&doomed).map_err(failed("remove", &doomed))
    }

    /// The built-in tenant goes on with a new key.
    fn destroy_key(&self, tenant: TenantId) -> Result<(), StoreError> {
        if tenant == TenantScope::built_in().tenant() {
            return Ok(self.vault.renew(tenant)?);
        }
        Ok(self.vault.destroy(tenant, self.clock.now_ms())?)
    }

    /// Ends the deletions that a crash or a full disk cut off.
    fn finish_deletions(&self) -> Result<(), StoreError> {
        for folder in entries(&self.tenants)? {
            let name = file_name(&folder);
            let Some(Ok(tenant)) = name.strip_suffix(DELETED).map(str::parse) else { continue };
            self.forget(tenant)?;
            self.destroy_key(tenant)?;
            fs::remove_dir_all(&folder).map_err(failed("remove", &folder))?;
        }
        Ok(())
    }

    /// The records of a tenant.
    pub(crate) fn records(&self, tenant: TenantId, folder: &Path) -> Result<Database, StoreError> {
        match &self.server {
            Some(server) => {
                Ok(Database::on(server, &RECORDS, Some(tenant), &self.settings.database)?)
            }
            None => open_records(folder, &self.database_of(tenant)?),
        }
    }

    pub(crate) fn folder(&self, tenant: TenantId) -> PathBuf {
        self.tenants.join(tenant.to_string())
    }

    pub(crate) fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.control.read(|db| {
            let mut rows = db.prepare_cached("SELECT * FROM tenant WHERE id = ?")?;
            Ok(rows.query_row([tenant.to_bytes()], read).optional()?)
        })
    }

    fn insert(&self, id: TenantId, name: &str) -> Result<Tenant, StoreError> {
        let tenant = Tenant { id, name: name.to_owned(), created_ms: self.clock.now_ms() };
        self.control.write(move |tx| {
            if named(tx, &tenant.name)?.is_some() {
                return Err(StoreError::Exists { kind: "tenant", name: tenant.name });
            }
            tx.prepare_cached("INSERT INTO tenant (id, name, created_ms) VALUES (?, ?, ?)")?
                .execute(params![tenant.id.to_bytes(), tenant.name, tenant.created_ms])?;
            Ok(tenant)
        })
    }

    fn forget(&self, tenant: TenantId) -> Result<(), StoreError> {
        if let Some(server) = &self.server {
            erase(&Database::on(server, &RECORDS, Some(tenant), &self.settings.database)?)?;
        }
        if tenant == TenantScope::built_in().tenant() {
            return Ok(());
        }
        self.control.write(move |tx| {
            tx.prepare_cached("DELETE FROM tenant WHERE id = ?")?.execute([tenant.to_bytes()])?;
            Ok::<_, StoreError>(())
        })?;
        Ok(self.control.empty_log()?)
    }
}

fn named(db: &Connection, name: &str) -> Result<Option<Tenant>, StoreError> {
    let mut rows = db.prepare_cached("SELECT * FROM tenant WHERE name = ?")?;
    Ok(rows.query_row([name], read).optional()?)
}

fn read(row: &Row<'_>) -> sql::Result<Tenant> {
    Ok(Tenant { id: get(row, "id")?, name: row.get("name")?, created_ms: row.get("created_ms")? })
}

/// Which folder is at `path`.
#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let folder = fs::metadata(path)?;
    Ok((folder.dev(), folder.ino()))
}

/// That there is one: which, this system does not tell.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    fs::metadata(path).map(|_| (0, 0))
}

#[cfg(test)]
mod tests;
