//! The entries themselves, for whoever wants to count them.

use assay_core::{CallId, NanoUsd, RequestId, TenantScope};
use assay_sqlite::sql::params;

use crate::{CallKind, Ledger, LedgerError, Outcome, Usage, store::unreadable};

/// Entries of a page at most.
const PAGE_MAX: u32 = 1_000;

/// A line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// The call.
    pub id: CallId,
    /// When it was let through, in milliseconds since 1970.
    pub at_ms: i64,
    /// The request that it was for.
    pub request: RequestId,
    /// Which attempt of the request, from 0.
    pub attempt: u16,
    /// The kind of call.
    pub kind: CallKind,
    /// The provider.
    pub provider: String,
    /// The model.
    pub model: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What it used.
    pub usage: Usage,
    /// Whether the usage was counted here, because the provider did not tell it.
    pub is_estimated: bool,
    /// What was reserved.
    pub reserved: NanoUsd,
    /// What it cost.
    pub cost: NanoUsd,
    /// What a cache saved.
    pub saved: NanoUsd,
}

impl Ledger {
    /// Up to `limit` entries of a tenant (at most 1,000), in the order in which the calls were let
    /// through, after the call `after`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries(
        &self,
        scope: &TenantScope,
        after: Option<CallId>,
        limit: u32,
    ) -> Result<Vec<LedgerEntry>, LedgerError> {
        self.flush()?;
        let after = after.map_or([0; 16], CallId::to_bytes);
        self.inner.store.read(|connection| {
            let sql = "SELECT id, at_ms, request, attempt, provider, model, is_estimated, reserved,
                              cost, saved, kind, outcome, usage
                       FROM entry WHERE id > ? AND tenant = ? ORDER BY id LIMIT ?";
            let mut statement = connection.prepare_cached(sql)?;
            let tenant = scope.tenant().to_string();
            let limit = limit.min(PAGE_MAX);
            let mut rows = statement.query(params![after, tenant, limit])?;
            let mut entries = Vec::new();
            while let Some(row) = rows.next()? {
                let [kind, outcome, usage]: [String; 3] =
                    [row.get(10)?, row.get(11)?, row.get(12)?];
                let unknown = |word: &str| LedgerError::Row { reason: format!("`{word}`") };
                entries.push(LedgerEntry {
                    id: CallId::from_bytes(row.get(0)?),
                    at_ms: row.get(1)?,
                    request: RequestId::from_bytes(row.get(2)?),
                    attempt: row.get(3)?,
                    provider: row.get(4)?,
                    model: row.get(5)?,
                    is_estimated: row.get(6)?,
                    reserved: NanoUsd::from_nanos(row.get(7)?),
                    cost: NanoUsd::from_nanos(row.get(8)?),
                    saved: NanoUsd::from_nanos(row.get(9)?),
                    kind: CallKind::parse(&kind).ok_or_else(|| unknown(&kind))?,
                    outcome: Outcome::parse(&outcome).ok_or_else(|| unknown(&outcome))?,
                    usage: serde_json::from_str(&usage).map_err(unreadable)?,
                });
            }
            Ok(entries)
        })
    }
}
