//! What people do with what was taken in: collections, tags, metadata, near duplicates, reading
//! again with other settings.

use std::sync::Arc;

use assay_core::{CollectionId, DocumentId, PassageId, TenantScope, VersionId};
use assay_store::{
    AccessList, Collection, DocumentFilter, NearDocument, ReadFrom, ReadingWindow, StoreError,
    TenantStore, Told, Version,
};
use serde::{Deserialize, Serialize};

use crate::{
    AnswerError, Engine, SearchSettings,
    ingest::{discard, ingest_task},
    search::{blocking, weigh::Weighting},
};

/// Which part of a document is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedReading {
    /// The version; the one that searches find when none.
    pub version: Option<VersionId>,
    /// Where the part begins.
    pub from: ReadFrom,
    /// The passage around which it lies; goes before both.
    pub passage: Option<PassageId>,
    /// Passages at most.
    pub limit: u32,
}

/// A part of a document as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentReading {
    /// The version that is shown.
    pub version: VersionId,
    /// All versions, the newest first.
    pub versions: Vec<Version>,
    /// The part.
    pub window: ReadingWindow,
}

/// Documents that are looked at together.
const PAGE: u32 = 500;

/// Settings of a collection that differ from those of the installation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CollectionSettings {
    /// Tokens that a passage aims at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passage_tokens: Option<usize>,
    /// How its documents are weighed in searches.
    pub search: SearchSettings,
}

impl CollectionSettings {
    /// The settings of a collection; defaults where they cannot be read any more.
    pub(crate) fn of(collection: &Collection) -> Self {
        serde_json::from_value(collection.settings.clone()).unwrap_or_default()
    }

    fn check(&self) -> Result<(), AnswerError> {
        Weighting::of(&self.search)?;
        match self.passage_tokens {
            Some(tokens) if !(20..=2_000).contains(&tokens) => Err(AnswerError::Invalid {
                what: format!("passage_tokens {tokens} is not 20 to 2,000"),
                hint: "leave it out for the default of the installation",
            }),
            _ => Ok(()),
        }
    }
}

/// A collection with its settings.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionOverview {
    /// Its id.
    pub id: CollectionId,
    /// Its name.
    pub name: String,
    /// When it was created, in milliseconds since 1970.
    pub created_ms: i64,
    /// What differs from the installation.
    pub settings: CollectionSettings,
    /// Documents in it.
    pub documents: u64,
}

