//! Connections, reused between transactions, and what each transaction begins with.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_core::TenantId;

use super::{Failure, Guard, Server, ServerSettings, Session};
use crate::{
    sql::{Connection, Result, Transaction},
    times::Times,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Read,
    Write,
}

/// The connections to one server.
#[derive(Debug)]
pub(crate) struct Pool {
    state: Mutex<State>,
    freed: Condvar,
    reads_max: usize,
    writes_max: usize,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Session>,
    reads: usize,
    writes: usize,
}

impl Pool {
    pub(super) fn new(settings: &ServerSettings) -> Self {
        let writes_max = (settings.connections_max / 4).max(1);
        let reads_max = settings.connections_max.saturating_sub(writes_max).max(1);
        Self { state: Mutex::default(), freed: Condvar::new(), reads_max, writes_max }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place, and a connection if one is idle.
    fn take(&self, purpose: Purpose, wait: Duration) -> Result<Option<Session>, Failure> {
        let is_full = |state: &mut State| match purpose {
            Purpose::Read => state.reads >= self.reads_max,
            Purpose::Write => state.writes >= self.writes_max,
        };
        let waited = self.freed.wait_timeout_while(self.lock(), wait, is_full);
        let (mut state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(Failure::new("every connection is in use"));
        }
        match purpose {
            Purpose::Read => state.reads += 1,
            Purpose::Write => state.writes += 1,
        }
        state.idle.retain(|session| !session.is_closed());
        Ok(state.idle.pop())
    }

    fn give_back(&self, purpose: Purpose, session: Option<Session>) {
        let mut state = self.lock();
        match purpose {
            Purpose::Read => state.reads -= 1,
            Purpose::Write => state.writes -= 1,
        }
        state.idle.extend(session);
        drop(state);
        self.freed.notify_all();
    }
}

/// A place in the pool; the connection goes back only when its transaction ended as it should.
struct Lent<'a> {
    pool: &'a Pool,
    purpose: Purpose,
    session: Option<Session>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.pool.give_back(self.purpose, self.session.take());
    }
}

/// A part of a database: a schema, and whose rows of it are seen. Every transaction says so for
/// itself alone, so that the next one on the same connection sees nothing of it.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    server: Server,
    schema: &'static str,
    seen: String,
    /// Number of the lock that writers of this place take one after the other.
    lock: i64,
}

impl Place {
    pub(crate) fn new(
        server: &Server,
        schema: &'static str,
        guard: Guard,
        tenant: Option<TenantId>,
    ) -> Self {
        let seen = match (guard, tenant) {
            (Guard::Tenant, Some(tenant)) => format!("SET LOCAL assay.tenant = '{tenant}'"),
            // Without a tenant nothing is seen.
            (Guard::Tenant, None) => "SET LOCAL assay.tenant = ''".to_owned(),
            (Guard::Role(role), _) => format!("SET LOCAL assay.role = '{role}'"),
        };
        let lock = lock_number(schema, &seen);
        Self { server: server.clone(), schema, seen, lock }
    }

    /// Runs `job` in a transaction that changes nothing and sees one state.
    pub(crate) fn read<T, E: From<crate::SqliteError>>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; {}; {}",
            self.path(),
            self.seen
        );
        let mut lent = self.begin(Purpose::Read, &begin).map_err(crate::SqliteError::from)?;
        let Some(session) = lent.session.take() else { return Err(closed().into()) };
        let connection = Connection::of(session, Times::reading(self.store()));
        let outcome = job(&connection);
        if connection.execute_batch("COMMIT").is_ok() {
            lent.session = connection.into_session();
        }
        outcome
    }

    /// Runs `job` in a transaction that is kept when it succeeds. Writers of one place wait for each
    /// other, whichever process they are in: a job may read and then write without a race.
    pub(crate) fn write(&self, job: impl FnOnce(&Transaction<'_>) -> Result<()>) -> Result<()> {
        let begin = format!(
            "BEGIN; {}; {}; SELECT pg_advisory_xact_lock({})",
            self.path(),
            self.seen,
            self.lock
        );
        let mut lent = self.begin(Purpose::Write, &begin)?;
        let session = lent.session.take().ok_or_else(|| Failure::new("closed"))?;
        let connection = Connection::of(session, Times::writing(self.store()));
        let outcome = job(&Transaction(&connection));
        let _timer = connection.times.begin("COMMIT");
        let ended = match &outcome {
            Ok(()) => connection.execute_batch("COMMIT"),
            Err(_) => connection.execute_batch("ROLLBACK"),
        };
        if ended.is_ok() {
            lent.session = connection.into_session();
        }
        outcome.and(ended)
    }

    fn store(&self) -> &'static str {
        self.schema.strip_prefix("assay_").unwrap_or_default()
    }

    fn path(&self) -> String {
        format!("SET LOCAL search_path = {}, assay, pg_temp", self.schema)
    }

    /// A connection inside a transaction. One that was idle may have died since: then a new one is made.
    fn begin(&self, purpose: Purpose, begin: &str) -> Result<Lent<'_>, Failure> {
        let pool = self.server.pool();
        let wait = Duration::from_millis(self.server.settings().wait_ms.into());
        let session = pool.take(purpose, wait)?;
        let mut lent = Lent { pool, purpose, session: None };
        if let Some(session) = session {
            session.enter(self.schema);
            match session.batch(begin) {
                Ok(()) => {
                    lent.session = Some(session);
                    return Ok(lent);
                }
                Err(failure) if !failure.is_unreachable() => return Err(failure),
                Err(_) => {}
            }
        }
        let session = self.server.connect()?;
        session.enter(self.schema);
        session.batch(begin)?;
        lent.session = Some(session);
        Ok(lent)
    }
}

fn closed() -> crate::SqliteError {
    Failure::new("closed").into()
}

/// FNV-1a: places that share a number wait for each other, no more.
fn lock_number(schema: &str, seen: &str) -> i64 {
    let bytes = schema.bytes().chain([0]).chain(seen.bytes());
    bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        })
        .cast_signed()
}
