//! Talking to one provider: its description, its keys, the exchange of a code, the ID token.

use std::{
    fs::File,
    io::Read as _,
    sync::{Arc, Mutex, PoisonError},
};

use assay_core::Secret;
use assay_net::{
    Url,
    header::{self, HeaderMap, HeaderValue},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::digest::{self, digest};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use super::{ClientAuthentication, OidcSettings};
use crate::{
    Algorithm, IdentityError,
    jwt::{Token, keys::KeySet},
    net::{Client, Remote, address},
};

/// Exchanges of codes at the same time; a provider that is slow must not hold more.
const AT_ONCE: usize = 8;
/// Bytes of a file with a secret at most.
const SECRET_MAX: u64 = 4 << 10;
/// Bytes of a subject at most, by the standard.
const SUBJECT_MAX: usize = 255;

#[derive(Debug)]
pub(super) struct Provider {
    pub(super) settings: OidcSettings,
    pub(super) redirect_uri: String,
    /// Where browsers reach this server.
    pub(super) home: String,
    client: Client,
    secret: Option<Secret>,
    discovery: Arc<Remote<Discovery>>,
    /// The keys, with the address that the description gives for them.
    keys: Mutex<Option<(Url, Arc<Remote<KeySet>>)>>,
    room: Semaphore,
}

/// What a provider says of itself.
#[derive(Debug)]
pub(super) struct Discovery {
    pub(super) authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    pub(super) end_session_endpoint: Option<Url>,
}

#[derive(Deserialize)]
struct WrittenDiscovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    end_session_endpoint: Option<String>,
}

/// The answer to a code. Tokens for other things than the login are not used.
#[derive(Deserialize)]
struct Exchanged {
    id_token: String,
    access_token: Option<String>,
}

impl Provider {
    pub(super) fn open(settings: &OidcSettings, public_url: &str) -> Result<Self, IdentityError> {
        let client =
            Client::new(&[&settings.issuer], &settings.private_hosts, settings.allow_http)?;
        let base = settings.issuer.trim_end_matches('/');
        let url = client.address(&format!("{base}/.well-known/openid-configuration"))?;
        let (issuer, asked) = (settings.issuer.clone(), client.clone());
        let parse = Box::new(move |bytes: &[u8]| Discovery::parse(bytes, &issuer, &asked));
        let home = address(public_url, true)?;
        let home = home.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            secret: secret_of(settings)?,
            redirect_uri: format!("{home}/v1/login/oidc/{}/callback", settings.name),
            home: home + "/",
            discovery: Remote::new(client.clone(), url, "the provider's description", parse),
            client,
            settings: settings.clone(),
            keys: Mutex::default(),
            room: Semaphore::new(AT_ONCE),
        })
    }

    pub(super) async fn discovery(&self, now_ms: i64) -> Result<Arc<Discovery>, IdentityError> {
        self.discovery.get(now_ms, |_| true).await
    }

    /// Exchanges a code for an ID token, and gives its claims when it is good.
    pub(super) async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        nonce: &str,
        now_ms: i64,
    ) -> Result<Map<String, Value>, IdentityError> {
        let _room = self.room.try_acquire().map_err(|_| IdentityError::TooMany)?;
        let discovery = self.discovery(now_ms).await?;
        let exchanged = self.redeem(&discovery.token_endpoint, code, verifier).await?;
        let token = Token::parse(&exchanged.id_token)?;
        let algorithm = token.algorithm(&self.settings.algorithms)?;
        token.check_type(&["JWT", ""])?;
        let keys = self.keys_at(&discovery.jwks_uri);
        let keys = keys.get(now_ms, |keys| keys.find(token.kid(), algorithm).is_some()).await?;
        token.check_signature(algorithm, &keys)?;
        token.check_times(now_ms / 1_000)?;
        self.check_claims(&token, nonce)?;
        check_access_token(&token, algorithm, exchanged.access_token.as_deref())?;
        Ok(token.claims)
    }

    async fn redeem(
        &self,
        endpoint: &Url,
        code: &str,
        verifier: &str,
    ) -> Result<Exchanged, IdentityError> {
        let OidcSettings { client_id, client_authentication, .. } = &self.settings;
        let mut pairs = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", verifier),
        ];
        let mut headers = HeaderMap::new();
        let form_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form_type);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        match (&self.secret, client_authentication) {
            (Some(secret), ClientAuthentication::Basic) => {
                let pair = format!("{}:{}", encoded(client_id), encoded(secret.expose()));
                let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)));
                let value =
                    value.map_err(|error| IdentityError::invalid("client", error.to_string()));
                headers.insert(header::AUTHORIZATION, value?);
            }
            (Some(secret), ClientAuthentication::Post) => {
                pairs.extend([
                    ("client_id", client_id.as_str()),
                    ("client_secret", secret.expose()),
                ]);
            }
            (None, _) => pairs.push(("client_id", client_id)),
        }
        let provider = self.settings.name.as_str();
        let answer = self.client.post(endpoint, headers, form(&pairs)).await.map_err(|reason| {
            tracing::warn!(provider, %reason, "a code could not be exchanged");
            IdentityError::Unreachable { what: "the account of the user" }
        })?;
        if answer.status >= 500 {
            tracing::warn!(provider, status = answer.status, "a code could not be exchanged");
            return Err(IdentityError::Unreachable { what: "the account of the user" });
        }
        if !answer.is_success() {
            tracing::info!(provider, status = answer.status, "a code was not accepted");
            return Err(IdentityError::login("the provider does not accept the code"));
        }
        serde_json::from_slice(&answer.bytes)
            .map_err(|_| IdentityError::Provider { reason: "sent no ID token" })
    }

    /// The keys at an address, anew when the description gives another.
    fn keys_at(&self, url: &Url) -> Arc<Remote<KeySet>> {
        let mut held = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, keys)) = held.as_ref().filter(|(known, _)| known == url) {
            return Arc::clone(keys);
        }
        let parse = Box::new(|bytes: &[u8]| KeySet::parse(bytes));
        let keys = Remote::new(self.client.clone(), url.clone(), "the provider's keys", parse);
        *held = Some((url.clone(), Arc::clone(&keys)));
        keys
    }

    /// The checks of OpenID Connect Core 3.1.3.7 that are not those of every token.
    fn check_claims(&self, token: &Token<'_>, nonce: &str) -> Result<(), IdentityError> {
        let refused = |reason| Err(IdentityError::credential(reason));
        let OidcSettings { issuer, client_id, .. } = &self.settings;
        if token.text("iss") != Some(issuer) {
            return refused("the token's issuer is not known");
        }
        token.check_audience(client_id)?;
        let is_shared =
            token.claims.get("aud").and_then(Value::as_array).is_some_and(|it| it.len() > 1);
        match token.claims.get("azp") {
            Some(party) if party.as_str() != Some(client_id) => {
                return refused("the token is for somebody else");
            }
            None if is_shared => return refused("the token does not say for whom it is"),
            _ => {}
        }
        if token.text("nonce") != Some(nonce) {
            return refused("the token belongs to another login");
        }
        if !token.claims.contains_key("iat") {
            return refused("the token does not say when it was made");
        }
        match token.text("sub") {
            Some(subject) if subject.len() <= SUBJECT_MAX => Ok(()),
            _ => refused("the token names no user"),
        }
    }
}

