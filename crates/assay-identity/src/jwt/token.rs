//! A token in its parts, and the checks that every kind of token goes through.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Algorithm, is_among, keys::KeySet};
use crate::IdentityError;

/// Longest token that is looked at, in bytes.
pub(super) const TOKEN_MAX: usize = 8 << 10;
/// How far clocks may be apart, in seconds.
const SKEW_S: i64 = 60;

#[derive(Debug, Deserialize)]
struct Header {
    alg: String,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<Value>,
}

/// A token that was taken apart. Nothing of it is checked by that.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    header: Header,
    /// What it claims.
    pub(crate) claims: Map<String, Value>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, IdentityError> {
        let malformed = || IdentityError::credential("the token is malformed");
        if token.len() > TOKEN_MAX {
            return Err(IdentityError::credential("the token is too long"));
        }
        let (signed, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = signed.split_once('.').ok_or_else(malformed)?;
        Ok(Self {
            header: part(header).ok_or_else(malformed)?,
            claims: part(payload).ok_or_else(malformed)?,
            signed,
            signature: URL_SAFE_NO_PAD.decode(signature).map_err(|_| malformed())?,
        })
    }

    /// The name of the key that it says has signed it.
    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// Its algorithm, when that is one of those allowed.
    pub(crate) fn algorithm(&self, allowed: &[Algorithm]) -> Result<Algorithm, IdentityError> {
        serde_json::from_value::<Algorithm>(Value::String(self.header.alg.clone()))
            .ok()
            .filter(|algorithm| allowed.contains(algorithm))
            .ok_or(IdentityError::credential("the token's algorithm is not allowed"))
    }

    /// Refuses tokens of other types than these, an absent one being empty, and those that need what
    /// is not supported.
    pub(crate) fn check_type(&self, types: &[impl AsRef<str>]) -> Result<(), IdentityError> {
        let typ = self.header.typ.as_deref().unwrap_or_default();
        let typ = typ.strip_prefix("application/").unwrap_or(typ);
        if !types.iter().any(|allowed| allowed.as_ref().eq_ignore_ascii_case(typ)) {
            return Err(IdentityError::credential("the token is of another type"));
        }
        if self.header.crit.is_some() {
            return Err(IdentityError::credential("the token needs what is not supported"));
        }
        Ok(())
    }

    /// Checks the signature by a key of the set that fits the algorithm.
    pub(crate) fn check_signature(
        &self,
        algorithm: Algorithm,
        keys: &KeySet,
    ) -> Result<(), IdentityError> {
        let key = keys.find(self.kid(), algorithm);
        let key = key.ok_or(IdentityError::credential("the token's key is not known"))?;
        if key.verifies(algorithm, self.signed.as_bytes(), &self.signature) {
            Ok(())
        } else {
            Err(IdentityError::credential("the token's signature is wrong"))
        }
    }

    pub(crate) fn check_times(&self, now_s: i64) -> Result<(), IdentityError> {
        let ends = self.time("exp")?.ok_or(IdentityError::credential("the token has no end"))?;
        if ends.saturating_add(SKEW_S) <= now_s {
            return Err(IdentityError::credential("the token has expired"));
        }
        let begins = self.time("nbf")?.into_iter().chain(self.time("iat")?).max();
        if begins.is_some_and(|begins| begins > now_s.saturating_add(SKEW_S)) {
            return Err(IdentityError::credential("the token is not valid yet"));
        }
        Ok(())
    }

    pub(crate) fn check_audience(&self, audience: &str) -> Result<(), IdentityError> {
        if self.claims.get("aud").is_some_and(|named| is_among(named, audience)) {
            Ok(())
        } else {
            Err(IdentityError::credential("the token is for somebody else"))
        }
    }

    /// A claim that is a text with something in it.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
    }

    fn time(&self, name: &str) -> Result<Option<i64>, IdentityError> {
        match self.claims.get(name) {
            None => Ok(None),
            // A time may have a part of a second; whatever is no number of this size is no time.
            Some(value) => value
                .as_i64()
                .or_else(|| value.as_f64().filter(|s| s.abs() < 1e12).map(|s| s as i64))
                .map(Some)
                .ok_or(IdentityError::credential("the token's times are malformed")),
        }
    }
}

/// A part of a token as the JSON that it holds.
fn part<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
}
