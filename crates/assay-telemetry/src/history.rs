//! The numbers of the recent past, thinner the older they are.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use crate::exposition::{Labels, Sample, Samples};

/// Series that are kept at most; of more, the later ones are left out and counted.
const SERIES_MAX: usize = 20_000;

/// How long points are kept and how far apart they are, in milliseconds: all of six minutes, one a
/// minute of two hours and ten minutes, one a quarter of an hour of three days and an hour. The
/// longest window of each rule fits into one.
const TIERS: [(i64, i64); 3] =
    [(6 * 60_000, 0), (130 * 60_000, 60_000), (73 * 3_600_000, 15 * 60_000)];

/// A number and when it was read, in milliseconds since 1970.
pub(crate) type Point = (i64, f64);

/// The past of the metrics that somebody asks about.
#[derive(Debug, Default)]
pub struct History {
    wanted: BTreeSet<String>,
    series: HashMap<String, BTreeMap<Labels, Series>>,
    count: usize,
    left_out: u64,
    last_ms: Option<i64>,
}

/// The points of one series, oldest tier last.
#[derive(Debug, Default)]
struct Series {
    tiers: [VecDeque<Point>; TIERS.len()],
}

impl Series {
    fn push(&mut self, point: Point) {
        let mut moved = vec![point];
        for (tier, (length, apart)) in self.tiers.iter_mut().zip(TIERS) {
            for point in std::mem::take(&mut moved) {
                if tier.back().is_none_or(|(last, _)| point.0 - last >= apart) {
                    tier.push_back(point);
                }
            }
            while tier.front().is_some_and(|(at, _)| point.0 - at > length) {
                moved.extend(tier.pop_front());
            }
        }
    }

    /// Points later than `from_ms` and not later than `to_ms`, in order.
    fn between(&self, from_ms: i64, to_ms: i64) -> impl Iterator<Item = Point> {
        let all = self.tiers.iter().rev().flatten().copied();
        all.filter(move |(at, _)| *at > from_ms && *at <= to_ms)
    }

    fn last(&self) -> Option<Point> {
        self.tiers.iter().find_map(|tier| tier.back().copied())
    }
}

impl History {
    /// A history of these metrics.
    #[must_use]
    pub fn of(wanted: impl IntoIterator<Item = String>) -> Self {
        Self { wanted: wanted.into_iter().collect(), ..Self::default() }
    }

    /// Takes a reading. A counter that was not there at the reading before began at nothing since.
    pub fn take(&mut self, now_ms: i64, samples: &Samples) {
        for sample in samples.samples.iter().filter(|it| self.wanted.contains(&it.name)) {
            let of_name = self.series.entry(sample.name.clone()).or_default();
            if !of_name.contains_key(&sample.labels) {
                if self.count >= SERIES_MAX {
                    self.left_out += 1;
                    continue;
                }
                self.count += 1;
            }
            let series = of_name.entry(sample.labels.clone()).or_default();
            if let (true, true, Some(before)) =
                (series.last().is_none(), is_counter(sample), self.last_ms)
            {
                series.push((before, 0.0));
            }
            series.push((now_ms, sample.value));
        }
        self.last_ms = Some(now_ms);
    }

    /// Readings of series that there was no room for.
    #[must_use]
    pub const fn left_out(&self) -> u64 {
        self.left_out
    }

    /// The series of a metric as they were read last, not before `from_ms`. One that the newest
    /// reading does not have is over, as in Prometheus: a budget that was deleted is not used up.
    pub(crate) fn last(
        &self,
        name: &str,
        from_ms: i64,
        to_ms: i64,
    ) -> impl Iterator<Item = (&Labels, f64)> {
        self.series.get(name).into_iter().flatten().filter_map(move |(labels, series)| {
            let (at, value) = series.between(from_ms, to_ms).last()?;
            let is_over = self.last_ms.is_some_and(|last| last <= to_ms && at < last);
            (!is_over).then_some((labels, value))
        })
    }

    /// The series of a metric with their points in a window.
    pub(crate) fn window(
        &self,
        name: &str,
        from_ms: i64,
        to_ms: i64,
    ) -> impl Iterator<Item = (&Labels, Vec<Point>)> {
        self.series
            .get(name)
            .into_iter()
            .flatten()
            .map(move |(labels, series)| (labels, series.between(from_ms, to_ms).collect()))
    }
}

fn is_counter(sample: &Sample) -> bool {
    ["_total", "_bucket", "_count", "_sum"].iter().any(|ending| sample.name.ends_with(ending))
}

#[cfg(test)]
mod tests;
