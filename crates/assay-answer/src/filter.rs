//! Conditions on what documents are: one tree, written as text or as JSON, checked in one place.
//!
//! The grammar of the text, from loose to tight:
//!
//! ```text
//! condition = term { "or" term }
//! term      = factor { "and" factor }
//! factor    = "not" factor | "(" condition ")" | test
//! test      = field operator value | field ( "in" | "not in" ) "[" value { "," value } "]"
//! ```

mod json;
mod literal;
mod parse;
mod test;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use literal::Value;
use test::{Operator, Test};
pub(crate) use test::{PAGE, canonical};

use crate::AnswerError;

/// Bytes of a condition as text at most.
const TEXT_BYTES_MAX: usize = 8 << 10;
/// Levels of brackets and negations at most.
const DEPTH_MAX: usize = 16;
/// Tests in one condition at most.
const TESTS_MAX: usize = 64;
/// Values of one list at most.
const LIST_MAX: usize = 512;
/// Bytes of one value at most.
const VALUE_BYTES_MAX: usize = 1 << 10;

/// A condition on documents and their passages.
#[derive(Debug, Clone)]
pub struct Condition(Node);

#[derive(Debug, Clone)]
enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test(Box<Test>),
}

/// What a condition says of a document, or of a passage of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// It holds for some passages, depending on their page.
    Depends,
}

/// What a condition looks at.
pub(crate) trait Subject {
    /// The values of a field, by its canonical name.
    fn each(&self, field: &str, see: &mut dyn FnMut(&Value));

    /// The page as a value: `Some(None)` when there is none, `None` when it is not known yet.
    fn page(&self) -> Option<Option<&Value>>;
}

impl Condition {
    /// Reads a condition as people write it.
    ///
    /// # Errors
    /// [`AnswerError::Invalid`], which says at which character.
    pub fn from_text(text: &str) -> Result<Self, AnswerError> {
        parse::parse(text).map(Self).map_err(|fault| fault.at_character("filter"))
    }

    /// Reads a condition as programs write it; a text is read by [`Self::from_text`].
    ///
    /// # Errors
    /// [`AnswerError::Invalid`], which says at which member.
    pub fn from_json(value: &serde_json::Value) -> Result<Self, AnswerError> {
        match value {
            serde_json::Value::String(text) => Self::from_text(text),
            _ => json::read(value).map(Self),
        }
    }

    /// Whether it holds.
    pub(crate) fn truth(&self, subject: &impl Subject) -> Truth {
        self.0.truth(subject)
    }

    /// The canonical names of the fields that it looks at.
    pub(crate) fn fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        self.0.walk(&mut |test| {
            if !fields.contains(&test.field.as_str()) {
                fields.push(test.field.as_str());
            }
        });
        fields
    }

    /// A text that is equal for equal conditions.
    pub(crate) fn key(&self) -> String {
        format!("{:?}", self.0)
    }
}

impl Node {
    fn truth(&self, subject: &impl Subject) -> Truth {
        match self {
            Self::All(nodes) => decided(nodes, subject, Truth::No, Truth::Yes),
            Self::Any(nodes) => decided(nodes, subject, Truth::Yes, Truth::No),
            Self::Not(node) => match node.truth(subject) {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Depends => Truth::Depends,
            },
            Self::Test(test) => test.truth(subject),
        }
    }

    fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Test)) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|node| node.walk(see)),
            Self::Not(node) => node.walk(see),
            Self::Test(test) => see(test),
        }
    }
}

/// `decisive` as soon as one node is, else `Depends` if one does, else `other`.
fn decided(nodes: &[Node], subject: &impl Subject, decisive: Truth, other: Truth) -> Truth {
    let mut outcome = other;
    for node in nodes {
        match node.truth(subject) {
            truth if truth == decisive => return decisive,
            Truth::Depends => outcome = Truth::Depends,
            _ => {}
        }
    }
    outcome
}

/// What is wrong with a condition, and where in its text: characters before it.
#[derive(Debug)]
struct Fault {
    at: usize,
    what: String,
    hint: &'static str,
}

impl Fault {
    fn at_character(self, name: &str) -> AnswerError {
        let place = format!("{name}, character {}", self.at + 1);
        self.at(&place)
    }

    fn at(self, place: &str) -> AnswerError {
        AnswerError::Invalid { what: format!("{place}: {}", self.what), hint: self.hint }
    }
}
