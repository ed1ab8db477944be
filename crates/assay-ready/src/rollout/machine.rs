//! What happens next. Time and what was seen come in, a state comes out; nothing is read or done here.

use serde::{Deserialize, Serialize};

use super::{compare::Comparison, plan::Plan};
use crate::verdict::Verdict;

/// Where a rollout stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nothing was moved yet.
    Ready,
    /// A step is held.
    Step {
        /// Which, from 0.
        at: usize,
        /// Since when, in seconds of Unix time.
        since: f64,
        /// Since when the canary is silent.
        silent: Option<f64>,
    },
    /// A step has passed and waits for a person.
    Gate {
        /// Which.
        at: usize,
        /// Since when the canary is silent.
        silent: Option<f64>,
    },
    /// A person has stopped it where it is. What is worse still sends traffic back.
    Paused {
        /// At which step.
        at: usize,
        /// Since when the canary is silent.
        silent: Option<f64>,
    },
    /// The last hold is over; the old deployment may be removed.
    Done,
    /// Traffic is on its way back to the old deployment.
    Back {
        /// Why.
        why: String,
    },
    /// All traffic is with the old deployment again, which was asked.
    RolledBack {
        /// Why.
        why: String,
    },
}

/// What a person orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Stay where you are.
    Pause,
    /// Go on.
    Go,
    /// Back to the old deployment.
    Back,
}

/// What was seen since the last look.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Seconds of Unix time.
    pub now: f64,
    /// What a person ordered.
    pub order: Option<Order>,
    /// Whether both deployments may take traffic: asked before the first step.
    pub fit: bool,
    /// Whether the canary answers.
    pub answers: bool,
    /// The canary against the baseline, over the step so far; absent when it could not be made.
    pub compared: Option<Comparison>,
    /// Whether only the old deployment serves, as it was asked.
    pub is_back: bool,
}

impl State {
    /// Share of the traffic that the canary is to have, in percent.
    #[must_use]
    pub fn percent(&self, plan: &Plan) -> u8 {
        match self {
            Self::Step { at, .. } | Self::Gate { at, .. } | Self::Paused { at, .. } => {
                plan.step.get(*at).map_or(0, |step| step.percent)
            }
            Self::Done => 100,
            Self::Ready | Self::Back { .. } | Self::RolledBack { .. } => 0,
        }
    }

    /// Whether nothing follows by itself.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        matches!(self, Self::Done | Self::RolledBack { .. })
    }

    /// For a person.
    #[must_use]
    pub fn shown(&self, plan: &Plan) -> String {
        let percent = self.percent(plan);
        match self {
            Self::Ready => "nothing was moved yet".to_owned(),
            Self::Step { silent: Some(_), .. } => format!("{percent} %, the canary is silent"),
            Self::Step { .. } => format!("{percent} %"),
            Self::Gate { .. } => format!("{percent} %, waits for `assay rollout go`"),
            Self::Paused { .. } => format!("{percent} %, paused: `assay rollout go`, or `back`"),
            Self::Done => "done: 100 %, the old deployment may be removed".to_owned(),
            Self::Back { why } => format!("going back: {why}"),
            Self::RolledBack { why } => format!("rolled back: {why}"),
        }
    }
}

/// The state after `state`.
#[must_use]
pub fn next(plan: &Plan, state: &State, input: &Input) -> State {
    if let State::Back { why } | State::RolledBack { why } = state {
        return match (state, input.is_back) {
            (State::Back { .. }, true) => State::RolledBack { why: why.clone() },
            _ => state.clone(),
        };
    }
    if input.order == Some(Order::Back) {
        return back("a person said so");
    }
    match state {
        State::Ready if input.fit => step(0, input.now),
        State::Step { at, since, silent } => match watched(plan, input, *silent) {
            Err(why) => back(why),
            Ok(silent) => held(plan, input, *at, *since, silent),
        },
        State::Gate { at, silent } => match (watched(plan, input, *silent), input.order) {
            (Err(why), _) => back(why),
            (Ok(None), Some(Order::Go)) => after(plan, *at, input.now),
            (Ok(silent), Some(Order::Pause)) => State::Paused { at: *at, silent },
            (Ok(silent), _) => State::Gate { at: *at, silent },
        },
        State::Paused { at, silent } => match (watched(plan, input, *silent), input.order) {
            (Err(why), _) => back(why),
            (Ok(_), Some(Order::Go)) => step(*at, input.now),
            (Ok(silent), _) => State::Paused { at: *at, silent },
        },
        State::Ready | State::Done | State::Back { .. } | State::RolledBack { .. } => state.clone(),
    }
}

/// What keeps a canary from traffic, or since when it is silent.
fn watched(plan: &Plan, input: &Input, silent: Option<f64>) -> Result<Option<f64>, String> {
    if let Some(compared) = &input.compared
        && compared.verdict == Verdict::Fail
    {
        return Err(compared.says());
    }
    if input.answers {
        return Ok(None);
    }
    let since = silent.unwrap_or(input.now);
    if input.now - since >= plan.grace_seconds {
        return Err(format!("the canary has not answered for {:.0} s", input.now - since));
    }
    Ok(Some(since))
}

fn held(plan: &Plan, input: &Input, at: usize, since: f64, silent: Option<f64>) -> State {
    let Some(it) = plan.step.get(at) else { return back("there is no such step") };
    if input.order == Some(Order::Pause) {
        return State::Paused { at, silent };
    }
    let held = input.now - since;
    let passes =
        |compared: &Comparison| compared.verdict == Verdict::Pass && compared.sample >= it.sample;
    if silent.is_none() && held >= it.hold_seconds && input.compared.as_ref().is_some_and(passes) {
        return if it.confirm { State::Gate { at, silent } } else { after(plan, at, input.now) };
    }
    if held >= plan.step_seconds_max.max(it.hold_seconds) {
        let why = input.compared.as_ref().map_or_else(String::new, Comparison::says);
        return back(format!("not decided within {held:.0} s: {why}"));
    }
    State::Step { at, since, silent }
}

/// What follows a step that has passed.
fn after(plan: &Plan, at: usize, now: f64) -> State {
    if at + 1 < plan.step.len() { step(at + 1, now) } else { State::Done }
}

const fn step(at: usize, since: f64) -> State {
    State::Step { at, since, silent: None }
}

fn back(why: impl Into<String>) -> State {
    State::Back { why: why.into() }
}
