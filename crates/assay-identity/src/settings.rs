//! What can be set on who is let in.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Algorithm, OidcSettings, TenantLimits, net::address, oidc};

/// Whether callers have to show a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AuthMode {
    /// Whoever reaches the server acts as owner of the platform tenant. Only on addresses that
    /// other machines cannot reach.
    #[default]
    Open,
    /// Every request but those for health needs a credential.
    Required,
}

/// Settings of the section `auth`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuthSettings {
    /// Whether callers have to show a credential.
    pub mode: AuthMode,
    /// Domain whose subdomains name tenants: with `example.org`, `acme.example.org` is the tenant
    /// `acme`. Empty for none.
    pub domain: String,
    /// Days after which a new key ends when its maker does not say; 0 for never.
    pub key_days: u32,
    /// Keys whose principals are kept in memory, about 500 bytes each.
    pub cached_keys: usize,
    /// How much a tenant may have and do where its record says nothing else; the platform tenant is
    /// free.
    pub limits: TenantLimits,
    /// Where browsers reach this server, such as `https://assay.example.org`: providers of logins
    /// send them back there.
    pub public_url: String,
    /// Who may sign tokens.
    pub issuers: Vec<IssuerSettings>,
    /// Who logs users in for pages.
    pub oidc: Vec<OidcSettings>,
}

impl AuthSettings {
    /// What cannot be as it is set, each with its key.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        for (at, issuer) in self.issuers.iter().enumerate() {
            let mut say = |key, what: String| problems.push((format!("issuers[{at}].{key}"), what));
            if issuer.jwks_uri.is_empty() == issuer.jwks_file.as_os_str().is_empty() {
                say("jwks_uri", "give either this or `jwks_file`".to_owned());
            } else if !issuer.jwks_uri.is_empty()
                && let Err(error) = address(&issuer.jwks_uri, issuer.allow_http)
            {
                say("jwks_uri", error.to_string());
            }
        }
        problems.extend(oidc::problems(&self.oidc, &self.public_url));
        problems
    }
}

/// Somebody whose signed tokens (JWT) are accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IssuerSettings {
    /// The claim `iss`, as it stands in the tokens.
    pub issuer: String,
    /// The claim `aud` that tokens for this installation have.
    pub audience: String,
    /// The algorithms that may be used.
    pub algorithms: Vec<Algorithm>,
    /// The file with the issuer's public keys, a JSON Web Key Set.
    pub jwks_file: PathBuf,
    /// Or the address where they are.
    pub jwks_uri: String,
    /// Hosts inside the network that the address may lead to besides its own.
    pub private_hosts: Vec<String>,
    /// Lets the address be one without TLS on another machine.
    pub allow_http: bool,
    /// The header `typ` that tokens may have.
    pub types: Vec<String>,
    /// The claim that holds the name of the user.
    pub user_claim: String,
    /// The claim that names the tenant; empty when tokens do not say.
    pub tenant_claim: String,
}

impl Default for IssuerSettings {
    fn default() -> Self {
        Self {
            issuer: String::new(),
            audience: "assay".to_owned(),
            algorithms: vec![Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA],
            jwks_file: PathBuf::new(),
            jwks_uri: String::new(),
            private_hosts: Vec::new(),
            allow_http: false,
            types: vec!["JWT".to_owned(), "at+jwt".to_owned()],
            user_claim: "sub".to_owned(),
            tenant_claim: String::new(),
        }
    }
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self {
            mode: AuthMode::Open,
            domain: String::new(),
            key_days: 365,
            cached_keys: 10_000,
            limits: TenantLimits::default(),
            public_url: String::new(),
            issuers: Vec::new(),
            oidc: Vec::new(),
        }
    }
}
