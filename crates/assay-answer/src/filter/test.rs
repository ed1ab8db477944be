//! One test of a condition: a field, an operator, values.

use std::cmp::Ordering;

use super::{Fault, LIST_MAX, Subject, Truth, VALUE_BYTES_MAX, Value};

/// The field whose value belongs to a passage, not to its document.
pub(crate) const PAGE: &str = "page";

/// Fields of the records; every other name is one of the metadata.
const RECORD_FIELDS: [&str; 13] = [
    PAGE,
    "collection",
    "date",
    "document",
    "domain",
    "media_type",
    "name",
    "pages",
    "path",
    "received",
    "size",
    "tags",
    "title",
];
/// Other names of fields.
const ALIASES: [(&str, &str); 9] = [
    ("author", "metadata.authors"),
    ("id", "document"),
    ("keyword", "metadata.keywords"),
    ("lang", "metadata.language"),
    ("mime", "media_type"),
    ("source", "path"),
    ("tag", "tags"),
    ("type", "media_type"),
    ("url", "path"),
];

/// Memory that a compiled expression may take, in bytes, and its longest text.
const REGEX_MEMORY_MAX: usize = 1 << 20;
const REGEX_BYTES_MAX: usize = 512;
/// Bytes of a value that an expression looks at.
const REGEX_VALUE_BYTES_MAX: usize = 8 << 10;

/// How a field is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Eq,
    Ne,
    Gt,
    Gte,
    Lt,
    Lte,
    Contains,
    NotContains,
    StartsWith,
    EndsWith,
    Regex,
    In,
    NotIn,
}

impl Operator {
    const NAMES: [(&str, Self); 13] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("contains", Self::Contains),
        ("not_contains", Self::NotContains),
        ("starts_with", Self::StartsWith),
        ("ends_with", Self::EndsWith),
        ("regex", Self::Regex),
        ("in", Self::In),
        ("not_in", Self::NotIn),
    ];

    pub(super) const HINT: &str = "the operators are eq, ne, gt, gte, lt, lte, contains, \
         not_contains, starts_with, ends_with, regex, in and not_in";

    /// The operator of this name, in any case.
    pub(super) fn named(name: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, operator)| *operator)
    }

    pub(super) const fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }

    /// The operator of which this one is the opposite.
    const fn opposite(self) -> Option<Self> {
        match self {
            Self::Ne => Some(Self::Eq),
            Self::NotContains => Some(Self::Contains),
            Self::NotIn => Some(Self::In),
            _ => None,
        }
    }
}

/// A field, an operator and what it is compared with.
#[derive(Debug, Clone)]
pub(super) struct Test {
    /// The canonical name.
    pub(super) field: String,
    operator: Operator,
    /// None stands for `null`: no value.
    values: Vec<Option<Value>>,
    regex: Option<regex::Regex>,
}

impl Test {
    /// A checked test; `at` is where it stands in its text.
    pub(super) fn new(
        field: &str,
        operator: Operator,
        values: Vec<Option<Value>>,
        at: usize,
    ) -> Result<Self, Fault> {
        let fault = |what, hint| Err(Fault { at, what, hint });
        if field.is_empty() || field.len() > VALUE_BYTES_MAX {
            return fault(
                "the name of the field is empty or too long".to_owned(),
                "name a field such as tags, language, date or page",
            );
        }
        if values.len() > LIST_MAX {
            return fault(
                format!("{} values, and {LIST_MAX} are allowed", values.len()),
                "split the list over several requests",
            );
        }
        if let Some(long) = values.iter().flatten().find(|v| v.shown.len() > VALUE_BYTES_MAX) {
            return fault(
                format!("a value of {} bytes, and {VALUE_BYTES_MAX} are allowed", long.shown.len()),
                "compare with a shorter value, with starts_with for example",
            );
        }
        if values.iter().any(Option::is_none) && !matches!(operator, Operator::Eq | Operator::Ne) {
            return fault(
                "null can only be compared for equality".to_owned(),
                "write `= null` for a field without a value, `!= null` for one with a value",
            );
        }
        let regex = match (operator, values.first()) {
            (Operator::Regex, Some(Some(pattern))) => Some(regex(&pattern.shown, at)?),
            _ => None,
        };
        Ok(Self { field: canonical(field), operator, values, regex })
    }

