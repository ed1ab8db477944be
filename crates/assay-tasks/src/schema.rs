//! The tables of the engine.

use assay_sqlite::{Guard, Migration, Schema, WayBack};

/// The same tables on a server: [`assay_sqlite::Server::migrate`] makes them.
pub const SCHEMA: Schema = Schema {
    name: "assay_tasks",
    guard: Guard::Role("tasks"),
    migrations: &[Migration {
        version: 2,
        name: "tasks",
        sql: include_str!("schema/postgres.sql"),
    }],
};
/// The way back from the newest version of the files.
pub const BACK: WayBack = WayBack {
    from: 2,
    to: 1,
    loses: "schedules, webhooks, time limits of tasks, and why earlier runs failed",
    sql: include_str!("schema_2_back.sql"),
    sql_on_server: None,
};

/// The steps to the newest version.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "tasks and steps", sql: include_str!("schema.sql") },
    Migration {
        version: 2,
        name: "timeouts, turns, failures, schedules, webhooks",
        sql: include_str!("schema_2.sql"),
    },
];

#[cfg(test)]
mod tests;
