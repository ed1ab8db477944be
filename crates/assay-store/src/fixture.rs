//! What the tests of this crate share: a data folder, and documents of one passage a line.
//!
//! The tests say what a store does, whichever engine is below: `contract.rs` runs them on the other.

use std::{path::Path, sync::Arc};

use assay_core::{Clock, FakeClock, PassageId, TenantScope, TextRange, VersionId};
use assay_sqlite::testing::{same_server, server_of};
use assay_vault::{EncryptionSettings, Vault};
use tempfile::TempDir;

use crate::{
    ContentHash, NewVersion, ParsedRecord, PassageRecord, Publication, Received, SCHEMAS, Store,
    StoreError, StoreSettings, TenantStore,
};

/// A data folder with the built-in tenant open.
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) tenant: TenantStore,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) data: TempDir,
    encryption: EncryptionSettings,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(EncryptionSettings::default())
    }

    /// A data folder that is encrypted under this root key, whose bytes are all the same.
    pub(crate) fn sealed(root: u8) -> Self {
        Self::with(under(root))
    }

    fn with(encryption: EncryptionSettings) -> Self {
        let clock = Arc::new(FakeClock::at_ms(1_700_000_000_000));
        Self::on(TempDir::new().unwrap(), clock, encryption)
    }

    fn on(data: TempDir, clock: Arc<FakeClock>, encryption: EncryptionSettings) -> Self {
        let store = open(data.path(), &clock, &encryption).unwrap();
        let tenant = store.tenant(&TenantScope::built_in()).unwrap();
        Self { store, tenant, clock, data, encryption }
    }

    /// Closes everything and opens it again under a root key.
    pub(crate) fn reopen_sealed(self, root: u8) -> Self {
        Self { encryption: under(root), ..self }.reopen()
    }

    /// Closes everything and opens it again.
    pub(crate) fn reopen(self) -> Self {
        let Self { store, tenant, clock, data, encryption } = self;
        drop((tenant, store));
        Self::on(data, clock, encryption)
    }

    /// Opens a copy of the files as they are now, with nothing closed: what a crash leaves. A server
    /// is still there after a crash of the program.
    pub(crate) fn crashed(&self) -> Self {
        let data = TempDir::new().unwrap();
        copy_folder(self.data.path(), data.path());
        same_server(self.data.path(), data.path());
        Self::on(data, Arc::clone(&self.clock), self.encryption.clone())
    }

    pub(crate) fn receive(&self, key: &str, text: &str) -> Received {
        receive(&self.tenant, key, text)
    }

    /// Receives, parses and publishes.
    pub(crate) fn ingest(&self, key: &str, text: &str) -> Received {
        let received = self.receive(key, text);
        self.tenant.save_parsed(received.version, parsed(text)).unwrap();
        assert_eq!(self.tenant.publish(received.version).unwrap(), Publication::Published);
        received
    }

    pub(crate) fn passage_ids(&self, version: VersionId) -> Vec<PassageId> {
        let passages = self.tenant.version_passages_for_index(version, None, 0, 1_000).unwrap();
        passages.into_iter().map(|passage| passage.id).collect()
    }
}

pub(crate) fn receive(tenant: &TenantStore, key: &str, text: &str) -> Received {
    let blob = tenant.put_blob(text.as_bytes()).unwrap();
    let new = NewVersion {
        collection: tenant.ensure_default().unwrap().id,
        source_key: key.to_owned(),
        name: key.to_owned(),
        media_type: None,
        blob,
        size: text.len() as u64,
        parent: None,
        told: None,
        access: None,
    };
    tenant.receive(new).unwrap()
}

/// A passage for every line.
pub(crate) fn parsed(text: &str) -> ParsedRecord {
    let mut start = 0;
    let mut passages = Vec::new();
    for line in text.split_inclusive('\n') {
        passages.push(PassageRecord {
            id: PassageId::new(),
            ordinal: u32::try_from(passages.len()).unwrap(),
            range: TextRange::new(start, start + line.trim_end().len()),
            heading_path: vec!["Heading".to_owned()],
            page: None,
            bbox: None,
            origin: None,
            hash: ContentHash::of(line.trim_end().as_bytes()),
            findings: Vec::new(),
        });
        start += line.len();
    }
    ParsedRecord {
        title: Some("Title".to_owned()),
        media_type: "text/plain".to_owned(),
        text: text.to_owned(),
        pages: None,
        blocks: b"[]".to_vec(),
        problems: Vec::new(),
        found: None,
        sketch: Vec::new(),
        passages,
    }
}

/// Opens a data folder: on the engine that the tests run on.
pub(crate) fn open_store(
    data: &Path,
    clock: Arc<dyn Clock>,
    settings: &StoreSettings,
) -> Result<Store, StoreError> {
    match server_of(data, &SCHEMAS) {
        Some(server) => Store::open_on(&server, data, clock, settings),
        None => Store::open(data, clock, settings),
    }
}

pub(crate) fn under(root: u8) -> EncryptionSettings {
    // 43 digits of six bits and a sign of the end are 32 bytes; the last two bits are none.
    let digits = char::from(root).to_string().repeat(42);
    let key = assay_core::Secret::new(format!("{digits}A="));
    EncryptionSettings { root_key: Some(key), ..EncryptionSettings::default() }
}

pub(crate) fn open(
    data: &Path,
    clock: &Arc<FakeClock>,
    encryption: &EncryptionSettings,
) -> Result<Store, StoreError> {
    if server_of(data, &SCHEMAS).is_some() {
        return open_store(data, Arc::clone(clock) as _, &StoreSettings::default());
    }
    let vault = Arc::new(Vault::open(data, encryption)?);
    Store::open_with(data, Arc::clone(clock) as _, &StoreSettings::default(), vault)
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
