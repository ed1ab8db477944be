//! What each role may do, and what each state of a tenant leaves of it: tables, and the one check.

use std::{fmt, str::FromStr};

use crate::{IdentityError, TenantState};

/// One kind of thing that may be done in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Search, ask, read documents, follow jobs, keep conversations.
    ContentRead,
    /// Take files in, change documents and collections, say what was useful.
    ContentWrite,
    /// Delete documents and collections.
    ContentDelete,
    /// Read documents that access lists close to the caller.
    ContentAll,
    /// See and change access lists, make groups and choose their members.
    AccessManage,
    /// Set up sources, which read from other hosts.
    SourceManage,
    /// Call models through the gateway.
    ModelCall,
    /// See what model calls cost.
    UsageRead,
    /// Set and lift budgets.
    BudgetManage,
    /// Make, see and revoke one's own keys.
    KeyOwn,
    /// See and revoke all keys of the tenant; make services and their keys.
    KeyManage,
    /// See who is a member.
    MemberRead,
    /// Add and remove members, change their roles.
    MemberManage,
    /// See the tenant itself: its name and state.
    TenantRead,
    /// Take all data of the tenant out.
    TenantExport,
    /// Erase the tenant with all its data.
    TenantErase,
    /// Read the audit log of the tenant.
    AuditRead,
    /// See what concerns the whole installation: metrics, the list of tenants.
    PlatformRead,
    /// Make, suspend and erase tenants, make and change users.
    PlatformManage,
    /// Open one's conversations to the members of the tenant.
    ContentShare,
    /// Read what people said of answers, with their questions.
    OpinionRead,
    /// See how the installation is set up: the settings in effect and where each comes from, secrets
    /// never; the runs of readiness.
    SettingsRead,
}

/// All permissions with their names on the wire.
const PERMISSIONS: [(Permission, &str); 22] = [
    (Permission::ContentRead, "content.read"),
    (Permission::ContentWrite, "content.write"),
    (Permission::ContentDelete, "content.delete"),
    (Permission::ContentAll, "content.all"),
    (Permission::AccessManage, "access.manage"),
    (Permission::SourceManage, "source.manage"),
    (Permission::ModelCall, "model.call"),
    (Permission::UsageRead, "usage.read"),
    (Permission::BudgetManage, "budget.manage"),
    (Permission::KeyOwn, "key.own"),
    (Permission::KeyManage, "key.manage"),
    (Permission::MemberRead, "member.read"),
    (Permission::MemberManage, "member.manage"),
    (Permission::TenantRead, "tenant.read"),
    (Permission::TenantExport, "tenant.export"),
    (Permission::TenantErase, "tenant.erase"),
    (Permission::AuditRead, "audit.read"),
    (Permission::PlatformRead, "platform.read"),
    (Permission::PlatformManage, "platform.manage"),
    (Permission::ContentShare, "content.share"),
    (Permission::OpinionRead, "opinion.read"),
    (Permission::SettingsRead, "settings.read"),
];

impl Permission {
    /// Its name on the wire, such as `content.read`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        PERMISSIONS.iter().find(|(it, _)| *it == self).map_or("", |(_, name)| name)
    }

    /// Whether it concerns the installation and not one tenant: it holds in the platform tenant
    /// alone.
    const fn is_of_platform(self) -> bool {
        matches!(self, Self::PlatformRead | Self::PlatformManage | Self::SettingsRead)
    }
}

impl FromStr for Permission {
    type Err = IdentityError;

    fn from_str(name: &str) -> Result<Self, IdentityError> {
        let found = PERMISSIONS.iter().find(|(_, it)| *it == name).map(|(it, _)| *it);
        found.ok_or_else(|| IdentityError::invalid("scope", format!("`{name}` is no permission")))
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Permissions(u32);

impl Permissions {
    /// The set of these.
    #[must_use]
    pub fn of(permissions: &[Permission]) -> Self {
        Self(permissions.iter().fold(0, |bits, permission| bits | 1 << *permission as u32))
    }

    /// Every permission.
    pub const ALL: Self = Self(u32::MAX);

    /// Whether it holds this one.
    #[must_use]
    pub const fn holds(self, permission: Permission) -> bool {
        self.0 & 1 << permission as u32 != 0
    }

    /// What both hold.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The permissions in it, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        PERMISSIONS.iter().map(|(it, _)| *it).filter(move |it| self.holds(*it))
    }

    /// The set that a list of names stands for.
    ///
    /// # Errors
    /// When a name is none.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, IdentityError> {
        let found: Vec<Permission> =
            names.into_iter().map(str::parse).collect::<Result<_, IdentityError>>()?;
        Ok(Self::of(&found))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::as_str)).finish()
    }
}

/// What a member is in a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Guest,
    /// A program: reads, writes, calls models.
    Service,
    /// Reads, writes, deletes, calls models, has keys.
    Member,
    /// All but what concerns owners and the end of the tenant.
    Admin,
    /// All.
    Owner,
}

use Permission as P;

