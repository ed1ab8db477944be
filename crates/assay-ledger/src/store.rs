//! The database of the ledger: entries, sums, prices, budgets, alerts.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    sync::Arc,
};

use assay_core::{BudgetId, TenantId};
use assay_sqlite::{
    Database, DatabaseSettings, Guard, Migration, Schema, Server, WayBack,
    sql::{
        Connection, OptionalExtension, ToSql, Transaction, params,
        types::{Null, ToSqlOutput},
    },
};
use assay_vault::DataKey;

use crate::{
    Alert, Budget, BudgetSpec, Dimension, LedgerError, LimitOverride, Measure, Window,
    budget::book::Used,
    call::{Call, Entry},
    prices::Price,
};

/// Version of the schema of the ledger.
pub const SCHEMA_VERSION: u32 = 3;

/// The steps to the newest version.
pub const MIGRATIONS: [Migration; 3] = [
    Migration { version: 1, name: "ledger", sql: include_str!("schema.sql") },
    Migration { version: 2, name: "end users", sql: include_str!("schema/end_users.sql") },
    Migration {
        version: SCHEMA_VERSION,
        name: "forgotten end users",
        sql: include_str!("schema/forgotten.sql"),
    },
];
/// The way back from the newest version.
pub const BACK: WayBack = WayBack {
    from: SCHEMA_VERSION,
    to: 2,
    loses: "the erasure of whom requests named",
    sql: include_str!("schema/forgotten_back.sql"),
    sql_on_server: Some(include_str!("schema/forgotten_back_postgres.sql")),
};
/// The same tables on a server: [`Server::migrate`] makes them.
pub const SCHEMA: Schema = Schema {
    name: "assay_ledger",
    guard: Guard::Role("ledger"),
    migrations: &[
        Migration { version: 1, name: "ledger", sql: include_str!("schema/postgres.sql") },
        Migration {
            version: 2,
            name: "end users",
            sql: include_str!("schema/end_users_postgres.sql"),
        },
        Migration {
            version: SCHEMA_VERSION,
            name: "forgotten end users",
            sql: include_str!("schema/forgotten_postgres.sql"),
        },
    ],
};
/// Entries that one statement adds: on a server each statement is a round trip.
const AT_ONCE: [usize; 3] = [64, 8, 1];
/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// A database as it was before there were end users.
#[cfg(test)]
pub(crate) fn before_end_users(path: &Path) -> Result<Database, assay_sqlite::SqliteError> {
    let first = MIGRATIONS.get(..1).unwrap_or(&[]);
    Database::open(path, &DatabaseSettings::default(), first)
}

/// The open database.
#[derive(Debug, Clone)]
pub(crate) struct Store(pub(crate) Database);

impl Store {
    pub(crate) fn open(path: &Path, key: Option<DataKey>) -> Result<Self, LedgerError> {
        let settings = DatabaseSettings { key, ..DatabaseSettings::default() };
        Ok(Self(Database::open(path, &settings, &MIGRATIONS)?))
    }

    pub(crate) fn open_on(server: &Server) -> Result<Self, LedgerError> {
        Ok(Self(Database::on(server, &SCHEMA, None, &DatabaseSettings::default())?))
    }

