//! Asks the whole server, without sockets, a million random operations of five tenants, and holds
//! each answer against the reference of the test `model`.
//!
//! `cargo run --release -p assay-server --example model [OPERATIONS [postgres]]`; the data goes to
//! `TMPDIR`, with `postgres` the rows to a server that is started for it.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "it ends by panicking, or tells")]

use std::{sync::Arc, time::Instant};

use assay_sqlite::testing::Postgres;
use drive::{TENANTS, run};
use stack::Stack;

#[path = "../tests/it/model/drive.rs"]
mod drive;
#[path = "../tests/it/model/ops.rs"]
mod ops;
#[path = "../tests/it/model/reference.rs"]
mod reference;
#[path = "../tests/it/model/stack.rs"]
mod stack;

#[tokio::main]
async fn main() {
    let ops = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let on_postgres = std::env::args().nth(2).is_some_and(|word| word == "postgres");
    let postgres = on_postgres.then(|| Postgres::shared().unwrap());
    let (stack, begun) = (Stack::open(postgres), Instant::now());
    let each = ops / TENANTS as u64;
    let runs = (0..TENANTS).map(|t| tokio::spawn(run(Arc::clone(&stack), t, each)));
    let mut written = 0;
    for run in runs.collect::<Vec<_>>() {
        written += run.await.unwrap();
    }
    let seconds = begun.elapsed().as_secs_f64();
    stack.close();
    let rate = ops as f64 / seconds;
    println!("{ops} operations in {seconds:.0} s ({rate:.0}/s), {written} writes, no difference");
}
