//! The tables of the engine.

use assay_sqlite::Migration;

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "tasks and steps", sql: include_str!("schema.sql") },
    Migration {
        version: 2,
        name: "timeouts, turns, failures, schedules, webhooks",
        sql: include_str!("schema_2.sql"),
    },
];
