//! WebSockets that are open: how many there may be, and that they end before the server does.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assay_core::TenantId;
use tokio::sync::watch;

/// WebSockets at once, and those of one tenant.
const SOCKETS_MAX: usize = 1024;
const OF_TENANT_MAX: usize = 256;

/// What is open, and whether it should end.
#[derive(Debug)]
pub(crate) struct Sockets {
    open: Mutex<BTreeMap<TenantId, usize>>,
    /// How many are open.
    count: watch::Sender<usize>,
    /// Whether the server stops.
    stopping: watch::Sender<bool>,
}

impl Default for Sockets {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            count: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
        }
    }
}

/// Room for one WebSocket of a tenant, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    sockets: Arc<Sockets>,
    tenant: TenantId,
}

impl Sockets {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Room for one more; none when the tenant or all of them together have too many.
    pub(crate) fn seat(self: &Arc<Self>, tenant: TenantId) -> Option<Seat> {
        let mut open = self.lock();
        let all: usize = open.values().sum();
        let own = open.get(&tenant).copied().unwrap_or(0);
        if all >= SOCKETS_MAX || own >= OF_TENANT_MAX {
            return None;
        }
        open.insert(tenant, own + 1);
        self.count.send_replace(all + 1);
        Some(Seat { sockets: Arc::clone(self), tenant })
    }

    /// Tells everything that is open for long that the server stops.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Whether the server stops.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits until the server stops.
    pub(crate) async fn stopped(&self) {
        let _ = self.stopping.subscribe().wait_for(|is_stopping| *is_stopping).await;
    }

    /// Waits until none is open.
    pub(crate) async fn closed(&self) {
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.sockets.lock();
        if let Some(own) = open.get_mut(&self.tenant) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.tenant);
            }
        }
        self.sockets.count.send_replace(open.values().sum());
    }
}

#[cfg(test)]
mod tests {
    //! How many may be open.

    use assay_core::TenantScope;

    use super::*;

    #[test]
    fn a_tenant_leaves_room_for_others_and_gets_its_own_back() {
        let sockets = Arc::new(Sockets::default());
        let one = TenantScope::built_in().tenant();
        let mut seats: Vec<Seat> = (0..OF_TENANT_MAX).map(|_| sockets.seat(one).unwrap()).collect();
        assert!(sockets.seat(one).is_none());
        let other = TenantId::new();
        assert!(sockets.seat(other).is_some());
        seats.pop();
        assert!(sockets.seat(one).is_some());
        drop(seats);
        assert_eq!(*sockets.count.borrow(), 0);
        assert!(sockets.lock().is_empty());
    }
}
