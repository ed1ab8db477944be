//! Groups, and who may read what.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whom something is open to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OpenTo {
    /// To whom its collection is open, or the document that it came out of. For documents alone.
    Inherited,
    /// To every member of the tenant.
    Everybody,
    /// To those on the list.
    #[default]
    Listed,
}

/// Who may read a collection or a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AccessRequest {
    /// Whom it is open to.
    pub open_to: OpenTo,
    /// Names or ids of users and services on the list.
    pub members: Vec<String>,
    /// Names or ids of groups on the list.
    pub groups: Vec<String>,
}

/// What stands on an access list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NamedHolder {
    /// Its id.
    pub id: String,
    /// Its name; absent when it is no longer there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// An access list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessListResponse {
    /// Whom it is open to.
    pub open_to: OpenTo,
    /// Users and services on the list.
    pub members: Vec<NamedHolder>,
    /// Groups on the list.
    pub groups: Vec<NamedHolder>,
}

/// Who may read a collection or a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessResponse {
    /// What it was given itself.
    pub own: AccessListResponse,
    /// What holds: its own list, or the one that it inherits.
    pub in_force: AccessListResponse,
}

/// A group to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRequest {
    /// Its name, unique in the tenant.
    pub name: String,
}

/// A change of who is in a group.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct GroupChange {
    /// Names or ids of members of the tenant who come into it.
    pub add: Vec<String>,
    /// Names or ids of those who leave it.
    pub remove: Vec<String>,
}

/// A group.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GroupResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many are in it.
    pub member_count: u64,
    /// Who is in it, by name; left out in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Vec<NamedHolder>>,
    /// When it was made.
    pub created_at: String,
}

/// The groups of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct GroupListResponse {
    /// By name.
    pub groups: Vec<GroupResponse>,
}
