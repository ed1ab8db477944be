//! Invitations: a token that makes whoever shows it, with a password, a member of a tenant.
//!
//! No mail is sent: whoever invites hands the token over. It names the user, so that it is of no use
//! to take a name other than the one invited; it never changes the password of a user who is known
//! already, since the token is also in the hands of whoever made it.

use assay_core::{InvitationId, PrincipalId, Secret, TenantId, TenantScope};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Actor, Caller, Event, Identities, IdentityError, Principal, PrincipalKind, Role,
    error::cut,
    key::encode,
    limits,
    members::{may_give, put, role_of},
    principals,
    row::{check_name, principal_id, tenant_id, word},
    secrets::random,
};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3_600_000;
/// How long an invitation is good when nothing else is said, and at most.
const DAYS: i64 = 7;
const DAYS_MAX: i64 = 30;
/// How long one that ended is still shown.
const SHOWN_MS: i64 = 30 * DAY_MS;
/// Invitations of a tenant at most, ended ones that are still shown included.
const INVITATIONS_MAX: u32 = 1_000;

/// An invitation, without its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// The user who is invited, such as an address of mail.
    pub name: String,
    /// The role that the user will have.
    pub role: Role,
    /// Who invited.
    pub invited_by: PrincipalId,
    /// When it was made, in milliseconds since 1970, as all times here.
    pub created_ms: i64,
    /// When it ends.
    pub expires_ms: i64,
    /// When it was accepted.
    pub accepted_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
}

impl Invitation {
    pub(crate) fn state_at(&self, now_ms: i64) -> &'static str {
        match (self.accepted_ms, self.revoked_ms) {
            (Some(_), _) => "accepted",
            (None, Some(_)) => "revoked",
            (None, None) if self.expires_ms <= now_ms => "expired",
            (None, None) => "pending",
        }
    }
}

/// An invitation that was just made: the only time that its token is there.
#[derive(Debug)]
pub struct MintedInvitation {
    /// What is stored of it.
    pub invitation: Invitation,
    /// The token.
    pub token: Secret,
}

/// What came of an invitation that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The user.
    pub user: String,
    /// Whether the user was made.
    pub is_new: bool,
    /// Name of the tenant.
    pub tenant: String,
    /// The role there.
    pub role: Role,
}

impl Identities {
    /// Invites a user to a tenant, for `days` or seven.
    ///
    /// # Errors
    /// When the name cannot be one or is that of a member, the role is not one that `by` may give,
    /// or there are too many invitations.
    pub fn invite(
        &self,
        actor: &Actor,
        by: &Caller,
        scope: &TenantScope,
        name: &str,
        role: Role,
        days: Option<u32>,
    ) -> Result<MintedInvitation, IdentityError> {
        check_name("user name", name)?;
        if role == Role::Service {
            return Err(IdentityError::invalid("role", "`service` is the role of services alone"));
        }
        may_give(Some(by.role()), None, Some(role))?;
        let days = days.map_or(DAYS, i64::from);
        if !(1..=DAYS_MAX).contains(&days) {
            let reason = format!("an invitation is good for 1 to {DAYS_MAX} days");
            return Err(IdentityError::invalid("days", reason));
        }
        let (tenant, now_ms, id) = (scope.tenant(), self.clock().now_ms(), InvitationId::new());
        let token = format!("{id}.{}", encode(&random::<32>()?));
        let hash = self.secrets().hash(&token);
        let invitation = Invitation {
            id,
            name: name.to_owned(),
            role,
            invited_by: by.principal(),
            created_ms: now_ms,
            expires_ms: now_ms + days * DAY_MS,
            accepted_ms: None,
            revoked_ms: None,
        };
        let invitation = self.change(&actor.in_tenant(tenant), move |tx| {
            insert(tx, tenant, &invitation, &hash)?;
            let event = Event::done("invitation.create", format!("invitation:{id}"));
            Ok((invitation, event.detail(role.as_str())))
        })?;
        Ok(MintedInvitation { invitation, token: Secret::new(token) })
    }

