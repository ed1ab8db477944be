//! Who belongs to a tenant, and in which role.

use assay_core::{PrincipalId, TenantId, TenantScope};
use assay_sqlite::sql::{Connection, OptionalExtension, Transaction, params};

use crate::{
    Actor, Caller, Event, Identities, IdentityError, Permission, Principal, PrincipalKind, Role,
    limits, principals,
    row::{tenant_id, word},
};

/// A member of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub principal: Principal,
    /// In which role.
    pub role: Role,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
}

impl Identities {
    /// The members of a tenant, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn members(&self, scope: &TenantScope) -> Result<Vec<Member>, IdentityError> {
        self.read(|db| {
            let sql = "SELECT p.*, m.role, m.created_ms AS since_ms FROM membership m \
                       JOIN principal p ON p.id = m.principal WHERE m.tenant = ? \
                       ORDER BY p.name, p.id";
            let mut rows = db.prepare_cached(sql)?;
            let members = rows.query_map([scope.tenant().to_bytes()], |row| {
                Ok(Member {
                    principal: principals::read(row)?,
                    role: word(row, "role")?,
                    since_ms: row.get("since_ms")?,
                })
            })?;
            Ok(members.collect::<Result<_, _>>()?)
        })
    }

    /// The tenants that a principal belongs to, by name, with its role in each.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tenants_of(
        &self,
        principal: PrincipalId,
    ) -> Result<Vec<(TenantId, String, Role)>, IdentityError> {
        self.read(|db| {
            let sql = "SELECT t.id, t.name, m.role FROM membership m \
                       JOIN tenant t ON t.id = m.tenant WHERE m.principal = ? ORDER BY t.name";
            let mut rows = db.prepare_cached(sql)?;
            let found = rows.query_map([principal.to_bytes()], |row| {
                Ok((tenant_id(row, "id")?, row.get("name")?, word(row, "role")?))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Adds a user to a tenant, or gives a member another role. `by` is who does it in the tenant
    /// itself; `None` for the platform.
    ///
    /// # Errors
    /// When there is no such user, or the role is not one that `by` may give or take; when no owner
    /// would be left.
    pub fn set_member(
        &self,
        actor: &Actor,
        by: Option<&Caller>,
        scope: &TenantScope,
        user: &str,
        role: Role,
    ) -> Result<(), IdentityError> {
        let (tenant, user, now_ms) = (scope.tenant(), user.to_owned(), self.clock().now_ms());
        if role == Role::Service {
            return Err(IdentityError::invalid("role", "`service` is the role of services alone"));
        }
        let (reach, limits) = (by.map(Caller::role), self.settings().limits);
        self.change(&actor.in_tenant(tenant), move |tx| {
            let principal = principals::user_named(tx, &user)?;
            let had = role_of(tx, tenant, principal.id)?;
            may_give(reach, had, Some(role))?;
            if had.is_none() {
                limits::has_room(tx, tenant, limits)?;
            }
            put(tx, tenant, principal.id, role, now_ms)?;
            keeps_owner(tx, tenant, had)?;
            let event = Event::done("member.set", format!("principal:{}", principal.id))
                .detail(role.as_str());
            Ok(((), event))
        })
    }

    /// Takes a member out of a tenant; the member's keys for it end with that. A service goes
    /// altogether.
    ///
    /// # Errors
    /// As [`Self::set_member`], and when there is no such member.
    pub fn remove_member(
        &self,
        actor: &Actor,
        by: Option<&Caller>,
        scope: &TenantScope,
        principal: PrincipalId,
    ) -> Result<(), IdentityError> {
        let (tenant, now_ms) = (scope.tenant(), self.clock().now_ms());
        let reach = by.map(Caller::role);
        self.change(&actor.in_tenant(tenant), move |tx| {
            let had = role_of(tx, tenant, principal)?;
            if had.is_none() {
                return Err(IdentityError::not_found("member", principal));
            }
            may_give(reach, had, None)?;
            take_out(tx, tenant, principal, now_ms)?;
            let sql = "UPDATE principal SET disabled_ms = ? WHERE id = ? AND kind = ?";
            let kind = PrincipalKind::Service.as_str();
            tx.prepare_cached(sql)?.execute(params![now_ms, principal.to_bytes(), kind])?;
            keeps_owner(tx, tenant, had)?;
            Ok(((), Event::done("member.remove", format!("principal:{principal}"))))
        })
    }
}

/// Ends a membership, and the member's keys with it.
pub(crate) fn take_out(
    tx: &Transaction<'_>,
    tenant: TenantId,
    principal: PrincipalId,
    now_ms: i64,
) -> Result<(), IdentityError> {
    let sql = "DELETE FROM membership WHERE tenant = ? AND principal = ?";
    tx.prepare_cached(sql)?.execute(params![tenant.to_bytes(), principal.to_bytes()])?;
    let sql = "UPDATE api_key SET revoked_ms = ? \
               WHERE tenant = ? AND principal = ? AND revoked_ms IS NULL";
    let keys = params![now_ms, tenant.to_bytes(), principal.to_bytes()];
    tx.prepare_cached(sql)?.execute(keys)?;
    Ok(())
}

/// An admin neither makes nor unmakes an owner; the platform does.
pub(crate) fn may_give(
    reach: Option<Role>,
    had: Option<Role>,
    gets: Option<Role>,
) -> Result<(), IdentityError> {
    let touches_owner = had == Some(Role::Owner) || gets == Some(Role::Owner);
    match reach {
        Some(role) if touches_owner && role != Role::Owner => Err(IdentityError::Denied {
            permission: Permission::MemberManage.as_str(),
            whose: format!("the role {} for owners", role.as_str()),
        }),
        _ => Ok(()),
    }
}

/// Refuses a change by which the last owner went.
fn keeps_owner(
    tx: &Transaction<'_>,
    tenant: TenantId,
    had: Option<Role>,
) -> Result<(), IdentityError> {
    if had != Some(Role::Owner) {
        return Ok(());
    }
    let sql = "SELECT 1 FROM membership WHERE tenant = ? AND role = 'owner'";
    let is_left = tx.prepare_cached(sql)?.exists([tenant.to_bytes()])?;
    if is_left { Ok(()) } else { Err(IdentityError::LastOwner) }
}

pub(crate) fn role_of(
    db: &Connection,
    tenant: TenantId,
    principal: PrincipalId,
) -> Result<Option<Role>, IdentityError> {
    let sql = "SELECT role FROM membership WHERE tenant = ? AND principal = ?";
    let both = params![tenant.to_bytes(), principal.to_bytes()];
    Ok(db.prepare_cached(sql)?.query_row(both, |row| word(row, "role")).optional()?)
}

pub(crate) fn put(
    tx: &Transaction<'_>,
    tenant: TenantId,
    principal: PrincipalId,
    role: Role,
    now_ms: i64,
) -> Result<(), IdentityError> {
    let sql = "INSERT INTO membership (tenant, principal, role, created_ms) VALUES (?, ?, ?, ?) \
               ON CONFLICT (tenant, principal) DO UPDATE SET role = excluded.role";
    let row = params![tenant.to_bytes(), principal.to_bytes(), role.as_str(), now_ms];
    tx.prepare_cached(sql)?.execute(row)?;
    Ok(())
}
