//! Series in the text that Prometheus reads.

mod text;

use std::collections::BTreeMap;

use super::{Gathered, Session, Takes};
use crate::observation::{Observation, Value};
pub(crate) use text::samples;
use text::{Sample, Selector};

/// What is read of the series.
#[derive(Debug, Clone)]
pub(super) enum Take {
    Sum(Selector),
    Max(Selector),
    Series(Selector),
    Share(Selector, Selector),
    Histogram(Selector),
    Lines,
}

impl Take {
    /// Reads a word such as `share A{status=~"5.."} of A`.
    pub(super) fn parse(word: &str) -> Result<Self, String> {
        let (name, rest) = word.split_once(' ').unwrap_or((word, ""));
        Ok(match name {
            "sum" => Self::Sum(Selector::parse(rest)?),
            "max" => Self::Max(Selector::parse(rest)?),
            "series" => Self::Series(Selector::parse(rest)?),
            "histogram" => Self::Histogram(Selector::parse(rest)?),
            "share" => {
                let (part, whole) = rest
                    .split_once(" of ")
                    .ok_or_else(|| format!("`{word}` does not say of what"))?;
                Self::Share(Selector::parse(part)?, Selector::parse(whole)?)
            }
            "lines" => Self::Lines,
            _ => return Err(format!("`{word}` reads nothing of metrics")),
        })
    }

    /// The value; nothing when no series is there, which is not a zero.
    fn read(&self, samples: &[Sample<'_>]) -> Option<Value> {
        let values = |selector: &Selector| -> Vec<f64> {
            samples.iter().filter(|it| selector.covers(it)).map(|it| it.value).collect()
        };
        let some = |values: Vec<f64>| (!values.is_empty()).then_some(values);
        Some(match self {
            Self::Sum(selector) => Value::Number(some(values(selector))?.iter().sum()),
            Self::Max(selector) => {
                Value::Number(some(values(selector))?.into_iter().fold(f64::MIN, f64::max))
            }
            Self::Series(selector) => Value::Number(values(selector).len() as f64),
            Self::Share(part, whole) => Value::Share {
                count: values(part).iter().sum::<f64>() as u64,
                of: some(values(whole))?.iter().sum::<f64>() as u64,
            },
            Self::Histogram(selector) => {
                let (le, at_most, of) = histogram(samples, selector)?;
                Value::Histogram { le, at_most, of }
            }
            Self::Lines => Value::Number(samples.len() as f64),
        })
    }
}

/// The selector that a text is.
pub(crate) fn selector(text: &str) -> Result<Selector, String> {
    Selector::parse(text)
}

/// The buckets of a histogram, summed over the labels that the selector leaves open: their bounds, how
/// many measurements are at most each, and how many there are.
pub(crate) fn histogram(
    samples: &[Sample<'_>],
    selector: &Selector,
) -> Option<(Vec<f64>, Vec<u64>, u64)> {
    let buckets = selector.suffixed("_bucket");
    // Bounds are compared as the thousandths that they are written in.
    let mut at: BTreeMap<u64, u64> = BTreeMap::new();
    let mut of = 0;
    for sample in samples.iter().filter(|it| buckets.covers(it)) {
        let bound = sample.labels.iter().find(|(name, _)| *name == "le").map(|(_, value)| value)?;
        match bound.parse::<f64>() {
            Ok(bound) if bound.is_finite() => {
                *at.entry((bound * 1e6) as u64).or_default() += sample.value as u64;
            }
            _ => of += sample.value as u64,
        }
    }
    let le = at.keys().map(|bound| *bound as f64 / 1e6).collect();
    (!at.is_empty()).then(|| (le, at.into_values().collect(), of))
}

pub(super) fn gather(session: &Session<'_>, takes: &Takes) -> Gathered {
    let text = match session.metrics() {
        Ok(text) => text,
        Err(why) => return Gathered::broken(why),
    };
    let samples = samples(text);
    let artefact = session.keep(text);
    let mut gathered = Gathered::default();
    for (name, word) in takes {
        let Ok(take) = Take::parse(word) else { continue };
        if let Some(value) = take.read(&samples) {
            gathered.observations.push(Observation {
                window_seconds: session.uptime,
                unit: if word.starts_with("histogram") { "s".to_owned() } else { String::new() },
                artefact: artefact.clone(),
                ..Observation::new(name.as_str(), value)
            });
        } else {
            gathered
                .missing
                .get_or_insert_with(|| format!("the server shows no series for `{word}`"));
        }
    }
    gathered
}

#[cfg(test)]
mod tests;
