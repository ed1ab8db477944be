//! What can be set on a provider of logins.

use std::path::PathBuf;

use assay_core::Secret;
use serde::{Deserialize, Serialize};

use crate::{Algorithm, Role, net::address};

/// A provider of logins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OidcSettings {
    /// Its name in addresses: letters a to z, digits and hyphens.
    pub name: String,
    /// What a person calls it; the name when empty.
    pub title: String,
    /// Its issuer, as it stands in its tokens; below it lies `.well-known/openid-configuration`.
    pub issuer: String,
    /// What it calls this installation.
    pub client_id: String,
    /// What this installation shows it; none for a public client.
    #[serde(skip_serializing)]
    pub client_secret: Option<Secret>,
    /// The variable of the environment with the secret.
    pub client_secret_env: String,
    /// The file with the secret.
    pub client_secret_file: PathBuf,
    /// How the secret is shown.
    pub client_authentication: ClientAuthentication,
    /// What it is asked for; `openid` has to be among it.
    pub scopes: Vec<String>,
    /// The algorithms that its ID tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// The claim that names the user here at the first login; afterwards issuer and subject do. An
    /// `email` counts only when the provider has verified it.
    pub user_claim: String,
    /// Domains of mail that users may have; empty for any.
    pub email_domains: Vec<String>,
    /// Who is let in.
    pub admit: Admit,
    /// With `admit = "claims"`: who is what in which tenant. The first that fits counts for a tenant.
    pub grants: Vec<Grant>,
    /// Hosts inside the network that its documents may lead to besides its own.
    pub private_hosts: Vec<String>,
    /// Lets it be asked without TLS on another machine.
    pub allow_http: bool,
}

/// How a client shows its secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientAuthentication {
    /// In the header `Authorization`: `client_secret_basic`.
    #[default]
    Basic,
    /// In the form: `client_secret_post`.
    Post,
}

/// Who of the users that a provider knows is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Admit {
    /// Those who are members of a tenant already.
    #[default]
    Members,
    /// Members, and those for whom there is an invitation, which the login accepts.
    Invited,
    /// Whoever has a claim that a grant names; at each login the claims decide anew.
    Claims,
}

/// What a claim makes of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The claim, such as `groups`; with dots the way to one inside, such as `realm_access.roles`.
    pub claim: String,
    /// The value, or one of the values, that it has.
    pub value: String,
    /// The tenant, by name.
    pub tenant: String,
    /// The role there: `admin`, `member` or `guest`. Owners are made by hand.
    pub role: String,
}

impl Default for OidcSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            title: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            client_secret: None,
            client_secret_env: String::new(),
            client_secret_file: PathBuf::new(),
            client_authentication: ClientAuthentication::default(),
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            algorithms: vec![Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA],
            user_claim: "sub".to_owned(),
            email_domains: Vec::new(),
            admit: Admit::default(),
            grants: Vec::new(),
            private_hosts: Vec::new(),
            allow_http: false,
        }
    }
}

impl OidcSettings {
    pub(super) fn title(&self) -> &str {
        if self.title.is_empty() { &self.name } else { &self.title }
    }
}

impl Grant {
    /// The role, when it is one that a claim may give.
    pub(super) fn role(&self) -> Option<Role> {
        let role = self.role.parse().ok()?;
        matches!(role, Role::Admin | Role::Member | Role::Guest).then_some(role)
    }
}

/// What cannot be as it is set, each with its key.
pub(crate) fn problems(providers: &[OidcSettings], public_url: &str) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    if !providers.is_empty()
        && let Err(error) = address(public_url, true)
    {
        problems.push(("public_url".to_owned(), format!("providers of logins need it: {error}")));
    }
    for (at, provider) in providers.iter().enumerate() {
        let mut say = |key: &str, what: String| problems.push((format!("oidc[{at}].{key}"), what));
        let name = &provider.name;
        let is_label = !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !is_label || providers.iter().filter(|other| other.name == *name).count() > 1 {
            say("name", format!("`{name}` is no name of a-z, 0-9 and `-`, or there are two of it"));
        }
        if let Err(error) = address(&provider.issuer, provider.allow_http) {
            say("issuer", error.to_string());
        }
        if provider.client_id.is_empty() {
            say("client_id", "it is needed".to_owned());
        }
        if !provider.scopes.iter().any(|scope| scope == "openid") {
            say("scopes", "`openid` is not among them".to_owned());
        }
        let has_variable = !provider.client_secret_env.is_empty();
        if has_variable && provider.client_secret.is_none() {
            say("client_secret_env", format!("`{}` is not set", provider.client_secret_env));
        }
        for grant in provider.grants.iter().filter(|grant| grant.role().is_none()) {
            say("grants", format!("`{}` is none of admin, member, guest", grant.role));
        }
        if (provider.admit == Admit::Claims) == provider.grants.is_empty() {
            say("grants", "they go with `admit = \"claims\"`, and it with them".to_owned());
        }
    }
    problems
}
