//! What a load asks: real requests, each with a word that its answer must hold.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::ReadyError;

/// Questions about whatever is there, and what every deployment can answer.
const USUAL: &str = include_str!("usual.toml");

/// Calls with weights.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it stands for.
    pub about: String,
    /// The calls.
    pub call: Vec<Call>,
}

/// One kind of call. `{n}` is the number of the request.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// How often among the others.
    pub weight: u64,
    /// Method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Body as JSON; empty for none.
    #[serde(default)]
    pub body: String,
    /// What the answer must hold, beside the status 200.
    pub holds: String,
}

impl Scenario {
    /// The usual one, or that of a file.
    ///
    /// # Errors
    /// When the file is none.
    pub fn load(file: Option<&Path>) -> Result<Self, ReadyError> {
        let text = match file {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|error| ReadyError::io(file, error))?
            }
            None => USUAL.to_owned(),
        };
        let bad = |problem: String| ReadyError::bad("the scenario", problem);
        let scenario: Self = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if scenario.call.iter().map(|call| call.weight).sum::<u64>() == 0 {
            return Err(bad("no call has a weight".to_owned()));
        }
        if scenario.call.iter().any(|call| call.holds.is_empty()) {
            return Err(bad("a call does not say what its answer must hold".to_owned()));
        }
        Ok(scenario)
    }

    /// The call of a request: spread evenly by weight, the same in every run. None without calls.
    pub(super) fn call(&self, n: u64) -> Option<&Call> {
        let all: u64 = self.call.iter().map(|call| call.weight).sum();
        // A step that shares no factor with usual sums of weights mixes the kinds.
        let mut at = n.wrapping_mul(7) % all.max(1);
        self.call.iter().find(|call| {
            let is_here = at < call.weight;
            at = at.saturating_sub(call.weight);
            is_here
        })
    }
}