/// The bytes of a document as they were taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// File name.
    pub name: String,
    /// The type found, or told.
    pub media_type: Option<String>,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Engine {
    /// All collections, by name.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn collections(
        &self,
        scope: &TenantScope,
    ) -> Result<Vec<CollectionOverview>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || {
            let collections = tenant.collections()?;
            collections.iter().map(|collection| overview(&tenant, collection)).collect()
        })
        .await
    }

    /// The collection of this name.
    ///
    /// # Errors
    /// When there is none.
    pub async fn collection(
        &self,
        scope: &TenantScope,
        name: &str,
    ) -> Result<CollectionOverview, AnswerError> {
        let (tenant, name) = (self.store.tenant(scope)?, name.to_owned());
        blocking(move || overview(&tenant, &tenant.collection_named(&name)?)).await
    }

    /// Makes a collection for those on an access list; none for everybody of the tenant.
    ///
    /// # Errors
    /// When the name is taken or cannot be one.
    pub async fn create_collection(
        &self,
        scope: &TenantScope,
        name: &str,
        settings: CollectionSettings,
        access: Option<AccessList>,
    ) -> Result<CollectionOverview, AnswerError> {
        settings.check()?;
        // Who makes a collection for others may give it settings and does not see it afterwards.
        let (tenant, name) = (self.store.tenant(&scope.for_own_work())?, name.to_owned());
        blocking(move || {
            let made = tenant.create_collection_for(&name, access)?;
            let made = tenant.change_collection(made.id, None, Some(value(&settings)))?;
            overview(&tenant, &made)
        })
        .await
    }

    /// Gives a collection another name or other settings. Settings hold for what is taken in from
    /// now on; [`Engine::read_again`] applies them to what is there.
    ///
    /// # Errors
    /// When there is no such collection, or the new name is taken or cannot be one.
    pub async fn change_collection(
        &self,
        scope: &TenantScope,
        name: &str,
        new_name: Option<String>,
        settings: Option<CollectionSettings>,
    ) -> Result<CollectionOverview, AnswerError> {
        settings.as_ref().map_or(Ok(()), CollectionSettings::check)?;
        let (tenant, name) = (self.store.tenant(scope)?, name.to_owned());
        blocking(move || {
            let collection = tenant.collection_named(&name)?;
            let settings = settings.as_ref().map(value);
            overview(&tenant, &tenant.change_collection(collection.id, new_name, settings)?)
        })
        .await
    }

    /// Removes a collection that holds no document; with `documents` also one that does, and them.
    ///
    /// # Errors
    /// When there is no such collection, or it holds documents that are to stay.
    pub async fn delete_collection(
        self: &Arc<Self>,
        scope: &TenantScope,
        name: &str,
        documents: bool,
    ) -> Result<(), AnswerError> {
        let (engine, scope, name) = (Arc::clone(self), scope.clone(), name.to_owned());
        blocking(move || {
            let tenant = engine.store.tenant(&scope)?;
            let collection = tenant.collection_named(&name)?;
            // Before its documents are gone.
            tenant.check_collection_removal(collection.id)?;
            if documents {
                let open = empty(&tenant, collection.id)?;
                discard(&engine.tasks, &scope, &open)?;
            }
            tenant.delete_collection(collection.id)?;
            engine.indexer.catch_up(&scope)
        })
        .await
    }

    /// Says something of a document, or moves it with all that came out of it.
    ///
    /// # Errors
    /// When there is no such document or collection, the collection has a document of the same
    /// source, or what is told is too long.
    pub async fn change_document(
        &self,
        scope: &TenantScope,
        document: DocumentId,
        collection: Option<String>,
        told: Told,
    ) -> Result<(), AnswerError> {
        let (tenant, indexer) = (self.store.tenant(scope)?, Arc::clone(&self.indexer));
        let scope = scope.clone();
        blocking(move || {
            let collection = collection.map(|name| tenant.collection_named(&name)).transpose()?;
            tenant.change_document(document, collection.map(|found| found.id), told)?;
            indexer.catch_up(&scope)
        })
        .await
    }

    /// Reads the documents of a collection again with the settings of today. Each stays searchable
    /// as it is until its new version is ready. Returns how many were begun.
    ///
    /// # Errors
    /// When there is no such collection.
    pub async fn read_again(&self, scope: &TenantScope, name: &str) -> Result<u64, AnswerError> {
        let (tenant, tasks) = (self.store.tenant(scope)?, self.tasks.clone());
        let settings = self.settings.clone();
        let (scope, name) = (scope.clone(), name.to_owned());
        blocking(move || {
            let collection = tenant.collection_named(&name)?.id;
            let mut filter = DocumentFilter { collection: Some(collection), ..Default::default() };
            let mut begun = 0;
            loop {
                let page = tenant.documents(filter.clone(), PAGE)?;
                let Some(last) = page.last() else { return Ok(begun) };
                filter.after = Some(last.id);
                for document in page {
                    if let Some(version) = tenant.receive_again(document.id)? {
                        tasks.enqueue(
                            &scope,
                            ingest_task(version, settings.is_large(document.latest.size)),
                        )?;
                        begun += 1;
                    }
                }
            }
        })
        .await
    }

    /// Documents that are nearly the same as this one, the most similar first.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn near_documents(
        &self,
        scope: &TenantScope,
        document: DocumentId,
        similarity: f32,
    ) -> Result<Vec<NearDocument>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.near_documents(document, similarity)?)).await
    }

    /// Groups of documents that are nearly the same, the largest first.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn near_groups(
        &self,
        scope: &TenantScope,
        similarity: f32,
    ) -> Result<Vec<Vec<DocumentId>>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.near_groups(similarity)?)).await
    }

    /// A part of the text of a document in its order, of a version or of the one that searches
    /// find, and the versions that are kept. With `passage`, what stands around it in its version.
    ///
    /// # Errors
    /// When there is no such document or it has no such version.
    pub async fn reading(
        &self,
        scope: &TenantScope,
        document: DocumentId,
        wanted: WantedReading,
    ) -> Result<DocumentReading, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || {
            let WantedReading { mut version, mut from, passage, limit } = wanted;
            if let Some(passage) = passage {
                let passage = tenant.passage(passage)?;
                version = Some(passage.version);
                from = ReadFrom::Around(passage.chars.0);
            }
            let document = tenant.document(document)?;
            let shown = document.summary.current.unwrap_or(document.summary.latest.id);
            let wanted = version.unwrap_or(shown);
            if !document.versions.iter().any(|version| version.id == wanted) {
                return Err(
                    StoreError::NotFound { kind: "version", key: wanted.to_string() }.into()
                );
            }
            let window = tenant.reading(wanted, from, limit)?;
            Ok(DocumentReading { version: wanted, versions: document.versions, window })
        })
        .await
    }

    /// The bytes of the newest version of a document.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn original(
        &self,
        scope: &TenantScope,
        document: DocumentId,
    ) -> Result<Original, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || {
            let Version { name, media_type, blob, .. } = tenant.document(document)?.summary.latest;
            Ok(Original { name, media_type, bytes: tenant.blob(blob)? })
        })
        .await
    }
}

/// Deletes every document of a collection; the versions that had not been taken in.
fn empty(tenant: &TenantStore, collection: CollectionId) -> Result<Vec<VersionId>, AnswerError> {
    let mut open = Vec::new();
    loop {
        let filter = DocumentFilter { collection: Some(collection), ..Default::default() };
        let page = tenant.documents(filter, PAGE)?;
        if page.is_empty() {
            return Ok(open);
        }
        for document in page {
            match tenant.delete_document(document.id) {
                Ok(versions) => open.extend(versions),
                // It went with its container.
                Err(StoreError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn value(settings: &CollectionSettings) -> serde_json::Value {
    serde_json::json!(settings)
}

fn overview(
    tenant: &TenantStore,
    collection: &Collection,
) -> Result<CollectionOverview, AnswerError> {
    Ok(CollectionOverview {
        id: collection.id,
        name: collection.name.clone(),
        created_ms: collection.created_ms,
        settings: CollectionSettings::of(collection),
        documents: tenant.count_documents(collection.id)?,
    })
}
