//! Memory for parsing: large files wait for each other, small ones never do.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

use crate::engine::lock_mutex;

/// Bytes of large files that are parsed at the same time. What parsing holds is five to seven times
/// the file: its bytes, its text, its blocks and its passages.
const ROOM: u64 = 24 << 20;
/// Between two looks at whether to stop.
const POLL: Duration = Duration::from_millis(500);

/// Room for large files.
#[derive(Debug, Default)]
pub(crate) struct ParseRoom {
    taken: Mutex<u64>,
    left: Condvar,
}

/// A place in the room; dropped, it makes room for others.
pub(crate) struct Place<'a> {
    room: &'a ParseRoom,
    bytes: u64,
}

impl ParseRoom {
    /// Waits until a file of so many bytes fits, or is alone; none when `should_stop` says so first.
    pub(crate) fn enter(&self, bytes: u64, should_stop: impl Fn() -> bool) -> Option<Place<'_>> {
        let mut taken = lock_mutex(&self.taken);
        while *taken > 0 && taken.saturating_add(bytes) > ROOM {
            if should_stop() {
                return None;
            }
            let waited = self.left.wait_timeout(taken, POLL);
            taken = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        *taken += bytes;
        drop(taken);
        Some(Place { room: self, bytes })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *lock_mutex(&self.room.taken) -= self.bytes;
        self.room.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    //! Files share the room and leave it.

    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn no_more_is_taken_than_there_is_unless_one_file_needs_it_all() {
        let (room, inside, most) = (ParseRoom::default(), AtomicU64::new(0), AtomicU64::new(0));
        let sizes = [10 << 20, 20 << 20, 4 << 20, ROOM, 1, 12 << 20, 3 * ROOM, 8 << 20];
        std::thread::scope(|threads| {
            for size in sizes.iter().cycle().take(64) {
                let (room, inside, most) = (&room, &inside, &most);
                threads.spawn(move || {
                    let place = room.enter(*size, || false).unwrap();
                    let now = inside.fetch_add(*size, Ordering::SeqCst) + size;
                    // A file larger than the room is in it alone.
                    let shared = if now == *size { now.min(ROOM) } else { now };
                    most.fetch_max(shared, Ordering::SeqCst);
                    inside.fetch_sub(*size, Ordering::SeqCst);
                    drop(place);
                });
            }
        });
        assert!(most.into_inner() <= ROOM);
        assert_eq!(*room.taken.lock().unwrap(), 0);
    }

    #[test]
    fn who_is_told_to_stop_does_not_wait() {
        let room = ParseRoom::default();
        let first = room.enter(ROOM, || false);
        assert!(room.enter(1, || true).is_none());
        drop(first);
        assert!(room.enter(1, || true).is_some());
    }
}
