//! What a place gives back: points that are older than they have to be, and objects that no point
//! names.

use std::collections::HashSet;

use crate::{BackupError, BackupSettings, Place};

const DAY_MS: i64 = 24 * 3_600_000;
/// An object that is younger may be of a backup that is being taken.
const YOUNG_MS: i64 = DAY_MS;

/// Removes what the settings do not keep. A point goes when every moment that it leads to is older
/// than the days that are kept, and enough points follow it.
pub(crate) fn prune(
    place: &Place,
    settings: &BackupSettings,
    now_ms: i64,
) -> Result<(), BackupError> {
    let points = place.points()?;
    let oldest_ms = now_ms - i64::from(settings.keep_days) * DAY_MS;
    let may_go = points.len().saturating_sub(settings.keep_last.max(1));
    let old = points.iter().take(may_go).filter(|point| point.until_ms < oldest_ms);
    let mut removed = 0;
    for point in old {
        place.remove_point(&point.name)?;
        removed += 1;
    }
    if removed > 0 {
        sweep(place, now_ms)?;
    }
    Ok(())
}

/// Removes the objects that no manifest names.
fn sweep(place: &Place, now_ms: i64) -> Result<(), BackupError> {
    let mut named = HashSet::new();
    for point in place.names()? {
        for number in place.numbers(&point)? {
            let manifest = place.manifest(&point, number)?.0;
            named.extend(manifest.files.into_iter().flat_map(|file| file.pieces));
            named.extend(manifest.logs.into_iter().flat_map(|part| part.pieces));
        }
    }
    let mut unnamed = Vec::new();
    place.each_object(&mut |object, modified_ms| {
        if now_ms.saturating_sub(modified_ms) > YOUNG_MS && !named.contains(&object) {
            unnamed.push(object);
        }
        Ok(())
    })?;
    place.remove_objects(&unnamed)
}
