//! Who a request comes from, once its credential was checked.

use std::fmt;

use assay_core::{PrincipalId, Reader, TenantId, TenantScope};

use crate::{IdentityError, KeyId, Permission, Permissions, Role, TenantLimits, TenantState};

/// By what a caller was known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credential {
    /// By being on this machine, where nothing else is asked for.
    Local,
    /// By an API key.
    Key(KeyId),
    /// By a login with a password, of this id.
    Login(String),
    /// By a token that an issuer signed.
    Token,
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("local"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Login(id) => write!(f, "login:{id}"),
            Self::Token => f.write_str("token"),
        }
    }
}

/// Whoever is on this machine, in logs and in the ledger.
pub(crate) const LOCAL_USER: &str = "local";

/// A principal acting for a tenant.
#[derive(Debug, Clone)]
pub struct Caller {
    pub(crate) scope: TenantScope,
    pub(crate) principal: PrincipalId,
    pub(crate) credential: Credential,
    pub(crate) role: Role,
    pub(crate) state: TenantState,
    /// What the credential is narrowed to.
    pub(crate) scopes: Permissions,
    pub(crate) limits: TenantLimits,
}

impl Caller {
    /// The principal that acts where no credential is asked for.
    pub const LOCAL: PrincipalId =
        PrincipalId::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002);

    /// Whoever is on this machine, where no credential is asked for: owner of the platform tenant.
    #[must_use]
    pub const fn local() -> Self {
        Self {
            scope: TenantScope::built_in(),
            principal: Self::LOCAL,
            credential: Credential::Local,
            role: Role::Owner,
            state: TenantState::Active,
            scopes: Permissions::ALL,
            limits: TenantLimits::NONE,
        }
    }

    /// The scope of a member: who may not read everything reads as `listed`, what lists leave.
    pub(crate) fn scope_of(
        tenant: TenantId,
        role: Role,
        scopes: Permissions,
        listed: &Reader,
    ) -> TenantScope {
        let rights = role.permissions(TenantState::Active, false).and(scopes);
        let reads_all = rights.holds(Permission::ContentAll);
        let reader = if reads_all { Reader::whole() } else { listed.clone() };
        TenantScope::authenticated(tenant, reader)
    }

    /// Whose data the caller acts on.
    #[must_use]
    pub const fn scope(&self) -> &TenantScope {
        &self.scope
    }

    /// Who acts.
    #[must_use]
    pub const fn principal(&self) -> PrincipalId {
        self.principal
    }

    /// Who acts, as the ledger names it: the id, or `local` where no credential is asked for.
    #[must_use]
    pub fn user(&self) -> String {
        match self.credential {
            Credential::Local => LOCAL_USER.to_owned(),
            _ => self.principal.to_string(),
        }
    }

    /// By what the caller was known.
    #[must_use]
    pub const fn credential(&self) -> &Credential {
        &self.credential
    }

    /// What the caller is in the tenant.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// What the credential is narrowed to.
    #[must_use]
    pub const fn scopes(&self) -> Permissions {
        self.scopes
    }

    /// How much the tenant may have and do.
    #[must_use]
    pub const fn limits(&self) -> TenantLimits {
        self.limits
    }

    /// Whether the caller may do this.
    #[must_use]
    pub fn has(&self, permission: Permission) -> bool {
        self.may(permission).is_ok()
    }

    /// The one check of rights: by role, then by the state of the tenant, then by what the
    /// credential is narrowed to.
    ///
    /// # Errors
    /// Which of them stands in the way.
    pub fn may(&self, permission: Permission) -> Result<(), IdentityError> {
        let in_platform = self.scope.is_platform();
        if !self.role.permissions(TenantState::Active, in_platform).holds(permission) {
            return Err(denied(permission, format!("the role {}", self.role.as_str())));
        }
        if !self.role.permissions(self.state, in_platform).holds(permission) {
            return Err(IdentityError::State { state: self.state });
        }
        if !self.scopes.holds(permission) {
            return Err(denied(permission, "this key".to_owned()));
        }
        Ok(())
    }
}

fn denied(permission: Permission, whose: String) -> IdentityError {
    IdentityError::Denied { permission: permission.as_str(), whose }
}
