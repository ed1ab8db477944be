//! What sends traffic back, each shown what it must not let pass and what it must.

use serde::Serialize;

use super::{
    compare::{Comparison, Finding, alerts, compare, cost},
    machine::{Input, Order, State, next},
    plan::{Limits, Plan},
    quality::Asked,
    reading::Window,
};

/// One reason to go back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trigger {
    /// What it is.
    pub name: &'static str,
    /// Whether it sends traffic back when it must.
    pub acts: bool,
    /// Whether it leaves a canary alone that is as good as the old one.
    pub spares: bool,
}

/// Every trigger of a plan, tried.
#[must_use]
pub fn triggers(plan: &Plan) -> Vec<Trigger> {
    // A limit that is not set triggers nothing, and is tried as it is when it is set.
    let limits = Limits { dearer: plan.limits.dearer.max(1.5), alerts: true, ..plan.limits };
    let questions = plan.questions.clone().unwrap_or_default();
    let good = window(5_000, 0, 0);
    let pairs = |own: f64| vec![(own, 1.0); 60];
    let named = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
    let none = named(&[]);
    let alone = |finding: Finding| Comparison::of(good.requests, vec![finding]);
    let compared = |canary: &Window| compare(&limits, canary, &good);
    let slow = (good.measured as f64 * 0.5) as u64;
    let erring = (good.requests as f64 * (limits.extra_errors + 0.05).min(1.0)) as u64;
    let rows = [
        ("errors", compared(&window(5_000, erring, 0)), compared(&good)),
        ("latency", compared(&window(5_000, 0, slow)), compared(&good)),
        (
            "cost",
            alone(cost(&limits, &pairs(limits.dearer * 2.0))),
            alone(cost(&limits, &pairs(1.0))),
        ),
        (
            "critical alerts",
            alone(alerts(Some(&named(&["DiskFull"])), Some(&none))),
            alone(alerts(Some(&none), Some(&none))),
        ),
        (
            "answers",
            alone(answered(200).finding(&questions)),
            alone(answered(0).finding(&questions)),
        ),
    ];
    let mut all: Vec<Trigger> = rows
        .into_iter()
        .map(|(name, bad, good)| {
            let seen =
                |compared| Input { answers: true, compared: Some(compared), ..Input::default() };
            Trigger {
                name,
                acts: goes_back(plan, &seen(bad)),
                spares: !goes_back(plan, &seen(good)),
            }
        })
        .collect();
    let at = |now: f64, answers: bool| Input { now, answers, ..Input::default() };
    all.push(Trigger {
        name: "silence",
        acts: goes_back_from(plan, Some(0.0), &at(plan.grace_seconds + 1.0, false)),
        spares: !goes_back(plan, &at(1.0, true)),
    });
    all.push(Trigger {
        name: "no decision in time",
        acts: goes_back(plan, &at(plan.step_seconds_max * 2.0 + 1e9, true)),
        spares: !goes_back(plan, &at(1.0, true)),
    });
    let ordered = Input { order: Some(Order::Back), ..at(1.0, true) };
    let paused = Input { order: Some(Order::Pause), ..at(1.0, true) };
    all.push(Trigger {
        name: "a person's order",
        acts: goes_back(plan, &ordered),
        spares: !goes_back(plan, &paused),
    });
    all
}

fn goes_back(plan: &Plan, input: &Input) -> bool {
    goes_back_from(plan, None, input)
}

fn goes_back_from(plan: &Plan, silent: Option<f64>, input: &Input) -> bool {
    let first = State::Step { at: 0, since: 0.0, silent };
    matches!(next(plan, &first, input), State::Back { .. })
}

/// So many requests, of which so many were errors and so many slow; the rest took at most 10 ms.
fn window(requests: u64, errors: u64, slow: u64) -> Window {
    Window {
        requests,
        errors,
        // Wide enough for any limit of a plan to lie below the last bound.
        le: vec![0.01, 0.1, 1.0, 10.0, 100.0, 1_000.0],
        at_most: [[requests - slow; 5].as_slice(), &[requests - slow]].concat(),
        measured: requests,
        cost_usd: None,
    }
}

/// Questions that the baseline answers right, of which so many are lost.
fn answered(lost: u64) -> Asked {
    Asked { of: 200, asked: 200, right: 200, lost, ..Asked::default() }
}

#[cfg(test)]
mod tests {
    //! Every trigger acts and spares; one whose limit lets everything pass does not act.

    use super::*;

    const PLAN: &str = "stable = \"http://a\"\ncanary = \"http://b\"\nfront = \"http://c\"\n\
        [router]\nkind = \"haproxy\"\nsocket = \"s\"\nbackend = \"b\"\nstable = \"old\"\ncanary = \"new\"\n";

    #[test]
    fn every_trigger_acts_and_spares() {
        let plan: Plan = toml::from_str(PLAN).unwrap();
        let all = triggers(&plan);
        assert_eq!(all.len(), 8);
        assert!(all.iter().all(|it| it.acts && it.spares), "{all:#?}");
        // A plan that accepts any error has no trigger for them, and that is seen.
        let blind = Limits { chance: 0.0, ..plan.limits };
        let all = triggers(&Plan { limits: blind, ..plan });
        let acting: Vec<&str> = all.iter().filter(|it| it.acts).map(|it| it.name).collect();
        assert!(!acting.contains(&"errors") && acting.contains(&"silence"), "{acting:?}");
    }
}
