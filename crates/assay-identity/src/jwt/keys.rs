//! The public keys of an issuer: a JSON Web Key Set.

use std::{fs::File, io::Read, path::Path};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;

use super::Algorithm;
use crate::IdentityError;

/// Bytes of a key set at most.
pub(crate) const BYTES_MAX: u64 = 1 << 20;
/// Keys of a set at most; issuers have a handful.
const KEYS_MAX: usize = 100;

/// Keys of an issuer.
#[derive(Debug)]
pub(crate) struct KeySet(Vec<Key>);

/// A public key with what it may be used for.
#[derive(Debug)]
pub(crate) struct Key {
    kid: Option<String>,
    /// The one algorithm that the set allows it, when it says so.
    alg: Option<String>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    P384(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Deserialize)]
struct WrittenSet {
    keys: Vec<Written>,
}

#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    r#use: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl KeySet {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, IdentityError> {
        let failed =
            |reason: String| IdentityError::File { path: path.display().to_string(), reason };
        let mut text = Vec::new();
        File::open(path)
            .and_then(|file| file.take(BYTES_MAX).read_to_end(&mut text))
            .map_err(|error| failed(error.to_string()))?;
        Self::parse(&text).map_err(failed)
    }

    /// Reads a set. Keys of types that are not supported, or not for signatures, are left out.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, String> {
        let set: WrittenSet = serde_json::from_slice(text)
            .map_err(|error| format!("it is no set of keys: {error}"))?;
        if set.keys.len() > KEYS_MAX {
            return Err(format!("it holds more than {KEYS_MAX} keys"));
        }
        let signing = |key: &Written| key.r#use.as_deref().is_none_or(|used| used == "sig");
        let keys: Vec<Key> = set.keys.into_iter().filter(signing).filter_map(Key::of).collect();
        if keys.is_empty() {
            return Err("it holds no key for signatures".to_owned());
        }
        Ok(Self(keys))
    }

    /// The key of this name that fits the algorithm; without a name only where it can be no other.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let named = |key: &&Key| kid.is_none() || key.kid.as_deref() == kid;
        let mut fitting = self.0.iter().filter(|key| key.fits(algorithm)).filter(named);
        fitting.next().filter(|_| fitting.next().is_none())
    }
}

impl Key {
    fn of(written: Written) -> Option<Self> {
        let bytes = |text: Option<String>| URL_SAFE_NO_PAD.decode(text?).ok();
        let point = |x: Option<String>, y: Option<String>, size: usize| {
            let (x, y) = (bytes(x)?, bytes(y)?);
            (x.len() == size && y.len() == size).then(|| [vec![4], x, y].concat())
        };
        let Written { kty, kid, alg, crv, n, e, x, y, .. } = written;
        let material = match (kty.as_str(), crv.as_deref()) {
            ("RSA", _) => Material::Rsa { n: bytes(n)?, e: bytes(e)? },
            ("EC", Some("P-256")) => Material::P256(point(x, y, 32)?),
            ("EC", Some("P-384")) => Material::P384(point(x, y, 48)?),
            ("OKP", Some("Ed25519")) => Material::Ed25519(bytes(x)?),
            _ => return None,
        };
        Some(Self { kid, alg, material })
    }

    /// Whether this is a key for the algorithm: of its type, and allowed it by the set.
    fn fits(&self, algorithm: Algorithm) -> bool {
        use Algorithm as A;
        let of_type = matches!(
            (&self.material, algorithm),
            (Material::Rsa { .. }, A::RS256 | A::RS384 | A::RS512 | A::PS256)
                | (Material::P256(_), A::ES256)
                | (Material::P384(_), A::ES384)
                | (Material::Ed25519(_), A::EdDSA)
        );
        of_type && self.alg.as_deref().is_none_or(|alg| alg == format!("{algorithm:?}"))
    }

    /// Whether it made this signature. RSA keys have at least 2,048 bits.
    pub(crate) fn verifies(&self, algorithm: Algorithm, signed: &[u8], made: &[u8]) -> bool {
        let plain = |rule: &'static dyn signature::VerificationAlgorithm, key: &[u8]| {
            UnparsedPublicKey::new(rule, key).verify(signed, made)
        };
        let checked = match &self.material {
            Material::Rsa { n, e } => {
                let rule = match algorithm {
                    Algorithm::RS384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::RS512 => &signature::RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::PS256 => &signature::RSA_PSS_2048_8192_SHA256,
                    _ => &signature::RSA_PKCS1_2048_8192_SHA256,
                };
                RsaPublicKeyComponents { n, e }.verify(rule, signed, made)
            }
            Material::P256(key) => plain(&signature::ECDSA_P256_SHA256_FIXED, key),
            Material::P384(key) => plain(&signature::ECDSA_P384_SHA384_FIXED, key),
            Material::Ed25519(key) => plain(&signature::ED25519, key),
        };
        checked.is_ok()
    }
}