    /// The invitations of a tenant, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn invitations(&self, scope: &TenantScope) -> Result<Vec<Invitation>, IdentityError> {
        self.read(|db| {
            let sql = "SELECT * FROM invitation WHERE tenant = ? ORDER BY id DESC";
            let mut rows = db.prepare_cached(sql)?;
            let found = rows.query_map([scope.tenant().to_bytes()], read)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// How an invitation stands: `pending`, `accepted`, `revoked` or `expired`.
    #[must_use]
    pub fn invitation_state(&self, invitation: &Invitation) -> &'static str {
        invitation.state_at(self.clock().now_ms())
    }

    /// Revokes an invitation: from when this returns its token is good for nothing.
    ///
    /// # Errors
    /// When there is none of this id, or it was accepted.
    pub fn revoke_invitation(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        id: InvitationId,
    ) -> Result<(), IdentityError> {
        let (tenant, now_ms) = (scope.tenant(), self.clock().now_ms());
        self.change(&actor.in_tenant(tenant), move |tx| {
            let sql = "UPDATE invitation SET revoked_ms = coalesce(revoked_ms, ?) \
                       WHERE id = ? AND tenant = ? AND accepted_ms IS NULL";
            let row = params![now_ms, id.to_bytes(), tenant.to_bytes()];
            if tx.prepare_cached(sql)?.execute(row)? == 0 {
                return Err(IdentityError::not_found("open invitation", id));
            }
            Ok(((), Event::done("invitation.revoke", format!("invitation:{id}"))))
        })
    }

    /// Accepts an invitation. A user who is not known yet is made with this password; one who is
    /// known shows the password that there is.
    ///
    /// # Errors
    /// When the token is not good (any more), the password is wrong or cannot be one, or the tenant
    /// has as many members as it may have.
    pub fn accept_invitation(
        &self,
        actor: &Actor,
        token: &str,
        password: &str,
    ) -> Result<Joined, IdentityError> {
        let now_ms = self.clock().now_ms();
        let (tenant, invitation) = self.open_invitation(token, now_ms)?;
        let known = match self.user_named(&invitation.name) {
            Err(IdentityError::NotFound { .. }) => None,
            found => Some(found?),
        };
        let stored = match &known {
            Some(user) => {
                self.check_password(&user.name, password)?;
                None
            }
            // Where an issuer says who users are, nobody else makes one by a name.
            None if self.takes_tokens() => {
                let reason = "users of this installation come from its issuer: ask to be made one";
                return Err(IdentityError::invalid("user", reason));
            }
            None => Some(self.stored_password(password)?),
        };
        let limits = self.settings().limits;
        self.change(&actor.in_tenant(tenant), move |tx| {
            use_up(tx, invitation.id, now_ms)?;
            let is_new = known.is_none();
            let user = match known {
                Some(user) => user,
                None => make(tx, &invitation.name, stored.as_deref(), now_ms)?,
            };
            if role_of(tx, tenant, user.id)?.is_some() {
                return Err(IdentityError::Exists { kind: "member", name: cut(&user.name) });
            }
            limits::has_room(tx, tenant, limits)?;
            put(tx, tenant, user.id, invitation.role, now_ms)?;
            let sql = "SELECT name FROM tenant WHERE id = ?";
            let named = tx.prepare_cached(sql)?.query_row([tenant.to_bytes()], |row| row.get(0))?;
            let event = Event::done("invitation.accept", format!("invitation:{}", invitation.id))
                .detail(format!("principal:{} {}", user.id, invitation.role.as_str()));
            let role = invitation.role;
            Ok((Joined { user: user.name, is_new, tenant: named, role }, event))
        })
    }

    /// The invitation that a token is for, as long as it is good.
    fn open_invitation(
        &self,
        token: &str,
        now_ms: i64,
    ) -> Result<(TenantId, Invitation), IdentityError> {
        let id: InvitationId =
            token.split_once('.').and_then(|(id, _)| id.parse().ok()).ok_or_else(over)?;
        let (tenant, hash, invitation) = self.read(|db| find(db, id))?.ok_or_else(over)?;
        let is_good = self.secrets().matches(token, &hash);
        if !is_good || invitation.state_at(now_ms) != "pending" {
            return Err(over());
        }
        Ok((tenant, invitation))
    }
}

/// The open invitations of a name, in whichever tenant.
pub(crate) fn open_for(
    tx: &Transaction<'_>,
    name: &str,
    now_ms: i64,
) -> Result<Vec<(TenantId, Invitation)>, IdentityError> {
    let sql = "SELECT * FROM invitation WHERE name = ? AND accepted_ms IS NULL \
               AND revoked_ms IS NULL AND expires_ms > ? ORDER BY id";
    let mut rows = tx.prepare_cached(sql)?;
    let found =
        rows.query_map(params![name, now_ms], |row| Ok((tenant_id(row, "tenant")?, read(row)?)))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Marks an invitation as accepted, unless it came to another end meanwhile.
pub(crate) fn use_up(
    tx: &Transaction<'_>,
    id: InvitationId,
    now_ms: i64,
) -> Result<(), IdentityError> {
    let sql = "UPDATE invitation SET accepted_ms = ?1 WHERE id = ?2 \
               AND accepted_ms IS NULL AND revoked_ms IS NULL AND expires_ms > ?1";
    let used = tx.prepare_cached(sql)?.execute(params![now_ms, id.to_bytes()])?;
    if used == 1 { Ok(()) } else { Err(over()) }
}

/// Makes a user with a password as it is stored.
pub(crate) fn make(
    tx: &Transaction<'_>,
    name: &str,
    password: Option<&str>,
    now_ms: i64,
) -> Result<Principal, IdentityError> {
    let made = principals::insert(tx, PrincipalKind::User, None, name, now_ms)?;
    let sql = "UPDATE principal SET password = ? WHERE id = ?";
    tx.prepare_cached(sql)?.execute(params![password, made.id.to_bytes()])?;
    Ok(made)
}

/// One answer to all tokens that are not good: which were once is nobody's matter.
fn over() -> IdentityError {
    IdentityError::credential("this invitation is not good, or not any more")
}

fn insert(
    tx: &Transaction<'_>,
    tenant: TenantId,
    new: &Invitation,
    hash: &[u8],
) -> Result<(), IdentityError> {
    let sql = "SELECT 1 FROM membership m JOIN principal p ON p.id = m.principal \
               WHERE m.tenant = ? AND p.home = ? AND p.name = ?";
    // A user's home is the empty value.
    let wanted = params![tenant.to_bytes(), Vec::<u8>::new(), new.name];
    if tx.prepare_cached(sql)?.exists(wanted)? {
        return Err(IdentityError::Exists { kind: "member", name: cut(&new.name) });
    }
    let sql = "DELETE FROM invitation WHERE tenant = ? AND expires_ms < ?";
    tx.prepare_cached(sql)?.execute(params![tenant.to_bytes(), new.created_ms - SHOWN_MS])?;
    let sql = "SELECT count(*) FROM invitation WHERE tenant = ?";
    let count: u32 = tx.prepare_cached(sql)?.query_row([tenant.to_bytes()], |row| row.get(0))?;
    if count >= INVITATIONS_MAX {
        let reason = format!("there are {count} already, which is the limit");
        return Err(IdentityError::invalid("invitation", reason));
    }
    let sql = "INSERT INTO invitation \
               (id, tenant, name, role, hash, invited_by, created_ms, expires_ms) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    tx.prepare_cached(sql)?.execute(params![
        new.id.to_bytes(),
        tenant.to_bytes(),
        new.name,
        new.role.as_str(),
        hash,
        new.invited_by.to_bytes(),
        new.created_ms,
        new.expires_ms
    ])?;
    Ok(())
}

type Found = (TenantId, Vec<u8>, Invitation);

fn find(db: &Connection, id: InvitationId) -> Result<Option<Found>, IdentityError> {
    let mut rows = db.prepare_cached("SELECT * FROM invitation WHERE id = ?")?;
    let found = rows.query_row([id.to_bytes()], |row| {
        Ok((tenant_id(row, "tenant")?, row.get("hash")?, read(row)?))
    });
    Ok(found.optional()?)
}

fn read(row: &Row<'_>) -> sql::Result<Invitation> {
    Ok(Invitation {
        id: InvitationId::from_bytes(row.get("id")?),
        name: row.get("name")?,
        role: word(row, "role")?,
        invited_by: principal_id(row, "invited_by")?,
        created_ms: row.get("created_ms")?,
        expires_ms: row.get("expires_ms")?,
        accepted_ms: row.get("accepted_ms")?,
        revoked_ms: row.get("revoked_ms")?,
    })
}