    pub(crate) fn read<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        self.0.read(job)
    }

    /// Adds entries that are not there yet, and the alerts that go with them.
    pub(crate) fn add(
        &self,
        entries: &Arc<[Entry]>,
        alerts: Vec<Alert>,
    ) -> Result<(), LedgerError> {
        let entries = Arc::clone(entries);
        self.0.write(move |transaction| {
            let mut sums = Sums::new();
            let mut added = add_entries(transaction, &entries)?;
            for entry in entries.iter() {
                // One that the journal brings a second time is in the sums already.
                if added.remove(&entry.call.id.to_bytes()) {
                    sum(&mut sums, entry);
                }
            }
            add_sums(transaction, &sums)?;
            alerts.iter().try_for_each(|alert| add_alert(transaction, alert))
        })
    }

    /// Keeps a price, so that an entry may name it.
    pub(crate) fn keep_price(&self, price: &Price) -> Result<(), LedgerError> {
        let id = price.id;
        let row = serde_json::to_string(&price.row).map_err(unreadable)?;
        self.0.write(move |transaction| -> Result<(), LedgerError> {
            let sql = "INSERT INTO price (id, row) VALUES (?, ?) ON CONFLICT DO NOTHING";
            transaction.prepare_cached(sql)?.execute(params![id, row])?;
            Ok(())
        })
    }

    pub(crate) fn price_ids(&self) -> Result<Vec<i64>, LedgerError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached("SELECT id FROM price")?;
            let ids = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
            Ok(ids)
        })
    }

    /// The budgets of tenants.
    pub(crate) fn budgets(&self) -> Result<Vec<Budget>, LedgerError> {
        self.read(|connection| {
            let sql = "SELECT id, owner, spec, overrides FROM budget ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?, row.get::<_, String>(3)?))
            })?;
            rows.map(|row| {
                let (id, owner, spec, overrides) = row?;
                let spec: BudgetSpec = serde_json::from_str(&spec).map_err(unreadable)?;
                let overrides: Vec<LimitOverride> =
                    serde_json::from_str(&overrides).map_err(unreadable)?;
                let owner = Some(TenantId::from_bytes(owner));
                let budget = Budget::new(BudgetId::from_bytes(id), owner, spec);
                let budget = budget.map_err(|reason| LedgerError::Row { reason })?;
                Ok(Budget { overrides, ..budget })
            })
            .collect()
        })
    }

    /// Keeps a budget of a tenant.
    pub(crate) fn keep_budget(&self, budget: &Budget, now_ms: i64) -> Result<(), LedgerError> {
        let Some(owner) = budget.owner else { return Ok(()) };
        let (id, owner) = (budget.id.to_bytes(), owner.to_bytes());
        let spec = serde_json::to_string(&budget.spec).map_err(unreadable)?;
        let overrides = serde_json::to_string(&budget.overrides).map_err(unreadable)?;
        self.0.write(move |transaction| -> Result<(), LedgerError> {
            let sql = "INSERT INTO budget (id, owner, created_ms, spec, overrides)
                       VALUES (?, ?, ?, ?, ?)
                       ON CONFLICT (id) DO UPDATE SET spec = excluded.spec,
                           overrides = excluded.overrides";
            let mut statement = transaction.prepare_cached(sql)?;
            statement.execute(params![id, owner, now_ms, spec, overrides])?;
            Ok(())
        })
    }

    /// Forgets which shares of a budget were told in the windows from `start_ms` on.
    pub(crate) fn forget_alerts(&self, id: BudgetId, start_ms: i64) -> Result<(), LedgerError> {
        let id = id.to_bytes();
        self.0.write(move |transaction| -> Result<(), LedgerError> {
            let sql = "DELETE FROM alert WHERE budget = ? AND window_ms >= ?";
            transaction.execute(sql, params![id, start_ms])?;
            Ok(())
        })
    }

    pub(crate) fn forget_budget(&self, id: BudgetId) -> Result<(), LedgerError> {
        let id = id.to_bytes();
        self.0.write(move |transaction| -> Result<(), LedgerError> {
            transaction.execute("DELETE FROM alert WHERE budget = ?", params![id])?;
            transaction.execute("DELETE FROM budget WHERE id = ?", params![id])?;
            Ok(())
        })
    }

    /// Forgets the budgets of a tenant, what was told of them, and whom its requests named. Entries and
    /// sums stay, with ids alone.
    pub(crate) fn forget_tenant(&self, tenant: TenantId) -> Result<(), LedgerError> {
        self.0.write(move |transaction| -> Result<(), LedgerError> {
            let (name, owner) = (tenant.to_string(), tenant.to_bytes());
            let sql = "SELECT DISTINCT end_user FROM entry WHERE tenant = ? AND end_user <> ''";
            let mut statement = transaction.prepare_cached(sql)?;
            let named = statement.query_map([&name], |row| row.get::<_, String>(0))?;
            let named = named.collect::<Result<Vec<_>, _>>()?;
            forget_told(transaction, &named)?;
            let sql = "DELETE FROM alert WHERE budget IN (SELECT id FROM budget WHERE owner = ?)";
            transaction.execute(sql, [owner])?;
            transaction.execute("DELETE FROM budget WHERE owner = ?", [owner])?;
            if named.is_empty() {
                return Ok(());
            }
            let sql = "UPDATE entry SET end_user = '' WHERE tenant = ? AND end_user <> ''";
            transaction.execute(sql, [&name])?;
            sum_again(transaction, &name)?;
            Ok(())
        })
    }

    /// What was used of a budget since the begin of a window, by counter.
    pub(crate) fn used(&self, budget: &Budget, start_ms: i64) -> Result<Vec<Used>, LedgerError> {
        let each: Vec<String> = budget.spec.each().map(Dimension::column).collect();
        // A minute is shorter than what is summed up.
        let (table, time, calls, tokens) = match budget.spec.window {
            Window::Minute => ("entry", "at_ms", "COUNT(*)", "tokens_read + tokens_written"),
            _ => ("hourly", "hour_ms", "SUM(calls)", "tokens_read + tokens_written"),
        };
        let sum = match budget.measure {
            Measure::Usd => "SUM(cost)".to_owned(),
            Measure::Tokens => format!("SUM(CASE outcome WHEN 'cached' THEN 0 ELSE {tokens} END)"),
            Measure::Calls => calls.to_owned(),
        };
        let mut wheres = vec![format!("{time} >= ?1")];
        let mut values = Vec::new();
        if budget.measure == Measure::Calls {
            wheres.push("outcome <> 'failed'".to_owned());
        }
        if let Some(owner) = budget.owner {
            values.push(owner.to_string());
            wheres.push(format!("tenant = ?{}", values.len() + 1));
        }
        for (dimension, value) in budget.spec.fixed() {
            values.push(value.to_owned());
            wheres.push(format!("{} = ?{}", dimension.column(), values.len() + 1));
        }
        // A call without a value of such a dimension is not for the budget.
        wheres.extend(each.iter().map(|column| format!("{column} <> ''")));
        let group = if each.is_empty() { "1".to_owned() } else { each.join(", ") };
        let columns = each.iter().map(|column| format!(", {column}")).collect::<String>();
        let sql = format!(
            "SELECT COALESCE(CAST({sum} AS BIGINT), 0){columns} FROM {table} WHERE {} GROUP BY {group}",
            wheres.join(" AND ")
        );
        // `GROUP BY 1` would group by the sum.
        let sql = if each.is_empty() { sql.replace(" GROUP BY 1", "") } else { sql };
        self.read(|connection| {
            let mut statement = connection.prepare_cached(&sql)?;
            let first: [&dyn ToSql; 1] = [&start_ms];
            let further = values.iter().map(|value| value as &dyn ToSql);
            let parameters: Vec<_> = first.into_iter().chain(further).collect();
            let count = each.len();
            let rows = statement.query_map(parameters.as_slice(), |row| {
                let values = (1..=count).map(|at| row.get::<_, String>(at).map(Arc::from));
                Ok(Used { values: values.collect::<Result<_, _>>()?, spent: row.get(0)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The highest share of a counter that was told in a window.
    pub(crate) fn told(
        &self,
        id: BudgetId,
        counter: &str,
        window_ms: i64,
    ) -> Result<u8, LedgerError> {
        self.read(|connection| {
            let sql = "SELECT MAX(percent) FROM alert
                       WHERE budget = ? AND counter = ? AND window_ms = ?";
            let found = connection
                .prepare_cached(sql)?
                .query_row(params![id.to_bytes(), counter, window_ms], |row| {
                    row.get::<_, Option<u8>>(0)
                })
                .optional()?;
            Ok(found.flatten().unwrap_or(0))
        })
    }

    /// The alerts of budgets, the last first.
    pub(crate) fn alerts(&self, ids: &[BudgetId], limit: u32) -> Result<Vec<Alert>, LedgerError> {
        self.read(|connection| {
            let sql = "SELECT budget, counter, window_ms, percent, name, spent, budget_limit, at_ms
                       FROM alert ORDER BY at_ms DESC, percent DESC";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                Ok(Alert {
                    budget: BudgetId::from_bytes(row.get(0)?),
                    counter: row.get(1)?,
                    window_ms: row.get(2)?,
                    percent: row.get(3)?,
                    name: row.get(4)?,
                    spent: row.get(5)?,
                    limit: row.get(6)?,
                    at_ms: row.get(7)?,
                })
            })?;
            let is_asked = |alert: &Result<Alert, _>| {
                alert.as_ref().map_or(true, |alert: &Alert| ids.contains(&alert.budget))
            };
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            Ok(rows.filter(is_asked).take(limit).collect::<Result<_, _>>()?)
        })
    }
}

/// Forgets what was told of counters that name one of these. Should the same be reached again, it is
/// told again.
fn forget_told(transaction: &Transaction<'_>, named: &[String]) -> Result<(), LedgerError> {
    let mut statement = transaction.prepare_cached("SELECT DISTINCT counter FROM alert")?;
    let counters = statement.query_map([], |row| row.get::<_, String>(0))?;
    let counters = counters.collect::<Result<Vec<_>, _>>()?;
    let names = |counter: &String| {
        let counter = format!(",{counter},");
        named.iter().any(|name| counter.contains(&format!(",{name},")))
    };
    for counter in counters.iter().filter(|counter| names(counter)) {
        transaction.execute("DELETE FROM alert WHERE counter = ?", [counter])?;
    }
    Ok(())
}

/// Makes the sums of a tenant from its entries.
pub(crate) fn sum_again(
    transaction: &Transaction<'_>,
    tenant: &str,
) -> assay_sqlite::sql::Result<()> {
    transaction.execute("DELETE FROM hourly WHERE tenant = ?", [tenant])?;
    let sql = "INSERT INTO hourly (hour_ms, tenant, organisation, key, \"user\", end_user,
                   provider, model, kind, outcome, calls, tokens_read, tokens_written, cost, saved)
               SELECT at_ms - at_ms % 3600000, tenant, organisation, key, \"user\", end_user,
                   provider, model, kind, outcome, COUNT(*), CAST(SUM(tokens_read) AS BIGINT),
                   CAST(SUM(tokens_written) AS BIGINT), CAST(SUM(cost) AS BIGINT),
                   CAST(SUM(saved) AS BIGINT)
               FROM entry WHERE tenant = ? GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10";
    transaction.execute(sql, [tenant])?;
    Ok(())
}

/// Organisation, tenant, key, user, end user, provider and model.
fn labels(call: &Call) -> [&str; 7] {
    Dimension::ALL.map(|dimension| call.labels.get(dimension).map_or("", |label| label))
}

/// Adds the entries that are not there yet; returns their ids.
fn add_entries(
    transaction: &Transaction<'_>,
    entries: &[Entry],
) -> Result<HashSet<[u8; 16]>, LedgerError> {
    let (mut added, mut rest) = (HashSet::with_capacity(entries.len()), entries);
    while !rest.is_empty() {
        let count = AT_ONCE.into_iter().find(|count| *count <= rest.len()).unwrap_or(rest.len());
        let (now, later) = rest.split_at(count);
        let rows = now.iter().map(columns).collect::<Result<Vec<_>, _>>()?;
        let values: Vec<&dyn ToSql> =
            rows.iter().flatten().map(|value| value as &dyn ToSql).collect();
        let places =
            vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; count];
        let sql = format!(
            "INSERT INTO entry (id, at_ms, settled_ms, organisation, tenant, key, \"user\", end_user,
                 provider, model, kind, outcome, request, query, document, attempt, price, usage,
                 is_estimated, tokens_read, tokens_written, reserved, cost, saved)
             VALUES {} ON CONFLICT DO NOTHING RETURNING id",
            places.join(", ")
        );
        let mut statement = transaction.prepare_cached(&sql)?;
        for id in statement.query_map(values.as_slice(), |row| row.get(0))? {
            added.insert(id?);
        }
        rest = later;
    }
    Ok(added)
}

