//! From JSON to a condition: `{"and": […]}`, `{"or": […]}`, `{"not": …}` and
//! `{"field": …, "op": …, "value": …}`.

use serde_json::{Map, Value as Json};

use super::{DEPTH_MAX, Fault, Node, Operator, TESTS_MAX, Test, Value};
use crate::AnswerError;

const HINT: &str = "write {\"and\": [...]}, {\"or\": [...]}, {\"not\": {...}}, \
     {\"field\": \"tags\", \"op\": \"in\", \"value\": [\"a\", \"b\"]}, or a text such as \
     \"tags in [a, b] and date >= 2020\"";

/// Reads a condition.
pub(super) fn read(json: &Json) -> Result<Node, AnswerError> {
    Reader { tests: 0 }.node(json, "filter", 0)
}

struct Reader {
    tests: usize,
}

impl Reader {
    fn node(&mut self, json: &Json, path: &str, depth: usize) -> Result<Node, AnswerError> {
        if depth == DEPTH_MAX {
            return Err(fault(path, format!("more than {DEPTH_MAX} levels"), HINT));
        }
        let Json::Object(members) = json else {
            return Err(fault(path, "expected an object".to_owned(), HINT));
        };
        if members.len() != 1 {
            return self.test(members, path);
        }
        let Some((name, inner)) = members.iter().next() else {
            return self.test(members, path);
        };
        let path = format!("{path}.{name}");
        match name.to_lowercase().as_str() {
            "and" => Ok(Node::All(self.nodes(inner, &path, depth)?)),
            "or" => Ok(Node::Any(self.nodes(inner, &path, depth)?)),
            "not" => Ok(Node::Not(Box::new(self.node(inner, &path, depth + 1)?))),
            _ => Err(fault(&path, "expected `and`, `or`, `not` or a test".to_owned(), HINT)),
        }
    }

    fn nodes(&mut self, json: &Json, path: &str, depth: usize) -> Result<Vec<Node>, AnswerError> {
        let list = json.as_array().filter(|list| !list.is_empty());
        let Some(list) = list else {
            return Err(fault(path, "expected a list with at least one member".to_owned(), HINT));
        };
        let nodes = list.iter().enumerate();
        nodes.map(|(i, inner)| self.node(inner, &format!("{path}[{i}]"), depth + 1)).collect()
    }

    fn test(&mut self, members: &Map<String, Json>, path: &str) -> Result<Node, AnswerError> {
        self.tests += 1;
        if self.tests > TESTS_MAX {
            return Err(fault(path, format!("more than {TESTS_MAX} tests"), HINT));
        }
        let (mut field, mut operator, mut value) = (None, None, None);
        for (name, inner) in members {
            let slot = match name.as_str() {
                "field" => &mut field,
                "op" | "operator" => &mut operator,
                "value" => &mut value,
                _ => return Err(fault(&format!("{path}.{name}"), "unknown".to_owned(), HINT)),
            };
            *slot = Some(inner);
        }
        let (Some(field), Some(operator), Some(value)) = (field, operator, value) else {
            let what = "a test needs `field`, `op` and `value`".to_owned();
            return Err(fault(path, what, HINT));
        };
        let field = text(field, &format!("{path}.field"))?;
        let place = format!("{path}.op");
        let name = text(operator, &place)?;
        let Some(operator) = Operator::named(name) else {
            return Err(fault(&place, format!("`{name}` is no operator"), Operator::HINT));
        };
        let place = format!("{path}.value");
        let values = match value.as_array().filter(|_| operator.takes_list()) {
            Some(list) => {
                list.iter().map(|inner| scalar(inner, &place)).collect::<Result<_, _>>()?
            }
            None if operator.takes_list() => {
                return Err(fault(&place, "expected a list".to_owned(), HINT));
            }
            None => vec![scalar(value, &place)?],
        };
        let test = Test::new(field, operator, values, 0).map_err(|fault| fault.at(&place))?;
        Ok(Node::Test(Box::new(test)))
    }
}

fn text<'a>(json: &'a Json, place: &str) -> Result<&'a str, AnswerError> {
    json.as_str().ok_or_else(|| fault(place, "expected a text".to_owned(), HINT))
}

fn scalar(json: &Json, place: &str) -> Result<Option<Value>, AnswerError> {
    match json {
        Json::Null => Ok(None),
        Json::String(text) => Ok(Some(Value::new(text))),
        Json::Number(_) | Json::Bool(_) => Ok(Some(Value::new(&json.to_string()))),
        Json::Array(_) | Json::Object(_) => {
            let what = "expected a text, a number, true, false or null".to_owned();
            Err(fault(place, what, HINT))
        }
    }
}

fn fault(place: &str, what: String, hint: &'static str) -> AnswerError {
    Fault { at: 0, what, hint }.at(place)
}
