//! The ledger counted again from its entries, by another way than the sums were made.

use std::collections::HashMap;

use assay_core::NanoUsd;

use crate::{Ledger, LedgerError, Outcome, Usage, prices::PriceRow, store::unreadable};

/// Faults told at most.
const FAULTS_MAX: usize = 100;

/// What a recount found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recount {
    /// Entries.
    pub entries: u64,
    /// Of these, calls of which no end was known.
    pub abandoned: u64,
    /// What they cost together.
    pub cost: NanoUsd,
    /// What caches saved.
    pub saved: NanoUsd,
    /// Where the ledger does not agree with itself, at most a hundred.
    pub faults: Vec<String>,
}

impl Ledger {
    /// Counts again: the cost of each entry from its usage and its price, the sums by hour and the
    /// counters of the budgets from the entries. It is for the operator, over all tenants.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn recount(&self) -> Result<Recount, LedgerError> {
        self.flush()?;
        let mut recount = Recount::default();
        self.inner.store.read(|connection| {
            let prices = prices(connection)?;
            let sql = "SELECT price, outcome, usage, reserved, cost, saved FROM entry";
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let usage: Usage =
                    serde_json::from_str(row.get_ref(2)?.as_str().unwrap_or_default())
                        .map_err(unreadable)?;
                let outcome: String = row.get(1)?;
                let (reserved, cost, saved) =
                    (nanos(row.get(3)?), nanos(row.get(4)?), nanos(row.get(5)?));
                let price = prices.get(&row.get(0)?);
                let comes_to = price.map(|price| price.pricing.cost(&usage));
                let expected = match Outcome::parse(&outcome) {
                    Some(Outcome::Abandoned) => Some((reserved, NanoUsd::ZERO)),
                    Some(Outcome::Cached) => comes_to.map(|saved| (NanoUsd::ZERO, saved)),
                    Some(Outcome::Failed) => Some((NanoUsd::ZERO, NanoUsd::ZERO)),
                    _ => comes_to.map(|cost| (cost, NanoUsd::ZERO)),
                };
                if expected != Some((cost, saved)) {
                    recount.fault(format!("an entry costs {cost}, counted {expected:?}"));
                }
                recount.entries += 1;
                recount.abandoned += u64::from(outcome == Outcome::Abandoned.as_str());
                recount.cost = recount.cost.plus(cost);
                recount.saved = recount.saved.plus(saved);
            }
            let sql = "SELECT COALESCE(CAST(SUM(calls) AS BIGINT), 0),
                              COALESCE(CAST(SUM(cost) AS BIGINT), 0),
                              COALESCE(CAST(SUM(saved) AS BIGINT), 0) FROM hourly";
            let sums = connection.query_row(sql, [], |row| {
                Ok((row.get::<_, u64>(0)?, nanos(row.get(1)?), nanos(row.get(2)?)))
            })?;
            if sums != (recount.entries, recount.cost, recount.saved) {
                recount.fault(format!("the sums by hour say {sums:?}"));
            }
            Ok(())
        })?;
        self.recount_budgets(&mut recount)?;
        Ok(recount)
    }

    /// Compares the counters with the entries. Calls that end meanwhile would tell them apart, so
    /// that none may.
    fn recount_budgets(&self, recount: &mut Recount) -> Result<(), LedgerError> {
        self.with_all_written(|state, store, now_ms| {
            let book = &state.book;
            for budget in book.budgets() {
                let (start_ms, _) = budget.spec.window.around(now_ms);
                let mut used: HashMap<_, _> = store
                    .used(budget, start_ms)?
                    .into_iter()
                    .filter(|used| used.spent > 0)
                    .map(|used| (used.values, used.spent))
                    .collect();
                for counter in book.status(budget, usize::MAX, now_ms).counters {
                    let values: Vec<_> = counter.values.into_iter().map(|(_, it)| it).collect();
                    let entries = used.remove(&values).unwrap_or(0);
                    if entries != counter.spent {
                        let (name, spent) = (&budget.spec.name, counter.spent);
                        recount.fault(format!(
                            "the budget `{name}` counts {spent} for {values:?}, its entries {entries}"
                        ));
                    }
                }
                for (values, entries) in used {
                    let name = &budget.spec.name;
                    recount.fault(format!("the budget `{name}` misses {entries} of {values:?}"));
                }
            }
            Ok(())
        })
    }
}

impl Recount {
    fn fault(&mut self, fault: String) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

fn prices(
    connection: &assay_sqlite::sql::Connection,
) -> Result<HashMap<i64, PriceRow>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT id, row FROM price")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (id, text) = row?;
        Ok((id, serde_json::from_str(&text).map_err(unreadable)?))
    })
    .collect()
}

fn nanos(value: i64) -> NanoUsd {
    NanoUsd::from_nanos(u64::try_from(value).unwrap_or(0))
}
