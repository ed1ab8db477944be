//! The handle to the identities of an installation.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use assay_core::{Clock, TenantScope};
use assay_sqlite::{
    Database, DatabaseSettings, Guard, Migration, Schema, Server, WayBack,
    sql::{Connection, Transaction},
};
use assay_vault::DataKey;

use crate::{
    AuthSettings, Caller, IdentityError, MintedKey, NewKey, Role,
    audit::{Actor, Event, Refusals, append},
    cache::Cache,
    error::cut,
    jwt::Issuers,
    oidc::Providers,
    passwords::Passwords,
    secrets::Secrets,
    tenants,
};

/// The steps to the newest version.
pub const MIGRATIONS: [Migration; 4] = [
    Migration { version: 1, name: "identities", sql: include_str!("schema.sql") },
    Migration { version: 2, name: "groups", sql: include_str!("schema/groups.sql") },
    Migration { version: 3, name: "invitations", sql: include_str!("schema/invitations.sql") },
    Migration { version: 4, name: "accounts", sql: include_str!("schema/accounts.sql") },
];

/// The way back from the newest version of the files.
pub const BACK: WayBack = WayBack {
    from: 4,
    to: 3,
    loses: "which account at a provider of logins belongs to which user",
    sql: include_str!("schema/accounts_back.sql"),
    sql_on_server: None,
};

/// The same tables on a server: [`Server::migrate`] makes them.
pub const SCHEMA: Schema = Schema {
    name: "assay_identity",
    guard: Guard::Role("identity"),
    migrations: &[Migration {
        version: 4,
        name: "identities",
        sql: include_str!("schema/postgres.sql"),
    }],
};

/// The identities of an installation. Calls that change something wait for the disk: call from a
/// thread that may block.
#[derive(Debug)]
pub struct Identities {
    pub(crate) database: Database,
    secrets: Arc<Secrets>,
    clock: Arc<dyn Clock>,
    settings: AuthSettings,
    pub(crate) cache: Cache,
    pub(crate) refusals: Refusals,
    pub(crate) issuers: Issuers,
    pub(crate) providers: Providers,
    pub(crate) passwords: Passwords,
    /// Raised by every change: what was read before it is stale.
    version: AtomicU64,
}

impl Identities {
    /// Opens or makes the identities in the data folder, with the platform tenant.
    ///
    /// Two processes may have them open at once: a key made by the second is good at once in the
    /// first. A change of something that the first has in memory has to go through the first.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub fn open(
        data: &Path,
        settings: AuthSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IdentityError> {
        Self::open_with(data, settings, clock, None)
    }

    /// The same, with the database and the secrets encrypted with the key of the installation.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or is encrypted with another key.
    pub fn open_with(
        data: &Path,
        settings: AuthSettings,
        clock: Arc<dyn Clock>,
        key: Option<DataKey>,
    ) -> Result<Self, IdentityError> {
        let secrets = Secrets::open(&data.join("secrets"), key.as_ref())?;
        let database = DatabaseSettings { key, ..DatabaseSettings::default() };
        let database = Database::open(&data.join("identity.db"), &database, &MIGRATIONS)?;
        Self::over(secrets, database, settings, clock)
    }

