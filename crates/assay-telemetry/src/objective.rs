//! What is promised, and how much of the error budget is left.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::{Expression, History, ObjectiveSettings, TelemetryError, TelemetrySettings, metrics};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// How long minutes are kept apart: the longest window of a burn rate.
const MINUTES_KEPT_MS: i64 = 72 * HOUR_MS;
/// Days over which something is promised at most.
const DAYS_MAX: u32 = 30;

/// Pairs of windows in minutes, and the burn rate from which both together mean something: 2 % of a
/// budget of 30 days in an hour, 5 % in six hours, 10 % in a day, 10 % in three days.
///
/// Source: <https://sre.google/workbook/alerting-on-slos/>, multiwindow, multi-burn-rate alerts.
const WINDOWS: [(i64, i64, f64); 4] =
    [(60, 5, 14.4), (6 * 60, 30, 6.0), (24 * 60, 2 * 60, 3.0), (72 * 60, 6 * 60, 1.0)];

/// The objectives that ship.
const SHIPPED: &str = include_str!("rules/objectives.toml");

/// Events of a time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Slot {
    /// Begin in milliseconds since 1970.
    at: i64,
    bad: f64,
    all: f64,
}

#[derive(Debug)]
struct Objective {
    name: String,
    summary: String,
    target: f64,
    days: u32,
    bad: Expression,
    all: Expression,
    /// The counters as they were read last.
    last: Option<(f64, f64)>,
    /// Minutes, and hours of what is older, in order.
    slots: VecDeque<Slot>,
}

/// How fast a budget goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Burn {
    /// The longer window in minutes.
    pub long_minutes: i64,
    /// The shorter one, which says that it still goes on.
    pub short_minutes: i64,
    /// The rate from which both together are an alert.
    pub threshold: f64,
    /// Times the even use of the budget, in the longer window; none without events.
    pub long_rate: Option<f64>,
    /// In the shorter one.
    pub short_rate: Option<f64>,
}

/// How an objective stands.
#[derive(Debug, Clone, PartialEq)]
pub struct ObjectiveStatus {
    /// Its name.
    pub name: String,
    /// What is promised.
    pub summary: String,
    /// Share of good events that is promised.
    pub target: f64,
    /// Days over which.
    pub days: u32,
    /// Events in these days, as far as they were counted.
    pub events: f64,
    /// Those that were bad.
    pub bad_events: f64,
    /// Share of good events; none without events.
    pub achieved: Option<f64>,
    /// Share of the error budget that is left, below zero when it is overdrawn; none without events.
    pub budget_left: Option<f64>,
    /// Seconds until the budget is gone if it goes on as in the last hour; none when it does not go
    /// or is gone.
    pub exhausted_in_s: Option<f64>,
    /// How fast it goes.
    pub burns: Vec<Burn>,
}

/// The objectives and what was counted for them.
#[derive(Debug)]
pub struct Objectives(Vec<Objective>);

/// The objectives as they are written: those of the settings, and those that ship.
pub(crate) fn written(
    settings: &TelemetrySettings,
) -> Result<BTreeMap<String, ObjectiveSettings>, TelemetryError> {
    let mut written: BTreeMap<String, ObjectiveSettings> =
        toml::from_str(SHIPPED).map_err(|error| TelemetryError::Rule {
            name: "shipped objectives".to_owned(),
            what: error.to_string(),
        })?;
    written.extend(settings.objectives.clone());
    Ok(written)
}

impl Objectives {
    /// The objectives of the settings, and those that ship.
    ///
    /// # Errors
    /// When one cannot be kept: a target that is no share, a wrong expression.
    pub fn new(settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let written = written(settings)?;
        let all: Result<Vec<_>, _> =
            written.into_iter().map(|(name, written)| Objective::new(name, written)).collect();
        Ok(Self(all?))
    }

    /// What they ask the past, which has to hold it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.0.iter().flat_map(|it| [&it.bad, &it.all])
    }

    /// Counts what has happened since the reading before, by a past that holds the newest.
    pub fn count(&mut self, now_ms: i64, history: &History) {
        for objective in &mut self.0 {
            objective.count(history, now_ms);
        }
    }

    /// How every objective stands.
    #[must_use]
    pub fn status(&self, now_ms: i64) -> Vec<ObjectiveStatus> {
        self.0.iter().map(|objective| objective.status(now_ms)).collect()
    }

    /// What was counted, to be kept over a restart.
    #[must_use]
    pub fn counted(&self) -> serde_json::Value {
        let each = self.0.iter().map(|it| {
            let slots: Vec<&Slot> = it.slots.iter().collect();
            (it.name.clone(), serde_json::json!(slots))
        });
        serde_json::Value::Object(each.collect())
    }

    /// Takes up what an earlier process counted. What does not fit is left out.
    pub fn take_up(&mut self, counted: &serde_json::Value) {
        for objective in &mut self.0 {
            let slots = counted.get(&objective.name).cloned().unwrap_or_default();
            let slots: VecDeque<Slot> = serde_json::from_value(slots).unwrap_or_default();
            if slots.iter().is_sorted_by(|a, b| a.at < b.at) {
                objective.slots = slots;
            }
        }
    }
}

