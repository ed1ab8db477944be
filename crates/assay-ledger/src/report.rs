//! What was used, by whom and for what: sums of the entries of a tenant.

use assay_core::{DocumentId, NanoUsd, RequestId, TenantScope};
use assay_sqlite::sql::{Row, ToSql};

use crate::{Dimension, Ledger, LedgerError};

mod entries;
mod group;
#[cfg(test)]
mod tests;

pub use entries::LedgerEntry;
pub use group::GroupBy;

/// Groups of one report at most.
const GROUPS_MAX: u32 = 1_000;
/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// What a report is about.
#[derive(Debug, Clone, Default)]
pub struct UsageQuery {
    /// From when, in milliseconds since 1970; sums by hour begin at the full hour.
    pub from_ms: i64,
    /// Until when, not included; sums by hour end at the next full hour.
    pub to_ms: i64,
    /// What the groups differ in; one group for everything when empty.
    pub group_by: Vec<GroupBy>,
    /// Only entries with these values.
    pub only: Vec<(Dimension, String)>,
    /// Only entries of this question.
    pub query: Option<RequestId>,
    /// Only entries of this document.
    pub document: Option<DocumentId>,
    /// Groups at most, the dearest first; as many as there may be when 0.
    pub limit: u32,
}

/// Sums of entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UsageSum {
    /// Entries.
    pub calls: u64,
    /// Of these, those that a cache answered.
    pub cached: u64,
    /// Of these, those that failed and cost nothing.
    pub failed: u64,
    /// Of these, those without a known end, which are charged in full.
    pub abandoned: u64,
    /// Of those that a provider or the program itself answered, the ones that cost nothing.
    pub free: u64,
    /// Tokens read; those that a cache saved not included.
    pub tokens_read: u64,
    /// Tokens written; those that a cache saved not included.
    pub tokens_written: u64,
    /// What it cost.
    pub cost: NanoUsd,
    /// What caches saved.
    pub saved: NanoUsd,
}

/// One group of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageGroup {
    /// The values in the order of `group_by`; empty where an entry has none.
    pub values: Vec<String>,
    /// The sums.
    pub sum: UsageSum,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReport {
    /// From when it is.
    pub from_ms: i64,
    /// Until when, not included.
    pub to_ms: i64,
    /// All groups together, also those left out.
    pub total: UsageSum,
    /// The groups, the dearest first; by time where they are grouped by time alone.
    pub groups: Vec<UsageGroup>,
    /// Whether there are more groups.
    pub is_cut: bool,
}

impl Ledger {
    /// Adds up what a tenant used. Everything that has ended is in it.
    ///
    /// # Errors
    /// [`LedgerError::Invalid`] for a time that ends before it begins or too many kinds of groups.
    pub fn usage(
        &self,
        scope: &TenantScope,
        query: &UsageQuery,
    ) -> Result<UsageReport, LedgerError> {
        if query.from_ms >= query.to_ms || query.group_by.len() > 3 {
            let reason = "it begins before it ends and has at most 3 kinds of groups".to_owned();
            return Err(LedgerError::Invalid { what: "the report", reason });
        }
        self.flush()?;
        let plan = Plan::new(scope, query);
        self.inner.store.read(|connection| {
            let parameters: Vec<&dyn ToSql> = plan.values.iter().map(|it| &**it).collect();
            let total = format!("SELECT {} FROM {} WHERE {}", plan.sums, plan.table, plan.wheres);
            let total = connection
                .prepare_cached(&total)?
                .query_row(parameters.as_slice(), |row| sum(row, 0))?;
            let mut groups = Vec::new();
            if !query.group_by.is_empty() {
                let mut statement = connection.prepare_cached(&plan.grouped())?;
                let count = query.group_by.len();
                let rows = statement.query_map(parameters.as_slice(), |row| {
                    let values = (0..count).map(|at| group::value(row, at));
                    let values = values.collect::<Result<_, _>>()?;
                    Ok(UsageGroup { values, sum: sum(row, count)? })
                })?;
                groups = rows.collect::<Result<_, _>>()?;
            }
            let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
            let is_cut = groups.len() > limit;
            groups.truncate(limit);
            Ok(UsageReport { from_ms: plan.from_ms, to_ms: plan.to_ms, total, groups, is_cut })
        })
    }
}

