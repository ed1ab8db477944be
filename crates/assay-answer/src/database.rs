//! Where the rows are: in files of the data folder, or on a Postgres server.

use std::{path::Path, sync::Arc};

use assay_core::{Clock, SystemClock};
use assay_identity::{AuthSettings, Identities};
use assay_store::{Schema, Server, ServerSettings, Store, StoreError, StoreSettings, TableSum};
use assay_tasks::{TaskSettings, Tasks};

use crate::{AnswerError, EngineSettings, engine::lock_folder};

/// The tables of every part that can be on a server.
fn schemas() -> Vec<Schema> {
    let store = assay_store::SCHEMAS.into_iter();
    store.chain([assay_identity::SCHEMA, assay_tasks::SCHEMA]).collect()
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

/// Moves a tenant from the files of the data folder to a server, or back: its records, and whoever
/// belongs to it. Originals and index stay where they are, and so does the ledger. No server of Assay
/// may run. A move that was cut off is begun again by the same call; the source ends when every table
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
    let server = server(&settings.database)?.ok_or(AnswerError::NoServer)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let open = |server| {
        let store = open_store(server, &settings.data, &clock)?;
        let auth = settings.auth.clone();
        Ok::<_, AnswerError>((store, open_identities(server, &settings.data, auth, &clock)?))
    };
    let (files, served) = (open(None)?, open(Some(&server))?);
    let (from, to) = if to_server { (files, served) } else { (served, files) };
    let id = from.0.tenant_named(name)?.id;
    let scope = from.0.scopes()?.into_iter().find(|scope| scope.tenant() == id);
    let scope = scope.ok_or(AnswerError::Worker)?;
    let mut sums = from.0.copy_tenant(&scope, &to.0)?;
    sums.extend(from.1.copy_tenant(&scope, &to.1)?);
    // From here on the target has the tenant: repeating the call ends what a crash cuts off.
    to.0.take_over(&scope, &from.0)?;
    from.1.release(&scope)?;
    from.0.release(&scope)?;
    Ok(sums)
}

/// The identities of an installation, beside a server of Assay that may run.
///
/// # Errors
/// Those of the data folder and of the server that holds the rows.
pub fn identities(
    settings: &ServerSettings,
    data: &Path,
    auth: AuthSettings,
    clock: &Arc<dyn Clock>,
) -> Result<Identities, AnswerError> {
    let server = Server::of(settings).map_err(StoreError::from)?;
    open_identities(server.as_ref(), data, auth, clock)
}

/// The server that is set, held for this process.
pub(crate) fn server(settings: &ServerSettings) -> Result<Option<Server>, AnswerError> {
    let server = Server::of(settings).map_err(StoreError::from)?;
    if let Some(server) = &server {
        server.hold().map_err(StoreError::from)?;
    }
    Ok(server)
}

pub(crate) fn open_store(
    server: Option<&Server>,
    data: &Path,
    clock: &Arc<dyn Clock>,
) -> Result<Store, AnswerError> {
    let (clock, settings) = (Arc::clone(clock), StoreSettings::default());
    Ok(match server {
        Some(server) => Store::open_on(server, data, clock, &settings)?,
        None => Store::open(data, clock, &settings)?,
    })
}

pub(crate) fn open_tasks(
    server: Option<&Server>,
    data: &Path,
    clock: &Arc<dyn Clock>,
) -> Result<Tasks, AnswerError> {
    let (clock, settings) = (Arc::clone(clock), TaskSettings::default());
    Ok(match server {
        Some(server) => Tasks::open_on(server, clock, &settings)?,
        None => Tasks::open(&data.join("tasks.db"), clock, &settings)?,
    })
}

pub(crate) fn open_identities(
    server: Option<&Server>,
    data: &Path,
    settings: AuthSettings,
    clock: &Arc<dyn Clock>,
) -> Result<Identities, AnswerError> {
    let clock = Arc::clone(clock);
    Ok(match server {
        Some(server) => Identities::open_on(server, data, settings, clock)?,
        None => Identities::open(data, settings, clock)?,
    })
}