    pub(super) fn truth(&self, subject: &impl Subject) -> Truth {
        let operator = self.operator.opposite().unwrap_or(self.operator);
        let (mut any, mut holds) = (false, false);
        let mut see = |value: &Value| {
            any = true;
            holds |= self.holds(operator, value);
        };
        if self.field == PAGE {
            match subject.page() {
                None => return Truth::Depends,
                Some(page) => page.into_iter().for_each(&mut see),
            }
        } else {
            subject.each(&self.field, &mut see);
        }
        let null = operator == Operator::Eq && self.values.iter().any(Option::is_none);
        holds |= null && !any;
        if holds == self.operator.opposite().is_none() { Truth::Yes } else { Truth::No }
    }

    fn holds(&self, operator: Operator, value: &Value) -> bool {
        self.values.iter().flatten().any(|given| match operator {
            Operator::Contains => value.folded().contains(given.folded()),
            Operator::StartsWith => value.folded().starts_with(given.folded()),
            Operator::EndsWith => value.folded().ends_with(given.folded()),
            Operator::Regex => {
                let end = value.shown.floor_char_boundary(REGEX_VALUE_BYTES_MAX);
                let text = value.shown.get(..end).unwrap_or_default();
                self.regex.as_ref().is_some_and(|regex| regex.is_match(text))
            }
            Operator::Gt => compare(value, given) == Some(Ordering::Greater),
            Operator::Gte => compare(value, given).is_some_and(Ordering::is_ge),
            Operator::Lt => compare(value, given) == Some(Ordering::Less),
            Operator::Lte => compare(value, given).is_some_and(Ordering::is_le),
            Operator::Eq | Operator::In => compare(value, given) == Some(Ordering::Equal),
            Operator::Ne | Operator::NotContains | Operator::NotIn => false,
        })
    }
}

/// Numbers by size, times by whether they lie before, in or after the stretch given, all else as
/// text without regard to case. A text and a number or a time have no order.
fn compare(value: &Value, given: &Value) -> Option<Ordering> {
    if let (Some(value), Some(given)) = (value.number, given.number) {
        return value.partial_cmp(&given);
    }
    if let (Some((value, _)), Some((start, end))) = (value.time, given.time) {
        return Some(match value {
            value if value < start => Ordering::Less,
            value if value >= end => Ordering::Greater,
            _ => Ordering::Equal,
        });
    }
    let equal = value.folded() == given.folded();
    let texts = given.number.is_none() && given.time.is_none();
    (equal || texts).then(|| value.folded().cmp(given.folded()))
}

fn regex(pattern: &str, at: usize) -> Result<regex::Regex, Fault> {
    let hint = "the syntax is that of RE2: no look-around, no back-references; `(?i)` ignores case";
    let fault = |what| Fault { at, what, hint };
    if pattern.len() > REGEX_BYTES_MAX {
        return Err(fault(format!("an expression of more than {REGEX_BYTES_MAX} bytes")));
    }
    let built = regex::RegexBuilder::new(pattern)
        .size_limit(REGEX_MEMORY_MAX)
        .dfa_size_limit(REGEX_MEMORY_MAX)
        .nest_limit(32)
        .build();
    built.map_err(|error| {
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim();
        fault(format!("`{pattern}` is not a regular expression: {reason}"))
    })
}

/// The name under which the catalogue keeps a field: its own for what the records know, with
/// `metadata.` before it for the rest.
pub(crate) fn canonical(field: &str) -> String {
    let field = field.trim().to_lowercase();
    if RECORD_FIELDS.contains(&field.as_str()) || field.starts_with("metadata.") {
        return field;
    }
    let alias = ALIASES.iter().find(|(name, _)| *name == field);
    alias.map_or_else(|| format!("metadata.{field}"), |(_, canonical)| (*canonical).to_owned())
}
