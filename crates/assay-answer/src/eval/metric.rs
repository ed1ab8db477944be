//! The measures, as their papers define them.

use std::collections::HashMap;

/// Bins of the calibration error.
const BINS: usize = 10;

/// nDCG at `k` with gains as graded in `relevant` (Järvelin and Kekäläinen 2002, with the
/// discount `1 / log2(rank + 1)` that BEIR uses).
pub(crate) fn ndcg(ranking: &[String], relevant: &HashMap<String, f64>, k: usize) -> f64 {
    let discounted = |gains: &mut dyn Iterator<Item = f64>| -> f64 {
        gains.zip(2u32..).map(|(gain, rank)| gain / f64::from(rank).log2()).sum()
    };
    let mut ideal: Vec<f64> = relevant.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.total_cmp(a));
    let best = discounted(&mut ideal.into_iter().take(k));
    if best == 0.0 {
        return 0.0;
    }
    let mut gains = ranking.iter().take(k).map(|id| relevant.get(id).copied().unwrap_or(0.0));
    discounted(&mut gains) / best
}

/// Share of the relevant documents among the first `k`.
pub(crate) fn recall(ranking: &[String], relevant: &HashMap<String, f64>, k: usize) -> f64 {
    let wanted = relevant.values().filter(|gain| **gain > 0.0).count();
    if wanted == 0 {
        return 0.0;
    }
    let found = ranking
        .iter()
        .take(k)
        .filter(|id| relevant.get(*id).is_some_and(|gain| *gain > 0.0))
        .count();
    found as f64 / wanted as f64
}

/// The mean, 0 of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The smallest value that at least `share` of the values do not exceed; 0 of nothing.
pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// `part / all`, 0 of nothing.
pub(crate) fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { part as f64 / all as f64 }
}

/// F1 of `right` found among `given` given and `wanted` wanted.
pub(crate) fn f1(right: usize, given: usize, wanted: usize) -> f64 {
    share(2 * right, given + wanted)
}

/// Mean of the recall of the positive and of the negative class; pairs are (truth, guess).
pub(crate) fn balanced_accuracy(pairs: &[(bool, bool)]) -> f64 {
    let recall = |class: bool| {
        let of_class = pairs.iter().filter(|(truth, _)| *truth == class);
        let (all, right) = of_class.fold((0, 0), |(all, right), (truth, guess)| {
            (all + 1, right + usize::from(truth == guess))
        });
        share(right, all)
    };
    f64::midpoint(recall(true), recall(false))
}

/// Expected calibration error with [`BINS`] equal bins (Guo et al. 2017); pairs are (probability
/// told, truth).
pub(crate) fn calibration_error(pairs: &[(f64, bool)]) -> f64 {
    let mut bins = [(0.0, 0.0, 0usize); BINS];
    for (told, truth) in pairs {
        let place = ((told * BINS as f64) as usize).min(BINS - 1);
        if let Some((sum, hits, count)) = bins.get_mut(place) {
            *sum += told;
            *hits += f64::from(u8::from(*truth));
            *count += 1;
        }
    }
    let gaps = bins.iter().map(|(sum, hits, _)| (sum - hits).abs());
    gaps.sum::<f64>() / pairs.len().max(1) as f64
}

#[cfg(test)]
mod tests;
