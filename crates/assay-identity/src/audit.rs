//! The audit log: who did what to which object, from where, with which result.
//!
//! Each tenant has a chain of its own, so that what a tenant takes out can be checked without the
//! lines of others. A line names the SHA-256 of the line before it. Signed checkpoints say how far a
//! chain has come: a chain that was cut behind one is found too. Lines hold ids, never content,
//! names of people or secrets.

use std::{
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use assay_core::{PrincipalId, RequestId, TenantId, TenantScope, timestamp};
use assay_sqlite::sql::{Connection, OptionalExtension, Transaction, params};
use ring::digest::{SHA256, digest};

use crate::{Caller, Credential, Identities, IdentityError, caller::LOCAL_USER, secrets::Secrets};

mod entry;
mod verify;

pub(crate) use entry::base64;
pub use entry::{AuditEntry, Checkpoint};
pub use verify::{Fault, Verified, verify};

/// Entries of a chain after which it gets a checkpoint at the latest.
const CHECKPOINT_EVERY: u64 = 64;
/// What the first entry of a chain names as the one before it.
pub(crate) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Refusals that are written down a minute; more are counted. Whoever guesses keys must not fill the
/// disk.
const REFUSALS_A_MINUTE: u32 = 100;
/// Characters of an object or a detail at most: part of it may come from a caller.
const TEXT_CHARS_MAX: usize = 200;

/// Who acts, for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// In whose chain it is written.
    pub(crate) tenant: TenantId,
    pub(crate) who: String,
    pub(crate) via: String,
    pub(crate) from: String,
    pub(crate) request: String,
}

impl Actor {
    /// Somebody whose credential was checked.
    #[must_use]
    pub fn caller(caller: &Caller, from: Option<IpAddr>, request: RequestId) -> Self {
        let who = match caller.credential() {
            Credential::Local => LOCAL_USER.to_owned(),
            _ => named(caller.principal()),
        };
        Self {
            tenant: caller.scope().tenant(),
            who,
            via: caller.credential().to_string(),
            from: from.map(|from| from.to_string()).unwrap_or_default(),
            request: request.to_string(),
        }
    }

    /// Somebody who showed no valid credential; the chain of the platform tenant holds it.
    #[must_use]
    pub fn unknown(from: Option<IpAddr>, request: RequestId) -> Self {
        Self {
            tenant: TenantScope::built_in().tenant(),
            who: "unknown".to_owned(),
            via: String::new(),
            from: from.map(|from| from.to_string()).unwrap_or_default(),
            request: request.to_string(),
        }
    }

    /// The person at the machine that holds the data folder.
    #[must_use]
    pub fn operator() -> Self {
        Self {
            tenant: TenantScope::built_in().tenant(),
            who: "operator".to_owned(),
            via: "command line".to_owned(),
            from: String::new(),
            request: String::new(),
        }
    }

    /// Who acts, as the ledger names it, see [`Caller::user`].
    #[must_use]
    pub fn user(&self) -> &str {
        self.who.strip_prefix(NAMED).unwrap_or(&self.who)
    }

    /// The API key that was shown, by its id.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        self.via.strip_prefix("key:")
    }

    /// The same actor, in the chain of this tenant.
    pub(crate) fn in_tenant(&self, tenant: TenantId) -> Self {
        Self { tenant, ..self.clone() }
    }
}

/// What stands before the id of a principal in the log.
const NAMED: &str = "principal:";

pub(crate) fn named(principal: PrincipalId) -> String {
    format!("{NAMED}{principal}")
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was refused.
    Denied,
    /// It was allowed and failed.
    Failed,
}

impl Outcome {
    /// Its word in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// Something that belongs into the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What was done, such as `key.create`.
    pub action: &'static str,
    /// To what, such as `key:…`: an id, never a name or content.
    pub object: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What else matters, in words of Assay's own.
    pub detail: String,
}

impl Event {
    /// Something that was done.
    #[must_use]
    pub fn done(action: &'static str, object: impl Into<String>) -> Self {
        let object = object.into();
        Self { action, object, outcome: Outcome::Done, detail: String::new() }
    }

    /// With more to say.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }
}

/// How many refusals this minute has had.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<Minute>);

#[derive(Debug, Default)]
struct Minute {
    number: i64,
    written: u32,
    /// Not written down since the last that was.
    left_out: u64,
}

impl Refusals {
    /// Whether one more is written down, and how many before it were not.
    fn admit(&self, now_ms: i64) -> Option<u64> {
        let mut minute = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if minute.number != now_ms / 60_000 {
            (minute.number, minute.written) = (now_ms / 60_000, 0);
        }
        if minute.written >= REFUSALS_A_MINUTE {
            minute.left_out += 1;
            return None;
        }
        minute.written += 1;
        Some(std::mem::take(&mut minute.left_out))
    }
}

