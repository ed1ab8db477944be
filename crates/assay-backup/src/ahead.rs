//! Work side by side, and reading ahead: a bucket takes its time for each object.

use std::{path::Path, thread};

use crate::{BackupError, Manifest, Place, error::failed};

/// Files that are written at a time.
pub(crate) const WRITERS: usize = 4;
/// Pieces of one file that are read at a time, and manifests: a bucket takes its time for each.
const READERS: usize = 8;
const MANIFESTS: usize = 64;

/// The manifests of a point and the hashes of their files, read ahead.
pub(crate) fn manifests<'a>(
    place: &'a Place,
    point: String,
    numbers: &'a [u64],
) -> impl Iterator<Item = Result<(Manifest, String), BackupError>> + 'a {
    numbers.chunks(MANIFESTS).flat_map(move |numbers| {
        // What cannot be read matters where it is needed.
        let read = |number: &u64| Ok(place.manifest(&point, *number));
        side_by_side(MANIFESTS / 4, numbers, read).unwrap_or_else(|error| vec![Err(error)])
    })
}

/// Calls `take` with one piece after the other, read ahead.
pub(crate) fn each_piece(
    place: &Place,
    pieces: &[&String],
    take: &mut dyn FnMut(Vec<u8>) -> Result<(), BackupError>,
) -> Result<(), BackupError> {
    pieces.chunks(READERS).try_for_each(|pieces| {
        let read = side_by_side(READERS, pieces, |piece| place.get(piece))?;
        read.into_iter().try_for_each(&mut *take)
    })
}

/// Does `work` for each, so many at a time, and gives what came of each in order.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    lanes: usize,
    all: &[T],
    work: impl Fn(&T) -> Result<R, BackupError> + Sync,
) -> Result<Vec<R>, BackupError> {
    if let [one] = all {
        return Ok(vec![work(one)?]);
    }
    let (work, count) = (&work, lanes.min(all.len()));
    let lanes: Vec<Result<Vec<(usize, R)>, BackupError>> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..count)
            .map(|lane| {
                scope.spawn(move || {
                    let own = all.iter().enumerate().skip(lane).step_by(count);
                    own.map(|(number, one)| Ok((number, work(one)?))).collect()
                })
            })
            .collect();
        lanes
            .into_iter()
            .map(|lane| {
                lane.join().unwrap_or_else(|_| {
                    let error = std::io::Error::other("a thread panicked");
                    Err(failed("restore", Path::new(""))(error))
                })
            })
            .collect()
    });
    let mut outcomes = Vec::with_capacity(all.len());
    for lane in lanes {
        outcomes.extend(lane?);
    }
    outcomes.sort_unstable_by_key(|(number, _)| *number);
    Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
}
