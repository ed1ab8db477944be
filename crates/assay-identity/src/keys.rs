//! API keys: making, listing, rotating, revoking, checking.

use std::sync::Arc;

use assay_core::{PrincipalId, Secret, TenantScope};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Actor, Caller, Credential, Event, Identities, IdentityError, KeyId, OwnLimits, Permissions,
    Role, TenantRecord,
    cache::Warm,
    error::cut,
    groups, key,
    limits::default_for,
    row::{check_name, principal_id, tenant_id, word},
};

/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3_600_000;

/// What a key is made of.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// What it is for, in words of whoever makes it.
    pub name: String,
    /// Who acts by it.
    pub principal: PrincipalId,
    /// What it is narrowed to; `None` for all that the role allows.
    pub scopes: Option<Permissions>,
    /// When it ends, in milliseconds since 1970; `None` for the default of the installation.
    pub expires_ms: Option<i64>,
}

/// A key that was just made: the only time that its text is there.
#[derive(Debug)]
pub struct MintedKey {
    /// What is stored of it.
    pub record: KeyRecord,
    /// The key itself.
    pub key: Secret,
}

/// What is known of a key besides its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its public part.
    pub id: KeyId,
    /// What it is for.
    pub name: String,
    /// Who acts by it.
    pub principal: PrincipalId,
    /// What it is narrowed to.
    pub scopes: Option<Permissions>,
    /// When it was made, in milliseconds since 1970, as all times here.
    pub created_ms: i64,
    /// When it ends.
    pub expires_ms: Option<i64>,
    /// When it was revoked.
    pub revoked_ms: Option<i64>,
    /// When it was last good.
    pub used_ms: Option<i64>,
    /// The key that it took the place of.
    pub replaces: Option<KeyId>,
}

impl Identities {
    /// Makes a key for a member of a tenant.
    ///
    /// # Errors
    /// When the principal is no member, or a name or time cannot be one.
    pub fn create_key(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        new: NewKey,
    ) -> Result<MintedKey, IdentityError> {
        check_name("key name", &new.name)?;
        let now_ms = self.clock().now_ms();
        if new.expires_ms.is_some_and(|ends| ends <= now_ms) {
            return Err(IdentityError::invalid("expiry", "it is in the past"));
        }
        let default = i64::from(self.settings().key_days) * DAY_MS;
        let expires_ms = new.expires_ms.or_else(|| (default > 0).then(|| now_ms + default));
        let (id, text) = key::mint()?;
        let hash = self.secrets().hash(&text);
        let record = KeyRecord {
            id,
            name: new.name,
            principal: new.principal,
            scopes: new.scopes,
            created_ms: now_ms,
            expires_ms,
            revoked_ms: None,
            used_ms: None,
            replaces: None,
        };
        let tenant = scope.clone();
        let record = self.change(&actor.in_tenant(scope.tenant()), move |tx| {
            insert(tx, &tenant, &record, &hash)?;
            let event = Event::done("key.create", format!("key:{}", record.id))
                .detail(format!("for principal:{}", record.principal));
            Ok((record, event))
        })?;
        Ok(MintedKey { record, key: Secret::new(text) })
    }

