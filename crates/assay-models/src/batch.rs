//! Many texts at once: groups that fill the encoder, spread over threads.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Tokens that run through the encoder together: enough rows to use each loaded weight many times,
/// few enough to stay in the cache and to spread over threads.
const TOKENS_AT_ONCE: usize = 256;

/// The threads of a setting: 0 means one a core.
pub(crate) fn threads(setting: usize) -> usize {
    match setting {
        0 => thread::available_parallelism().map_or(1, usize::from),
        threads => threads,
    }
}

/// Does `count` pieces of work on up to `threads` threads, the caller's among them.
pub(crate) fn in_parallel<T: Send>(
    threads: usize,
    count: usize,
    work: impl Fn(usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let take = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|i| *i < count);
        std::iter::from_fn(take).map(|index| (index, work(index))).collect::<Vec<_>>()
    };
    let mut done = thread::scope(|scope| {
        let helpers = 1..threads.min(count);
        let helpers: Vec<_> = helpers.map(|_| scope.spawn(worker)).collect();
        let mut done = worker();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Cuts a list of sequences into groups of at most [`TOKENS_AT_ONCE`] tokens, or one sequence.
pub(crate) fn groups(order: &[usize], length: impl Fn(usize) -> usize) -> Vec<&[usize]> {
    let mut groups = Vec::new();
    let (mut start, mut tokens) = (0, 0);
    for (place, index) in order.iter().enumerate() {
        let own = length(*index);
        if place > start && tokens + own > TOKENS_AT_ONCE {
            groups.push(&order[start..place]);
            (start, tokens) = (place, 0);
        }
        tokens += own;
    }
    if start < order.len() {
        groups.push(&order[start..]);
    }
    groups
}
