//! The handle of the ledger: reserving, settling, and what keeps both on disk.

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use assay_core::{CallId, Clock, ErrorChain, NanoUsd, TenantId, TenantScope};
use assay_sqlite::Server;
use assay_vault::{DataKey, Sealer};

use crate::{
    Caller, Labels, LedgerError, LedgerSettings, NewCall, Outcome, Usage,
    budget::{
        Taken,
        book::{Book, Hold},
    },
    call::{Call, End, Entry},
    journal::Journal,
    prices::{Price, PriceFile, PriceTable},
    reservation::Reservation,
    store::Store,
};

mod budgets;
mod start;
#[cfg(test)]
pub(crate) mod tests;

/// Entries that wait for the database at most; more means that its disk is broken.
const WAITING_MAX: usize = 200_000;

/// The ledger of an installation. Clones share it; dropping the last one writes what waits.
#[derive(Debug, Clone)]
pub struct Ledger {
    pub(crate) inner: Arc<Inner>,
    /// Ends the writer with the last handle.
    _closer: Arc<start::Closer>,
}

/// What the handle, its reservations and its thread share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) state: Mutex<State>,
    settings: LedgerSettings,
    organisations: HashMap<TenantId, Arc<str>>,
    prices: RwLock<Arc<PriceTable>>,
    /// Numbers of the prices that the database holds.
    kept_prices: Mutex<HashSet<i64>>,
    /// Held while entries go from memory to the database.
    moving: Mutex<()>,
    work: Condvar,
    closing: AtomicBool,
}

/// What changes with each call.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) book: Book,
    pub(crate) open: HashMap<CallId, Open>,
    journal: Journal,
    waiting: Vec<Entry>,
}

/// A call under way.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) call: Call,
    pub(crate) holds: Vec<Hold>,
}

