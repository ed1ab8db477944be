//! Access lists of collections and documents, seen and changed.

use assay_core::{DocumentId, TenantScope};
use assay_store::{AccessList, DocumentAccess};

use crate::{AnswerError, Engine, search::blocking};

impl Engine {
    /// Who may read a collection; none for everybody of the tenant.
    ///
    /// # Errors
    /// When there is no such collection.
    pub async fn collection_access(
        &self,
        scope: &TenantScope,
        name: &str,
    ) -> Result<Option<AccessList>, AnswerError> {
        let (tenant, name) = (self.store.tenant(scope)?, name.to_owned());
        blocking(move || Ok(tenant.collection_access(tenant.collection_named(&name)?.id)?)).await
    }

    /// Closes a collection to all but those on a list, or opens it to everybody of the tenant. It
    /// holds for every request that begins after this returns.
    ///
    /// # Errors
    /// When there is no such collection, or the list is too long.
    pub async fn set_collection_access(
        &self,
        scope: &TenantScope,
        name: &str,
        list: Option<AccessList>,
    ) -> Result<(), AnswerError> {
        let (tenant, name) = (self.store.tenant(scope)?, name.to_owned());
        blocking(
            move || Ok(tenant.set_collection_access(tenant.collection_named(&name)?.id, list)?),
        )
        .await
    }

    /// Who may read a document.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn document_access(
        &self,
        scope: &TenantScope,
        document: DocumentId,
    ) -> Result<DocumentAccess, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.document_access(document)?)).await
    }

    /// Gives a document, and all that came out of it, a list of its own, or takes it back. It holds
    /// for every request that begins after this returns.
    ///
    /// # Errors
    /// When there is no such document, or the list is too long.
    pub async fn set_document_access(
        &self,
        scope: &TenantScope,
        document: DocumentId,
        list: Option<AccessList>,
    ) -> Result<(), AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.set_document_access(document, list)?)).await
    }
}
