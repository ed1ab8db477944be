//! How long a failed task waits.

use assay_core::TaskId;

use crate::TaskSettings;

#[cfg(test)]
mod tests;

/// Milliseconds until the next run after `failures` failed ones (1 or more).
///
/// The delay doubles with each failure up to the limit; then up to half of it is taken off, by an
/// amount that depends on the task and the failure only: tasks that failed together do not come
/// back together, and a test can repeat the figure.
pub(crate) fn backoff_ms(settings: &TaskSettings, id: TaskId, failures: u32) -> i64 {
    let doublings = failures.saturating_sub(1).min(32);
    let full = u64::from(settings.backoff_first_ms) << doublings;
    let full = full.min(settings.backoff_max_ms.into());
    let off = scatter(id, failures) % (full / 2 + 1);
    i64::try_from(full - off).unwrap_or(i64::MAX)
}

/// Evenly spread bits: the finalizer of SplitMix64 (Steele, Lea and Flood 2014).
fn scatter(id: TaskId, failures: u32) -> u64 {
    let bits = id.as_u128();
    let folded = (bits ^ (bits >> 64)) & u128::from(u64::MAX);
    let mut x = u64::try_from(folded).unwrap_or_default() ^ (u64::from(failures) << 32);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