impl Objective {
    fn new(name: String, written: ObjectiveSettings) -> Result<Self, TelemetryError> {
        let wrong =
            |what: &str| Err(TelemetryError::Rule { name: name.clone(), what: what.to_owned() });
        if !(written.target > 0.0 && written.target < 1.0) {
            return wrong("`target` is a share above 0 and below 1");
        }
        if !(1..=DAYS_MAX).contains(&written.days) {
            return wrong("`days` is 1 to 30");
        }
        let (bad, all) = (Expression::parse(&written.bad)?, Expression::parse(&written.all)?);
        for expression in [&bad, &all] {
            metrics::check(&name, expression)?;
        }
        Ok(Self {
            bad,
            all,
            name,
            summary: written.summary,
            target: written.target,
            days: written.days,
            last: None,
            slots: VecDeque::new(),
        })
    }

    fn count(&mut self, history: &History, now_ms: i64) {
        let Some(all) = self.all.number(history, now_ms) else { return };
        // Where nothing bad has happened there is no counter of it yet.
        let bad = self.bad.number(history, now_ms).unwrap_or(0.0);
        let Some((bad_before, all_before)) = self.last.replace((bad, all)) else { return };
        // A counter that fell began anew.
        let since = |now: f64, before: f64| if now < before { now } else { now - before };
        let at = now_ms - now_ms.rem_euclid(MINUTE_MS);
        let (bad, all) = (since(bad, bad_before), since(all, all_before));
        match self.slots.back_mut().filter(|slot| slot.at == at) {
            Some(slot) => (slot.bad, slot.all) = (slot.bad + bad, slot.all + all),
            None if all > 0.0 => self.slots.push_back(Slot { at, bad, all }),
            None => {}
        }
        self.forget(now_ms);
    }

    /// Joins minutes that are old to hours, and drops what is older than the promise.
    fn forget(&mut self, now_ms: i64) {
        let old = now_ms - i64::from(self.days) * 24 * HOUR_MS;
        while self.slots.front().is_some_and(|slot| slot.at < old) {
            self.slots.pop_front();
        }
        let fine = now_ms - MINUTES_KEPT_MS - HOUR_MS;
        let hour = |at: i64| at - at.rem_euclid(HOUR_MS);
        let joined = self.slots.partition_point(|slot| slot.at < fine);
        let mut hours: VecDeque<Slot> = VecDeque::new();
        for slot in self.slots.drain(..joined) {
            match hours.back_mut().filter(|last| last.at == hour(slot.at)) {
                Some(last) => (last.bad, last.all) = (last.bad + slot.bad, last.all + slot.all),
                None => hours.push_back(Slot { at: hour(slot.at), ..slot }),
            }
        }
        hours.append(&mut self.slots);
        self.slots = hours;
    }

    fn sums(&self, from_ms: i64) -> (f64, f64) {
        let since = self.slots.iter().filter(|slot| slot.at > from_ms);
        since.fold((0.0, 0.0), |(bad, all), slot| (bad + slot.bad, all + slot.all))
    }

    /// How many times the even use of the budget the last minutes used.
    fn burn(&self, minutes: i64, now_ms: i64) -> Option<f64> {
        let (bad, all) = self.sums(now_ms - minutes * MINUTE_MS);
        (all > 0.0).then(|| bad / all / (1.0 - self.target))
    }

    fn status(&self, now_ms: i64) -> ObjectiveStatus {
        let (bad, all) = self.sums(now_ms - i64::from(self.days) * 24 * HOUR_MS);
        let any = all > 0.0;
        let budget = all * (1.0 - self.target);
        let left = any.then(|| 1.0 - bad / budget);
        let (bad_lately, _) = self.sums(now_ms - HOUR_MS);
        let exhausted_in_s =
            (bad_lately > 0.0 && budget > bad).then(|| (budget - bad) / bad_lately * 3600.0);
        ObjectiveStatus {
            name: self.name.clone(),
            summary: self.summary.clone(),
            target: self.target,
            days: self.days,
            events: all,
            bad_events: bad,
            achieved: any.then(|| 1.0 - bad / all),
            budget_left: left,
            exhausted_in_s,
            burns: WINDOWS
                .iter()
                .map(|&(long_minutes, short_minutes, threshold)| Burn {
                    long_minutes,
                    short_minutes,
                    threshold,
                    long_rate: self.burn(long_minutes, now_ms),
                    short_rate: self.burn(short_minutes, now_ms),
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests;
