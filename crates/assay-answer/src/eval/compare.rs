//! Two runs over the same questions: is the difference more than chance?
//!
//! The p-value is that of a paired permutation test: if both runs were equally good, each
//! difference could as well have had the other sign (Smucker, Allan and Carterette 2007 compare the
//! tests that are used for search). The interval is a bootstrap over the questions. Both draw from
//! a generator with a fixed seed, so that the same runs always give the same words.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::metric;
use crate::AnswerError;

/// The figures of one question by name, by the id of the question.
pub type Measures = BTreeMap<String, BTreeMap<String, f64>>;

/// Draws of each test. More do not change the second digit of a p-value.
const DRAWS: usize = 10_000;
/// Up to so many questions that differ, every combination of signs is counted instead of drawn.
const EXACT_MAX: usize = 13;
/// A difference this unlikely by chance is called one.
const SIGNIFICANT: f64 = 0.05;
/// Fewer pairs tell next to nothing, whatever the test says.
const PAIRS_MIN: usize = 10;
/// Where the generator starts.
const SEED: u64 = 20_261_121;

/// One figure under two settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The figure.
    pub measure: String,
    /// Mean under the first, over the questions that have it under both.
    pub first: f64,
    /// Mean under the second.
    pub second: f64,
    /// First less second.
    pub difference: f64,
    /// Lower end of the 95 % interval of the difference.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// How likely a difference this large would be if both were equally good.
    pub p_value: f64,
    /// Questions that have the figure under both.
    pub pairs: usize,
    /// The same in words.
    pub words: String,
}

/// Compares every figure that both runs have; the names of the runs go into the words. Times are
/// left out.
#[must_use]
pub fn compare(first: (&str, &Measures), second: (&str, &Measures)) -> Vec<Comparison> {
    let names: BTreeSet<&String> = first.1.values().flat_map(BTreeMap::keys).collect();
    let pairs = |name: &String| -> Vec<(f64, f64)> {
        let both = first.1.iter().filter_map(|(id, measures)| {
            Some((*measures.get(name)?, *second.1.get(id)?.get(name)?))
        });
        both.collect()
    };
    names
        .into_iter()
        .filter(|name| !name.ends_with("_ms"))
        .map(|name| (name, pairs(name)))
        .filter(|(_, pairs)| !pairs.is_empty())
        .map(|(name, pairs)| comparison(name, first.0, second.0, &pairs))
        .collect()
}

fn comparison(measure: &str, a: &str, b: &str, pairs: &[(f64, f64)]) -> Comparison {
    let differences: Vec<f64> = pairs.iter().map(|(first, second)| first - second).collect();
    let difference = metric::mean(&differences);
    let (low, high) = interval(&differences);
    let mut compared = Comparison {
        measure: measure.to_owned(),
        first: metric::mean(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>()),
        second: metric::mean(&pairs.iter().map(|pair| pair.1).collect::<Vec<_>>()),
        difference,
        low,
        high,
        p_value: p_value(&differences),
        pairs: pairs.len(),
        words: String::new(),
    };
    compared.words = words(&compared, a, b);
    compared
}

fn words(one: &Comparison, a: &str, b: &str) -> String {
    let Comparison { measure, first, second, low, high, p_value, pairs, .. } = one;
    let numbers = format!("{first:.3} against {second:.3}");
    let test = format!(
        "95 % interval of the difference {low:+.3} to {high:+.3}, p = {p_value:.4}, {pairs} questions"
    );
    if one.difference == 0.0 {
        return format!("{measure}: no difference between {a} and {b} ({numbers}; {test})");
    }
    let (better, worse) = if one.difference > 0.0 { (a, b) } else { (b, a) };
    let verdict = if *pairs < PAIRS_MIN {
        "too few questions to tell"
    } else if *p_value < SIGNIFICANT {
        "more than chance would explain"
    } else {
        "may well be chance"
    };
    format!("{measure}: {better} is higher than {worse}, {verdict} ({numbers}; {test})")
}

/// The share of sign patterns whose mean is at least as far from 0.
fn p_value(differences: &[f64]) -> f64 {
    // Questions without a difference are the same under every pattern.
    let moved: Vec<f64> = differences.iter().copied().filter(|one| *one != 0.0).collect();
    if moved.is_empty() {
        return 1.0;
    }
    let reached = moved.iter().sum::<f64>().abs() - 1e-9;
    let far = |signs: &mut dyn FnMut(usize) -> bool| {
        let sum: f64 =
            moved.iter().enumerate().map(|(at, one)| if signs(at) { *one } else { -one }).sum();
        usize::from(sum.abs() >= reached)
    };
    if moved.len() <= EXACT_MAX {
        let patterns = 1usize << moved.len();
        let count: usize = (0..patterns).map(|pattern| far(&mut |at| pattern >> at & 1 == 1)).sum();
        return metric::share(count, patterns);
    }
    let mut random = Random(SEED);
    let count: usize = (0..DRAWS).map(|_| far(&mut |_| random.next() & 1 == 1)).sum();
    // The pattern that was seen is one of those possible.
    metric::share(count + 1, DRAWS + 1)
}

/// The middle 95 % of the means of samples drawn with replacement.
fn interval(differences: &[f64]) -> (f64, f64) {
    let mut random = Random(SEED);
    let count = differences.len();
    let mut drawn = |_| differences.get(random.below(count)).copied().unwrap_or(0.0);
    let means: Vec<f64> =
        (0..DRAWS).map(|_| (0..count).map(&mut drawn).sum::<f64>() / count as f64).collect();
    (metric::percentile(&means, 0.025), metric::percentile(&means, 0.975))
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`, evenly up to a bias of `bound` in 2^64.
    fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }
}

/// The figures of each question in a file that `eval` wrote: a run of questions, or the JSON Lines
/// of `--per-question`.
///
/// # Errors
/// When the file cannot be read or is neither.
pub fn read_measures(path: &Path) -> Result<Measures, AnswerError> {
    let failure =
        |reason: String| AnswerError::EvalData { path: path.display().to_string(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| failure(error.to_string()))?;
    let items: Vec<Value> = match serde_json::from_str::<Value>(&text) {
        Ok(Value::Object(mut run)) if run.contains_key("questions") => {
            match run.remove("questions") {
                Some(Value::Array(items)) => items,
                _ => return Err(failure("`questions` is not a list".to_owned())),
            }
        }
        _ => super::read_lines(path)?,
    };
    let mut measures = Measures::new();
    for (number, item) in (1..).zip(items) {
        let of: PerQuestion = serde_json::from_value(item)
            .map_err(|error| failure(format!("question {number}: {error}")))?;
        if measures.insert(of.id.clone(), of.measures).is_some() {
            return Err(failure(format!("question {number}: the id `{}` is taken", of.id)));
        }
    }
    if measures.is_empty() {
        return Err(failure("it holds no question".to_owned()));
    }
    Ok(measures)
}

/// The figures of one question of any evaluation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PerQuestion {
    /// The question.
    pub id: String,
    /// Its figures by name.
    pub measures: BTreeMap<String, f64>,
}

impl PerQuestion {
    /// The figures of a question.
    pub(crate) fn new<const N: usize>(id: impl Into<String>, measures: [(&str, f64); N]) -> Self {
        let measures = measures.into_iter().map(|(name, value)| (name.to_owned(), value));
        Self { id: id.into(), measures: measures.collect() }
    }
}

#[cfg(test)]
mod tests;
