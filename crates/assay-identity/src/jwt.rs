//! JSON Web Tokens of issuers that are set up by hand.
//!
//! After RFC 8725: the algorithm is one that the issuer may use, the key is one of a pinned set and
//! of the type that the algorithm needs, every claim that limits a token is checked. What a token
//! says about where its key is (`jku`, `x5u`, `jwk`, `x5c`) is not looked at.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    IdentityError, IssuerSettings,
    net::{Client, Remote},
};
use keys::KeySet;
pub(crate) use token::Token;

pub(crate) mod keys;
#[cfg(test)]
mod tests;
mod token;

/// Time between two readings of a file of keys because of a key that it does not hold.
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

/// The issuers and their keys.
#[derive(Debug)]
pub(crate) struct Issuers(Vec<Issuer>);

#[derive(Debug)]
struct Issuer {
    settings: IssuerSettings,
    keys: Source,
}

/// Where the keys of an issuer are.
#[derive(Debug)]
enum Source {
    File(Mutex<Held>),
    Web(Arc<Remote<KeySet>>),
}

/// The keys of a file, and when they were last read.
#[derive(Debug)]
struct Held {
    keys: Arc<KeySet>,
    read_ms: i64,
}

impl Issuers {
    /// Reads the key sets that are in files; those behind addresses come when they are needed.
    pub(crate) fn open(issuers: &[IssuerSettings], now_ms: i64) -> Result<Self, IdentityError> {
        let open = |settings: &IssuerSettings| {
            let keys = if settings.jwks_uri.is_empty() {
                let keys = Arc::new(KeySet::read(&settings.jwks_file)?);
                Source::File(Mutex::new(Held { keys, read_ms: now_ms }))
            } else {
                Source::Web(remote_keys(settings)?)
            };
            Ok(Issuer { settings: settings.clone(), keys })
        };
        Ok(Self(issuers.iter().map(open).collect::<Result<_, IdentityError>>()?))
    }

    /// Whether any issuer is set up.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fetches what a token needs and is not here, as far as that may be asked for now. What the
    /// token is worth [`Issuers::check`] says.
    pub(crate) async fn prepare(&self, token: &str, now_ms: i64) {
        let Ok(token) = Token::parse(token) else { return };
        let Ok(issuer) = self.issuer_of(&token) else { return };
        let Source::Web(remote) = &issuer.keys else { return };
        // A token that is refused anyway is no reason to ask.
        let Ok(algorithm) = token.algorithm(&issuer.settings.algorithms) else { return };
        let holds = |keys: &KeySet| keys.find(token.kid(), algorithm).is_some();
        let _ = remote.get(now_ms, holds).await;
    }

    /// Checks a token and says what it claims.
    pub(crate) fn check(&self, token: &str, now_ms: i64) -> Result<Claims, IdentityError> {
        let token = Token::parse(token)?;
        let issuer = self.issuer_of(&token)?;
        let IssuerSettings { algorithms, types, audience, .. } = &issuer.settings;
        let algorithm = token.algorithm(algorithms)?;
        token.check_type(types)?;
        let keys = issuer.keys_for(token.kid(), algorithm, now_ms)?;
        token.check_signature(algorithm, &keys)?;
        token.check_times(now_ms / 1_000)?;
        token.check_audience(audience)?;
        issuer.read(&token)
    }

    fn issuer_of(&self, token: &Token<'_>) -> Result<&Issuer, IdentityError> {
        let issuer =
            self.0.iter().find(|it| Some(it.settings.issuer.as_str()) == token.text("iss"));
        issuer.ok_or(IdentityError::credential("the token's issuer is not known"))
    }
}

impl Issuer {
    /// The keys as they are here; a file is read again for a key that it did not hold.
    fn keys_for(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now_ms: i64,
    ) -> Result<Arc<KeySet>, IdentityError> {
        let held = match &self.keys {
            Source::Web(remote) => return remote.held(now_ms),
            Source::File(held) => held,
        };
        let mut held = held.lock().unwrap_or_else(PoisonError::into_inner);
        // Keys are exchanged from time to time; made-up names of keys must not cost a reading each.
        let waited = now_ms - held.read_ms >= i64::try_from(REREAD.as_millis()).unwrap_or(i64::MAX);
        if held.keys.find(kid, algorithm).is_none() && waited {
            held.read_ms = now_ms;
            match KeySet::read(&self.settings.jwks_file) {
                Ok(keys) => held.keys = Arc::new(keys),
                Err(error) => tracing::warn!(%error, "the keys of an issuer stay as they were"),
            }
        }
        Ok(Arc::clone(&held.keys))
    }

    /// Reads the claims of a token that is good.
    fn read(&self, token: &Token<'_>) -> Result<Claims, IdentityError> {
        let user = token.text(&self.settings.user_claim);
        let user = user.ok_or(IdentityError::credential("the token names no user"))?.to_owned();
        let tenant = match self.settings.tenant_claim.as_str() {
            "" => None,
            // An issuer that says for which tenant its tokens are says so in each.
            claim => {
                let named = token.text(claim);
                let unnamed = IdentityError::credential("the token names no tenant");
                Some(named.ok_or(unnamed)?.to_owned())
            }
        };
        Ok(Claims { user, tenant })
    }
}

/// The keys behind the address that the configuration pins.
fn remote_keys(settings: &IssuerSettings) -> Result<Arc<Remote<KeySet>>, IdentityError> {
    let client = Client::new(&[&settings.jwks_uri], &settings.private_hosts, settings.allow_http)?;
    let url = client.address(&settings.jwks_uri)?;
    let parse = Box::new(|bytes: &[u8]| KeySet::parse(bytes));
    Ok(Remote::new(client, url, "the keys of an issuer", parse))
}

/// A value of a claim that is a text or a list of texts.
pub(crate) fn is_among(value: &Value, wanted: &str) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| value.as_str() == Some(wanted)),
        value => value.as_str() == Some(wanted),
    }
}
