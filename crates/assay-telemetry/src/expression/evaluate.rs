//! What an expression comes to.

use std::collections::BTreeMap;

use super::{
    Aggregation, Function, Grouping, Node, Operator, Selector, Vector, function::quantiles,
};
use crate::{History, exposition::Labels};

/// How old a reading may be that counts as the present, as in Prometheus.
const LOOK_BACK_MS: i64 = 5 * 60_000;

/// A number, or numbers with labels.
enum Value {
    Number(f64),
    Vector(Vector),
}

/// The result as numbers with labels; a number alone has none.
pub(super) fn vector(node: &Node, history: &History, now_ms: i64) -> Vector {
    match value(node, history, now_ms) {
        Value::Number(number) => vec![(Labels::new(), number)],
        Value::Vector(vector) => vector,
    }
}

fn value(node: &Node, history: &History, now_ms: i64) -> Value {
    match node {
        Node::Number(number) => Value::Number(*number),
        Node::Selector(selector) => Value::Vector(present(selector, history, now_ms)),
        Node::Negative(of) => match value(of, history, now_ms) {
            Value::Number(number) => Value::Number(-number),
            Value::Vector(mut vector) => {
                vector.iter_mut().for_each(|(_, number)| *number = -*number);
                Value::Vector(vector)
            }
        },
        Node::Call { function, arguments } => call(*function, arguments, history, now_ms),
        Node::Aggregate { how, grouping, of } => {
            Value::Vector(aggregate(*how, grouping, vector(of, history, now_ms)))
        }
        Node::Binary { operator, is_bool, matching, sides } => {
            let [left, right] = sides.as_ref();
            let sides = (value(left, history, now_ms), value(right, history, now_ms));
            binary(*operator, *is_bool, matching.as_ref(), sides)
        }
    }
}

fn present(selector: &Selector, history: &History, now_ms: i64) -> Vector {
    let last = history.last(&selector.name, now_ms - LOOK_BACK_MS, now_ms);
    let meant = last.filter(|(labels, _)| selector.matchers.iter().all(|it| it.is_met(labels)));
    meant.map(|(labels, value)| (labels.clone(), value)).collect()
}

fn call(function: Function, arguments: &[Node], history: &History, now_ms: i64) -> Value {
    let argument = |at: usize| arguments.get(at).map(|node| value(node, history, now_ms));
    match (function, arguments) {
        (Function::Time, _) => Value::Number(now_ms as f64 / 1e3),
        (Function::Absent, [of]) => {
            let is_there = !vector(of, history, now_ms).is_empty();
            Value::Vector(if is_there { Vec::new() } else { vec![(Labels::new(), 1.0)] })
        }
        (Function::HistogramQuantile, [_, buckets]) => {
            let Some(Value::Number(share)) = argument(0) else { return Value::Vector(Vec::new()) };
            Value::Vector(quantiles(share, &vector(buckets, history, now_ms)))
        }
        (Function::ClampMin, [of, _]) => {
            let Some(Value::Number(least)) = argument(1) else { return Value::Vector(Vec::new()) };
            let mut vector = vector(of, history, now_ms);
            vector.iter_mut().for_each(|(_, number)| *number = number.max(least));
            Value::Vector(vector)
        }
        (_, [Node::Selector(selector)]) => {
            let from_ms = now_ms - selector.window_ms.unwrap_or(0);
            let windows = history.window(&selector.name, from_ms, now_ms);
            let meant =
                windows.filter(|(labels, _)| selector.matchers.iter().all(|it| it.is_met(labels)));
            let found = meant
                .filter_map(|(labels, points)| Some((labels.clone(), function.over(&points)?)));
            Value::Vector(found.collect())
        }
        _ => Value::Vector(Vec::new()),
    }
}

