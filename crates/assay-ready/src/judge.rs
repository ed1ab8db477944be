//! What observations say about expectations: a pure function, so that an old run can be judged again.

mod share;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::{
    check::{Comparison, Expect, Limit},
    observation::{Observation, Value, number},
    verdict::Verdict,
};

/// What came of one expectation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Judged {
    /// The observation that it is about.
    pub of: String,
    /// Pass, fail, inconclusive or error.
    pub verdict: Verdict,
    /// What was seen and what was wanted, in a line.
    pub says: String,
    /// What is missing for a decision.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub need: String,
}

impl Judged {
    fn new(of: &str, verdict: Verdict, says: String) -> Self {
        Self { of: of.to_owned(), verdict, says, need: String::new() }
    }

    fn needing(self, need: impl Into<String>) -> Self {
        Self { need: need.into(), ..self }
    }
}

/// Judges every expectation of a check. An observation that is not there is not a zero: it decides
/// nothing.
#[must_use]
pub fn judge(expectations: &[Expect], observations: &[Observation]) -> Vec<Judged> {
    let one = |expect: &Expect| {
        let seen = observations.iter().find(|observation| observation.name == expect.of);
        match seen {
            None => Judged::new(
                &expect.of,
                Verdict::Inconclusive,
                format!("no data on `{}`", expect.of),
            ),
            Some(seen) => one(expect, seen),
        }
    };
    let undecided = |(expect, judged): (&Expect, Judged)| match judged.verdict {
        Verdict::Fail if expect.first => Judged {
            verdict: Verdict::Inconclusive,
            need: format!(
                "what was asked shows too little: {} {} is needed",
                expect.of, expect.value
            ),
            ..judged
        },
        _ => judged,
    };
    let judged: Vec<Judged> =
        expectations.iter().map(|expect| undecided((expect, one(expect)))).collect();
    let first = expectations.iter().zip(&judged);
    let Some(too_little) = first
        .filter(|(expect, judged)| expect.first && judged.verdict == Verdict::Inconclusive)
        .map(|(_, judged)| judged.need.clone())
        .next()
    else {
        return judged;
    };
    let held_back = |judged: Judged| match judged.verdict {
        Verdict::Fail => {
            Judged { verdict: Verdict::Inconclusive, need: too_little.clone(), ..judged }
        }
        _ => judged,
    };
    judged.into_iter().map(held_back).collect()
}

fn one(expect: &Expect, seen: &Observation) -> Judged {
    if let Some(too_little) = too_little(expect, seen) {
        return too_little;
    }
    match (&seen.value, &expect.value) {
        (Value::Share { count, of }, Limit::Number(limit)) => {
            share::of_share(expect, *count, *of, *limit)
        }
        (Value::Samples { samples }, Limit::Number(limit)) => {
            share::of_samples(expect, samples, *limit, &seen.unit)
        }
        (Value::Histogram { le, at_most, of }, Limit::Number(limit)) => {
            share::of_histogram(expect, le, at_most, *of, *limit, &seen.unit)
        }
        (Value::Number(value), Limit::Number(limit)) => of_number(expect, *value, *limit, seen),
        (Value::Text(text), Limit::Text(wanted)) => of_text(expect, text, wanted),
        (value, limit) => Judged::new(
            &expect.of,
            Verdict::Error,
            format!("`{}` is {} and cannot be compared with {limit}", expect.of, value.shown()),
        ),
    }
}

/// Whether the sample or the window is smaller than the check asks for.
fn too_little(expect: &Expect, seen: &Observation) -> Option<Judged> {
    let size = seen.value.size();
    let least = expect.min_size.unwrap_or(1).max(1);
    let short = |says: String, need: String| {
        Some(Judged::new(&expect.of, Verdict::Inconclusive, says).needing(need))
    };
    if size < least {
        let says = format!("{}: {} ({size} seen)", expect.of, seen.value.shown());
        return short(says, format!("need at least {least}"));
    }
    let window = seen.window_seconds.unwrap_or(0.0);
    let wanted = expect.min_window_seconds?;
    if window >= wanted {
        return None;
    }
    let says = format!("{}: {} over {}", expect.of, seen.value.shown(), span(window));
    short(says, format!("need a window of {}", span(wanted)))
}