/// What the line of an act of the guard holds.
const GUARD_LINE: &str = "%\"action\":\"guard.%";
/// Entries that are looked through for acts of the guard.
const GUARD_LOOK_BACK: i64 = 100_000;

impl Identities {
    /// Writes down what may come often, such as a refusal. Of many in a minute the rest is counted.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_limited(&self, actor: Actor, mut event: Event) -> Result<(), IdentityError> {
        let Some(left_out) = self.refusals.admit(self.clock().now_ms()) else { return Ok(()) };
        if left_out > 0 {
            event.detail = format!("{} (and {left_out} before it)", event.detail);
        }
        self.record(actor, event)
    }

    /// Writes an event into the log; it is on disk on return.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record(&self, actor: Actor, event: Event) -> Result<(), IdentityError> {
        let secrets = self.secrets();
        let now_ms = self.clock().now_ms();
        self.write_quietly(move |tx| append(tx, &secrets, now_ms, &actor, &event))
    }

    /// Entries of the tenant's chain after number `after`, the oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn audit_entries(
        &self,
        scope: &TenantScope,
        after: u64,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, IdentityError> {
        let tenant = scope.tenant();
        self.read(|db| {
            let sql = "SELECT line FROM audit WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?";
            let mut rows = db.prepare_cached(sql)?;
            let lines = rows.query_map(params![tenant.to_bytes(), after, limit], |row| {
                row.get::<_, String>(0)
            })?;
            lines.map(|line| AuditEntry::parse(&line?)).collect()
        })
    }

    /// What the guard did in the tenant, the newest first, among the last 100,000 entries.
    ///
    /// # Errors
    /// When the database fails.
    pub fn guard_entries(
        &self,
        scope: &TenantScope,
        limit: u32,
    ) -> Result<Vec<AuditEntry>, IdentityError> {
        let tenant = scope.tenant();
        self.read(|db| {
            let sql = "SELECT line FROM audit WHERE tenant = ?1 AND line LIKE ?2 AND seq > \
                       (SELECT coalesce(max(seq), 0) FROM audit WHERE tenant = ?1) - ?3 \
                       ORDER BY seq DESC LIMIT ?4";
            let mut rows = db.prepare_cached(sql)?;
            let wanted = params![tenant.to_bytes(), GUARD_LINE, GUARD_LOOK_BACK, limit];
            let lines = rows.query_map(wanted, |row| row.get::<_, String>(0))?;
            let entries = lines.map(|line| AuditEntry::parse(&line?));
            let is_guards = |entry: &AuditEntry| entry.action.starts_with("guard.");
            let entries: Vec<AuditEntry> = entries.collect::<Result<_, IdentityError>>()?;
            Ok(entries.into_iter().filter(is_guards).collect())
        })
    }

    /// The tenant's chain as lines of JSON, a part at a time, with its checkpoints where they stand.
    /// The first part begins with the newest checkpoint, which says how long the whole is. `after`
    /// is the number of the last entry of the part before; an empty part is the end.
    ///
    /// # Errors
    /// When the database fails.
    pub fn export_audit(
        &self,
        scope: &TenantScope,
        after: u64,
        limit: u32,
    ) -> Result<(String, u64), IdentityError> {
        let tenant = scope.tenant();
        let mut text = String::new();
        if after == 0 {
            self.checkpoint(tenant)?;
            let newest = self.read(|db| newest_checkpoint(db, tenant))?;
            let Some(newest) = newest else { return Ok((text, 0)) };
            text.push_str(&newest);
            text.push('\n');
        }
        self.read(|db| {
            let sql = "SELECT a.seq, a.line, c.line FROM audit a LEFT JOIN checkpoint c \
                       ON c.tenant = a.tenant AND c.seq = a.seq \
                       WHERE a.tenant = ?1 AND a.seq > ?2 AND a.seq <= \
                       (SELECT max(seq) FROM checkpoint WHERE tenant = ?1) ORDER BY a.seq LIMIT ?3";
            let mut rows = db.prepare_cached(sql)?;
            let mut rows = rows.query(params![tenant.to_bytes(), after, limit])?;
            let mut last = after;
            while let Some(row) = rows.next()? {
                last = row.get(0)?;
                for line in [row.get::<_, Option<String>>(1)?, row.get(2)?].into_iter().flatten() {
                    text.push_str(&line);
                    text.push('\n');
                }
            }
            Ok((text, last))
        })
    }

    /// Signs how far the chain of a tenant has come, when it has gone on since.
    pub(crate) fn checkpoint(&self, tenant: TenantId) -> Result<(), IdentityError> {
        let secrets = self.secrets();
        let now_ms = self.clock().now_ms();
        self.write_quietly(move |tx| {
            let head = head(tx, tenant)?;
            if head.seq > head.checkpoint {
                sign(tx, &secrets, now_ms, tenant, head.seq, &head.hash)?;
            }
            Ok(())
        })
    }

    /// Signs how far every chain has come.
    ///
    /// # Errors
    /// When the database fails.
    pub fn checkpoint_all(&self) -> Result<(), IdentityError> {
        let behind: Vec<[u8; 16]> = self.read(|db| {
            let sql = "SELECT a.tenant FROM (SELECT tenant, max(seq) AS seq FROM audit GROUP BY \
                       tenant) a LEFT JOIN (SELECT tenant, max(seq) AS seq FROM checkpoint \
                       GROUP BY tenant) c ON c.tenant = a.tenant WHERE a.seq > coalesce(c.seq, 0)";
            let mut rows = db.prepare_cached(sql)?;
            Ok(rows.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })?;
        behind.into_iter().try_for_each(|tenant| self.checkpoint(TenantId::from_bytes(tenant)))
    }

    /// The key that checks the signatures of checkpoints, in base 64.
    #[must_use]
    pub fn audit_public_key(&self) -> String {
        base64(&self.secrets().public_key())
    }
}

