//! What can be set on who is let in.

use serde::{Deserialize, Serialize};

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
}

impl Default for AuthSettings {
    fn default() -> Self {
        Self { mode: AuthMode::Open, domain: String::new(), key_days: 365, cached_keys: 10_000 }
    }
}
