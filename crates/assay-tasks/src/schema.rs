//! The tables of the engine.

use assay_sqlite::{Guard, Migration, Schema};

pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "tasks and steps", sql: include_str!("schema.sql") }];

/// The same tables on a server: [`assay_sqlite::Server::migrate`] makes them.
pub const SCHEMA: Schema = Schema {
    name: "assay_tasks",
    guard: Guard::Role("tasks"),
    migrations: &[Migration {
        version: 1,
        name: "tasks and steps",
        sql: include_str!("schema/postgres.sql"),
    }],
};
