//! The tenants of an installation and their states.

use std::str::FromStr;

use assay_core::{Reader, TenantId, TenantScope};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Actor, Event, Identities, IdentityError, OwnLimits, STATES,
    row::{tenant_id, word},
};

/// Letters of a name at most: it may become a part of a host name.
const NAME_MAX: usize = 63;
/// Names that hosts of their own kind have.
const RESERVED: [&str; 5] = ["www", "api", "app", "admin", "localhost"];

/// In which state a tenant is; [`STATES`] says what each leaves of the rights of its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TenantState {
    /// In use.
    Active,
    /// In use until its trial ends.
    Trial,
    /// Nothing is read or written; nothing is lost.
    Suspended,
    /// On its way out: an owner takes the data out and erases it.
    Cancelled,
}

impl TenantState {
    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(it, ..)| *it == self).map_or("", |(_, name, _)| name)
    }

    /// Whether work without a caller, such as following sources, goes on.
    #[must_use]
    pub const fn works(self) -> bool {
        matches!(self, Self::Active | Self::Trial)
    }
}

impl FromStr for TenantState {
    type Err = IdentityError;

    fn from_str(name: &str) -> Result<Self, IdentityError> {
        let found = STATES.iter().find(|(_, it, _)| *it == name).map(|(it, ..)| *it);
        found.ok_or_else(|| {
            let reason = format!("`{name}` is none of active, trial, suspended, cancelled");
            IdentityError::invalid("state", reason)
        })
    }
}

/// A tenant as the installation knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantRecord {
    /// Its id.
    pub id: TenantId,
    /// Its name: letters a to z, digits and hyphens.
    pub name: String,
    /// Its state as of now: a trial that has ended is suspended.
    pub state: TenantState,
    /// When its trial ends, in milliseconds since 1970.
    pub trial_ends_ms: Option<i64>,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// Its limits where they differ from those of the configuration.
    pub own_limits: OwnLimits,
}

impl TenantRecord {
    /// The state that counts at a time.
    pub(crate) fn state_at(
        state: TenantState,
        trial_ends_ms: Option<i64>,
        now_ms: i64,
    ) -> TenantState {
        match (state, trial_ends_ms) {
            (TenantState::Trial, Some(ends)) if ends <= now_ms => TenantState::Suspended,
            _ => state,
        }
    }
}

impl Identities {
    /// Refuses names that cannot be those of a tenant.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`].
    pub fn check_tenant_name(name: &str) -> Result<(), IdentityError> {
        let is_label = !name.is_empty()
            && name.len() <= NAME_MAX
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !name.starts_with('-')
            && !name.ends_with('-');
        // A name that reads as an id would name two tenants.
        if !is_label || RESERVED.contains(&name) || name.parse::<TenantId>().is_ok() {
            let reason = "take 1 to 63 of a-z, 0-9 and `-`, not at the ends, and no name such as \
                          `www` or an id";
            return Err(IdentityError::invalid("tenant name", reason));
        }
        Ok(())
    }

    /// Adds a tenant whose data folder was made.
    ///
    /// # Errors
    /// When the name is taken or cannot be one.
    pub fn add_tenant(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        name: &str,
        trial_ends_ms: Option<i64>,
    ) -> Result<TenantRecord, IdentityError> {
        Self::check_tenant_name(name)?;
        let (id, name, now_ms) = (scope.tenant(), name.to_owned(), self.clock().now_ms());
        self.change(&actor.clone(), move |tx| {
            insert(tx, id, &name, trial_ends_ms, now_ms)?;
            let made = find(tx, id, now_ms)?;
            Ok((made, Event::done("tenant.create", format!("tenant:{id}"))))
        })
    }

