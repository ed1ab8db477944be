//! Queries to the Prometheus that watches the deployment.

use std::{fmt::Write as _, time::Duration};

use serde_json::Value as Json;

use super::{Gathered, Session, Takes};
use crate::{
    deployment::Request,
    observation::{Observation, Value},
};

/// Longest that a query may take: one over thirty days reads much.
const WAIT: Duration = Duration::from_secs(30);

/// What is read of answers to queries.
enum Take<'a> {
    /// The value of the first series.
    Number(&'a str),
    /// How many series there are.
    Series(&'a str),
    /// One value as a share of another.
    Share(&'a str, &'a str),
}

impl<'a> Take<'a> {
    fn parse(word: &'a str) -> Result<Self, String> {
        match word.split_once(' ') {
            Some(("number", query)) => Ok(Self::Number(query)),
            Some(("series", query)) => Ok(Self::Series(query)),
            Some(("share", rest)) => match rest.split_once(" of ") {
                Some((part, whole)) => Ok(Self::Share(part, whole)),
                None => Err(format!("`{word}` does not say of what")),
            },
            _ => Err(format!("`{word}` reads nothing of a Prometheus")),
        }
    }

    /// The value; nothing where there is no series, which is not a zero.
    fn read(
        &self,
        ask: impl Fn(&str) -> Result<Vec<f64>, String>,
    ) -> Result<Option<Value>, String> {
        let first = |query: &str| Ok::<_, String>(ask(query)?.first().copied());
        Ok(match self {
            Self::Number(query) => first(query)?.map(Value::Number),
            Self::Series(query) => Some(Value::Number(ask(query)?.len() as f64)),
            Self::Share(part, whole) => match (first(part)?, first(whole)?) {
                (Some(count), Some(of)) => {
                    Some(Value::Share { count: count as u64, of: of as u64 })
                }
                _ => None,
            },
        })
    }
}

/// What is wrong with a word.
pub(super) fn problem(word: &str) -> Option<String> {
    Take::parse(word).err()
}

pub(super) fn gather(session: &Session<'_>, takes: &Takes) -> Gathered {
    let Some(address) = &session.deployment.prometheus else {
        return Gathered::missing("no Prometheus is named (--prometheus URL)");
    };
    let mut gathered = Gathered::default();
    for (name, word) in takes {
        let log = std::cell::RefCell::new(String::new());
        let ask = |query: &str| {
            let answer = asked(session, address, query)?;
            let _ = writeln!(log.borrow_mut(), "{query}\n{answer}");
            values(&answer).ok_or_else(|| format!("the Prometheus answers `{query}` with {answer}"))
        };
        match Take::parse(word).and_then(|take| take.read(ask)) {
            Ok(Some(value)) => gathered.observations.push(Observation {
                artefact: session.keep(&log.into_inner()),
                ..Observation::new(name.as_str(), value)
            }),
            Ok(None) => {
                let why = || format!("the Prometheus has no series for `{word}`");
                gathered.missing.get_or_insert_with(why);
            }
            Err(why) => gathered.broken = Some(why),
        }
    }
    gathered
}

/// The answer to a query as it is now.
fn asked(session: &Session<'_>, address: &str, query: &str) -> Result<Json, String> {
    let response = session.deployment.transport.send(&Request {
        method: "GET".to_owned(),
        url: format!("{address}/api/v1/query?query={}", escaped(query)),
        headers: Vec::new(),
        body: Vec::new(),
        timeout: WAIT,
    })?;
    serde_json::from_slice(&response.body)
        .map_err(|_| format!("the Prometheus answers {} without JSON", response.status))
}

/// The values of a vector or of a scalar.
fn values(answer: &Json) -> Option<Vec<f64>> {
    let number = |sample: &Json| sample.get(1)?.as_str()?.parse().ok();
    let result = answer.pointer("/data/result")?.as_array()?;
    if answer.pointer("/data/resultType")? == "scalar" {
        return Some(result.get(1)?.as_str()?.parse().ok().into_iter().collect());
    }
    result.iter().map(|series| number(series.get("value")?)).collect()
}

/// A text as a value of a query of an address (RFC 3986, 2.3).
fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
        escaped
    })
}

#[cfg(test)]
mod tests {
    //! Words, and answers as Prometheus gives them.

    use serde_json::json;

    use super::*;

    fn answers(query: &str) -> Result<Vec<f64>, String> {
        let result = match query {
            "up" => json!([{ "metric": { "job": "a" }, "value": [1.5, "1"] },
                { "metric": { "job": "b" }, "value": [1.5, "0"] }]),
            "count(up)" => json!([{ "metric": {}, "value": [1.5, "2"] }]),
            _ => json!([]),
        };
        let answer =
            json!({ "status": "success", "data": { "resultType": "vector", "result": result } });
        values(&answer).ok_or_else(|| "no vector".to_owned())
    }

    fn read(word: &str) -> Option<Value> {
        Take::parse(word).unwrap().read(answers).unwrap()
    }

    #[test]
    fn what_has_no_series_is_no_zero() {
        assert_eq!(read("number count(up)"), Some(Value::Number(2.0)));
        assert_eq!(read("series up"), Some(Value::Number(2.0)));
        assert_eq!(read("series nothing"), Some(Value::Number(0.0)));
        assert_eq!(read("share up of count(up)"), Some(Value::Share { count: 1, of: 2 }));
        assert_eq!(read("number nothing"), None);
        assert_eq!(read("share up of nothing"), None);
        for word in ["up", "sum up", "share up", "number"] {
            assert!(problem(word).is_some(), "{word}");
        }
    }

    #[test]
    fn an_answer_that_is_none_breaks() {
        assert_eq!(values(&json!({ "status": "error", "error": "parse error" })), None);
        let scalar = json!({ "data": { "resultType": "scalar", "result": [1.5, "3"] } });
        assert_eq!(values(&scalar), Some(vec![3.0]));
        assert_eq!(escaped("up{job=~\"a.*\"} == 0"), "up%7Bjob%3D~%22a.%2A%22%7D%20%3D%3D%200");
    }
}
