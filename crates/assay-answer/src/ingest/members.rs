//! The files inside a file: each becomes a document of its own, which belongs to the container.

use std::collections::HashSet;

use assay_core::{ErrorChain, TenantScope};
use assay_parse::{FileHint, Member, ParseError};
use assay_store::{DocumentFilter, NewVersion, TenantStore, Version};
use assay_tasks::{TaskContext, TaskFailure};

use super::{
    handler::{Ingest, retry},
    ingest_task,
};

/// Stands between the source key of a container and the path inside it.
const INSIDE: &str = "!/";
/// Containers inside containers that are opened.
const DEPTH_MAX: usize = 4;
/// Documents of a container that are looked at together.
const PAGE: u32 = 500;

impl Ingest {
    /// Takes in what a container holds and forgets what it holds no more; returns how many files.
    /// What an earlier attempt took in is unchanged.
    pub(super) fn take_in_members(
        &self,
        context: &TaskContext<'_>,
        tenant: &TenantStore,
        version: &Version,
    ) -> Result<u64, TaskFailure> {
        let bytes = tenant.blob(version.blob).map_err(retry)?;
        let hint =
            FileHint { name: Some(&version.name), media_type: version.media_type.as_deref() };
        // The file was read a moment ago: what fails now has failed then.
        let Ok(members) = assay_parse::members(&bytes, &hint, &self.settings.parse_limits()) else {
            return Ok(0);
        };
        let depth = version.source_key.matches(INSIDE).count();
        let mut kept = HashSet::new();
        for member in members {
            if context.should_stop() {
                return Err(TaskFailure::Interrupted);
            }
            // A newer version of the container decides what it holds.
            let latest = tenant.document(version.document).map(|found| found.summary.latest.id);
            if !latest.is_ok_and(|latest| latest == version.id) {
                return Ok(kept.len() as u64);
            }
            let outcome = match member {
                Ok(_) if depth >= DEPTH_MAX => {
                    let reason = format!("archives are opened {DEPTH_MAX} deep and no deeper");
                    return report(tenant, version, &reason).map(|()| kept.len() as u64);
                }
                Ok(member) => self.take_in(context.scope(), tenant, version, member, &mut kept),
                Err(error) => report(tenant, version, &member_failure(&error)),
            };
            outcome?;
            context.progress(kept.len() as u64, None, "unpacking")?;
        }
        forget_others(tenant, version, &kept)?;
        Ok(kept.len() as u64)
    }

    fn take_in(
        &self,
        scope: &TenantScope,
        tenant: &TenantStore,
        container: &Version,
        member: Member,
        kept: &mut HashSet<String>,
    ) -> Result<(), TaskFailure> {
        let source_key = format!("{}{INSIDE}{}", container.source_key, member.path);
        let name = member.path.rsplit('/').next().unwrap_or(&member.path).to_owned();
        if member.bytes.is_empty() {
            return Ok(());
        }
        let is_large = self.settings.is_large(member.bytes.len() as u64);
        let new = NewVersion {
            collection: container.collection,
            source_key: source_key.clone(),
            name,
            media_type: member.media_type,
            size: member.bytes.len() as u64,
            blob: tenant.put_blob(&member.bytes).map_err(retry)?,
            parent: Some(container.document),
            told: None,
            access: None,
        };
        let received = match tenant.receive(new) {
            Ok(received) => received,
            // The container was deleted meanwhile, and all that came out of it.
            Err(assay_store::StoreError::NotFound { .. }) => return Ok(()),
            Err(assay_store::StoreError::Invalid { what, why }) => {
                return report(tenant, container, &format!("{}: {what}: {why}", member.path));
            }
            Err(error @ assay_store::StoreError::Limit { .. }) => {
                return report(tenant, container, &format!("{}: {error}", member.path));
            }
            Err(error) => return Err(retry(error)),
        };
        kept.insert(source_key);
        // The key of the task is the version: work that is there or done stays one piece.
        if tenant.version(received.version).map_err(retry)?.state.is_pending() {
            self.tasks.enqueue(scope, ingest_task(received.version, is_large)).map_err(retry)?;
        }
        Ok(())
    }
}

fn member_failure(error: &ParseError) -> String {
    format!("a file inside could not be read: {}", ErrorChain(error))
}

fn report(tenant: &TenantStore, version: &Version, message: &str) -> Result<(), TaskFailure> {
    tenant.add_problem(version.id, "damaged", message).map_err(retry)
}

/// Deletes the documents of the container that are not among `kept`.
fn forget_others(
    tenant: &TenantStore,
    container: &Version,
    kept: &HashSet<String>,
) -> Result<(), TaskFailure> {
    let mut filter = DocumentFilter { parent: Some(container.document), ..Default::default() };
    loop {
        let page = tenant.documents(filter.clone(), PAGE).map_err(retry)?;
        let Some(last) = page.last() else { return Ok(()) };
        filter.after = Some(last.id);
        for document in &page {
            if !kept.contains(&document.latest.source_key) {
                match tenant.delete_document(document.id) {
                    // A dead letter of it goes when the tenant is tidied.
                    Ok(_) | Err(assay_store::StoreError::NotFound { .. }) => {}
                    Err(error) => return Err(retry(error)),
                }
            }
        }
    }
}