/// The parts of the statements.
struct Plan {
    table: &'static str,
    sums: String,
    wheres: String,
    values: Vec<Box<dyn ToSql>>,
    group_by: Vec<String>,
    is_by_time: bool,
    limit: u32,
    from_ms: i64,
    to_ms: i64,
}

impl Plan {
    fn new(scope: &TenantScope, query: &UsageQuery) -> Self {
        let needs_entries = query.query.is_some()
            || query.document.is_some()
            || query.group_by.iter().any(|group| group.is_of_one_call());
        let (table, time, calls) =
            if needs_entries { ("entry", "at_ms", "1") } else { ("hourly", "hour_ms", "calls") };
        let (mut from_ms, mut to_ms) = (query.from_ms, query.to_ms);
        if !needs_entries {
            from_ms = from_ms.saturating_sub(from_ms.rem_euclid(HOUR_MS));
            let over = to_ms.rem_euclid(HOUR_MS);
            to_ms = to_ms.saturating_add(if over == 0 { 0 } else { HOUR_MS - over });
        }
        let mut wheres = format!("tenant = ? AND {time} >= ? AND {time} < ?");
        let mut values: Vec<Box<dyn ToSql>> =
            vec![Box::new(scope.tenant().to_string()), Box::new(from_ms), Box::new(to_ms)];
        for (dimension, value) in &query.only {
            wheres.push_str(&format!(" AND {} = ?", dimension.column()));
            values.push(Box::new(value.clone()));
        }
        if let Some(id) = query.query {
            wheres.push_str(" AND query = ?");
            values.push(Box::new(id.to_bytes()));
        }
        if let Some(id) = query.document {
            wheres.push_str(" AND document = ?");
            values.push(Box::new(id.to_bytes()));
        }
        Self {
            table,
            sums: sums(calls),
            wheres,
            values,
            group_by: query.group_by.iter().map(|group| group.sql(time)).collect(),
            is_by_time: query.group_by.iter().all(|group| group.is_time()),
            limit: if query.limit == 0 { GROUPS_MAX } else { query.limit.min(GROUPS_MAX) },
            from_ms,
            to_ms,
        }
    }

    fn grouped(&self) -> String {
        let columns = self.group_by.join(", ");
        let count = self.group_by.len();
        let numbers: Vec<String> = (1..=count).map(|number| number.to_string()).collect();
        let numbers = numbers.join(", ");
        // The cost is the eighth sum.
        let order = if self.is_by_time {
            numbers.clone()
        } else {
            format!("{} DESC, {numbers}", count + 8)
        };
        format!(
            "SELECT {columns}, {} FROM {} WHERE {} GROUP BY {numbers} ORDER BY {order} LIMIT {}",
            self.sums,
            self.table,
            self.wheres,
            self.limit + 1
        )
    }
}

/// The columns of a [`UsageSum`], in its order.
fn sums(calls: &str) -> String {
    let of = |outcome: &str| format!("SUM(CASE outcome WHEN '{outcome}' THEN {calls} ELSE 0 END)");
    let unsaved =
        |column: &str| format!("SUM(CASE outcome WHEN 'cached' THEN 0 ELSE {column} END)");
    let free = format!("SUM(CASE WHEN cost = 0 AND outcome = 'completed' THEN {calls} ELSE 0 END)");
    [
        format!("SUM({calls})"),
        of("cached"),
        of("failed"),
        of("abandoned"),
        free,
        unsaved("tokens_read"),
        unsaved("tokens_written"),
        "SUM(cost)".to_owned(),
        "SUM(saved)".to_owned(),
    ]
    .map(|sum| format!("COALESCE(CAST({sum} AS BIGINT), 0)"))
    .join(", ")
}

fn sum(row: &Row<'_>, at: usize) -> Result<UsageSum, assay_sqlite::sql::Error> {
    let nanos = |column| Ok::<_, assay_sqlite::sql::Error>(NanoUsd::from_nanos(row.get(column)?));
    Ok(UsageSum {
        calls: row.get(at)?,
        cached: row.get(at + 1)?,
        failed: row.get(at + 2)?,
        abandoned: row.get(at + 3)?,
        free: row.get(at + 4)?,
        tokens_read: row.get(at + 5)?,
        tokens_written: row.get(at + 6)?,
        cost: nanos(at + 7)?,
        saved: nanos(at + 8)?,
    })
}
