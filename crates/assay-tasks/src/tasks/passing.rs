//! How time passes for tasks, also when the clock of the machine is set.

use std::sync::PoisonError;

use assay_sqlite::sql::Transaction;

use super::Store;
use crate::{
    TaskError,
    due::{self, Advanced},
};

/// Milliseconds by which the time of day has to leave steady time behind to have jumped.
const JUMP_MS: i64 = 1_000;

/// What the clock shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    /// The time of day in milliseconds since 1970.
    pub(crate) now_ms: i64,
    /// By how much the time of day left steady time behind since the look before; 0 for little.
    jumped_ms: i64,
}

impl Store {
    /// What time does to tasks. Where the time of day jumped since the last look, the runs of this
    /// process keep the time that they had left: no time has passed for them.
    pub(crate) fn advance(
        &self,
        transaction: &Transaction<'_>,
        look: Look,
    ) -> Result<Advanced, TaskError> {
        let Look { now_ms, jumped_ms } = look;
        if jumped_ms != 0 {
            tracing::warn!(jumped_ms, "the clock of this machine jumped");
            let until_ms = self.lease_until_ms(now_ms);
            due::shift(transaction, self.owner, jumped_ms, until_ms)?;
        }
        due::advance(transaction, now_ms, &self.settings)
    }

    /// Looks at the clock. To be called inside the transaction that uses it: a time from before a
    /// jump would end the runs that are shifted by that jump.
    pub(crate) fn look(&self) -> Look {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.both();
        let passed = i64::try_from(now.0.saturating_sub(seen.0).as_millis()).unwrap_or(i64::MAX);
        let jumped_ms = now.1.saturating_sub(seen.1).saturating_sub(passed);
        *seen = now;
        let jumped_ms = if jumped_ms.abs() < JUMP_MS { 0 } else { jumped_ms };
        Look { now_ms: now.1, jumped_ms }
    }

    /// When a lease ends that is given or extended at `now_ms`.
    pub(crate) fn lease_until_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(self.settings.lease_ms.into())
    }
}