    /// As [`Self::open`], with the identities on `server`; the secrets stay in the data folder.
    ///
    /// # Errors
    /// When the folder cannot be read or written; when the tables of [`SCHEMA`] are not there, or the
    /// server is not.
    pub fn open_on(
        server: &Server,
        data: &Path,
        settings: AuthSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IdentityError> {
        let secrets = Secrets::open(&data.join("secrets"), None)?;
        let database = Database::on(server, &SCHEMA, None, &DatabaseSettings::default())?;
        Self::over(secrets, database, settings, clock)
    }

    fn over(
        secrets: Secrets,
        database: Database,
        settings: AuthSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, IdentityError> {
        let secrets = Arc::new(secrets);
        let issuers = Issuers::open(&settings.issuers, clock.now_ms())?;
        let providers = Providers::open(&settings)?;
        let identities = Self {
            database,
            secrets,
            clock,
            cache: Cache::new(settings.cached_keys),
            settings,
            refusals: Refusals::default(),
            issuers,
            providers,
            passwords: Passwords::default(),
            version: AtomicU64::new(0),
        };
        let platform = TenantScope::built_in();
        identities.ensure_tenant(&platform, TenantScope::DEFAULT_NAME)?;
        Ok(identities)
    }

    /// What is set.
    #[must_use]
    pub const fn settings(&self) -> &AuthSettings {
        &self.settings
    }

    /// Takes up a tenant that the store holds and the identities do not: one of an installation from
    /// before there were identities, or one whose making was cut off.
    ///
    /// # Errors
    /// When the database fails.
    pub fn ensure_tenant(&self, scope: &TenantScope, name: &str) -> Result<(), IdentityError> {
        let (tenant, name, now_ms) = (scope.tenant(), name.to_owned(), self.clock.now_ms());
        if self.read(|db| tenants::exists(db, tenant))? {
            return Ok(());
        }
        self.write_quietly(move |tx| tenants::insert(tx, tenant, &name, None, now_ms))
    }

    /// Whoever is on this machine, where no credential is asked for, when the request names a
    /// tenant: it has to be the platform tenant.
    ///
    /// # Errors
    /// [`IdentityError::NotMember`].
    pub fn local(&self, chosen: &str) -> Result<Caller, IdentityError> {
        let platform = TenantScope::built_in().tenant();
        if chosen == TenantScope::DEFAULT_NAME || chosen.parse() == Ok(platform) {
            Ok(Caller::local())
        } else {
            Err(IdentityError::NotMember { given: cut(chosen) })
        }
    }

    /// Makes the first owner of the platform tenant, with a key, for the person at the machine that
    /// holds the data folder. The user may exist already.
    ///
    /// # Errors
    /// When a name cannot be one.
    pub fn bootstrap(&self, user: &str, key_name: &str) -> Result<MintedKey, IdentityError> {
        let (actor, platform) = (Actor::operator(), TenantScope::built_in());
        let principal = match self.user_named(user) {
            Err(IdentityError::NotFound { .. }) => self.create_user(&actor, user)?,
            found => found?,
        };
        self.set_member(&actor, None, &platform, user, Role::Owner)?;
        let new = NewKey {
            name: key_name.to_owned(),
            principal: principal.id,
            scopes: None,
            expires_ms: None,
        };
        self.create_key(&actor, &platform, new)
    }

    /// Writes what waits in memory: when keys were last used, and checkpoints of the log.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tend(&self) -> Result<(), IdentityError> {
        self.flush_uses()?;
        self.checkpoint_all()
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    pub(crate) fn secrets(&self) -> Arc<Secrets> {
        Arc::clone(&self.secrets)
    }

    /// The number of changes so far: read it before the database, compare it after.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    pub(crate) fn read<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, IdentityError>,
    ) -> Result<T, IdentityError> {
        self.database.read(job)
    }

    /// Writes what is no change of who may do what.
    pub(crate) fn write_quietly<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        self.database.write(job)
    }

    /// Changes something, together with its line in the audit log, and makes every warm key look
    /// again: when this returns the change holds.
    pub(crate) fn change<T: Send + 'static>(
        &self,
        actor: &Actor,
        job: impl FnOnce(&Transaction<'_>) -> Result<(T, Event), IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let (actor, secrets, now_ms) = (actor.clone(), self.secrets(), self.clock.now_ms());
        let changed = self.database.write(move |tx| {
            let (value, event) = job(tx)?;
            append(tx, &secrets, now_ms, &actor, &event)?;
            Ok(value)
        });
        // After a failure too: whether it was kept is not known then.
        self.version.fetch_add(1, Ordering::AcqRel);
        changed
    }
}

#[cfg(test)]
mod tests;
