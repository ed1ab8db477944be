//! The text that Prometheus reads, as samples.

use std::{collections::BTreeMap, fmt};

/// Labels by name.
pub(crate) type Labels = BTreeMap<String, String>;

/// One number at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Name of the metric, with its ending (`_total`, `_bucket`).
    pub name: String,
    /// Its labels.
    pub labels: Labels,
    /// The number.
    pub value: f64,
}

/// What one reading gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Samples {
    /// In the order of the text.
    pub samples: Vec<Sample>,
    /// Names of the metrics that the text declares, as they appear on samples: for a counter `x` the
    /// name is `x_total`. A family without a sample yet is a metric all the same.
    pub names: Vec<String>,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<String> =
            self.labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        write!(f, "{}{{{}}} {}", self.name, labels.join(","), self.value)
    }
}

/// Reads an exposition in the text format of Prometheus or OpenMetrics. Lines that are neither a
/// sample nor a type are passed over; timestamps and exemplars are not read.
#[must_use]
pub fn read(text: &str) -> Samples {
    let mut found = Samples::default();
    for line in text.lines() {
        if let Some(declared) = line.strip_prefix("# TYPE ") {
            declare(declared, &mut found.names);
        } else if !line.starts_with('#') {
            found.samples.extend(sample(line));
        }
    }
    found
}

fn declare(declared: &str, names: &mut Vec<String>) {
    let Some((name, kind)) = declared.trim().split_once(' ') else { return };
    let endings: &[&str] = match kind {
        "counter" => &["_total"],
        "histogram" => &["_bucket", "_sum", "_count"],
        _ => &[""],
    };
    // The plain format of Prometheus declares a counter with its ending.
    let stem = name.strip_suffix("_total").filter(|_| kind == "counter").unwrap_or(name);
    names.extend(endings.iter().map(|ending| format!("{stem}{ending}")));
}

fn sample(line: &str) -> Option<Sample> {
    let line = line.trim();
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at_checked(end)?;
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(inside) => labels(inside)?,
        None => (Labels::new(), rest),
    };
    let value = rest.split_whitespace().next()?;
    let value = match value {
        "+Inf" => f64::INFINITY,
        "-Inf" => f64::NEG_INFINITY,
        value => value.parse().ok()?,
    };
    Some(Sample { name: name.to_owned(), labels, value })
}

/// Labels up to the closing brace, and what stands behind it.
fn labels(text: &str) -> Option<(Labels, &str)> {
    let mut labels = Labels::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([',', ' ']);
        if let Some(behind) = rest.strip_prefix('}') {
            return Some((labels, behind));
        }
        let (name, quoted) = rest.split_once("=\"")?;
        let (value, behind) = quoted_text(quoted)?;
        labels.insert(name.to_owned(), value);
        rest = behind;
    }
}

/// A text up to its closing quote, escapes undone, and what stands behind the quote.
pub(crate) fn quoted_text(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests;
