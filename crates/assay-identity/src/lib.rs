#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod audit;
mod cache;
mod caller;
mod error;
mod identities;
mod key;
mod keys;
mod members;
mod permission;
mod principals;
mod row;
mod secrets;
mod settings;
mod tenants;

pub use audit::{Actor, AuditEntry, Event, Outcome};
pub use caller::{Caller, Credential};
pub use error::IdentityError;
pub use identities::Identities;
pub use key::KeyId;
pub use keys::{KeyRecord, MintedKey, NewKey};
pub use members::Member;
pub use permission::{Permission, Permissions, ROLES, Role, STATES};
pub use principals::{Principal, PrincipalKind};
pub use settings::{AuthMode, AuthSettings};
pub use tenants::{TenantRecord, TenantState};
