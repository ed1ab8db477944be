//! What a place gives back: points that are older than they have to be, and objects that no point
//! names.

use std::collections::{BTreeSet, HashSet};

use crate::{BackupError, BackupSettings, Place, ahead::manifests};

const DAY_MS: i64 = 24 * 3_600_000;
/// An object that is younger may be of a backup that is being taken.
const YOUNG_MS: i64 = DAY_MS;

/// Removes what the settings do not keep. A point goes when every moment that it leads to is older
/// than the days that are kept, and enough points follow it. `pause` is called in between, for what
/// must not wait so long.
pub(crate) fn prune(
    place: &Place,
    settings: &BackupSettings,
    now_ms: i64,
    pause: &mut dyn FnMut(),
) -> Result<(), BackupError> {
    let names = place.names()?;
    let oldest_ms = now_ms - i64::from(settings.keep_days) * DAY_MS;
    let may_go = names.len().saturating_sub(settings.keep_last.max(1));
    let mut removed = 0;
    for name in names.iter().take(may_go) {
        pause();
        match place.point(name)? {
            Some(point) if point.until_ms < oldest_ms => place.remove_point(name)?,
            // Younger ones follow.
            Some(_) => break,
            None => place.remove_point(name)?,
        }
        removed += 1;
    }
    if removed > 0 {
        sweep(place, now_ms, pause)?;
    }
    Ok(())
}

/// Removes the objects that no manifest names.
fn sweep(place: &Place, now_ms: i64, pause: &mut dyn FnMut()) -> Result<(), BackupError> {
    let mut named = HashSet::new();
    let points = place.names()?;
    for point in &points {
        pause();
        // The last one may get further steps.
        let has_ended = Some(point) != points.last();
        if let Some(objects) = place.noted(point)?.filter(|_| has_ended) {
            named.extend(objects);
            continue;
        }
        let mut own = BTreeSet::new();
        for found in manifests(place, point.clone(), &place.numbers(point)?) {
            let manifest = found?.0;
            own.extend(manifest.files.into_iter().flat_map(|file| file.pieces));
            own.extend(manifest.logs.into_iter().flat_map(|part| part.pieces));
            pause();
        }
        let own: Vec<String> = own.into_iter().collect();
        if has_ended {
            place.note(point, &own)?;
        }
        named.extend(own);
    }
    let mut unnamed = Vec::new();
    place.each_object(&mut |object, modified_ms| {
        if now_ms.saturating_sub(modified_ms) > YOUNG_MS && !named.contains(&object) {
            unnamed.push(object);
        }
        Ok(())
    })?;
    for unnamed in unnamed.chunks(64) {
        place.remove_objects(unnamed)?;
        pause();
    }
    Ok(())
}
