//! Random operations of five tenants at once, each answered as a reference of 200 lines says.
//!
//! `ASSAY_MODEL_OPS=100000 cargo test -p assay-server --test it model` asks so often;
//! `cargo run --release -p assay-server --example model` asks a million times.

use std::sync::Arc;

use crate::{
    drive::{TENANTS, run},
    stack::Stack,
};

/// Operations of an ordinary run.
const OPS: u64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by a variable")]
async fn every_answer_is_the_references() {
    let ops = std::env::var("ASSAY_MODEL_OPS").ok().and_then(|n| n.parse().ok()).unwrap_or(OPS);
    let stack = Stack::open();
    let each = ops / TENANTS as u64;
    let runs = (0..TENANTS).map(|t| tokio::spawn(run(Arc::clone(&stack), t, each)));
    let mut written = 0;
    for run in runs.collect::<Vec<_>>() {
        written += run.await.unwrap();
    }
    stack.close();
    assert!(written * 100 > ops, "{written} of {ops} wrote something");
    eprintln!("{ops} operations, {written} of them writes that were done, no difference");
}
