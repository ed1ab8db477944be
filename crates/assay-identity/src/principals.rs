//! Users and services.

use std::str::FromStr;

use assay_core::{PrincipalId, TenantId, TenantScope};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Actor, Event, Identities, IdentityError, Role,
    row::{check_name, principal_id, word},
};

/// What acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A program; it belongs to one tenant.
    Service,
}

impl PrincipalKind {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Service => "service",
        }
    }
}

impl FromStr for PrincipalKind {
    type Err = IdentityError;

    fn from_str(name: &str) -> Result<Self, IdentityError> {
        match name {
            "user" => Ok(Self::User),
            "service" => Ok(Self::Service),
            _ => Err(IdentityError::invalid("kind", format!("`{name}` is no kind of principal"))),
        }
    }
}

/// A user or a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Its id.
    pub id: PrincipalId,
    /// Which of both.
    pub kind: PrincipalKind,
    /// A user's name is unique in the installation, a service's in its tenant.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// Since when it may do nothing, in milliseconds since 1970.
    pub disabled_ms: Option<i64>,
}

impl Identities {
    /// Makes a user, who is a member of nothing yet.
    ///
    /// # Errors
    /// When the name is taken or cannot be one.
    pub fn create_user(&self, actor: &Actor, name: &str) -> Result<Principal, IdentityError> {
        check_name("user name", name)?;
        let (name, now_ms) = (name.to_owned(), self.clock().now_ms());
        self.change(actor, move |tx| {
            let made = insert(tx, PrincipalKind::User, None, &name, now_ms)?;
            let event = Event::done("user.create", format!("principal:{}", made.id));
            Ok((made, event))
        })
    }

    /// Makes a service of a tenant, with the role `service` there.
    ///
    /// # Errors
    /// When the name is taken in this tenant or cannot be one.
    pub fn create_service(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        name: &str,
    ) -> Result<Principal, IdentityError> {
        check_name("service name", name)?;
        let (name, tenant, now_ms) = (name.to_owned(), scope.tenant(), self.clock().now_ms());
        let limits = self.settings().limits;
        self.change(&actor.in_tenant(tenant), move |tx| {
            crate::limits::has_room(tx, tenant, limits)?;
            let made = insert(tx, PrincipalKind::Service, Some(tenant), &name, now_ms)?;
            crate::members::put(tx, tenant, made.id, Role::Service, now_ms)?;
            let event = Event::done("service.create", format!("principal:{}", made.id));
            Ok((made, event))
        })
    }

    /// All users, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn users(&self) -> Result<Vec<Principal>, IdentityError> {
        self.read(|db| {
            let sql = "SELECT * FROM principal WHERE kind = 'user' ORDER BY name";
            let mut rows = db.prepare_cached(sql)?;
            Ok(rows.query_map([], read)?.collect::<Result<_, _>>()?)
        })
    }

    /// The user of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn user_named(&self, name: &str) -> Result<Principal, IdentityError> {
        self.read(|db| user_named(db, name))
    }

    /// Shuts a user out of everything, or lets the user in again; it holds for the next request.
    ///
    /// # Errors
    /// When there is none.
    pub fn set_user_disabled(
        &self,
        actor: &Actor,
        name: &str,
        disabled: bool,
    ) -> Result<Principal, IdentityError> {
        let (name, now_ms) = (name.to_owned(), self.clock().now_ms());
        self.change(actor, move |tx| {
            let user = user_named(tx, &name)?;
            let since = disabled.then_some(now_ms);
            let sql = "UPDATE principal SET disabled_ms = ? WHERE id = ?";
            tx.prepare_cached(sql)?.execute(params![since, user.id.to_bytes()])?;
            let action = if disabled { "user.disable" } else { "user.enable" };
            let event = Event::done(action, format!("principal:{}", user.id));
            Ok((Principal { disabled_ms: since, ..user }, event))
        })
    }
}

pub(crate) fn user_named(db: &Connection, name: &str) -> Result<Principal, IdentityError> {
    let sql = "SELECT * FROM principal WHERE home = CAST('' AS BLOB) AND name = ?";
    let found = db.prepare_cached(sql)?.query_row([name], read).optional()?;
    found.ok_or_else(|| IdentityError::not_found("user", name))
}

pub(crate) fn insert(
    tx: &Transaction<'_>,
    kind: PrincipalKind,
    home: Option<TenantId>,
    name: &str,
    now_ms: i64,
) -> Result<Principal, IdentityError> {
    let id = PrincipalId::new();
    let home = home.map(|tenant| tenant.to_bytes().to_vec()).unwrap_or_default();
    let sql = "INSERT INTO principal (id, kind, home, name, created_ms) VALUES (?, ?, ?, ?, ?) \
               ON CONFLICT DO NOTHING";
    let row = params![id.to_bytes(), kind.as_str(), home, name, now_ms];
    if tx.prepare_cached(sql)?.execute(row)? == 0 {
        return Err(IdentityError::Exists { kind: kind.as_str(), name: name.to_owned() });
    }
    Ok(Principal { id, kind, name: name.to_owned(), created_ms: now_ms, disabled_ms: None })
}

pub(crate) fn read(row: &Row<'_>) -> sql::Result<Principal> {
    Ok(Principal {
        id: principal_id(row, "id")?,
        kind: word(row, "kind")?,
        name: row.get("name")?,
        created_ms: row.get("created_ms")?,
        disabled_ms: row.get("disabled_ms")?,
    })
}