fn aggregate(how: Aggregation, grouping: &Grouping, vector: Vector) -> Vector {
    let mut groups: BTreeMap<Labels, Vec<f64>> = BTreeMap::new();
    for (labels, number) in vector {
        groups.entry(grouping.of(&labels)).or_default().push(number);
    }
    let joined = groups.into_iter().filter_map(|(labels, numbers)| {
        let sum = || numbers.iter().sum::<f64>();
        let number = match how {
            Aggregation::Sum => sum(),
            Aggregation::Avg => sum() / numbers.len() as f64,
            Aggregation::Min => numbers.iter().copied().reduce(f64::min)?,
            Aggregation::Max => numbers.iter().copied().reduce(f64::max)?,
            Aggregation::Count => numbers.len() as f64,
        };
        Some((labels, number))
    });
    joined.collect()
}

fn binary(
    operator: Operator,
    is_bool: bool,
    matching: Option<&Grouping>,
    sides: (Value, Value),
) -> Value {
    let all = |vector: Vector, by: &dyn Fn(f64) -> Option<f64>| {
        let mapped = vector.into_iter().filter_map(|(labels, own)| Some((labels, by(own)?)));
        Value::Vector(mapped.collect())
    };
    match sides {
        (Value::Number(a), Value::Number(b)) => {
            // Between two numbers a comparison says 0 or 1.
            Value::Number(operator.of(a, b).unwrap_or(f64::NAN))
        }
        (Value::Vector(left), Value::Number(b)) => {
            all(left, &|a| operator.filtered(a, b, a, is_bool))
        }
        (Value::Number(a), Value::Vector(right)) => {
            all(right, &|b| operator.filtered(a, b, b, is_bool))
        }
        (Value::Vector(left), Value::Vector(right)) => {
            Value::Vector(pairs(operator, is_bool, matching, left, right))
        }
    }
}

/// Series of two sides with the same labels, those that are looked at.
fn pairs(
    operator: Operator,
    is_bool: bool,
    matching: Option<&Grouping>,
    left: Vector,
    right: Vector,
) -> Vector {
    let key = |labels: &Labels| matching.map_or_else(|| labels.clone(), |it| it.of(labels));
    let of_right: BTreeMap<Labels, f64> =
        right.iter().map(|(labels, number)| (key(labels), *number)).collect();
    let mut found = Vector::new();
    for (labels, number) in &left {
        let other = of_right.get(&key(labels));
        let value = match (operator, other) {
            (Operator::And, Some(_)) | (Operator::Unless, None) | (Operator::Or, _) => {
                Some(*number)
            }
            (Operator::And, None) | (Operator::Unless, Some(_)) | (_, None) => None,
            (_, Some(other)) => operator.filtered(*number, *other, *number, is_bool),
        };
        let labels = match operator {
            Operator::And | Operator::Or | Operator::Unless => labels.clone(),
            _ => key(labels),
        };
        found.extend(value.map(|value| (labels, value)));
    }
    if operator == Operator::Or {
        let of_left: Vec<Labels> = left.iter().map(|(labels, _)| key(labels)).collect();
        found.extend(right.into_iter().filter(|(labels, _)| !of_left.contains(&key(labels))));
    }
    found
}

impl Operator {
    pub(super) const fn compares(self) -> bool {
        use Operator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        matches!(self, Greater | GreaterOrEqual | Less | LessOrEqual | Equal | NotEqual)
    }

    /// A comparison keeps `kept` where it holds, or says 0 or 1 when `is_bool`.
    fn filtered(self, a: f64, b: f64, kept: f64, is_bool: bool) -> Option<f64> {
        match self.compares() && !is_bool {
            true => (self.of(a, b)? > 0.0).then_some(kept),
            false => self.of(a, b),
        }
    }

    fn of(self, a: f64, b: f64) -> Option<f64> {
        let says = |holds: bool| Some(f64::from(u8::from(holds)));
        match self {
            Self::Add => Some(a + b),
            Self::Subtract => Some(a - b),
            Self::Multiply => Some(a * b),
            Self::Divide => Some(a / b),
            Self::Greater => says(a > b),
            Self::GreaterOrEqual => says(a >= b),
            Self::Less => says(a < b),
            Self::LessOrEqual => says(a <= b),
            Self::Equal => says((a - b).abs() == 0.0),
            Self::NotEqual => says((a - b).abs() != 0.0),
            Self::And | Self::Or | Self::Unless => None,
        }
    }
}
