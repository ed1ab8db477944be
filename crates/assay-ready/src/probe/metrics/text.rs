//! The exposition format, as far as values and labels go.

use regex::Regex;

/// Lines that are read at most.
const LINES_MAX: usize = 200_000;

/// One sample.
pub(crate) struct Sample<'a> {
    pub(crate) name: &'a str,
    pub(crate) labels: Vec<(&'a str, String)>,
    pub(crate) value: f64,
}

/// A name and patterns of labels: `NAME` or `NAME{label=~"PATTERN",…}`. A star at the end of the
/// name stands for any rest.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    name: String,
    labels: Vec<(String, Regex)>,
}

impl Selector {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (name, rest) = text.split_once('{').unwrap_or((text, ""));
        if name.is_empty() {
            return Err(format!("`{text}` names no series"));
        }
        let mut labels = Vec::new();
        for part in rest.trim_end_matches('}').split("\",").filter(|part| !part.is_empty()) {
            let (label, pattern) = part
                .split_once("=~\"")
                .ok_or_else(|| format!("`{part}` is no pattern of a label"))?;
            let pattern = format!("^(?:{})$", pattern.trim_end_matches('"'));
            let pattern = Regex::new(&pattern).map_err(|error| error.to_string())?;
            labels.push((label.trim().to_owned(), pattern));
        }
        Ok(Self { name: name.to_owned(), labels })
    }

    pub(crate) fn covers(&self, sample: &Sample<'_>) -> bool {
        let is_named = match self.name.strip_suffix('*') {
            Some(head) => sample.name.starts_with(head),
            None => sample.name == self.name,
        };
        is_named
            && self.labels.iter().all(|(label, pattern)| {
                let value = sample.labels.iter().find(|(name, _)| name == label);
                pattern.is_match(value.map_or("", |(_, value)| value))
            })
    }

    /// The same labels on the name with an ending.
    pub(super) fn suffixed(&self, ending: &str) -> Self {
        Self { name: format!("{}{ending}", self.name), labels: self.labels.clone() }
    }
}

/// The samples of a text; lines that are none are passed over.
pub(crate) fn samples(text: &str) -> Vec<Sample<'_>> {
    text.lines().filter(|line| !line.starts_with('#')).take(LINES_MAX).filter_map(sample).collect()
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let (name, mut rest) = match line.split_once('{') {
        Some((name, rest)) => (name, rest),
        None => {
            let (name, value) = line.split_once(' ')?;
            return Some(Sample { name, labels: Vec::new(), value: number(value)? });
        }
    };
    let mut labels = Vec::new();
    while let Some((label, after)) = rest.split_once("=\"") {
        let (value, after) = quoted(after)?;
        labels.push((label.trim_start_matches(',').trim(), value));
        rest = after;
        if rest.starts_with('}') {
            break;
        }
    }
    let value = number(rest.trim_start_matches('}').trim())?;
    Some(Sample { name, labels, value })
}

/// A value of a label up to its quote, and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            'n' if is_escaped => value.push('\n'),
            _ if is_escaped => value.push(letter),
            '\\' => {
                is_escaped = true;
                continue;
            }
            '"' => return Some((value, text.get(at + 1..)?)),
            _ => value.push(letter),
        }
        is_escaped = false;
    }
    None
}

fn number(text: &str) -> Option<f64> {
    text.split_whitespace().next()?.parse().ok()
}
