//! Moving what a tenant used, and its budgets, to where the rows are from now on.

use assay_core::TenantScope;
use assay_sqlite::{
    SqliteError,
    copy::{Table, TableSum, copy, sums},
    sql::params,
};

use crate::{Ledger, LedgerError, store::sum_again};

/// Entries are told by the name of their tenant, budgets by its id.
const ENTRIES: &[Table] = &[
    Table {
        rows: "id IN (SELECT price FROM entry WHERE tenant = ?1)",
        ..table("price", &["id", "row"], "id")
    },
    table(
        "entry",
        &[
            "id",
            "at_ms",
            "settled_ms",
            "tenant",
            "organisation",
            "key",
            "\"user\"",
            "end_user",
            "provider",
            "model",
            "kind",
            "outcome",
            "request",
            "query",
            "document",
            "attempt",
            "price",
            "usage",
            "is_estimated",
            "tokens_read",
            "tokens_written",
            "reserved",
            "cost",
            "saved",
        ],
        "id",
    ),
];
const HOURLY: &[Table] = &[table(
    "hourly",
    &[
        "hour_ms",
        "tenant",
        "organisation",
        "key",
        "\"user\"",
        "end_user",
        "provider",
        "model",
        "kind",
        "outcome",
        "calls",
        "tokens_read",
        "tokens_written",
        "cost",
        "saved",
    ],
    "hour_ms, tenant, organisation, key, \"user\", end_user, provider, model, kind, outcome",
)];
const BUDGETS: &[Table] = &[
    Table {
        rows: "owner = CAST(?1 AS BLOB)",
        ..table("budget", &["id", "owner", "created_ms", "spec", "overrides"], "id")
    },
    Table {
        rows: "budget IN (SELECT id FROM budget WHERE owner = CAST(?1 AS BLOB))",
        ..table(
            "alert",
            &[
                "budget",
                "counter",
                "window_ms",
                "percent",
                "name",
                "spent",
                "budget_limit",
                "at_ms",
            ],
            "budget, counter, window_ms, percent",
        )
    },
];

const fn table(name: &'static str, columns: &'static [&'static str], order: &'static str) -> Table {
    Table { name, columns, order, rows: "tenant = ?1", page: 500, replaces: false }
}

impl Ledger {
    /// Copies what a tenant used, and its budgets, to another ledger. Entries are never deleted, so
    /// that those of an earlier stay are there already, and those here stay; budgets and sums of the
    /// other side are replaced. No call may be under way on either.
    ///
    /// # Errors
    /// [`LedgerError::Database`] with a copy that differs; those of both databases.
    pub fn copy_tenant(
        &self,
        scope: &TenantScope,
        target: &Self,
    ) -> Result<Vec<TableSum>, LedgerError> {
        self.flush()?;
        let (name, id) = (scope.tenant().to_string(), scope.tenant().to_bytes());
        let (from, to) = (&self.inner.store.0, &target.inner.store.0);
        let mut copied = copy(from, to, ENTRIES, &name)?;
        let of_tenant = name.clone();
        to.write(move |tx| -> Result<(), SqliteError> {
            sum_again(tx, &of_tenant)?;
            let sql = "DELETE FROM alert WHERE budget IN (SELECT id FROM budget WHERE owner = ?)";
            tx.execute(sql, params![id])?;
            tx.execute("DELETE FROM budget WHERE owner = ?", params![id])?;
            Ok(())
        })?;
        let (sent, arrived) = (sums(from, HOURLY, &name)?, sums(to, HOURLY, &name)?);
        if let Some((sent, arrived)) = sent.iter().zip(&arrived).find(|(a, b)| a != b) {
            let (table, sent, arrived) = (sent.table, sent.rows, arrived.rows);
            return Err(SqliteError::Differs { table, sent, arrived }.into());
        }
        copied.extend(sent);
        copied.extend(copy(from, to, BUDGETS, &id)?);
        Ok(copied)
    }
}

#[cfg(test)]
mod tests;
