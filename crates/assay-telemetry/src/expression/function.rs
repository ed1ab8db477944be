//! The functions.

use std::collections::BTreeMap;

use crate::{exposition::Labels, history::Point};

/// A function of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    /// Increase a second of a counter over a window, restarts taken into account.
    Rate,
    /// The same over the whole window.
    Increase,
    /// Last number of a window less its first.
    Delta,
    AvgOverTime,
    MaxOverTime,
    MinOverTime,
    /// A share of the observations of a histogram lies below it.
    HistogramQuantile,
    /// One where a selector finds nothing.
    Absent,
    /// Not less than a number.
    ClampMin,
    /// The moment, in seconds since 1970.
    Time,
}

impl Function {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "rate" => Self::Rate,
            "increase" => Self::Increase,
            "delta" => Self::Delta,
            "avg_over_time" => Self::AvgOverTime,
            "max_over_time" => Self::MaxOverTime,
            "min_over_time" => Self::MinOverTime,
            "histogram_quantile" => Self::HistogramQuantile,
            "absent" => Self::Absent,
            "clamp_min" => Self::ClampMin,
            "time" => Self::Time,
            _ => return None,
        })
    }

    /// Whether its last argument is a selector with a window.
    pub(crate) const fn takes_window(self) -> bool {
        matches!(
            self,
            Self::Rate
                | Self::Increase
                | Self::Delta
                | Self::AvgOverTime
                | Self::MaxOverTime
                | Self::MinOverTime
        )
    }

    /// How many arguments it has.
    pub(crate) const fn arity(self) -> usize {
        match self {
            Self::Time => 0,
            Self::HistogramQuantile | Self::ClampMin => 2,
            _ => 1,
        }
    }

    /// What it makes of the points of a window; nothing of too few.
    pub(crate) fn over(self, points: &[Point]) -> Option<f64> {
        let values = points.iter().map(|(_, value)| *value);
        let count = points.len() as f64;
        let ((start, first), (end, last)) = (*points.first()?, *points.last()?);
        match self {
            Self::AvgOverTime => Some(values.sum::<f64>() / count),
            Self::MaxOverTime => values.reduce(f64::max),
            Self::MinOverTime => values.reduce(f64::min),
            _ if end <= start => None,
            Self::Delta => Some(last - first),
            Self::Increase => Some(increase(points)),
            Self::Rate => Some(increase(points) * 1e3 / (end - start) as f64),
            _ => None,
        }
    }
}

/// What a counter went up by; a number that falls is a restart from nothing.
fn increase(points: &[Point]) -> f64 {
    let steps = points.windows(2).map(|pair| match pair {
        [(_, before), (_, after)] if after >= before => after - before,
        [_, (_, after)] => *after,
        _ => 0.0,
    });
    steps.sum()
}

/// The quantile of each histogram whose buckets these are, by linear interpolation inside of the
/// bucket it falls into, as Prometheus does; of the last bucket its lower bound.
pub(crate) fn quantiles(share: f64, buckets: &[(Labels, f64)]) -> Vec<(Labels, f64)> {
    let mut histograms: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for (labels, count) in buckets {
        let mut rest = labels.clone();
        let bound = rest.remove("le").and_then(|bound| match bound.as_str() {
            "+Inf" => Some(f64::INFINITY),
            bound => bound.parse().ok(),
        });
        if let Some(bound) = bound {
            histograms.entry(rest).or_default().push((bound, *count));
        }
    }
    let found = histograms.into_iter().filter_map(|(labels, mut buckets)| {
        buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some((labels, quantile(share, &buckets)?))
    });
    found.collect()
}

fn quantile(share: f64, buckets: &[(f64, f64)]) -> Option<f64> {
    let total = buckets.last().filter(|(bound, _)| bound.is_infinite())?.1;
    if total <= 0.0 || total.is_nan() {
        return None;
    }
    let rank = share * total;
    let at = buckets.iter().position(|(_, count)| *count >= rank)?;
    let (lower, below) =
        at.checked_sub(1).and_then(|at| buckets.get(at)).copied().unwrap_or((0.0, 0.0));
    let (upper, count) = *buckets.get(at)?;
    if upper.is_infinite() {
        return Some(lower);
    }
    let inside = count - below;
    Some(if inside > 0.0 { lower + (upper - lower) * (rank - below) / inside } else { upper })
}
