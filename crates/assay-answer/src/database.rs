//! Where the rows are: in files of the data folder, or on a Postgres server.

use std::{path::Path, sync::Arc};

use assay_core::Clock;
use assay_identity::{AuthSettings, Identities};
use assay_store::{Schema, Server, ServerSettings, Store, StoreError, StoreSettings};
use assay_tasks::{TaskSettings, Tasks};

use crate::AnswerError;

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
