//! Backups of the data folder that the engine has open, and the proof that one restores.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use assay_backup::{
    BackupError, BackupSettings, Backups, Checked, Location, Logs, Place, Plan, Restored, Shipping,
    Source, Summary,
};
use assay_core::{Clock, SystemClock};
use assay_store::{Store, StoreSettings};
use assay_vault::{EncryptionSettings, Vault};

use crate::{AnswerError, Engine, database, search::blocking};

/// What a backup was compared with, and what was found.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// Manifests and objects, each against its hash.
    pub checked: Checked,
    /// What was restored into the scratch folder.
    pub restored: Restored,
    /// Databases that SQLite's check looked at.
    pub databases: u64,
    /// Tenants whose records were read.
    pub tenants: u64,
    /// Versions of documents whose originals were read and compared with their hashes.
    pub versions: u64,
    /// What is wrong; empty when nothing is.
    pub faults: Vec<String>,
}

/// The versions of the schemas of this program, by the names of databases.
fn known_schemas() -> BTreeMap<String, u32> {
    let of_server = database::schemas().into_iter().map(|schema| {
        let version = schema.migrations.last().map_or(0, |step| step.version);
        (schema.name.to_owned(), version)
    });
    of_server.chain([("assay_ledger".to_owned(), assay_ledger::SCHEMA_VERSION)]).collect()
}

/// Begins to take backups of a folder.
pub(crate) fn start(
    data: &Path,
    logs: Logs,
    clock: &Arc<dyn Clock>,
    settings: BackupSettings,
) -> Result<Backups, AnswerError> {
    let source = Source {
        data: data.to_owned(),
        logs,
        clock: Arc::clone(clock),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schemas: known_schemas(),
    };
    Ok(Backups::start(source, settings)?)
}

impl Engine {
    fn backups(&self) -> Result<Backups, AnswerError> {
        self.backups.clone().ok_or(AnswerError::BackupOfServer)
    }

    /// Takes a full copy of everything now, to `to` or where backups go.
    ///
    /// # Errors
    /// [`AnswerError::BackupOfServer`]; [`BackupError::Refused`] for a folder that no setting names;
    /// those of files.
    pub async fn take_backup(&self, to: Option<Location>) -> Result<Summary, AnswerError> {
        let backups = self.backups()?;
        blocking(move || Ok(backups.take(to.as_ref())?)).await
    }

    /// How the continuous backup stands; `None` where the rows are on a server.
    #[must_use]
    pub fn shipping(&self) -> Option<Shipping> {
        self.backups.as_ref().map(Backups::shipping)
    }

    /// The backups of the place that they go to, oldest first, and how the continuous one stands.
    ///
    /// # Errors
    /// As for [`Self::take_backup`]; a manifest that is damaged.
    pub async fn list_backups(&self) -> Result<(Vec<Summary>, Shipping), AnswerError> {
        let backups = self.backups()?;
        blocking(move || Ok((backups.list()?, backups.shipping()))).await
    }
}

/// Proves a place by restoring its last moment into `scratch`: every hash of the place, every page of
/// the databases, every original that the records name.
///
/// # Errors
/// [`BackupError::Damaged`], which names the file, before anything is restored; [`BackupError::Newer`];
/// those of the restore. What the records and the databases lack is told in [`Verified::faults`].
pub fn verify(
    place: &Place,
    scratch: &Path,
    encryption: &EncryptionSettings,
    keys_from: Option<&Path>,
) -> Result<Verified, AnswerError> {
    let checked = place.check()?;
    let plan = Plan::to(place, None)?;
    plan.refuse_newer(&known_schemas())?;
    let restored = plan.restore(place, scratch, encryption, keys_from)?;
    let mut verified = Verified { checked, restored, ..Verified::default() };
    if verified.restored.is_without_keys {
        verified.faults.push("the data is encrypted and its keys are not here: --keys".to_owned());
        return Ok(verified);
    }
    (verified.faults, verified.databases) = assay_backup::faults(scratch, encryption)?;
    let vault = Arc::new(Vault::open(scratch, encryption)?);
    let store = Store::open_with(scratch, Arc::new(SystemClock), &StoreSettings::default(), vault)?;
    for scope in store.scopes()? {
        let id = scope.tenant();
        if verified.restored.erased.contains(&id.to_string()) {
            continue;
        }
        let tenant = store.tenant(&scope)?;
        let damaged = tenant.damaged_blobs()?;
        verified.tenants += 1;
        verified.versions += tenant.integrity()?.versions;
        let told = damaged.iter().map(|hash| format!("tenant {id}: original {hash} is not whole"));
        verified.faults.extend(told);
    }
    Ok(verified)
}

/// Restores what a plan leads to, unless a newer program wrote it.
///
/// # Errors
/// Those of [`Plan::restore`]; [`BackupError::Newer`].
pub fn restore(
    place: &Place,
    plan: &Plan,
    to: &Path,
    encryption: &EncryptionSettings,
    keys_from: Option<&Path>,
) -> Result<Restored, BackupError> {
    plan.refuse_newer(&known_schemas())?;
    plan.restore(place, to, encryption, keys_from)
}
