//! Logins by a provider of OpenID Connect: the code flow with PKCE, after RFC 9700.
//!
//! Nothing is kept between the two halves of a login. The browser holds a random value in a cookie;
//! `state`, `nonce` and the PKCE verifier are keyed hashes of it. So only the browser that began a
//! login ends it, only this server can have begun it, and logins that nobody ends cost no memory.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
};

use assay_core::Secret;
use assay_net::Url;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lru::LruCache;
use ring::digest::{SHA256, digest};

use crate::{AuthSettings, Identities, IdentityError, key::encode, secrets::random};
use provider::Provider;

mod account;
mod provider;
mod settings;
#[cfg(test)]
mod tests;

pub use account::OidcAccount;
pub(crate) use settings::problems;
pub use settings::{Admit, ClientAuthentication, Grant, OidcSettings};

/// Milliseconds from the beginning of a login to its end.
const TIME_MS: i64 = 10 * 60_000;
/// Logins whose end was seen that are remembered, so that none has two.
const ENDED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);
/// Bytes of an address within the pages, and of a code.
const RETURN_MAX: usize = 1_024;
const CODE_MAX: usize = 4_096;

/// The providers, and the logins that have ended.
#[derive(Debug)]
pub(crate) struct Providers {
    all: Vec<Provider>,
    ended: Mutex<LruCache<String, ()>>,
}

/// A provider as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcProvider {
    /// Its name in addresses.
    pub name: String,
    /// What a person calls it.
    pub title: String,
}

/// A login that was begun.
#[derive(Debug)]
pub struct OidcStart {
    /// Where the browser goes.
    pub url: String,
    /// What it keeps in a cookie meanwhile.
    pub cookie: Secret,
    /// Milliseconds for which that is good.
    pub ms: i64,
}

/// What a provider sends the browser back with.
#[derive(Debug, Clone, Default)]
pub struct OidcAnswer {
    /// The code that the provider gives an account for.
    pub code: Option<String>,
    /// What the login was begun with.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who sends it back (RFC 9207).
    pub iss: Option<String>,
}

impl Providers {
    pub(crate) fn open(settings: &AuthSettings) -> Result<Self, IdentityError> {
        let open = |provider| Provider::open(provider, &settings.public_url);
        let all = settings.oidc.iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self { all, ended: Mutex::new(LruCache::new(ENDED)) })
    }

    fn named(&self, name: &str) -> Result<&Provider, IdentityError> {
        let found = self.all.iter().find(|provider| provider.settings.name == name);
        found.ok_or_else(|| IdentityError::not_found("provider of logins", name))
    }

    /// Whether this is the first end of the login with this state.
    fn ends_first(&self, state: &str) -> bool {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.put(state.to_owned(), ()).is_none()
    }
}

impl Identities {
    /// The providers that log users in.
    #[must_use]
    pub fn oidc_providers(&self) -> Vec<OidcProvider> {
        let shown = |it: &Provider| OidcProvider {
            name: it.settings.name.clone(),
            title: it.settings.title().to_owned(),
        };
        self.providers.all.iter().map(shown).collect()
    }

