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
    /// The tenants that a login can be used for, by name; each other kind of credential has one.
    #[serde(default)]
    pub tenants: Vec<OwnTenant>,
}

/// A tenant that the caller belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnTenant {
    /// The tenant; give it as `x-tenant-id`.
    pub id: String,
    /// Its name, which does as well.
    pub name: String,
    /// The role there.
    pub role: String,
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
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TenantChange {
    /// `active`, `trial`, `suspended` or `cancelled`; as it is when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When the trial ends, in UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial_ends_at: Option<String>,
    /// Limits to set; those that are absent stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<TenantLimits>,
    /// Limits, by name, that become again what the configuration says for every tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub default_limits: Vec<String>,
}

/// Limits of a tenant; 0 for none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TenantLimits {
    /// Documents, what came out of archives and mails included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub documents: Option<u64>,
    /// Bytes of the originals of all versions that are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Members, services included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<u64>,
    /// Questions a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub questions_per_minute: Option<u64>,
    /// Requests a minute; 0 for what the server sets for every tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u64>,
}

/// How much a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TenantUsage {
    /// Documents.
    pub documents: u64,
    /// Bytes of the originals of all versions that are kept.
    pub bytes: u64,
    /// Members, services included.
    pub members: u64,
}

/// A user who is invited.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationRequest {
    /// The name that the user has or will have, such as an address of mail.
    pub name: String,
    /// `owner`, `admin`, `member` or `guest`.
    pub role: String,
    /// Days for which it is good: 1 to 30, 7 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// An invitation, without its token.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationResponse {
    /// Its id.
    pub id: String,
    /// The user who is invited.
    pub name: String,
    /// The role that the user will have.
    pub role: String,
    /// `pending`, `accepted`, `revoked` or `expired`.
    pub state: String,
    /// Who invited.
    pub invited_by: String,
    /// When it was made.
    pub created_at: String,
    /// When it ends.
    pub expires_at: String,
}

/// An invitation that was just made.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MintedInvitationResponse {
    /// The token, to be handed over. It is shown this once and is stored nowhere.
    pub token: String,
    /// What is known of it.
    pub about: InvitationResponse,
}

/// Invitations of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitationListResponse {
    /// The newest first.
    pub invitations: Vec<InvitationResponse>,
}

/// An invitation that is accepted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptRequest {
    /// The token.
    pub token: String,
    /// The password of the user who is invited: a new one for a user who is not known yet.
    pub password: String,
}

/// What came of an invitation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AcceptResponse {
    /// The user.
    pub user: String,
    /// Whether the user was made.
    pub is_new: bool,
    /// Name of the tenant.
    pub tenant: String,
    /// The role there.
    pub role: String,
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
    /// What it may have and do, where anything is limited.
    pub limits: TenantLimits,
    /// What it has; left out in lists, and for callers who may not read everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<TenantUsage>,
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

/// The ways to log in.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginOptionsResponse {
    /// Whether `POST /v1/login` takes a name and a password.
    pub password: bool,
    /// Who else logs users in.
    pub providers: Vec<LoginProvider>,
}

/// A provider of logins.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LoginProvider {
    /// Its name in addresses.
    pub name: String,
    /// What a person calls it.
    pub title: String,
    /// Where a browser goes to log in; `?return_to=/page` says where it goes on.
    pub url: String,
}

/// Where a browser goes on after a login.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LoginStartParams {
    /// A path of this server; `/` when absent.
    pub return_to: Option<String>,
}

/// What a provider of logins sends a browser back with.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LoginCallbackParams {
    /// The code that it gives an account for.
    pub code: Option<String>,
    /// What the login was begun with.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who sends the browser.
    pub iss: Option<String>,
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