impl Discovery {
    /// Reads a description, which has to be that of this issuer, letter by letter.
    fn parse(bytes: &[u8], issuer: &str, client: &Client) -> Result<Self, String> {
        let written: WrittenDiscovery = serde_json::from_slice(bytes)
            .map_err(|error| format!("it is no description of a provider: {error}"))?;
        if written.issuer != issuer {
            return Err("it describes another issuer".to_owned());
        }
        let url = |text: &str| client.address(text).map_err(|error| error.to_string());
        Ok(Self {
            authorization_endpoint: url(&written.authorization_endpoint)?,
            token_endpoint: url(&written.token_endpoint)?,
            jwks_uri: url(&written.jwks_uri)?,
            end_session_endpoint: written.end_session_endpoint.as_deref().map(url).transpose()?,
        })
    }
}

/// An access token that came along is the one that the ID token was made with: its hash is the left
/// half of the digest that the algorithm uses.
fn check_access_token(
    token: &Token<'_>,
    algorithm: Algorithm,
    access: Option<&str>,
) -> Result<(), IdentityError> {
    let (Some(told), Some(access)) = (token.claims.get("at_hash"), access) else { return Ok(()) };
    let rule = match algorithm {
        Algorithm::RS256 | Algorithm::PS256 | Algorithm::ES256 => &digest::SHA256,
        Algorithm::RS384 | Algorithm::ES384 => &digest::SHA384,
        Algorithm::RS512 | Algorithm::EdDSA => &digest::SHA512,
    };
    let hash = digest(rule, access.as_bytes());
    let half = hash.as_ref().get(..hash.as_ref().len() / 2).unwrap_or_default();
    if told.as_str() == Some(URL_SAFE_NO_PAD.encode(half).as_str()) {
        Ok(())
    } else {
        Err(IdentityError::credential("the token belongs to another access token"))
    }
}

fn secret_of(settings: &OidcSettings) -> Result<Option<Secret>, IdentityError> {
    let path = &settings.client_secret_file;
    if settings.client_secret.is_some() || path.as_os_str().is_empty() {
        return Ok(settings.client_secret.clone());
    }
    let mut text = String::new();
    File::open(path).and_then(|file| file.take(SECRET_MAX).read_to_string(&mut text)).map_err(
        |error| IdentityError::File { path: path.display().to_string(), reason: error.to_string() },
    )?;
    Ok(Some(Secret::new(text.trim().to_owned())))
}

/// Pairs as a form has them.
fn form(pairs: &[(&str, &str)]) -> String {
    // The type of addresses writes queries in the same way.
    let Ok(mut url) = "http://form".parse::<Url>() else { return String::new() };
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}

fn encoded(text: &str) -> String {
    form(&[("", text)]).trim_start_matches('=').to_owned()
}