/// The values of an entry, in the order of its columns.
fn columns(entry: &Entry) -> Result<[ToSqlOutput<'_>; 24], LedgerError> {
    let (call, end) = (&entry.call, &entry.end);
    let usage = serde_json::to_string(&end.usage).map_err(unreadable)?;
    let id = |bytes: [u8; 16]| ToSqlOutput::from(bytes.to_vec());
    let none = || ToSqlOutput::from(Null);
    let [organisation, tenant, key, user, end_user, provider, model] =
        labels(call).map(ToSqlOutput::from);
    Ok([
        id(call.id.to_bytes()),
        call.at_ms.into(),
        end.settled_ms.into(),
        organisation,
        tenant,
        key,
        user,
        end_user,
        provider,
        model,
        call.kind.as_str().into(),
        end.outcome.as_str().into(),
        id(call.request.to_bytes()),
        call.query.map_or_else(none, |it| id(it.to_bytes())),
        call.document.map_or_else(none, |it| id(it.to_bytes())),
        call.attempt.into(),
        call.price.into(),
        usage.into(),
        end.is_estimated.into(),
        signed(end.usage.read()).into(),
        signed(end.usage.written()).into(),
        signed(call.reserved.nanos()).into(),
        signed(end.cost.nanos()).into(),
        signed(end.saved.nanos()).into(),
    ])
}

