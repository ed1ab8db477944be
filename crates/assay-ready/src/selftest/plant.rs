//! Observations that hold, and ones with a defect, made from what a check expects.

use regex::Regex;

use crate::{
    check::{Check, Comparison, Expect, Limit},
    observation::{Observation, Value},
};

/// Texts that deployments show: one of them has a pattern, and another has not.
const TEXTS: [&str; 40] = [
    "",
    "absent",
    "ready",
    "failed",
    "succeeded",
    "done",
    "true",
    "false",
    "yes",
    "no",
    "200",
    "500",
    "0",
    "1",
    "4",
    "700",
    "755",
    "600",
    "644",
    "none",
    "set",
    "unset",
    "info",
    "debug",
    "json",
    "text/html",
    "application/json",
    "tmpfs",
    "ext4",
    "vermilion",
    "*",
    "https://example.org",
    "TLSv1.3",
    "A+",
    "30d",
    "0.9995",
    "../x",
    "systemd",
    "0.1.0",
    "application/openmetrics-text",
];
/// Tries of a planted share or sample: enough for every bound that checks ask for.
const TRIES: u64 = 1_000_000;
/// Measurements of a planted sample.
const SAMPLES: usize = 4_000;

/// What a check sees of a deployment that is in order.
pub(super) fn sound(check: &Check) -> Vec<Observation> {
    check.expect.iter().filter_map(|expect| made(check, expect, true)).collect()
}

/// The defect of one expectation: what the check itself brings for it, or one made from the limit.
pub(super) fn defect(check: &Check, expect: &Expect) -> Option<Observation> {
    let own = check.defect.iter().find_map(|values| values.get(&expect.of));
    match own {
        Some(value) => Some(seen(expect, value.clone())),
        None => made(check, expect, false),
    }
}

fn seen(expect: &Expect, value: Value) -> Observation {
    // A window that is long enough: it is the value that is to decide.
    Observation {
        window_seconds: Some(31_536_000.0),
        ..Observation::new(expect.of.as_str(), value)
    }
}

/// The word by which a probe reads an observation.
fn word<'a>(check: &'a Check, name: &str) -> &'a str {
    check.probe.iter().find_map(|probe| probe.word(name)).unwrap_or_default()
}

fn made(check: &Check, expect: &Expect, holds: bool) -> Option<Observation> {
    let value = match &expect.value {
        Limit::Text(wanted) => Value::Text(text(expect.is, wanted, holds)?),
        Limit::Number(limit) => number(word(check, &expect.of), expect, *limit, holds),
    };
    Some(seen(expect, value))
}

fn text(is: Comparison, wanted: &str, holds: bool) -> Option<String> {
    let pattern = Regex::new(wanted);
    let is_so = |text: &str| match is {
        Comparison::Equal => text == wanted,
        Comparison::NotEqual => text != wanted,
        Comparison::Matches => pattern.as_ref().is_ok_and(|it| it.is_match(text)),
        Comparison::MatchesNot => !pattern.as_ref().is_ok_and(|it| it.is_match(text)),
        _ => false,
    };
    let candidates = std::iter::once(wanted).chain(TEXTS);
    candidates.map(str::to_owned).find(|text| is_so(text) == holds)
}

fn number(word: &str, expect: &Expect, limit: f64, holds: bool) -> Value {
    let wants_less = matches!(expect.is, Comparison::AtMost | Comparison::Below);
    let wants_more = matches!(expect.is, Comparison::AtLeast | Comparison::Above);
    let is_same = expect.is == Comparison::Equal;
    if word.starts_with("share ") {
        let count = match (wants_less || (is_same && limit == 0.0), holds) {
            (true, true) | (false, false) => 0,
            (true, false) | (false, true) => TRIES,
        };
        return Value::Share { count, of: TRIES };
    }
    let good = match expect.is {
        Comparison::Below => limit - limit.abs().max(1.0) * 0.01,
        Comparison::Above => limit + limit.abs().max(1.0) * 0.01,
        Comparison::NotEqual => limit + 1.0,
        _ => limit,
    };
    let bad = match (wants_less, wants_more) {
        (true, _) => limit + limit.abs().max(1.0),
        (_, true) => limit - limit.abs().max(1.0),
        _ if is_same => limit + 1.0,
        _ => limit,
    };
    let value = if holds { good } else { bad };
    if word.starts_with("histogram ") {
        let at_most = if holds { vec![TRIES, TRIES] } else { vec![0, TRIES] };
        return Value::Histogram { le: vec![limit, limit * 10.0 + 1.0], at_most, of: TRIES };
    }
    if expect.quantile.is_some() || expect.min_size.is_some() {
        return Value::Samples { samples: vec![value; SAMPLES] };
    }
    Value::Number(value)
}