    /// All tenants, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tenants(&self) -> Result<Vec<TenantRecord>, IdentityError> {
        let now_ms = self.clock().now_ms();
        self.read(|db| {
            let mut rows = db.prepare_cached("SELECT * FROM tenant ORDER BY name")?;
            let tenants = rows.query_map([], |row| read(row, now_ms))?;
            Ok(tenants.collect::<Result<_, _>>()?)
        })
    }

    /// A tenant.
    ///
    /// # Errors
    /// When there is none.
    pub fn tenant(&self, id: TenantId) -> Result<TenantRecord, IdentityError> {
        let now_ms = self.clock().now_ms();
        self.read(|db| find(db, id, now_ms))
    }

    /// The scope of a tenant that the caller manages from the platform: checked by the permission
    /// of the route.
    ///
    /// # Errors
    /// When there is none of this id or name.
    pub fn managed_tenant(
        &self,
        given: &str,
    ) -> Result<(TenantScope, TenantRecord), IdentityError> {
        let now_ms = self.clock().now_ms();
        let record = self.read(|db| {
            if let Ok(id) = given.parse::<TenantId>() {
                return find(db, id, now_ms);
            }
            let mut rows = db.prepare_cached("SELECT * FROM tenant WHERE name = ?")?;
            let found = rows.query_row([given], |row| read(row, now_ms)).optional()?;
            found.ok_or_else(|| IdentityError::not_found("tenant", given))
        })?;
        // Whoever manages tenants does not read what they hold.
        Ok((TenantScope::authenticated(record.id, Reader::nobody()), record))
    }

    /// Puts a tenant into a state; it holds for the next request.
    ///
    /// # Errors
    /// When there is none, or it is the platform tenant.
    pub fn set_tenant_state(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        state: TenantState,
        trial_ends_ms: Option<i64>,
    ) -> Result<TenantRecord, IdentityError> {
        let (id, now_ms) = (other_than_platform(scope)?, self.clock().now_ms());
        self.change(&actor.in_tenant(id), move |tx| {
            let sql = "UPDATE tenant SET state = ?, trial_ends_ms = ? WHERE id = ?";
            let set = params![state.as_str(), trial_ends_ms, id.to_bytes()];
            tx.prepare_cached(sql)?.execute(set)?;
            let event = Event::done("tenant.state", format!("tenant:{id}")).detail(state.as_str());
            Ok((find(tx, id, now_ms)?, event))
        })
    }

    /// Forgets a tenant with its members, groups, invitations and keys: from now on nobody acts for it.
    /// Its audit log stays, which holds ids alone; users stay too, who belong to the installation.
    ///
    /// # Errors
    /// When there is none, or it is the platform tenant.
    pub fn remove_tenant(&self, actor: &Actor, scope: &TenantScope) -> Result<(), IdentityError> {
        let id = other_than_platform(scope)?;
        self.change(&actor.in_tenant(id), move |tx| {
            let gone =
                tx.prepare_cached("DELETE FROM tenant WHERE id = ?")?.execute([id.to_bytes()])?;
            if gone == 0 {
                return Err(IdentityError::not_found("tenant", id));
            }
            tx.prepare_cached("DELETE FROM principal WHERE home = ?")?.execute([id.to_bytes()])?;
            Ok(((), Event::done("tenant.erase", format!("tenant:{id}"))))
        })?;
        Ok(self.database.empty_log()?)
    }
}

fn other_than_platform(scope: &TenantScope) -> Result<TenantId, IdentityError> {
    if scope.is_platform() { Err(IdentityError::Platform) } else { Ok(scope.tenant()) }
}

pub(crate) fn insert(
    tx: &Transaction<'_>,
    id: TenantId,
    name: &str,
    trial_ends_ms: Option<i64>,
    now_ms: i64,
) -> Result<(), IdentityError> {
    let state = if trial_ends_ms.is_some() { TenantState::Trial } else { TenantState::Active };
    let sql = "INSERT INTO tenant (id, name, state, trial_ends_ms, created_ms) \
               VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let row = params![id.to_bytes(), name, state.as_str(), trial_ends_ms, now_ms];
    if tx.prepare_cached(sql)?.execute(row)? == 0 {
        return Err(IdentityError::Exists { kind: "tenant", name: name.to_owned() });
    }
    Ok(())
}

pub(crate) fn exists(db: &Connection, id: TenantId) -> Result<bool, IdentityError> {
    Ok(db.prepare_cached("SELECT 1 FROM tenant WHERE id = ?")?.exists([id.to_bytes()])?)
}

pub(crate) fn find(
    db: &Connection,
    id: TenantId,
    now_ms: i64,
) -> Result<TenantRecord, IdentityError> {
    let mut rows = db.prepare_cached("SELECT * FROM tenant WHERE id = ?")?;
    let found = rows.query_row([id.to_bytes()], |row| read(row, now_ms)).optional()?;
    found.ok_or_else(|| IdentityError::not_found("tenant", id))
}

fn read(row: &Row<'_>, now_ms: i64) -> sql::Result<TenantRecord> {
    let trial_ends_ms = row.get("trial_ends_ms")?;
    Ok(TenantRecord {
        id: tenant_id(row, "id")?,
        name: row.get("name")?,
        state: TenantRecord::state_at(word(row, "state")?, trial_ends_ms, now_ms),
        trial_ends_ms,
        created_ms: row.get("created_ms")?,
        own_limits: OwnLimits::read(row)?,
    })
}
