//! How often each value of a field occurs.

use std::collections::{BTreeMap, HashMap, HashSet};

use assay_core::DocumentId;

use super::Held;
use crate::{
    filter::{Subject, canonical},
    search::{Facet, FacetValue},
};

/// Counts documents, each once for each different value it has; the most frequent first.
pub(super) fn count(
    held: &Held,
    fields: &[String],
    top: usize,
    documents: &HashSet<DocumentId>,
) -> BTreeMap<String, Facet> {
    fields.iter().map(|field| (field.clone(), of_field(held, field, top, documents))).collect()
}

fn of_field(held: &Held, field: &str, top: usize, documents: &HashSet<DocumentId>) -> Facet {
    let canonical = canonical(field);
    // By the folded text, so that `PDF` and `pdf` are one value, shown as it came first.
    let mut counts: HashMap<Box<str>, (Box<str>, u64)> = HashMap::new();
    let mut total = 0;
    for id in documents {
        let Some(seen) = held.document(*id) else { continue };
        total += 1;
        let mut own: Vec<Box<str>> = Vec::new();
        seen.document().each(&canonical, &mut |value| {
            if !own.iter().any(|other| **other == *value.folded()) {
                own.push(value.folded().into());
                let (shown, count) =
                    counts.entry(value.folded().into()).or_insert_with(|| (value.shown.clone(), 0));
                *count += 1;
                // Which document comes first is chance; the least writing is not.
                if value.shown < *shown {
                    *shown = value.shown.clone();
                }
            }
        });
    }
    let mut counts: Vec<_> = counts.into_values().collect();
    counts.sort_unstable_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    let distinct = counts.len() as u64;
    counts.truncate(top);
    let share = |count: u64| {
        #[expect(clippy::cast_precision_loss, reason = "documents are far below 2^52")]
        let share = count as f64 * 100.0 / (total as f64).max(1.0);
        (share * 100.0).round() / 100.0
    };
    let values = counts.into_iter().map(|(value, count)| FacetValue {
        value: value.into(),
        count,
        percentage: share(count),
    });
    Facet { values: values.collect(), total_docs: total, distinct_values: distinct }
}
