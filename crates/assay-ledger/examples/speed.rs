//! What the ledger costs a call: `cargo run --release -p assay-ledger --example speed -- [FOLDER]`.
//!
//! One thread, then eight, each reserving and settling over six budgets; the time of the call's
//! own thread, and the CPU of the whole process with the writing to the database.
#![expect(clippy::print_stdout, reason = "the figures are what the example is for")]

use std::{error::Error, path::PathBuf, sync::Arc, thread, time::Instant};

use assay_core::{SystemClock, TenantScope};
use assay_ledger::{
    BudgetSpec, CallKind, Caller, Ending, Ledger, LedgerSettings, NewCall, Usage, Window,
    prices::PriceFile,
};

/// Calls of each thread.
const CALLS: u64 = 50_000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    for threads in [1, 8] {
        let folder = tempfile::tempdir_in(&folder)?;
        let ledger = open(folder.path())?;
        let cpu = cpu_micros()?;
        let mut waits = measure(&ledger, threads);
        ledger.flush()?;
        let cpu = cpu_micros()?.saturating_sub(cpu);
        waits.sort_unstable();
        let calls = CALLS * threads;
        let at = |percent: usize| waits.get(waits.len() * percent / 100).copied().unwrap_or(0);
        println!(
            "{threads} threads, {calls} calls: reserve and settle P50 {:.1} µs, P99 {:.1} µs; {:.1} µs of CPU a call with the database",
            at(50) as f64 / 1e3,
            at(99) as f64 / 1e3,
            cpu as f64 / calls as f64
        );
        assert!(ledger.recount()?.faults.is_empty());
    }
    Ok(())
}

fn open(folder: &std::path::Path) -> Result<Ledger, Box<dyn Error>> {
    let each = |name: &str| BudgetSpec {
        name: name.to_owned(),
        limit_tokens: Some(u64::MAX / 2),
        window: Window::Month,
        ..BudgetSpec::default()
    };
    let star = || Some("*".to_owned());
    let budgets = vec![
        each("all"),
        BudgetSpec { tenant: star(), ..each("tenant") },
        BudgetSpec { key: star(), ..each("key") },
        BudgetSpec { user: star(), ..each("user") },
        BudgetSpec { model: star(), window: Window::Hour, ..each("model") },
        BudgetSpec { provider: star(), window: Window::Day, ..each("provider") },
    ];
    let settings = LedgerSettings { budgets, ..LedgerSettings::default() };
    Ok(Ledger::open(folder, &PriceFile::built_in()?, settings, Arc::new(SystemClock))?)
}

/// Nanoseconds of each call.
fn measure(ledger: &Ledger, threads: u64) -> Vec<u128> {
    thread::scope(|scope| {
        let runs: Vec<_> =
            (0..threads).map(|number| scope.spawn(move || run(ledger, number))).collect();
        runs.into_iter().filter_map(|run| run.join().ok()).flatten().collect()
    })
}

fn run(ledger: &Ledger, number: u64) -> Vec<u128> {
    let caller = Caller::new(&TenantScope::built_in());
    let caller = caller.key("key-1").and_then(|it| it.user(&format!("user-{number}")));
    let Ok(caller) = caller else { return Vec::new() };
    let call = |_| {
        let start = Instant::now();
        let new = NewCall::new(CallKind::Chat, "openai", "gpt-4o-mini", Usage::tokens(500, 500));
        let held = ledger.reserve(&caller, &new).ok()?;
        held.settle(Usage::tokens(480, 120), Ending::Completed, false);
        Some(start.elapsed().as_nanos())
    };
    (0..CALLS).filter_map(call).collect()
}

/// CPU of this process so far, user and system: fields 14 and 15 of `/proc/self/stat`, in ticks of
/// 10 ms.
fn cpu_micros() -> Result<u64, Box<dyn Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields = stat.rsplit_once(')').ok_or("no process name")?.1.split_whitespace();
    let ticks: Vec<u64> = fields.skip(11).take(2).filter_map(|it| it.parse().ok()).collect();
    Ok(ticks.iter().sum::<u64>() * 10_000)
}
