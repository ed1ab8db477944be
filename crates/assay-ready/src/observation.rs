//! What a probe has seen.

use serde::{Deserialize, Serialize};

/// A value that was seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// How often something was so, of how many tries.
    Share {
        /// How often it was so.
        count: u64,
        /// Of how many tries.
        of: u64,
    },
    /// Each measurement by itself, so that any quantile can be judged later.
    Samples {
        /// In the order in which they were taken.
        samples: Vec<f64>,
    },
    /// Measurements that a histogram has counted.
    Histogram {
        /// Upper bounds of the buckets, rising; the last one may be infinite and is then left out.
        le: Vec<f64>,
        /// How many measurements are at most the bound in the same place.
        at_most: Vec<u64>,
        /// All measurements.
        of: u64,
    },
    /// A number.
    Number(f64),
    /// A text: a state, a version, a header.
    Text(String),
}

impl Value {
    /// How many tries the value rests on.
    #[must_use]
    pub fn size(&self) -> u64 {
        match self {
            Self::Share { of, .. } | Self::Histogram { of, .. } => *of,
            Self::Samples { samples } => samples.len() as u64,
            Self::Number(_) | Self::Text(_) => 1,
        }
    }

    /// A short form for a report.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Share { count, of } => format!("{count} of {of}"),
            Self::Samples { samples } if samples.is_empty() => "no sample".to_owned(),
            Self::Samples { samples } => {
                let median = quantile(samples, 0.5);
                let p95 = quantile(samples, 0.95);
                format!("median {}, P95 {}", number(median), number(p95))
            }
            Self::Histogram { of, .. } => format!("{of} measurements"),
            Self::Number(value) => number(*value),
            Self::Text(text) => text.chars().take(120).collect(),
        }
    }
}

/// A number as people write it: whole where it is whole.
pub(crate) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
    } else if value.abs() >= 100.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.4}").trim_end_matches('0').to_owned()
    }
}

/// The quantile of measurements by the nearest rank.
pub(crate) fn quantile(samples: &[f64], share: f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

/// One thing that a probe has seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Its name within the check, which expectations refer to.
    pub name: String,
    /// What was seen.
    pub value: Value,
    /// Unit of the value, such as `ms`; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// Seconds that the value speaks of; absent where it is of a moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_seconds: Option<f64>,
    /// SHA-256 of the artefact that it was read from, which lies below `ev/`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub artefact: String,
    /// Days since it was seen, where that was not during the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_days: Option<f64>,
}

impl Observation {
    /// Something seen just now.
    pub fn new(name: impl Into<String>, value: Value) -> Self {
        Self {
            name: name.into(),
            value,
            unit: String::new(),
            window_seconds: None,
            artefact: String::new(),
            age_days: None,
        }
    }
}