    /// The keys of a tenant, those of one principal alone when it is named, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn keys(
        &self,
        scope: &TenantScope,
        only: Option<PrincipalId>,
    ) -> Result<Vec<KeyRecord>, IdentityError> {
        let mut keys = self.read(|db| {
            let sql = "SELECT * FROM api_key WHERE tenant = ?1 AND (CAST(?2 AS BLOB) IS NULL OR principal = ?2) \
                       ORDER BY created_ms DESC, id";
            let only = only.map(PrincipalId::to_bytes);
            let mut rows = db.prepare_cached(sql)?;
            let keys = rows.query_map(params![scope.tenant().to_bytes(), only], read)?;
            Ok::<_, IdentityError>(keys.collect::<Result<Vec<_>, _>>()?)
        })?;
        for key in &mut keys {
            key.used_ms = key.used_ms.max(self.cache.last_use(key.id.as_str()));
        }
        Ok(keys)
    }

    /// Makes a key in the place of another, which stays good for `overlap_ms` from now.
    ///
    /// # Errors
    /// When there is no such key, or it is not good any more.
    pub fn rotate_key(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        only: Option<PrincipalId>,
        id: &str,
        overlap_ms: i64,
    ) -> Result<MintedKey, IdentityError> {
        let now_ms = self.clock().now_ms();
        let (new_id, text) = key::mint()?;
        let hash = self.secrets().hash(&text);
        let (tenant, id) = (scope.clone(), id.to_owned());
        let record = self.change(&actor.in_tenant(scope.tenant()), move |tx| {
            let old = find(tx, &tenant, only, &id)?;
            let is_over = old.expires_ms.is_some_and(|ends| ends <= now_ms);
            if is_over || old.revoked_ms.is_some() {
                return Err(IdentityError::invalid("key", "it is not good any more: make another"));
            }
            let lasts = old.expires_ms.map(|ends| ends - old.created_ms);
            let record = KeyRecord {
                id: new_id,
                created_ms: now_ms,
                expires_ms: lasts.map(|lasts| now_ms + lasts),
                used_ms: None,
                replaces: Some(old.id.clone()),
                ..old.clone()
            };
            insert(tx, &tenant, &record, &hash)?;
            let ends = old.expires_ms.map_or(now_ms + overlap_ms, |e| e.min(now_ms + overlap_ms));
            let sql = "UPDATE api_key SET expires_ms = ? WHERE id = ?";
            tx.prepare_cached(sql)?.execute(params![ends, old.id.as_str()])?;
            let event = Event::done("key.rotate", format!("key:{}", old.id))
                .detail(format!("replaced by key:{}", record.id));
            Ok((record, event))
        })?;
        Ok(MintedKey { record, key: Secret::new(text) })
    }

    /// Revokes a key: it is refused from when this returns.
    ///
    /// # Errors
    /// When there is no such key.
    pub fn revoke_key(
        &self,
        actor: &Actor,
        scope: &TenantScope,
        only: Option<PrincipalId>,
        id: &str,
    ) -> Result<(), IdentityError> {
        let (tenant, id, now_ms) = (scope.clone(), id.to_owned(), self.clock().now_ms());
        self.change(&actor.in_tenant(scope.tenant()), move |tx| {
            let key = find(tx, &tenant, only, &id)?;
            let sql = "UPDATE api_key SET revoked_ms = coalesce(revoked_ms, ?) WHERE id = ?";
            tx.prepare_cached(sql)?.execute(params![now_ms, key.id.as_str()])?;
            Ok(((), Event::done("key.revoke", format!("key:{}", key.id))))
        })
    }

    /// Turns a key into who acts for which tenant. `chosen` is the tenant that the request names,
    /// by id or name; it has to be the key's own.
    ///
    /// With a warm key this takes some microseconds and no look at the disk.
    ///
    /// # Errors
    /// When the key is malformed, unknown, revoked or expired, its principal is shut out, or the
    /// request names another tenant.
    pub fn authenticate(&self, key: &str, chosen: Option<&str>) -> Result<Caller, IdentityError> {
        let unknown = || IdentityError::credential("this key is not known");
        let id = key::id_of(key)?;
        let warm = self.warm(&id)?.ok_or_else(unknown)?;
        if !self.secrets().matches(key, &warm.hash) {
            return Err(unknown());
        }
        // From here on the caller holds the key itself and may know what became of it.
        let now_ms = self.clock().now_ms();
        if warm.revoked {
            return Err(IdentityError::credential("this key was revoked"));
        }
        if warm.expires_ms.is_some_and(|ends| ends <= now_ms) {
            return Err(IdentityError::credential("this key has expired"));
        }
        let role = warm.role.filter(|_| !warm.disabled);
        let role = role.ok_or_else(|| IdentityError::credential("this key's owner is shut out"))?;
        if let Some(given) = chosen
            && given != warm.tenant_name
            && given.parse() != Ok(warm.tenant)
        {
            return Err(IdentityError::NotMember { given: cut(given) });
        }
        self.cache.used(id.as_str(), now_ms);
        Ok(Caller {
            scope: Caller::scope_of(warm.tenant, role, warm.scopes, &warm.listed),
            principal: warm.principal,
            credential: Credential::Key(id),
            role,
            state: TenantRecord::state_at(warm.state, warm.trial_ends_ms, now_ms),
            scopes: warm.scopes,
            limits: warm.limits.over(default_for(warm.tenant, self.settings().limits)),
        })
    }

    /// Whether [`Self::authenticate`] decides about this key without a look at the disk.
    #[must_use]
    pub fn is_warm(&self, key: &str) -> bool {
        let version = self.version();
        key::id_of(key).map_or(true, |id| self.cache.get(id.as_str(), version).is_some())
    }

    /// What is known of a key, from memory where that is not stale.
    fn warm(&self, id: &KeyId) -> Result<Option<Arc<Warm>>, IdentityError> {
        // Before the read: a change that comes between makes what is read stale, not fresh.
        let version = self.version();
        if let Some(warm) = self.cache.get(id.as_str(), version) {
            return Ok(Some(warm));
        }
        let found = self.read(|db| load(db, id, version))?.map(Arc::new);
        if let Some(warm) = &found {
            self.cache.put(id.as_str(), Arc::clone(warm));
        }
        Ok(found)
    }

    /// Writes down when keys were last used.
    pub(crate) fn flush_uses(&self) -> Result<(), IdentityError> {
        let uses = self.cache.take_uses();
        if uses.is_empty() {
            return Ok(());
        }
        self.write_quietly(move |tx| {
            let sql = "UPDATE api_key SET used_ms = CASE WHEN coalesce(used_ms, 0) < ?1 \
                       THEN ?1 ELSE used_ms END WHERE id = ?2";
            let mut update = tx.prepare_cached(sql)?;
            for (id, at) in &uses {
                update.execute(params![at, id])?;
            }
            Ok(())
        })
    }
}