impl Ledger {
    /// Opens the ledger in `folder`, which is made. Calls that an earlier process had let through
    /// and not settled are charged in full ([`Outcome::Abandoned`]): their provider may charge
    /// them. One process at a time has a folder open; the caller sees to that.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or a budget of the settings cannot be one.
    pub fn open(
        folder: &Path,
        prices: &PriceFile,
        settings: LedgerSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LedgerError> {
        Self::open_with(folder, prices, settings, clock, None)
    }

    /// The same, with database and journal encrypted with the key of the installation.
    ///
    /// # Errors
    /// As for [`Ledger::open`]; or the folder is encrypted with another key.
    pub fn open_with(
        folder: &Path,
        prices: &PriceFile,
        settings: LedgerSettings,
        clock: Arc<dyn Clock>,
        key: Option<DataKey>,
    ) -> Result<Self, LedgerError> {
        let seal = key.as_ref().map(|key| Arc::new(key.sealer("journal")));
        let store = |folder: &Path| Store::open(&folder.join("ledger.db"), key);
        Self::start((folder, "journal"), store, prices, settings, clock, seal)
    }

    /// The same with the rows on a server. The journal of calls under way stays in `folder`, one of its
    /// own: what it names is in the database that it belongs to.
    ///
    /// # Errors
    /// As for [`Ledger::open`]; those of the server.
    pub fn open_on(
        server: &Server,
        folder: &Path,
        prices: &PriceFile,
        settings: LedgerSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, LedgerError> {
        let store = |_: &Path| Store::open_on(server);
        Self::start((folder, "journal-server"), store, prices, settings, clock, None)
    }

    fn start(
        (folder, journal): (&Path, &str),
        store: impl FnOnce(&Path) -> Result<Store, LedgerError>,
        prices: &PriceFile,
        settings: LedgerSettings,
        clock: Arc<dyn Clock>,
        seal: Option<Arc<Sealer>>,
    ) -> Result<Self, LedgerError> {
        let journal_folder = folder.join(journal);
        let replayed = Journal::replay(&journal_folder, seal.as_deref())?;
        let store = store(folder)?;
        start::take_over(&store, &replayed, clock.now_ms())?;
        let journal = Journal::begin(&journal_folder, &replayed, seal)?;
        let prices = PriceTable::new(prices, &settings.prices, &settings.unknown_model);
        let book = start::load_book(&store, &settings.budgets, clock.now_ms())?;
        let state = State { book, open: HashMap::new(), journal, waiting: Vec::new() };
        let inner = Arc::new(Inner {
            kept_prices: Mutex::new(store.price_ids()?.into_iter().collect()),
            store,
            clock,
            state: Mutex::new(state),
            organisations: settings.organisation_of(),
            settings,
            prices: RwLock::new(Arc::new(prices)),
            moving: Mutex::default(),
            work: Condvar::new(),
            closing: AtomicBool::new(false),
        });
        let closer = Arc::new(start::start_writer(&inner)?);
        Ok(Self { inner, _closer: closer })
    }

    /// Takes what a call may come to from every budget that it falls under and records it; the call
    /// may go out when this returns. Takes some microseconds: two hash look-ups a budget, and one
    /// write to the journal.
    ///
    /// # Errors
    /// [`LedgerError::OverBudget`], [`LedgerError::UnknownModel`]; or the journal cannot be
    /// written: without a record no call goes out.
    pub fn reserve(&self, caller: &Caller, new: &NewCall<'_>) -> Result<Reservation, LedgerError> {
        let price = self.price(new)?;
        let reserved = price.row.pricing.cost(&new.estimate);
        let taken = Taken { cost: reserved, tokens: new.estimate.total(), calls: 1 };
        let call = self.call(caller, new, &price, reserved)?;
        let id = call.id;
        let mut state = self.inner.lock();
        let holds = state.take(&call, &taken)?;
        if let Err(error) = state.journal.call(&call) {
            state.book.settle(&holds, &Taken::default(), call.at_ms);
            return Err(error);
        }
        state.open.insert(id, Open { call, holds });
        drop(state);
        self.inner.work.notify_one();
        Ok(Reservation::new(Arc::clone(&self.inner), id, price, reserved))
    }

    /// Records a call that a cache answered and gives what it saved. It costs nothing, and counts
    /// for budgets of calls.
    ///
    /// # Errors
    /// As [`Self::reserve`]; a budget of money is never in the way.
    pub fn cached(
        &self,
        caller: &Caller,
        new: &NewCall<'_>,
        usage: Usage,
    ) -> Result<NanoUsd, LedgerError> {
        let price = self.price(new)?;
        let saved = price.row.pricing.cost(&usage);
        let call = self.call(caller, new, &price, NanoUsd::ZERO)?;
        let taken = Taken { calls: 1, ..Taken::default() };
        let end = End {
            settled_ms: call.at_ms,
            outcome: Outcome::Cached,
            usage,
            is_estimated: false,
            cost: NanoUsd::ZERO,
            saved,
        };
        let mut state = self.inner.lock();
        let holds = state.take(&call, &taken)?;
        let entry = Entry { call, end };
        let written = state.journal.entry(&entry);
        let taken = if written.is_ok() { taken } else { Taken::default() };
        state.book.settle(&holds, &taken, entry.call.at_ms);
        written?;
        state.waiting.push(entry);
        drop(state);
        self.inner.work.notify_one();
        Ok(saved)
    }

    /// What a call would cost, without making it: for routing by cost.
    ///
    /// # Errors
    /// [`LedgerError::UnknownModel`].
    pub fn estimate(
        &self,
        provider: &str,
        model: &str,
        usage: &Usage,
    ) -> Result<NanoUsd, LedgerError> {
        Ok(self.prices().find(provider, model)?.row.pricing.cost(usage))
    }

    /// The prices that are charged.
    #[must_use]
    pub fn prices(&self) -> Arc<PriceTable> {
        Arc::clone(&self.inner.prices.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Charges calls from now on by another table. Those under way keep their price.
    pub fn set_prices(&self, file: &PriceFile) {
        let settings = &self.inner.settings;
        let table = PriceTable::new(file, &settings.prices, &settings.unknown_model);
        *self.inner.prices.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }

    /// Calls under way and what is reserved for them, of a tenant.
    #[must_use]
    pub fn under_way(&self, scope: &TenantScope) -> (usize, NanoUsd) {
        let state = self.inner.lock();
        let own = state.open.values().map(|open| &open.call);
        let own = own.filter(|call| call.labels.tenant_id() == scope.tenant());
        own.fold((0, NanoUsd::ZERO), |(count, sum), call| (count + 1, sum.plus(call.reserved)))
    }

    /// Writes everything that has ended to the database.
    ///
    /// # Errors
    /// When the database fails; what waits goes on waiting.
    pub fn flush(&self) -> Result<(), LedgerError> {
        self.inner.move_entries()
    }

    /// The price of a model, which the database holds from then on.
    fn price(&self, new: &NewCall<'_>) -> Result<Arc<Price>, LedgerError> {
        let price = self.prices().find_as(new.provider, new.listed_as, new.model)?;
        let kept = || self.inner.kept_prices.lock().unwrap_or_else(PoisonError::into_inner);
        // Not held meanwhile: a database that is slow or away keeps no call of another model waiting.
        let is_kept = kept().contains(&price.id);
        if !is_kept {
            self.inner.store.keep_price(&price)?;
            kept().insert(price.id);
        }
        Ok(price)
    }

    fn call(
        &self,
        caller: &Caller,
        new: &NewCall<'_>,
        price: &Price,
        reserved: NanoUsd,
    ) -> Result<Call, LedgerError> {
        Ok(Call {
            id: CallId::new(),
            at_ms: self.inner.clock.now_ms(),
            labels: Labels::new(
                &caller.belonging_to(&self.inner.organisations),
                new.provider,
                new.model,
            )?,
            kind: new.kind,
            request: new.request,
            query: new.query,
            document: new.document,
            attempt: new.attempt,
            price: price.id,
            reserved,
            estimate: new.estimate,
        })
    }
}

impl State {
    fn take(&mut self, call: &Call, taken: &Taken) -> Result<Vec<Hold>, LedgerError> {
        if self.waiting.len() >= WAITING_MAX {
            return Err(LedgerError::Backlog { waiting: self.waiting.len() });
        }
        self.book.reserve(&call.labels, taken, call.at_ms)
    }
}

impl Inner {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a call under way.
    pub(crate) fn settle(&self, id: CallId, end: impl FnOnce(&Call, i64) -> End) {
        let now_ms = self.clock.now_ms();
        let mut state = self.lock();
        let Some(open) = state.open.remove(&id) else { return };
        let end = end(&open.call, now_ms);
        let calls = u64::from(end.outcome != Outcome::Failed);
        let taken = Taken { cost: end.cost, tokens: end.usage.total(), calls };
        state.book.settle(&open.holds, &taken, now_ms);
        if let Err(error) = state.journal.end(id, &end) {
            // Its end is still in memory; were the process to die now, it would be charged in full.
            tracing::error!(error = %ErrorChain(&error), "the end of a call was not recorded");
        }
        state.waiting.push(Entry { call: open.call, end });
        drop(state);
        self.work.notify_one();
    }

    /// Moves entries to the database, syncs the journal and shortens it.
    pub(crate) fn move_entries(&self) -> Result<(), LedgerError> {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.lock();
        let dirty = state.journal.take_dirty()?;
        let entries = std::mem::take(&mut state.waiting);
        let alerts = state.book.take_alerts();
        drop(state);
        if let Some(file) = dirty {
            file.sync_data()?;
        }
        for alert in &alerts {
            let (budget, counter, percent) = (&alert.name, &alert.counter, alert.percent);
            tracing::warn!(budget, counter, percent, "a share of a budget is used up");
        }
        if !entries.is_empty() || !alerts.is_empty() {
            let entries: Arc<[Entry]> = entries.into();
            if let Err(error) = self.store.add(&entries, alerts) {
                let mut state = self.lock();
                let newer = std::mem::take(&mut state.waiting);
                state.waiting = entries.iter().cloned().chain(newer).collect();
                return Err(error);
            }
        }
        let mut state = self.lock();
        if state.journal.is_full() {
            let State { journal, open, waiting, .. } = &mut *state;
            journal.rotate(open.values().map(|open| &open.call), waiting)?;
        }
        Ok(())
    }

    /// Waits until there is something to be written; whether the ledger is still open.
    fn wait_for_work(&self) -> bool {
        let mut state = self.lock();
        while !self.closing.load(Ordering::Acquire) && !state.has_work() {
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        // What comes meanwhile shares one sync.
        if !self.closing.load(Ordering::Acquire) {
            thread::sleep(Duration::from_millis(self.settings.sync_ms));
        }
        !self.closing.load(Ordering::Acquire)
    }
}

impl State {
    fn has_work(&self) -> bool {
        !self.waiting.is_empty() || self.journal.is_dirty()
    }
}
