//! The scope every store, index, cache and task call takes.

use crate::{Reader, TenantId};

/// Proof of the tenant that a call acts for, and of whose eyes it reads with.
///
/// No public constructor takes a bare id: a scope comes from authentication or from the one tenant
/// that is built in, so that code deeper down cannot pick a tenant by itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TenantScope {
    tenant: TenantId,
    reader: Reader,
}

impl TenantScope {
    /// Name of the tenant that exists from the first start.
    pub const DEFAULT_NAME: &'static str = "default";

    /// The id of the built-in tenant, the same in every installation so that its folder is found
    /// without a lookup.
    const DEFAULT_ID: TenantId = TenantId::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);

    /// The scope of the built-in tenant `default`.
    #[must_use]
    pub const fn built_in() -> Self {
        Self { tenant: Self::DEFAULT_ID, reader: Reader::whole() }
    }

    /// The scope of a tenant recorded on a task by an earlier, authorised call.
    ///
    /// Only the task engine calls this, on rows that it wrote itself from a [`TenantScope`].
    #[must_use]
    pub const fn of_recorded_task(tenant: TenantId) -> Self {
        Self { tenant, reader: Reader::whole() }
    }

    /// The scope of a tenant that is on disk, for work that has no caller: what a crash left, what
    /// is due, what can be tidied.
    ///
    /// Only the store calls this, on its own list of tenants.
    #[must_use]
    pub const fn of_stored_tenant(tenant: TenantId) -> Self {
        Self { tenant, reader: Reader::whole() }
    }

    /// The scope of a caller whose credential was checked and who is a member of this tenant.
    ///
    /// Only `assay-identity` calls this, at the end of a check.
    #[must_use]
    pub const fn authenticated(tenant: TenantId, reader: Reader) -> Self {
        Self { tenant, reader }
    }

    /// The same tenant for Assay's own work on it, such as following the outbox, which has to see
    /// every document whoever set it off.
    ///
    /// Nothing that is read with it goes to a caller; a test names the files that may call this.
    #[must_use]
    pub const fn for_own_work(&self) -> Self {
        Self { tenant: self.tenant, reader: Reader::whole() }
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Which documents of the tenant the call may see.
    #[must_use]
    pub const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Whether it is the built-in tenant, from which the installation is managed.
    #[must_use]
    pub fn is_platform(&self) -> bool {
        self.tenant == Self::DEFAULT_ID
    }
}
