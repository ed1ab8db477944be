//! The tables of the engine.

use assay_sqlite::Migration;

pub(crate) const MIGRATIONS: &[Migration] =
    &[Migration { version: 1, name: "tasks and steps", sql: include_str!("schema.sql") }];