/// What each role may do. `platform.*` holds in the platform tenant alone.
pub const ROLES: [(Role, &str, &[Permission]); 5] = [
    (
        Role::Owner,
        "owner",
        &[
            P::ContentRead,
            P::ContentWrite,
            P::ContentDelete,
            P::ContentAll,
            P::AccessManage,
            P::SourceManage,
            P::ModelCall,
            P::UsageRead,
            P::BudgetManage,
            P::KeyOwn,
            P::KeyManage,
            P::MemberRead,
            P::MemberManage,
            P::TenantRead,
            P::TenantExport,
            P::TenantErase,
            P::AuditRead,
            P::PlatformRead,
            P::PlatformManage,
            P::ContentShare,
            P::OpinionRead,
            P::SettingsRead,
        ],
    ),
    (
        Role::Admin,
        "admin",
        &[
            P::ContentRead,
            P::ContentWrite,
            P::ContentDelete,
            P::ContentAll,
            P::AccessManage,
            P::SourceManage,
            P::ModelCall,
            P::UsageRead,
            P::BudgetManage,
            P::KeyOwn,
            P::KeyManage,
            P::MemberRead,
            P::MemberManage,
            P::TenantRead,
            P::AuditRead,
            P::PlatformRead,
            P::ContentShare,
            P::OpinionRead,
            P::SettingsRead,
        ],
    ),
    (
        Role::Member,
        "member",
        &[
            P::ContentRead,
            P::ContentWrite,
            P::ContentDelete,
            P::ModelCall,
            P::KeyOwn,
            P::MemberRead,
            P::TenantRead,
            P::ContentShare,
        ],
    ),
    (Role::Guest, "guest", &[P::ContentRead, P::TenantRead]),
    (
        Role::Service,
        "service",
        &[P::ContentRead, P::ContentWrite, P::ModelCall, P::TenantRead, P::PlatformRead],
    ),
];

/// What each state of a tenant leaves of the rights of its members.
pub const STATES: [(TenantState, &str, Option<&[Permission]>); 4] = [
    (TenantState::Active, "active", None),
    (TenantState::Trial, "trial", None),
    (
        TenantState::Suspended,
        "suspended",
        Some(&[P::TenantRead, P::MemberRead, P::UsageRead, P::AuditRead]),
    ),
    (
        TenantState::Cancelled,
        "cancelled",
        Some(&[P::TenantRead, P::AuditRead, P::TenantExport, P::TenantErase]),
    ),
];

impl Role {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        ROLES.iter().find(|(it, ..)| *it == self).map_or("", |(_, name, _)| name)
    }

    /// What it may do in a tenant of this state; the platform tenant adds what concerns the
    /// installation.
    #[must_use]
    pub fn permissions(self, state: TenantState, in_platform: bool) -> Permissions {
        let of_role = ROLES.iter().find(|(it, ..)| *it == self).map_or(&[][..], |(.., all)| all);
        let here: Vec<Permission> =
            of_role.iter().filter(|it| in_platform || !it.is_of_platform()).copied().collect();
        let left = STATES.iter().find(|(it, ..)| *it == state).and_then(|(.., left)| *left);
        Permissions::of(&here).and(left.map_or(Permissions::ALL, Permissions::of))
    }
}

impl FromStr for Role {
    type Err = IdentityError;

    fn from_str(name: &str) -> Result<Self, IdentityError> {
        let found = ROLES.iter().find(|(_, it, _)| *it == name).map(|(it, ..)| *it);
        found.ok_or_else(|| {
            let reason = format!("`{name}` is none of owner, admin, member, guest, service");
            IdentityError::invalid("role", reason)
        })
    }
}

#[cfg(test)]
mod tests {
    //! The tables say what the rest relies on.

    use super::*;

    #[test]
    fn every_permission_has_a_name_and_reads_back() {
        for (permission, name) in PERMISSIONS {
            assert_eq!(permission.as_str(), name);
            assert_eq!(name.parse::<Permission>().unwrap(), permission);
        }
        assert!("content".parse::<Permission>().is_err());
    }

    #[test]
    fn a_lower_role_never_has_what_a_higher_one_lacks() {
        let of = |role: Role| role.permissions(TenantState::Active, true);
        for pair in [Role::Guest, Role::Member, Role::Admin, Role::Owner].windows(2) {
            assert_eq!(of(pair[0]).and(of(pair[1])), of(pair[0]), "{pair:?}");
        }
    }

    #[test]
    fn the_platform_is_not_managed_from_another_tenant() {
        for (role, ..) in ROLES {
            let elsewhere = role.permissions(TenantState::Active, false);
            assert!(!elsewhere.holds(P::PlatformRead) && !elsewhere.holds(P::PlatformManage));
        }
    }

    #[test]
    fn a_suspended_tenant_gives_no_content_and_a_cancelled_one_only_leaves() {
        for state in [TenantState::Suspended, TenantState::Cancelled] {
            let left = Role::Owner.permissions(state, false);
            assert!(!left.holds(P::ContentRead) && !left.holds(P::ModelCall), "{state:?}");
        }
        assert!(Role::Owner.permissions(TenantState::Cancelled, false).holds(P::TenantExport));
    }
}
