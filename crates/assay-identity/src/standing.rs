//! What a user is in which tenants, and the choice among them.

use std::sync::Arc;

use assay_core::{PrincipalId, Reader, TenantId};
use assay_sqlite::sql::{Connection, OptionalExtension, params};

use crate::{
    Caller, Credential, Identities, IdentityError, OwnLimits, Permissions, Role, TenantLimits,
    TenantRecord, TenantState,
    error::cut,
    groups,
    limits::default_for,
    principals,
    row::{tenant_id, word},
};

/// A user and the tenants that are open to the user.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The number of changes when it was read.
    pub(crate) version: u64,
    principal: PrincipalId,
    memberships: Vec<Membership>,
}

#[derive(Debug)]
struct Membership {
    tenant: TenantId,
    name: String,
    state: TenantState,
    trial_ends_ms: Option<i64>,
    role: Role,
    limits: TenantLimits,
    /// What access lists leave to the user.
    listed: Reader,
}

impl Membership {
    fn is_called(&self, given: &str) -> bool {
        self.name == given || given.parse() == Ok(self.tenant)
    }
}

impl Identities {
    /// Turns a token of an issuer into who acts for which tenant. A tenant that the token names
    /// decides; `chosen` chooses among those that are open to the user.
    ///
    /// # Errors
    /// When something is wrong with the token, its user is not known or shut out, or the tenant is
    /// not open to the user.
    pub fn authenticate_token(
        &self,
        token: &str,
        chosen: Option<&str>,
    ) -> Result<Caller, IdentityError> {
        let claims = self.issuers.check(token, self.clock().now_ms())?;
        let standing = self.standing(&claims.user)?;
        let Some(claimed) = claims.tenant else {
            return standing.choose(chosen, Credential::Token, self.clock().now_ms());
        };
        let caller = standing.choose(Some(&claimed), Credential::Token, self.clock().now_ms())?;
        match chosen {
            Some(given) if !standing.is_named(&caller, given) => {
                Err(IdentityError::NotMember { given: cut(given) })
            }
            _ => Ok(caller),
        }
    }

    /// Fetches the keys that a token needs, when they lie behind an address and are not here:
    /// before [`Identities::authenticate_token`], which never waits for the net.
    pub async fn prepare_token(&self, token: &str) {
        self.issuers.prepare(token, self.clock().now_ms()).await;
    }

    /// Whether tokens of issuers are accepted.
    #[must_use]
    pub fn takes_tokens(&self) -> bool {
        !self.issuers.is_empty()
    }

    /// What a user is, from memory where that is not stale.
    pub(crate) fn standing(&self, user: &str) -> Result<Arc<Standing>, IdentityError> {
        let version = self.version();
        if let Some(standing) = self.cache.standing(user, version) {
            return Ok(standing);
        }
        let found = self.read(|db| load(db, user, version, self.settings().limits))?;
        let found = found.ok_or(IdentityError::credential("this user is not known or shut out"))?;
        let found = Arc::new(found);
        self.cache.put_standing(user, Arc::clone(&found));
        Ok(found)
    }
}

impl Standing {
    /// The user, acting for the tenant that was chosen or for the only one there is.
    pub(crate) fn choose(
        &self,
        chosen: Option<&str>,
        credential: Credential,
        now_ms: i64,
    ) -> Result<Caller, IdentityError> {
        let membership = match (chosen, self.memberships.as_slice()) {
            (Some(given), all) => {
                let found = all.iter().find(|membership| membership.is_called(given));
                found.ok_or_else(|| IdentityError::NotMember { given: cut(given) })?
            }
            (None, [only]) => only,
            (None, []) => {
                return Err(IdentityError::credential("this user is a member of no tenant"));
            }
            (None, several) => return Err(IdentityError::Choose { count: several.len() }),
        };
        Ok(Caller {
            scope: Caller::scope_of(
                membership.tenant,
                membership.role,
                Permissions::ALL,
                &membership.listed,
            ),
            principal: self.principal,
            credential,
            role: membership.role,
            state: TenantRecord::state_at(membership.state, membership.trial_ends_ms, now_ms),
            scopes: Permissions::ALL,
            limits: membership.limits,
        })
    }

    fn is_named(&self, caller: &Caller, given: &str) -> bool {
        let mut all = self.memberships.iter();
        all.any(|it| it.tenant == caller.scope().tenant() && it.is_called(given))
    }
}

fn load(
    db: &Connection,
    user: &str,
    version: u64,
    limits: TenantLimits,
) -> Result<Option<Standing>, IdentityError> {
    let sql = "SELECT * FROM principal WHERE home = CAST('' AS BLOB) AND name = ? AND disabled_ms IS NULL";
    let found = db.prepare_cached(sql)?.query_row([user], principals::read).optional()?;
    let Some(principal) = found.map(|principal| principal.id) else { return Ok(None) };
    let sql = "SELECT t.*, m.role FROM membership m JOIN tenant t ON t.id = m.tenant \
               WHERE m.principal = ? ORDER BY t.name";
    let mut rows = db.prepare_cached(sql)?;
    let memberships = rows.query_map(params![principal.to_bytes()], |row| {
        let tenant = tenant_id(row, "id")?;
        Ok(Membership {
            tenant,
            limits: OwnLimits::read(row)?.over(default_for(tenant, limits)),
            listed: groups::listed(db, tenant, principal)?,
            name: row.get("name")?,
            state: word(row, "state")?,
            trial_ends_ms: row.get("trial_ends_ms")?,
            role: word(row, "role")?,
        })
    })?;
    let memberships = memberships.collect::<Result<_, _>>()?;
    Ok(Some(Standing { version, principal, memberships }))
}