/// What the entries of an hour with the same labels, kind and outcome come to.
type Sums<'a> = BTreeMap<(i64, [&'a str; 7], &'static str, &'static str), [i64; 5]>;

fn sum<'a>(sums: &mut Sums<'a>, entry: &'a Entry) {
    let (call, end) = (&entry.call, &entry.end);
    let hour_ms = call.at_ms - call.at_ms.rem_euclid(HOUR_MS);
    let key = (hour_ms, labels(call), call.kind.as_str(), end.outcome.as_str());
    let more = [
        1,
        signed(end.usage.read()),
        signed(end.usage.written()),
        signed(end.cost.nanos()),
        signed(end.saved.nanos()),
    ];
    for (sum, more) in sums.entry(key).or_default().iter_mut().zip(more) {
        *sum = sum.saturating_add(more);
    }
}

fn add_sums(transaction: &Transaction<'_>, sums: &Sums<'_>) -> Result<(), LedgerError> {
    let sql =
        "INSERT INTO hourly (hour_ms, tenant, organisation, key, \"user\", end_user, provider,
                   model, kind, outcome, calls, tokens_read, tokens_written, cost, saved)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
               ON CONFLICT (hour_ms, tenant, organisation, key, \"user\", end_user, provider, model,
                   kind, outcome) DO UPDATE SET calls = hourly.calls + excluded.calls,
                   tokens_read = hourly.tokens_read + excluded.tokens_read,
                   tokens_written = hourly.tokens_written + excluded.tokens_written,
                   cost = hourly.cost + excluded.cost, saved = hourly.saved + excluded.saved";
    let mut statement = transaction.prepare_cached(sql)?;
    for ((hour_ms, labels, kind, outcome), [calls, read, written, cost, saved]) in sums {
        let [organisation, tenant, key, user, end_user, provider, model] = labels;
        statement.execute(params![
            hour_ms,
            tenant,
            organisation,
            key,
            user,
            end_user,
            provider,
            model,
            kind,
            outcome,
            calls,
            read,
            written,
            cost,
            saved,
        ])?;
    }
    Ok(())
}

fn add_alert(transaction: &Transaction<'_>, alert: &Alert) -> Result<(), LedgerError> {
    let sql =
        "INSERT INTO alert (budget, counter, window_ms, percent, name, spent, budget_limit, at_ms)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    transaction.prepare_cached(sql)?.execute(params![
        alert.budget.to_bytes(),
        alert.counter,
        alert.window_ms,
        alert.percent,
        alert.name,
        signed(alert.spent),
        signed(alert.limit),
        alert.at_ms,
    ])?;
    Ok(())
}

/// A count as the database keeps it.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(crate) fn unreadable(error: serde_json::Error) -> LedgerError {
    LedgerError::Row { reason: error.to_string() }
}

#[cfg(test)]
mod tests;
