//! Opening: taking over what an earlier process left, loading the counters, starting the writer.

use std::{
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};

use assay_core::ErrorChain;

use super::Inner;
use crate::{
    BudgetSpec, LedgerError,
    budget::{Budget, book::Book},
    call::{End, Entry},
    journal::Replayed,
    store::Store,
};

/// Entries that are added in one transaction.
const GROUP: usize = 2_000;
/// Pause after the database failed.
const AGAIN: Duration = Duration::from_secs(1);

/// Adds the entries of the journal, and charges the calls without an end in full.
pub(super) fn take_over(
    store: &Store,
    replayed: &Replayed,
    now_ms: i64,
) -> Result<(), LedgerError> {
    let abandoned = replayed
        .open
        .iter()
        .map(|call| Entry { call: call.clone(), end: End::abandoned(call, now_ms) });
    let mut entries: Vec<Entry> = replayed.entries.iter().cloned().chain(abandoned).collect();
    if !replayed.open.is_empty() {
        let calls = replayed.open.len();
        tracing::warn!(calls, "calls of an earlier process without an end are charged in full");
    }
    while !entries.is_empty() {
        let rest = entries.split_off(entries.len().min(GROUP));
        store.add(&entries.into(), Vec::new())?;
        entries = rest;
    }
    Ok(())
}

/// The budgets with what was used of them.
pub(super) fn load_book(
    store: &Store,
    configured: &[BudgetSpec],
    now_ms: i64,
) -> Result<Book, LedgerError> {
    let mut book = Book::default();
    let configured = configured.iter().map(|spec| {
        let id = Budget::id_of_configured(&spec.name);
        Budget::new(id, None, spec.clone()).map_err(|reason| LedgerError::Invalid {
            what: "a budget of the configuration",
            reason,
        })
    });
    let budgets = configured.chain(store.budgets()?.into_iter().map(Ok));
    for budget in budgets {
        let budget = Arc::new(budget?);
        book.put(Arc::clone(&budget));
        load_counters(&mut book, store, &budget, now_ms)?;
    }
    Ok(book)
}

/// Sets the counters of a budget to what the ledger says.
pub(super) fn load_counters(
    book: &mut Book,
    store: &Store,
    budget: &Budget,
    now_ms: i64,
) -> Result<(), LedgerError> {
    let (start_ms, _) = budget.spec.window.around(now_ms);
    for used in store.used(budget, start_ms)? {
        let told = store.told(budget.id, &used.values.join(","), start_ms)?;
        book.load(budget.id, used, told, now_ms);
    }
    Ok(())
}

/// Starts the thread that writes.
pub(super) fn start_writer(inner: &Arc<Inner>) -> Result<Closer, LedgerError> {
    let writing = Arc::clone(inner);
    let writer = thread::Builder::new().name("ledger-writer".to_owned()).spawn(move || {
        loop {
            let is_open = writing.wait_for_work();
            let moved = writing.move_entries();
            if !is_open {
                return moved.unwrap_or_else(|error| report(&error));
            }
            if let Err(error) = moved {
                report(&error);
                thread::sleep(AGAIN);
            }
        }
    })?;
    Ok(Closer { inner: Arc::clone(inner), writer: Some(writer) })
}

fn report(error: &LedgerError) {
    tracing::error!(error = %ErrorChain(error), "entries of the ledger were not written");
}

/// Ends the writer when the last handle goes. Calls that are settled later are in the journal and
/// are taken over by the next start.
#[derive(Debug)]
pub(crate) struct Closer {
    inner: Arc<Inner>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for Closer {
    fn drop(&mut self) {
        // Under the lock, so that the writer cannot look before and wait after.
        let state = self.inner.lock();
        self.inner.closing.store(true, Ordering::Release);
        drop(state);
        self.inner.work.notify_all();
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!("the writer of the ledger panicked");
        }
    }
}