fn of_number(expect: &Expect, value: f64, limit: f64, seen: &Observation) -> Judged {
    let holds = match expect.is {
        // Numbers that were read as text and back are equal when nobody could tell them apart.
        Comparison::Equal => (value - limit).abs() <= f64::EPSILON * limit.abs().max(1.0),
        Comparison::NotEqual => (value - limit).abs() > f64::EPSILON * limit.abs().max(1.0),
        Comparison::AtMost => value <= limit,
        Comparison::Below => value < limit,
        Comparison::AtLeast => value >= limit,
        Comparison::Above => value > limit,
        Comparison::Matches | Comparison::MatchesNot => {
            let says = format!("`{}` is a number and has no pattern", expect.of);
            return Judged::new(&expect.of, Verdict::Error, says);
        }
    };
    said(expect, holds, &with_unit(value, &seen.unit), &with_unit(limit, &seen.unit))
}

fn of_text(expect: &Expect, text: &str, wanted: &str) -> Judged {
    let pattern = || Regex::new(wanted);
    let holds = match expect.is {
        Comparison::Equal => text == wanted,
        Comparison::NotEqual => text != wanted,
        Comparison::Matches | Comparison::MatchesNot => match pattern() {
            Ok(pattern) => pattern.is_match(text) == (expect.is == Comparison::Matches),
            Err(error) => {
                return Judged::new(&expect.of, Verdict::Error, format!("{wanted}: {error}"));
            }
        },
        Comparison::AtMost | Comparison::Below | Comparison::AtLeast | Comparison::Above => {
            let says = format!("`{}` is the text `{text}`, not a number", expect.of);
            return Judged::new(&expect.of, Verdict::Error, says);
        }
    };
    let short: String = text.chars().take(80).collect();
    said(expect, holds, &short, wanted)
}

/// The line of a decided expectation: what was seen, then how it stands to what was wanted.
fn said(expect: &Expect, holds: bool, seen: &str, wanted: &str) -> Judged {
    let verdict = if holds { Verdict::Pass } else { Verdict::Fail };
    let relation = relation(expect.is, holds);
    Judged::new(&expect.of, verdict, format!("{} {seen} {relation} {wanted}", expect.of))
}

/// The sign between a value and its limit, as it is and not as it should be.
fn relation(is: Comparison, holds: bool) -> &'static str {
    match (is, holds) {
        (Comparison::Equal, true) | (Comparison::NotEqual, false) => "=",
        (Comparison::Equal, false) | (Comparison::NotEqual, true) => "≠",
        (Comparison::AtMost, true) | (Comparison::Above, false) => "≤",
        (Comparison::AtMost, false) | (Comparison::Above, true) => ">",
        (Comparison::Below, true) | (Comparison::AtLeast, false) => "<",
        (Comparison::Below, false) | (Comparison::AtLeast, true) => "≥",
        (Comparison::Matches, true) | (Comparison::MatchesNot, false) => "matches",
        (Comparison::Matches, false) | (Comparison::MatchesNot, true) => "does not match",
    }
}

fn with_unit(value: f64, unit: &str) -> String {
    if unit.is_empty() { number(value) } else { format!("{} {unit}", number(value)) }
}

/// A time as people write it.
pub(crate) fn span(seconds: f64) -> String {
    match seconds {
        it if it < 120.0 => format!("{it:.0} s"),
        it if it < 7_200.0 => format!("{:.0} min", it / 60.0),
        it if it < 172_800.0 => format!("{:.1} h", it / 3_600.0),
        it => format!("{:.1} d", it / 86_400.0),
    }
}

#[cfg(test)]
mod tests;
