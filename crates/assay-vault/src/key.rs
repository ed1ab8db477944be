//! Keys in memory: 32 bytes that are wiped when they are dropped, and whose they are.

use std::{fmt, sync::Arc};

use assay_core::TenantId;
use ring::{
    hmac,
    rand::{SecureRandom, SystemRandom},
};
use zeroize::Zeroizing;

use crate::{Sealer, VaultError};

/// Bytes of a key.
pub(crate) const KEY_BYTES: usize = 32;
/// Bytes of a key, wiped when they are dropped.
pub(crate) type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// Whose data a key seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// What is not of one tenant.
    Installation,
    /// One tenant.
    Tenant(TenantId),
}

impl Owner {
    /// The name of the key's file, without its ending.
    pub(crate) fn file_name(self) -> String {
        match self {
            Self::Installation => "installation".to_owned(),
            Self::Tenant(tenant) => tenant.to_string(),
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installation => f.write_str("the installation"),
            Self::Tenant(tenant) => write!(f, "tenant {tenant}"),
        }
    }
}

/// The data key of one owner. Clones share it; `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct DataKey {
    owner: Owner,
    key: Arc<KeyBytes>,
}

impl DataKey {
    pub(crate) fn new(owner: Owner, key: KeyBytes) -> Self {
        Self { owner, key: Arc::new(key) }
    }

    /// A new key.
    ///
    /// # Errors
    /// [`VaultError::Random`].
    pub fn generate(owner: Owner) -> Result<Self, VaultError> {
        Ok(Self::new(owner, random()?))
    }

    /// Whose data it seals.
    #[must_use]
    pub const fn owner(&self) -> Owner {
        self.owner
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.key
    }

    /// What seals for one purpose. Two purposes, and two owners, have nothing in common.
    #[must_use]
    pub fn sealer(&self, purpose: &str) -> Sealer {
        let place = format!("{}/{purpose}", self.owner.file_name());
        Sealer::new(&derive(&self.key, &["data", &place]), place)
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DataKey({})", self.owner)
    }
}

/// A key for one use, by HMAC-SHA-256 over a label of which no part runs into the next: the
/// expansion step of HKDF (RFC 5869) for one block, whose input is uniformly random already.
pub(crate) fn derive(key: &[u8; KEY_BYTES], label: &[&str]) -> KeyBytes {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    context.update(b"assay-vault/1");
    for part in label {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    to_key(context.sign().as_ref())
}

pub(crate) fn to_key(bytes: &[u8]) -> KeyBytes {
    let mut key = KeyBytes::default();
    key.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    key
}

pub(crate) fn random() -> Result<KeyBytes, VaultError> {
    let mut key = KeyBytes::default();
    SystemRandom::new().fill(key.as_mut()).map_err(|_| VaultError::Random)?;
    Ok(key)
}
