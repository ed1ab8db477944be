//! What tenants cost that nobody uses: `cargo run -p assay-answer --example tenants -- 1000`.
//!
//! Takes a few documents into one tenant, measures its searches, makes the others with a document
//! each, starts again and measures once more: memory, start, searches.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use assay_answer::{Engine, EngineSettings, SearchQuery, Upload, identity::Actor, resident_bytes};
use assay_core::{SystemClock, TenantScope};

/// Documents of the tenant that is searched.
const DOCUMENTS: usize = 200;
/// Searches that are measured.
const SEARCHES: usize = 300;
/// Time after a start until every tenant was taken up.
const QUIET: Duration = Duration::from_secs(15);
/// Words of the documents and of the queries.
const WORDS: [&str; 8] =
    ["harbour", "budget", "trial", "lantern", "orchard", "granite", "violin", "meadow"];

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let others: usize = std::env::args().nth(1).map_or(Ok(1_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let platform = TenantScope::built_in();
    let engine = open(folder.path())?;
    for number in 0..DOCUMENTS {
        take_in(&engine, &platform, number).await?;
    }
    settle(&engine, &platform, DOCUMENTS).await?;
    println!("one tenant: search P95 {:.2} ms", p95(&engine, &platform).await?);
    let (start, mut scopes) = (Instant::now(), Vec::new());
    for number in 0..others {
        let name = format!("tenant-{number}");
        engine.create_tenant(Actor::operator(), name.clone(), None, None).await?;
        let (scope, _) = engine.identities().managed_tenant(&name)?;
        take_in(&engine, &scope, number).await?;
        scopes.push(scope);
    }
    for scope in &scopes {
        settle(&engine, scope, 1).await?;
    }
    println!("{others} more, with a document each: made in {:.1} s", start.elapsed().as_secs_f64());
    engine.close(Duration::from_secs(60));
    drop(engine);
    let (before, start) = (resident_bytes(), Instant::now());
    let engine = open(folder.path())?;
    println!("start: {:.2} s until it serves", start.elapsed().as_secs_f64());
    settle(&engine, &platform, DOCUMENTS).await?;
    println!("while the others are taken up: search P95 {:.2} ms", p95(&engine, &platform).await?);
    tokio::time::sleep(QUIET).await;
    println!("{} tenants: search P95 {:.2} ms", others + 1, p95(&engine, &platform).await?);
    let grown = resident_bytes().saturating_sub(before) / 1_000_000;
    println!("memory: {grown} MB more than before the start");
    engine.close(Duration::from_secs(60));
    Ok(())
}

fn open(data: &Path) -> Outcome<Arc<Engine>> {
    Ok(Engine::open(EngineSettings::new(data), Arc::new(SystemClock))?)
}

async fn take_in(engine: &Arc<Engine>, scope: &TenantScope, number: usize) -> Outcome<()> {
    let words: Vec<&str> = (0..60).map(|at| WORDS[(number * 7 + at * at) % WORDS.len()]).collect();
    let upload = Upload {
        name: format!("{number}.md"),
        collection: "default".to_owned(),
        bytes: format!("# Note {number}\n\n{}.\n", words.join(" ")).into_bytes(),
        ..Upload::default()
    };
    engine.receive(scope, upload).await?;
    Ok(())
}

/// Waits until so many documents are found and the index has followed.
async fn settle(engine: &Arc<Engine>, scope: &TenantScope, documents: usize) -> Outcome<()> {
    while engine.counts(scope).await?.passages < documents as u64 {
        tokio::task::yield_now().await;
    }
    Ok(engine.settle(scope).await?)
}

/// The time that 95 of 100 searches stay below, in milliseconds.
async fn p95(engine: &Arc<Engine>, scope: &TenantScope) -> Outcome<f64> {
    let mut took = Vec::with_capacity(SEARCHES);
    for number in 0..SEARCHES {
        let words = [WORDS[number % 8], WORDS[(number / 8 + 3) % 8]];
        let start = Instant::now();
        engine.search(scope, &SearchQuery::new(words.join(" "))).await?;
        took.push(start.elapsed().as_secs_f64() * 1e3);
    }
    took.sort_by(f64::total_cmp);
    Ok(took[SEARCHES * 95 / 100])
}
