//! Expressions over the past: the part of PromQL that rules of Assay are written in.
//!
//! Numbers, selectors with `=`, `!=`, `=~` and `!~` (alternatives of literal texts, each with `.*` at
//! its ends), windows, `+ - * /`, comparisons with and without `bool`, `and`, `or`, `unless`, `on` and
//! `ignoring`, aggregation with `by` and `without`, and the functions of [`Function`]. What means
//! something else in Prometheus is refused rather than read.
//!
//! Two things differ on purpose: rates are not extrapolated beyond the points that were read, and a
//! counter that appears began at nothing, so that the first error of a kind counts.
//!
//! Source: <https://prometheus.io/docs/prometheus/latest/querying/>

use std::{collections::BTreeSet, fmt};

use crate::{History, TelemetryError, exposition::Labels};

mod evaluate;
mod function;
mod parse;
#[cfg(test)]
mod tests;
mod token;

use function::Function;
pub(crate) use token::duration as token_duration;
use token::{Token, Word};

/// An expression that is known to be right.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    node: Node,
}

/// What an expression comes to: numbers with labels.
pub(crate) type Vector = Vec<(Labels, f64)>;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Number(f64),
    Selector(Selector),
    Call { function: Function, arguments: Vec<Node> },
    Aggregate { how: Aggregation, grouping: Grouping, of: Box<Node> },
    Binary { operator: Operator, is_bool: bool, matching: Option<Grouping>, sides: Box<[Node; 2]> },
    Negative(Box<Node>),
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selector {
    pub(crate) name: String,
    pub(crate) matchers: Vec<Matcher>,
    /// Milliseconds; none for the present.
    pub(crate) window_ms: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matcher {
    pub(crate) label: String,
    /// Whether a label that fits is wanted, or one that does not.
    pub(crate) fits: bool,
    pub(crate) choices: Vec<Choice>,
}

/// A literal text, and whether anything may stand before and behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) text: String,
    pub(crate) open_start: bool,
    pub(crate) open_end: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregation {
    Sum,
    Avg,
    Min,
    Max,
    Count,
}

/// `by (…)` and `on (…)`, or `without (…)` and `ignoring (…)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Grouping {
    Only(BTreeSet<String>),
    Except(BTreeSet<String>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
    Unless,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// [`TelemetryError::Expression`] with the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, TelemetryError> {
        let node = parse::parse(text).map_err(|(at, what)| TelemetryError::Expression {
            expression: text.to_owned(),
            at: text.get(..at).unwrap_or(text).chars().count(),
            what,
        })?;
        Ok(Self { text: text.to_owned(), node })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The same with every window divided by `by`, but not below `least_ms`: a drill cannot wait for
    /// hours.
    ///
    /// # Errors
    /// Never for an expression that was read before.
    pub fn scaled(&self, by: f64, least_ms: i64) -> Result<Self, TelemetryError> {
        let words = token::words(&self.text).unwrap_or_default();
        let (mut text, mut copied) = (String::new(), 0);
        for pair in words.windows(2) {
            let [Word { token: Token::Duration(window), at }, Word { at: behind, .. }] = pair
            else {
                continue;
            };
            let window = ((*window as f64 / by) as i64).max(least_ms);
            text.push_str(self.text.get(copied..*at).unwrap_or_default());
            text.push_str(&format!("{window}ms"));
            copied = *behind;
        }
        text.push_str(self.text.get(copied..).unwrap_or_default());
        Self::parse(&text)
    }

    /// The metrics that it asks for.
    #[must_use]
    pub fn metrics(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        self.node.collect_names(&mut names);
        names
    }

    /// What it comes to at a moment: the series for which it holds, or that it computes. Nothing
    /// where there are no numbers.
    #[must_use]
    pub fn evaluate(&self, history: &History, now_ms: i64) -> Vec<(Labels, f64)> {
        evaluate::vector(&self.node, history, now_ms)
    }

    /// What an expression that comes to one number comes to.
    #[must_use]
    pub fn number(&self, history: &History, now_ms: i64) -> Option<f64> {
        let [(_, value)] = self.evaluate(history, now_ms).try_into().ok()?;
        Some(value)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Node {
    fn collect_names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::Number(_) => {}
            Self::Selector(selector) => {
                names.insert(&selector.name);
            }
            Self::Call { arguments, .. } => arguments.iter().for_each(|it| it.collect_names(names)),
            Self::Aggregate { of, .. } | Self::Negative(of) => of.collect_names(names),
            Self::Binary { sides, .. } => sides.iter().for_each(|it| it.collect_names(names)),
        }
    }
}

impl Matcher {
    /// Whether a series with these labels is meant. An absent label is an empty one.
    pub(crate) fn is_met(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.label).map_or("", String::as_str);
        self.choices.iter().any(|choice| choice.is_met(value)) == self.fits
    }
}

impl Choice {
    fn is_met(&self, value: &str) -> bool {
        match (self.open_start, self.open_end) {
            (false, false) => value == self.text,
            (false, true) => value.starts_with(&self.text),
            (true, false) => value.ends_with(&self.text),
            (true, true) => value.contains(&self.text),
        }
    }
}

impl Grouping {
    /// The labels that are left.
    pub(crate) fn of(&self, labels: &Labels) -> Labels {
        let kept = |name: &String| match self {
            Self::Only(names) => names.contains(name),
            Self::Except(names) => !names.contains(name),
        };
        labels.iter().filter(|(name, _)| kept(name)).map(|(n, v)| (n.clone(), v.clone())).collect()
    }
}
