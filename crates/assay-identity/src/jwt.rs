//! JSON Web Tokens of issuers that are set up by hand.
//!
//! After RFC 8725: the algorithm is one that the issuer may use, the key is one of a pinned set and
//! of the type that the algorithm needs, every claim that limits a token is checked. What a token
//! says about where its key is (`jku`, `x5u`, `jwk`, `x5c`) is not looked at.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{IdentityError, IssuerSettings};
use keys::KeySet;

mod keys;
#[cfg(test)]
mod tests;

/// Longest token that is looked at, in bytes.
const TOKEN_MAX: usize = 8 << 10;
/// How far clocks may be apart, in seconds.
const SKEW_S: i64 = 60;
/// Time between two readings of a key set because of a key that it does not hold.
const REREAD: Duration = Duration::from_secs(60);

/// An algorithm of signatures. None of them shares a secret with the issuer, and `none` is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSA with SHA-256, PKCS #1.
    RS256,
    /// RSA with SHA-384, PKCS #1.
    RS384,
    /// RSA with SHA-512, PKCS #1.
    RS512,
    /// RSA with SHA-256, PSS.
    PS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// Ed25519.
    EdDSA,
}

/// What a token that was checked says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    /// Name of the user.
    pub(crate) user: String,
    /// The tenant that it is for, when it says so.
    pub(crate) tenant: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The issuers and their keys.
#[derive(Debug)]
pub(crate) struct Issuers(Vec<Issuer>);

#[derive(Debug)]
struct Issuer {
    settings: IssuerSettings,
    keys: Mutex<Held>,
}

/// The keys of an issuer, and when they were last read.
#[derive(Debug)]
struct Held {
    keys: KeySet,
    read_ms: i64,
}

impl Issuers {
    /// Reads the key sets.
    pub(crate) fn open(issuers: &[IssuerSettings], now_ms: i64) -> Result<Self, IdentityError> {
        let open = |settings: &IssuerSettings| {
            let keys = KeySet::read(&settings.jwks_file)?;
            Ok(Issuer {
                settings: settings.clone(),
                keys: Mutex::new(Held { keys, read_ms: now_ms }),
            })
        };
        Ok(Self(issuers.iter().map(open).collect::<Result<_, IdentityError>>()?))
    }

    /// Whether any issuer is set up.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks a token and says what it claims.
    pub(crate) fn check(&self, token: &str, now_ms: i64) -> Result<Claims, IdentityError> {
        let malformed = || IdentityError::credential("the token is malformed");
        if token.len() > TOKEN_MAX {
            return Err(IdentityError::credential("the token is too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        let header: Header = part(header).ok_or_else(malformed)?;
        let claims: Map<String, Value> = part(payload).ok_or_else(malformed)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?;
        let named = claims.get("iss").and_then(Value::as_str);
        let issuer = self.0.iter().find(|it| Some(it.settings.issuer.as_str()) == named);
        let issuer = issuer.ok_or(IdentityError::credential("the token's issuer is not known"))?;
        issuer.verify(&header, signed.as_bytes(), &signature, now_ms)?;
        issuer.read(&claims, now_ms / 1_000)
    }
}

impl Issuer {
    /// Checks the signature by a key of the issuer that fits the algorithm.
    fn verify(
        &self,
        header: &Header,
        signed: &[u8],
        signature: &[u8],
        now_ms: i64,
    ) -> Result<(), IdentityError> {
        let name = Value::String(header.alg.clone());
        let algorithm = serde_json::from_value::<Algorithm>(name)
            .ok()
            .filter(|algorithm| self.settings.algorithms.contains(algorithm))
            .ok_or(IdentityError::credential("the token's algorithm is not allowed"))?;
        let typ = header.typ.as_deref().unwrap_or_default();
        let typ = typ.strip_prefix("application/").unwrap_or(typ);
        if !self.settings.types.iter().any(|allowed| allowed.eq_ignore_ascii_case(typ)) {
            return Err(IdentityError::credential("the token is of another type"));
        }
        if header.crit.is_some() {
            return Err(IdentityError::credential("the token needs what is not supported"));
        }
        let mut held = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let kid = header.kid.as_deref();
        // Keys are exchanged from time to time; made-up names of keys must not cost a reading each.
        let waited = now_ms - held.read_ms >= i64::try_from(REREAD.as_millis()).unwrap_or(i64::MAX);
        if held.keys.find(kid, algorithm).is_none() && waited {
            held.read_ms = now_ms;
            match KeySet::read(&self.settings.jwks_file) {
                Ok(keys) => held.keys = keys,
                Err(error) => tracing::warn!(%error, "the keys of an issuer stay as they were"),
            }
        }
        let key = held.keys.find(kid, algorithm);
        let key = key.ok_or(IdentityError::credential("the token's key is not known"))?;
        if key.verifies(algorithm, signed, signature) {
            Ok(())
        } else {
            Err(IdentityError::credential("the token's signature is wrong"))
        }
    }

    /// Reads the claims of a token whose signature is right.
    fn read(&self, claims: &Map<String, Value>, now_s: i64) -> Result<Claims, IdentityError> {
        let time = |name: &str| match claims.get(name) {
            None => Ok(None),
            // A time may have a part of a second; whatever is no number of this size is no time.
            Some(value) => value
                .as_i64()
                .or_else(|| value.as_f64().filter(|s| s.abs() < 1e12).map(|s| s as i64))
                .map(Some)
                .ok_or(IdentityError::credential("the token's times are malformed")),
        };
        let ends = time("exp")?.ok_or(IdentityError::credential("the token has no end"))?;
        if ends.saturating_add(SKEW_S) <= now_s {
            return Err(IdentityError::credential("the token has expired"));
        }
        let begins = time("nbf")?.into_iter().chain(time("iat")?).max();
        if begins.is_some_and(|begins| begins > now_s.saturating_add(SKEW_S)) {
            return Err(IdentityError::credential("the token is not valid yet"));
        }
        let ours = |audience: &Value| audience.as_str() == Some(self.settings.audience.as_str());
        let is_for_us = match claims.get("aud") {
            Some(Value::Array(audiences)) => audiences.iter().any(ours),
            Some(audience) => ours(audience),
            None => false,
        };
        if !is_for_us {
            return Err(IdentityError::credential("the token is for somebody else"));
        }
        let text = |name: &str| {
            claims
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let user = text(&self.settings.user_claim)
            .ok_or(IdentityError::credential("the token names no user"))?;
        let tenant = match self.settings.tenant_claim.as_str() {
            "" => None,
            // An issuer that says for which tenant its tokens are says so in each.
            claim => {
                Some(text(claim).ok_or(IdentityError::credential("the token names no tenant"))?)
            }
        };
        Ok(Claims { user, tenant })
    }
}

/// A part of a token as the JSON that it holds.
fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