fn load(db: &Connection, id: &KeyId, version: u64) -> Result<Option<Warm>, IdentityError> {
    let sql = "SELECT k.*, t.name AS tenant_name, t.limits, t.state, t.trial_ends_ms, p.disabled_ms, m.role \
               FROM api_key k JOIN tenant t ON t.id = k.tenant JOIN principal p ON p.id = k.principal \
               LEFT JOIN membership m ON m.tenant = k.tenant AND m.principal = k.principal \
               WHERE k.id = ?";
    let mut rows = db.prepare_cached(sql)?;
    let warm = rows.query_row([id.as_str()], |row| {
        let role: Option<String> = row.get("role")?;
        let (principal, tenant) = (principal_id(row, "principal")?, tenant_id(row, "tenant")?);
        Ok(Warm {
            version,
            hash: row.get("hash")?,
            principal,
            listed: groups::listed(db, tenant, principal)?,
            tenant,
            tenant_name: row.get("tenant_name")?,
            limits: OwnLimits::read(row)?,
            state: word(row, "state")?,
            trial_ends_ms: row.get("trial_ends_ms")?,
            role: role.and_then(|role| role.parse::<Role>().ok()),
            scopes: scopes(row)?.unwrap_or(Permissions::ALL),
            expires_ms: row.get("expires_ms")?,
            revoked: row.get::<_, Option<i64>>("revoked_ms")?.is_some(),
            disabled: row.get::<_, Option<i64>>("disabled_ms")?.is_some(),
        })
    });
    Ok(warm.optional()?)
}

fn find(
    db: &Connection,
    scope: &TenantScope,
    only: Option<PrincipalId>,
    id: &str,
) -> Result<KeyRecord, IdentityError> {
    let sql = "SELECT * FROM api_key \
               WHERE id = ?1 AND tenant = ?2 AND (CAST(?3 AS BLOB) IS NULL OR principal = ?3)";
    let only = only.map(PrincipalId::to_bytes);
    let mut rows = db.prepare_cached(sql)?;
    let found = rows.query_row(params![id, scope.tenant().to_bytes(), only], read).optional()?;
    found.ok_or_else(|| IdentityError::not_found("key", id))
}

fn insert(
    tx: &Transaction<'_>,
    scope: &TenantScope,
    record: &KeyRecord,
    hash: &[u8],
) -> Result<(), IdentityError> {
    let (tenant, principal) = (scope.tenant().to_bytes(), record.principal.to_bytes());
    let sql = "SELECT 1 FROM membership WHERE tenant = ? AND principal = ?";
    if !tx.prepare_cached(sql)?.exists(params![tenant, principal])? {
        return Err(IdentityError::not_found("member", record.principal));
    }
    let scopes = record
        .scopes
        .map(|scopes| scopes.iter().map(crate::Permission::as_str).collect::<Vec<_>>().join(" "));
    let sql = "INSERT INTO api_key \
               (id, principal, tenant, name, hash, scopes, created_ms, expires_ms, replaces) \
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    tx.prepare_cached(sql)?.execute(params![
        record.id.as_str(),
        principal,
        tenant,
        record.name,
        hash,
        scopes,
        record.created_ms,
        record.expires_ms,
        record.replaces.as_ref().map(KeyId::as_str),
    ])?;
    Ok(())
}

fn read(row: &Row<'_>) -> sql::Result<KeyRecord> {
    Ok(KeyRecord {
        id: KeyId(row.get("id")?),
        name: row.get("name")?,
        principal: principal_id(row, "principal")?,
        scopes: scopes(row)?,
        created_ms: row.get("created_ms")?,
        expires_ms: row.get("expires_ms")?,
        revoked_ms: row.get("revoked_ms")?,
        used_ms: row.get("used_ms")?,
        replaces: row.get::<_, Option<String>>("replaces")?.map(KeyId),
    })
}

/// The permissions of a row. A name that this version does not know narrows the key further.
fn scopes(row: &Row<'_>) -> sql::Result<Option<Permissions>> {
    let text: Option<String> = row.get("scopes")?;
    Ok(text.map(|text| {
        let known: Vec<_> = text.split_whitespace().filter_map(|name| name.parse().ok()).collect();
        Permissions::of(&known)
    }))
}

#[cfg(test)]
mod tests;
