//! The way back to the version of Assay before this one, for a data folder or the tables of a server.

use std::{path::Path, sync::Arc};

use assay_backup::{
    BackupError, BackupSettings, Backups, BothWays, Location, Logs, Rehearsed, Returned,
};
use assay_core::{Clock, SystemClock};
use assay_store::{Migration, Server, StoreError, WayBack};
use assay_vault::EncryptionSettings;

use crate::{AnswerError, EngineSettings, backup, database::schemas, engine::lock_folder};

/// The schemas that have a version before the present one, by the names of their databases.
fn ways() -> [(&'static str, WayBack); 4] {
    [
        ("records", assay_store::RECORDS_BACK),
        ("identity", assay_identity::BACK),
        ("tasks", assay_tasks::BACK),
        ("ledger", assay_ledger::BACK),
    ]
}

/// Takes every database of a copy back one version and forward again, and compares what it holds. The
/// folder is nobody's; what the version before cannot hold is lost in it.
///
/// # Errors
/// When a database cannot be read, or a step fails.
pub fn rehearse(copy: &Path, encryption: &EncryptionSettings) -> Result<Rehearsed, BackupError> {
    let steps = |name: &str| -> &'static [Migration] {
        match name {
            "records" => assay_store::RECORDS_MIGRATIONS,
            "identity" => &assay_identity::MIGRATIONS,
            "tasks" => assay_tasks::MIGRATIONS,
            _ => &assay_ledger::MIGRATIONS,
        }
    };
    let both: Vec<BothWays> =
        ways().into_iter().map(|(name, way)| (name, way, steps(name))).collect();
    assay_backup::rehearse(copy, encryption, &both)
}

/// What is to be done.
#[derive(Debug, Clone, Default)]
pub struct BackOrder {
    /// The databases that go back; all that have a way when empty.
    pub names: Vec<String>,
    /// Only say what would be done.
    pub is_preview: bool,
    /// Where a full copy goes first; none is taken without it.
    pub copy_to: Option<Location>,
}

/// Takes the databases one version back, each with all that the version before can hold. No server of
/// Assay may run.
///
/// # Errors
/// [`AnswerError::NoWayBack`] for a name that has none; [`AnswerError::Locked`]; those of the copy,
/// before anything is changed, and of the databases.
pub fn go_back(settings: &EngineSettings, order: &BackOrder) -> Result<Vec<Returned>, AnswerError> {
    let known = ways();
    let unknown = order.names.iter().find(|name| !known.iter().any(|(known, _)| known == name));
    if let Some(name) = unknown {
        return Err(AnswerError::NoWayBack { name: name.clone() });
    }
    let is_meant = |name: &str| order.names.is_empty() || order.names.iter().any(|it| it == name);
    let ways: Vec<_> = known.into_iter().filter(|(name, _)| is_meant(name)).collect();
    if let Some(server) = Server::of(&settings.database).map_err(StoreError::from)? {
        return on_server(&server, &ways, order);
    }
    let _lock = lock_folder(&settings.data)?;
    if let (Some(to), false) = (&order.copy_to, order.is_preview) {
        copy(settings, to)?;
    }
    Ok(assay_backup::go_back(&settings.data, &settings.encryption, &ways, order.is_preview)?)
}

/// A full copy of a folder that nobody has open.
fn copy(settings: &EngineSettings, to: &Location) -> Result<(), AnswerError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let backup = BackupSettings { to: None, folders: vec![to.clone()], ..settings.backup.clone() };
    let logs = Logs::follow(&settings.data);
    let backups: Backups = backup::start(&settings.data, logs, &clock, backup)?;
    backups.take(Some(to))?;
    backups.stop();
    Ok(())
}

/// Tables exist once for all tenants there, and not every step of the files was one of theirs.
fn on_server(
    server: &Server,
    ways: &[(&str, WayBack)],
    order: &BackOrder,
) -> Result<Vec<Returned>, AnswerError> {
    if order.copy_to.is_some() && !order.is_preview {
        return Err(AnswerError::BackupOfServer);
    }
    let mut returned = Vec::new();
    for (name, way) in ways {
        let schema = schemas().into_iter().find(|schema| schema.name == format!("assay_{name}"));
        let Some(schema) = schema else { continue };
        let has_step = schema.migrations.iter().any(|step| step.version == way.to);
        let is_gone = match (has_step, order.is_preview) {
            (false, _) => false,
            (true, true) => server.version(&schema).map_err(StoreError::from)? == way.from,
            (true, false) => server.step_back(&schema, way).map_err(StoreError::from)?,
        };
        let databases = u64::from(is_gone);
        returned.push(Returned { name: (*name).to_owned(), way: *way, databases });
    }
    Ok(returned)
}
