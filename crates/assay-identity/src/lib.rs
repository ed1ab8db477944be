#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod audit;
mod cache;
mod caller;
#[cfg(test)]
mod contract;
mod error;
mod groups;
mod identities;
mod invitations;
mod jwt;
mod key;
mod keys;
mod limits;
mod logins;
mod members;
mod moving;
mod net;
mod oidc;
mod passwords;
mod permission;
mod principals;
mod row;
mod secrets;
mod settings;
mod standing;
mod tenants;

pub use audit::{Actor, AuditEntry, Event, Outcome};
pub use caller::{Caller, Credential};
pub use error::IdentityError;
pub use groups::{Group, GroupDetail};
pub use identities::{BACK, Identities, MIGRATIONS, SCHEMA};
pub use invitations::{Invitation, Joined, MintedInvitation};
pub use jwt::Algorithm;
pub use key::KeyId;
pub use keys::{KeyRecord, MintedKey, NewKey};
pub use limits::{OwnLimits, TenantLimits};
pub use logins::Login;
pub use members::Member;
pub use oidc::{
    Admit, ClientAuthentication, Grant, OidcAccount, OidcAnswer, OidcProvider, OidcSettings,
    OidcStart,
};
pub use permission::{Permission, Permissions, ROLES, Role, STATES};
pub use principals::{Principal, PrincipalKind};
pub use settings::{AuthMode, AuthSettings, IssuerSettings};
pub use tenants::{TenantRecord, TenantState};
