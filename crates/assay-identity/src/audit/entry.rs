//! The lines of the log and their one written form.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::{IdentityError, secrets::Secrets};

/// One entry. The order of the fields is the order on the line, which is what is hashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditEntry {
    /// Its number in the chain, from 1.
    pub seq: u64,
    /// When, in UTC.
    pub at: String,
    /// Whose chain it is.
    pub tenant: String,
    /// Who: `principal:<id>`, `local`, `operator` or `unknown`.
    pub actor: String,
    /// By which credential: `key:<id>`, `session:<id>`, `token`.
    pub via: String,
    /// The address that the request came from.
    pub from: String,
    /// The request.
    pub request: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// `done`, `denied` or `failed`.
    pub outcome: String,
    /// What else matters.
    pub detail: String,
    /// The SHA-256 of the line before it.
    pub prev: String,
}

impl AuditEntry {
    /// The entry as it is hashed, kept and exported.
    #[must_use]
    pub fn line(&self) -> String {
        // A struct of texts and a number can always be written.
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn parse(line: &str) -> Result<Self, IdentityError> {
        serde_json::from_str(line).map_err(|error| IdentityError::File {
            path: "identity.db".to_owned(),
            reason: format!("a line of the audit log cannot be read: {error}"),
        })
    }
}

/// Says how far a chain had come, with a signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// The number of the last entry.
    pub checkpoint: u64,
    /// When it was signed, in UTC.
    pub at: String,
    /// Whose chain it is.
    pub tenant: String,
    /// The SHA-256 of the line of that entry.
    pub hash: String,
    /// The key that checks the signature: Ed25519, base 64.
    pub key: String,
    /// The signature of [`Checkpoint::message`], base 64.
    pub signature: String,
}

impl Checkpoint {
    pub(super) fn signed(
        secrets: &Secrets,
        tenant: String,
        seq: u64,
        at: String,
        hash: String,
    ) -> Self {
        let key = base64(&secrets.public_key());
        let mut made = Self { checkpoint: seq, at, tenant, hash, key, signature: String::new() };
        made.signature = base64(&secrets.sign(made.message().as_bytes()));
        made
    }

    /// What is signed.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { checkpoint, at, tenant, hash, .. } = self;
        format!("assay audit checkpoint 1\n{tenant}\n{checkpoint}\n{at}\n{hash}\n")
    }

    /// Whether its own key made the signature.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let (Ok(key), Ok(signature)) =
            (STANDARD.decode(&self.key), STANDARD.decode(&self.signature))
        else {
            return false;
        };
        UnparsedPublicKey::new(&ED25519, key).verify(self.message().as_bytes(), &signature).is_ok()
    }

    /// The checkpoint as it is kept and exported.
    #[must_use]
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