/// Where a chain ends.
struct Head {
    seq: u64,
    hash: String,
    /// The last entry that a checkpoint covers.
    checkpoint: u64,
}

fn head(db: &Connection, tenant: TenantId) -> Result<Head, IdentityError> {
    let tenant = tenant.to_bytes();
    let sql = "SELECT seq, line FROM audit WHERE tenant = ? ORDER BY seq DESC LIMIT 1";
    let last = db
        .prepare_cached(sql)?
        .query_row([tenant], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let sql = "SELECT coalesce(max(seq), 0) FROM checkpoint WHERE tenant = ?";
    let checkpoint = db.prepare_cached(sql)?.query_row([tenant], |row| row.get(0))?;
    Ok(match last {
        Some((seq, line)) => Head { seq, hash: hash(&line), checkpoint },
        None => Head { seq: 0, hash: GENESIS.to_owned(), checkpoint },
    })
}

fn newest_checkpoint(db: &Connection, tenant: TenantId) -> Result<Option<String>, IdentityError> {
    let sql = "SELECT line FROM checkpoint WHERE tenant = ? ORDER BY seq DESC LIMIT 1";
    Ok(db.prepare_cached(sql)?.query_row([tenant.to_bytes()], |row| row.get(0)).optional()?)
}

/// Adds an entry to the chain of the actor's tenant, inside the transaction of what it tells of.
pub(crate) fn append(
    tx: &Transaction<'_>,
    secrets: &Secrets,
    now_ms: i64,
    actor: &Actor,
    event: &Event,
) -> Result<(), IdentityError> {
    let head = head(tx, actor.tenant)?;
    let entry = AuditEntry {
        seq: head.seq + 1,
        at: timestamp(now_ms).to_string(),
        tenant: actor.tenant.to_string(),
        actor: actor.who.clone(),
        via: actor.via.clone(),
        from: actor.from.clone(),
        request: actor.request.clone(),
        action: event.action.to_owned(),
        object: short(&event.object),
        outcome: event.outcome.as_str().to_owned(),
        detail: short(&event.detail),
        prev: head.hash,
    };
    let line = entry.line();
    let sql = "INSERT INTO audit (tenant, seq, line) VALUES (?, ?, ?)";
    tx.prepare_cached(sql)?.execute(params![actor.tenant.to_bytes(), entry.seq, line])?;
    if entry.seq - head.checkpoint >= CHECKPOINT_EVERY {
        sign(tx, secrets, now_ms, actor.tenant, entry.seq, &hash(&line))?;
    }
    Ok(())
}

fn sign(
    tx: &Transaction<'_>,
    secrets: &Secrets,
    now_ms: i64,
    tenant: TenantId,
    seq: u64,
    hash: &str,
) -> Result<(), IdentityError> {
    let at = timestamp(now_ms).to_string();
    let checkpoint = Checkpoint::signed(secrets, tenant.to_string(), seq, at, hash.to_owned());
    let sql = "INSERT INTO checkpoint (tenant, seq, line) VALUES (?, ?, ?)";
    tx.prepare_cached(sql)?.execute(params![tenant.to_bytes(), seq, checkpoint.line()])?;
    // The log of the process goes elsewhere more often than not: what was given away cannot be
    // taken back with the database.
    tracing::info!(%tenant, seq, hash, signature = checkpoint.signature, "audit checkpoint");
    Ok(())
}

/// The SHA-256 of a line, in hexadecimal digits.
pub(crate) fn hash(line: &str) -> String {
    digest(&SHA256, line.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_CHARS_MAX).collect()
}

#[cfg(test)]
mod tests;
