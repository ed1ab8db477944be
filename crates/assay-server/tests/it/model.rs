//! Random operations of five tenants at once, each answered as a reference of 200 lines says.
//!
//! `ASSAY_MODEL_OPS=100000 cargo test -p assay-server --test it model` asks so often;
//! `cargo run --release -p assay-server --example model` asks a million times, and with the words
//! `1000000 postgres` does so with the rows on a Postgres.

use std::sync::Arc;

use assay_sqlite::testing::Postgres;

use crate::{
    drive::{TENANTS, run},
    stack::Stack,
};

/// Operations of an ordinary run, with the rows in files and on a server.
const OPS: u64 = 20_000;
const OPS_ON_POSTGRES: u64 = 5_000;

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_the_references() {
    eprintln!("{}", hold(None, OPS).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_the_references_on_postgres() {
    let Some(postgres) = Postgres::shared() else { return };
    eprintln!("{}", hold(Some(postgres), OPS_ON_POSTGRES).await);
}

/// Says what was asked.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by a variable")]
async fn hold(postgres: Option<&Postgres>, ops: u64) -> String {
    let ops = std::env::var("ASSAY_MODEL_OPS").ok().and_then(|n| n.parse().ok()).unwrap_or(ops);
    let stack = Stack::open(postgres);
    let each = ops / TENANTS as u64;
    let runs = (0..TENANTS).map(|t| tokio::spawn(run(Arc::clone(&stack), t, each)));
    let mut written = 0;
    for run in runs.collect::<Vec<_>>() {
        written += run.await.unwrap();
    }
    stack.close();
    assert!(written * 100 > ops, "{written} of {ops} wrote something");
    format!("{ops} operations, {written} of them writes that were done, no difference")
}
