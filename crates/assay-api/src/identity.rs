//! Tenants, members, users, keys, and the audit log.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Who asks, for which tenant, and what may be done there.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeResponse {
    /// The principal.
    pub principal: String,
    /// How it was known: `local`, or `key:` and the id of the key.
    pub credential: String,
    /// The tenant.
    pub tenant: String,
    /// Name of the tenant.
    pub tenant_name: String,
    /// The role in the tenant.
    pub role: String,
    /// What may be done.
    pub permissions: Vec<String>,
}

/// A key to make.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    /// What it is for.
    pub name: String,
    /// The service that acts by it; the caller when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Permissions that it is narrowed to, such as `content.read`; all of the role when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// When it ends, in UTC; after `auth.key_days` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// A key, without its text.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyResponse {
    /// Its public part.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// Who acts by it.
    pub principal: String,
    /// What it is narrowed to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// When it was made.
    pub created_at: String,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    /// When it was revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<String>,
    /// When it was last used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_at: Option<String>,
    /// The key that it took the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// A key that was just made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MintedKeyResponse {
    /// The key itself. It is shown this once and is stored nowhere.
    pub key: String,
    /// What is known of it.
    pub about: KeyResponse,
}

/// Keys of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyListResponse {
    /// The newest first.
    pub keys: Vec<KeyResponse>,
}

/// How a key is rotated.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeyRotation {
    /// Seconds for which the old key stays good beside the new one; a day when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlap_seconds: Option<u32>,
}

/// A service to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceRequest {
    /// Its name, unique in the tenant.
    pub name: String,
}

/// A user to make.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserRequest {
    /// The name, such as an address of mail; unique in the installation.
    pub name: String,
}

/// A change of a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// Whether the user is shut out of everything.
    pub disabled: bool,
}

/// A user or a service.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PrincipalResponse {
    /// Its id.
    pub id: String,
    /// `user` or `service`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created_at: String,
    /// Since when it is shut out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<String>,
}

/// All users.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UserListResponse {
    /// By name.
    pub users: Vec<PrincipalResponse>,
}

/// A user who becomes a member, or gets another role.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberRequest {
    /// Name of the user.
    pub user: String,
    /// `owner`, `admin`, `member` or `guest`.
    pub role: String,
}

/// A member of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberResponse {
    /// Id of the principal.
    pub id: String,
    /// `user` or `service`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its role here.
    pub role: String,
    /// Since when it is a member.
    pub since: String,
}

/// The members of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MemberListResponse {
    /// By name.
    pub members: Vec<MemberResponse>,
}

/// A tenant to make.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantRequest {
    /// Its name: 1 to 63 of a-z, 0-9 and hyphens.
    pub name: String,
    /// Name of the user who becomes its first owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// When its trial ends, in UTC; no trial when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_ends_at: Option<String>,
}

/// A change of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
    /// `active`, `trial`, `suspended` or `cancelled`.
    pub state: String,
    /// When the trial ends, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_ends_at: Option<String>,
}

/// A tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantResponse {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `active`, `trial`, `suspended` or `cancelled`.
    pub state: String,
    /// When its trial ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial_ends_at: Option<String>,
    /// When it was made.
    pub created_at: String,
}

/// All tenants.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TenantListResponse {
    /// By name.
    pub tenants: Vec<TenantResponse>,
}

/// Which part of the audit log is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct AuditParams {
    /// Only entries after this number.
    pub after: Option<u64>,
    /// Entries at most; 100 when absent, 1,000 at most.
    pub limit: Option<u32>,
}

/// An entry of the audit log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditEntryResponse {
    /// Its number in the tenant's chain, from 1.
    pub seq: u64,
    /// When, in UTC.
    pub at: String,
    /// Who: `principal:` and an id, `local`, `operator` or `unknown`.
    pub actor: String,
    /// By which credential.
    pub via: String,
    /// The address that the request came from.
    pub from: String,
    /// The request.
    pub request: String,
    /// What was done, such as `key.create`.
    pub action: String,
    /// To what.
    pub object: String,
    /// `done`, `denied` or `failed`.
    pub outcome: String,
    /// What else matters.
    pub detail: String,
}

/// A part of the audit log.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AuditResponse {
    /// The oldest first.
    pub entries: Vec<AuditEntryResponse>,
    /// The key that checks the signatures of checkpoints: Ed25519, base 64.
    pub public_key: String,
}

/// Name and password of a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// The user.
    pub user: String,
    /// The password.
    pub password: String,
}

/// A login. Its tokens are in cookies that no script can read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginResponse {
    /// What requests that change something show in the header `x-csrf-token`.
    pub csrf_token: String,
    /// Seconds until the login has to be refreshed.
    pub expires_in: i64,
}

/// A password for a user.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordRequest {
    /// 12 to 1,024 bytes.
    pub password: String,
}
