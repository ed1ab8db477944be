//! Where the rows are: in files of the data folder, or on a Postgres server.

use std::{path::Path, sync::Arc};

use assay_core::{Clock, SystemClock};
use assay_identity::{AuthSettings, Identities};
use assay_ledger::{Ledger, LedgerSettings, prices::PriceFile};
use assay_store::{Schema, Server, ServerSettings, Store, StoreError, StoreSettings, TableSum};
use assay_tasks::{TaskSettings, Tasks};
use assay_vault::Vault;

use crate::{AnswerError, EngineSettings, PRICES, engine::lock_folder};

/// The tables of every part that can be on a server.
pub(crate) fn schemas() -> Vec<Schema> {
    let store = assay_store::SCHEMAS.into_iter();
    store.chain([assay_identity::SCHEMA, assay_tasks::SCHEMA, assay_ledger::SCHEMA]).collect()
}

/// Makes or brings up to date the tables on the server that is set, with the role of its address, for
/// the role `user` to serve with. Returns the steps that were applied.
///
/// # Errors
/// When no server is set or it cannot be reached; when `user` does not exist or could read past the
/// policies of the tables.
pub fn migrate(settings: &ServerSettings, user: &str) -> Result<Vec<String>, AnswerError> {
    let server = Server::of(settings).map_err(StoreError::from)?;
    let server = server.ok_or(AnswerError::NoServer)?;
    Ok(server.migrate(&schemas(), user).map_err(StoreError::from)?)
}

/// Moves a tenant from the files of the data folder to a server, or back: its records, whoever belongs
/// to it, and what its calls of models cost.
///
/// Originals and index stay where they are. No server of Assay may run. A move that was cut off is begun again by the same call; the source ends when every table
/// was compared.
///
/// # Errors
/// [`AnswerError::Locked`]; when no server is set; when the target holds something else of the tenant;
/// those of both databases.
pub fn move_tenant(
    settings: &EngineSettings,
    name: &str,
    to_server: bool,
) -> Result<Vec<TableSum>, AnswerError> {
    let _lock = lock_folder(&settings.data)?;
    let vault = Arc::new(Vault::open(&settings.data, &settings.encryption)?);
    let server = server(&settings.database, &vault)?.ok_or(AnswerError::NoServer)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let open = |server| {
        let places = Places { server, data: &settings.data, vault: &vault };
        let identities = places.open_identities(settings.auth.clone(), &clock)?;
        let ledger = places.open_ledger(settings.ledger.clone(), &clock)?;
        Ok::<_, AnswerError>((places.open_store(&clock)?, identities, ledger))
    };
    let (files, served) = (open(None)?, open(Some(&server))?);
    let (from, to) = if to_server { (files, served) } else { (served, files) };
    let id = from.0.tenant_named(name)?.id;
    let scope = from.0.scopes()?.into_iter().find(|scope| scope.tenant() == id);
    let scope = scope.ok_or(AnswerError::Worker)?;
    let mut sums = from.0.copy_tenant(&scope, &to.0)?;
    sums.extend(from.1.copy_tenant(&scope, &to.1)?);
    sums.extend(from.2.copy_tenant(&scope, &to.2)?);
    // From here on the target has the tenant: repeating the call ends what a crash cuts off.
    to.0.take_over(&scope, &from.0)?;
    from.1.release(&scope)?;
    from.0.release(&scope)?;
    Ok(sums)
}

/// The identities of an installation, beside a server of Assay that may run.
///
/// # Errors
/// Those of the data folder, of its keys, and of the server that holds the rows.
pub fn identities(
    settings: &EngineSettings,
    clock: &Arc<dyn Clock>,
) -> Result<Identities, AnswerError> {
    let server = Server::of(&settings.database).map_err(StoreError::from)?;
    let vault = Arc::new(Vault::open(&settings.data, &settings.encryption)?);
    let places = Places { server: server.as_ref(), data: &settings.data, vault: &vault };
    places.open_identities(settings.auth.clone(), clock)
}

/// The server that is set, held for this process. Rows on a server are not encrypted by Assay, so
/// there is none beside a root key.
pub(crate) fn server(
    settings: &ServerSettings,
    vault: &Vault,
) -> Result<Option<Server>, AnswerError> {
    let server = Server::of(settings).map_err(StoreError::from)?;
    if let Some(server) = &server {
        if vault.is_on() {
            return Err(AnswerError::EncryptedServer);
        }
        server.hold().map_err(StoreError::from)?;
    }
    Ok(server)
}

/// The server that is set, beside the process that holds it.
pub(crate) fn joined(settings: &ServerSettings, vault: &Vault) -> Result<Server, AnswerError> {
    let server = Server::of(settings).map_err(StoreError::from)?.ok_or(AnswerError::NoServer)?;
    if vault.is_on() {
        return Err(AnswerError::EncryptedServer);
    }
    Ok(server)
}

/// Where everything is.
#[derive(Clone, Copy)]
pub(crate) struct Places<'a> {
    /// Where the rows are, when they are not in files.
    pub(crate) server: Option<&'a Server>,
    pub(crate) data: &'a Path,
    pub(crate) vault: &'a Arc<Vault>,
}

impl Places<'_> {
    pub(crate) fn open_store(self, clock: &Arc<dyn Clock>) -> Result<Store, AnswerError> {
        let (clock, settings) = (Arc::clone(clock), StoreSettings::default());
        Ok(match self.server {
            Some(server) => Store::open_on(server, self.data, clock, &settings)?,
            None => Store::open_with(self.data, clock, &settings, Arc::clone(self.vault))?,
        })
    }

    /// The ledger, with the prices of the last update where there was one.
    pub(crate) fn open_ledger(
        self,
        settings: LedgerSettings,
        clock: &Arc<dyn Clock>,
    ) -> Result<Ledger, AnswerError> {
        let updated = self.data.join(PRICES);
        let prices = match updated.try_exists() {
            Ok(true) => PriceFile::load(&updated)?,
            _ => PriceFile::built_in()?,
        };
        let (clock, folder) = (Arc::clone(clock), self.data.join("ledger"));
        let key = self.vault.installation();
        Ok(match self.server {
            Some(server) => Ledger::open_on(server, &folder, &prices, settings, clock)?,
            None => Ledger::open_with(&folder, &prices, settings, clock, key)?,
        })
    }

    pub(crate) fn open_tasks(self, clock: &Arc<dyn Clock>) -> Result<Tasks, AnswerError> {
        let (clock, mut settings) = (Arc::clone(clock), TaskSettings::default());
        settings.database.key = self.vault.installation();
        Ok(match self.server {
            Some(server) => Tasks::open_on(server, clock, &settings)?,
            None => Tasks::open(&self.data.join("tasks.db"), clock, &settings)?,
        })
    }

    /// The tasks, for a process that only works on them.
    pub(crate) fn join_tasks(self, clock: &Arc<dyn Clock>) -> Result<Tasks, AnswerError> {
        let server = self.server.ok_or(AnswerError::NoServer)?;
        Ok(Tasks::join_on(server, Arc::clone(clock), &TaskSettings::default())?)
    }

    pub(crate) fn open_identities(
        self,
        settings: AuthSettings,
        clock: &Arc<dyn Clock>,
    ) -> Result<Identities, AnswerError> {
        let (clock, key) = (Arc::clone(clock), self.vault.installation());
        Ok(match self.server {
            Some(server) => Identities::open_on(server, self.data, settings, clock)?,
            None => Identities::open_with(self.data, settings, clock, key)?,
        })
    }
}

#[cfg(test)]
mod tests;