    /// Begins a login that ends at the page `return_to`.
    ///
    /// # Errors
    /// When there is no such provider, it does not answer, or the page is none of this server.
    pub async fn begin_oidc(
        &self,
        provider: &str,
        return_to: &str,
    ) -> Result<OidcStart, IdentityError> {
        let provider = self.providers.named(provider)?;
        check_page(return_to)?;
        let now_ms = self.clock().now_ms();
        let browser = encode(&random::<32>()?);
        let page = URL_SAFE_NO_PAD.encode(return_to);
        let cookie = format!("{browser}.{}.{page}", now_ms + TIME_MS);
        let name = &provider.settings.name;
        let discovery = provider.discovery(now_ms).await?;
        let verifier = self.derived("verifier", name, &cookie);
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        let mut url = discovery.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &provider.settings.client_id)
            .append_pair("redirect_uri", &provider.redirect_uri)
            .append_pair("scope", &provider.settings.scopes.join(" "))
            .append_pair("state", &self.derived("state", name, &cookie))
            .append_pair("nonce", &self.derived("nonce", name, &cookie))
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(OidcStart { url: url.into(), cookie: Secret::new(cookie), ms: TIME_MS })
    }

    /// Ends a login as far as the provider is concerned: exchanges the code and checks the ID token.
    /// The second value is the page where the browser goes on.
    ///
    /// # Errors
    /// When the browser did not begin the login, it is too late, it has ended before, the provider
    /// refused or did not answer, or anything is wrong with the ID token.
    pub async fn oidc_account(
        &self,
        provider: &str,
        cookie: &str,
        answer: &OidcAnswer,
    ) -> Result<(OidcAccount, String), IdentityError> {
        let provider = self.providers.named(provider)?;
        let name = provider.settings.name.as_str();
        let state = answer.state.as_deref().unwrap_or_default();
        // Everything in the cookie is held by the state, which only this server can make.
        if !self.secrets().is_same(&self.derived("state", name, cookie), state) {
            return Err(IdentityError::login("this login was not begun in this browser"));
        }
        let (ends_ms, page) = read_cookie(cookie)
            .ok_or(IdentityError::login("this login was not begun in this browser"))?;
        let now_ms = self.clock().now_ms();
        if ends_ms <= now_ms {
            return Err(IdentityError::login("this login took too long"));
        }
        if !self.providers.ends_first(state) {
            return Err(IdentityError::login("this login has ended already"));
        }
        if answer.iss.as_deref().is_some_and(|iss| iss != provider.settings.issuer) {
            return Err(IdentityError::login("the answer comes from another provider"));
        }
        if answer.error.is_some() {
            return Err(IdentityError::login("the provider did not let the user in"));
        }
        let code = answer.code.as_deref().filter(|code| (1..=CODE_MAX).contains(&code.len()));
        let code = code.ok_or(IdentityError::login("the answer of the provider holds no code"))?;
        let verifier = self.derived("verifier", name, cookie);
        let nonce = self.derived("nonce", name, cookie);
        let claims = provider.exchange(code, &verifier, &nonce, now_ms).await;
        let claims = claims.map_err(|error| match error {
            // What helps whoever shows a key is no help here.
            IdentityError::Credential { reason } => IdentityError::login(reason),
            error => error,
        })?;
        Ok((OidcAccount::of(provider, claims)?, page))
    }

    /// Where a browser ends its session at the provider.
    ///
    /// # Errors
    /// When there is no such provider, it does not answer, or has no such page.
    pub async fn oidc_logout(&self, provider: &str) -> Result<String, IdentityError> {
        let provider = self.providers.named(provider)?;
        let discovery = provider.discovery(self.clock().now_ms()).await?;
        let none = || IdentityError::not_found("page for logging out of", &provider.settings.name);
        let mut url: Url = discovery.end_session_endpoint.clone().ok_or_else(none)?;
        url.query_pairs_mut()
            .append_pair("client_id", &provider.settings.client_id)
            .append_pair("post_logout_redirect_uri", &provider.home);
        Ok(url.into())
    }

    /// A value that belongs to a cookie and is of no use to guess at: 43 letters, which is what PKCE
    /// asks of a verifier.
    fn derived(&self, what: &str, provider: &str, cookie: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.secrets().hash(&format!("oidc {what} {provider} {cookie}")))
    }
}

/// When a login has to have ended, and its page.
fn read_cookie(cookie: &str) -> Option<(i64, String)> {
    let mut parts = cookie.splitn(3, '.').skip(1);
    let ends_ms = parts.next()?.parse().ok()?;
    let page = URL_SAFE_NO_PAD.decode(parts.next()?).ok()?;
    Some((ends_ms, String::from_utf8(page).ok()?))
}

/// Refuses pages of other servers: an address is a path, and nothing that a browser takes for more.
fn check_page(page: &str) -> Result<(), IdentityError> {
    let is_path = page.starts_with('/')
        && !page.starts_with("//")
        && page.len() <= RETURN_MAX
        && page.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path {
        return Ok(());
    }
    let reason = "take a path of this server, such as `/`";
    Err(IdentityError::invalid("return_to", reason))
}
