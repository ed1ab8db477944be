//! Keys: hashes over parts with their lengths, so that no two lists of parts run into each other.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

/// Levels of a JSON body that are put in order.
const DEPTH_MAX: usize = 128;

/// A SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The hash of a kind of thing and its parts.
    #[must_use]
    pub fn of(kind: &[u8], parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in std::iter::once(&kind).chain(parts) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The hash of a request's JSON body.
///
/// It is the same for the same fields in another order or with other
/// spaces, another for any other digit. Fields of the top level in `without` are left out. `None`
/// for what is no JSON object or is nested too deeply: such a request has no place in a cache.
#[must_use]
pub fn request_digest(body: &[u8], without: &[&str]) -> Option<Digest> {
    let mut fields: BTreeMap<String, &RawValue> = serde_json::from_slice(body).ok()?;
    fields.retain(|name, _| !without.contains(&name.as_str()));
    let mut out = Vec::with_capacity(body.len());
    object(&fields, &mut out, DEPTH_MAX)?;
    Some(Digest::of(b"request", &[&out]))
}

/// Writes a value with the keys of its objects in order; numbers and texts stay as they are spelt,
/// so that nothing is taken for the same that a provider may tell apart.
fn value(raw: &RawValue, out: &mut Vec<u8>, depth: usize) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    match raw.get().as_bytes().first()? {
        b'{' => {
            let fields: BTreeMap<String, &RawValue> = serde_json::from_str(raw.get()).ok()?;
            object(&fields, out, depth)
        }
        b'[' => {
            let items: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
            out.push(b'[');
            for item in items {
                value(item, out, depth)?;
                out.push(b',');
            }
            out.push(b']');
            Some(())
        }
        _ => {
            out.extend_from_slice(raw.get().as_bytes());
            Some(())
        }
    }
}

fn object(fields: &BTreeMap<String, &RawValue>, out: &mut Vec<u8>, depth: usize) -> Option<()> {
    out.push(b'{');
    for (name, field) in fields {
        out.extend_from_slice(&serde_json::to_vec(name).ok()?);
        out.push(b':');
        value(field, out, depth)?;
        out.push(b',');
    }
    out.push(b'}');
    Some(())
}
