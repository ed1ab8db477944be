//! Two deployments, watched from a moment on.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use super::{
    compare::{self, Comparison, Finding, compare},
    journal::Start,
    live::Asking,
    plan::{Limits, Questions, Step},
    quality::{Ask, Asked},
    reading::{Who, Window},
};
use crate::verdict::Verdict;

/// Windows of cost that are kept at most.
const PAIRS_MAX: usize = 10_000;

/// What was counted since a moment.
pub(super) struct Watching {
    limits: Limits,
    pub(super) start: Option<Start>,
    /// The last window of the baseline in which it had traffic.
    pub(super) kept: Option<Window>,
    last: Option<Start>,
    pairs: Vec<(f64, f64)>,
    /// How the questions of the step were answered so far.
    pub(super) asked: Asked,
}

impl Watching {
    pub(super) fn of(limits: Limits, start: Option<Start>, kept: Option<Window>) -> Self {
        Self { limits, start, kept, last: None, pairs: Vec::new(), asked: Asked::default() }
    }

    /// Counts from the next look on.
    pub(super) fn anew(&mut self) {
        self.start = None;
        self.last = None;
        self.pairs.clear();
        self.asked = Asked::default();
    }

    /// Leaves out what was counted since the last look: the rollout has asked questions of its own, of all
    /// deployments alike, which would drown what few users a canary has. Where a deployment does not tell
    /// what that was, or is another process, the next look says so.
    pub(super) fn skip(&mut self, now: Option<Start>) {
        let moved = match (&self.start, &self.last, &now) {
            (Some(start), Some(last), Some(now)) => start.without(last, now),
            _ => None,
        };
        if let Some(start) = moved {
            self.start = Some(start);
            self.last = now;
        }
    }

    /// Compares, and tells the requests of all deployments together; nothing at the first look. Where
    /// the canary has `all` traffic, it is compared with the last window of the baseline.
    pub(super) fn look(&mut self, now: Start, all: bool) -> Option<(Comparison, u64)> {
        let Some(start) = &self.start else {
            self.last = Some(now.clone());
            self.start = Some(now);
            return None;
        };
        let last = self.last.as_ref().unwrap_or(start);
        if !now.canary.continues(&last.canary) {
            let finding =
                Finding::new("process", Verdict::Fail, "the canary started again by itself");
            return Some((Comparison::of(0, vec![finding]), 0));
        }
        let windows = now.since(start).filter(|_| now.continues(last));
        let Some((own, other, requests)) = windows else {
            // The counters of the baseline began anew: so does the window.
            self.last = Some(now.clone());
            self.start = Some(now);
            return None;
        };
        let other = if all { self.kept.clone().unwrap_or(other) } else { other };
        let mut compared = compare(&self.limits, &own, &other);
        if self.limits.alerts {
            let baseline = now.third.as_ref().unwrap_or(&now.stable);
            let finding = compare::alerts(now.canary.critical.as_ref(), baseline.critical.as_ref());
            compared = compared.with(finding);
        }
        if self.limits.dearer > 0.0 {
            let pair = now.costs(last).filter(|_| self.pairs.len() < PAIRS_MAX);
            self.pairs.extend(pair);
            compared = compared.with(compare::cost(&self.limits, &self.pairs));
        }
        self.kept = Some(other);
        self.last = Some(now);
        Some((compared, requests))
    }
}

/// Two deployments that are compared, whoever splits their traffic.
pub struct Pair<'a> {
    /// How they are asked.
    pub asking: Asking<'a>,
    /// Address of the one that serves.
    pub stable: &'a str,
    /// Address of the one that is compared with it.
    pub canary: &'a str,
    /// For how long and with how many requests at least; its share is not looked at.
    pub step: Step,
    /// Seconds after which it ends without a decision.
    pub longest: f64,
    /// Seconds for which the canary may be silent.
    pub grace: f64,
    /// Questions that both are asked, and who asks them; absent: answers are not compared.
    pub questions: Option<(&'a Questions, &'a dyn Ask)>,
}

impl Pair<'_> {
    /// Watches until there is a decision, the time is over, or `stop`.
    #[must_use]
    pub fn watch(&self, every: Duration, stop: &AtomicBool) -> Comparison {
        let begin = Instant::now();
        let mut watching = Watching::of(self.asking.limits, None, None);
        let mut heard = begin;
        let mut newest = Comparison::default();
        loop {
            let canary = self.asking.read(self.canary);
            let silence = canary.as_ref().err().cloned().unwrap_or_default();
            if canary.is_ok() {
                heard = Instant::now();
            } else if heard.elapsed().as_secs_f64() >= self.grace {
                let says =
                    format!("the canary has not answered for {:.0} s: {silence}", self.grace);
                return Comparison::of(0, vec![Finding::new("process", Verdict::Fail, says)]);
            }
            let stable = self.asking.read(self.stable);
            if let Err(why) = &stable {
                newest = Comparison::of(0, vec![Finding::new("process", Verdict::Error, why)]);
            }
            let now = Start::of(canary.ok(), stable.ok(), None);
            let (can_ask, mut is_told) = (now.is_some(), false);
            if let Some((compared, _)) = now.and_then(|now| watching.look(now, false)) {
                newest = compared;
                if let Some((questions, _)) = self.questions {
                    let finding = watching.asked.finding(questions);
                    // They are asked once: what they have not shown they will not show.
                    is_told = watching.asked.is_whole() && finding.verdict != Verdict::Pass;
                    newest = newest.with(finding);
                }
            }
            if let Some((_, asks)) = self.questions.filter(|_| can_ask) {
                self.ask(&mut watching, asks, every, stop);
            }
            let held = begin.elapsed().as_secs_f64();
            let is_held = held >= self.step.hold_seconds && newest.sample >= self.step.sample;
            let decides = match newest.verdict {
                Verdict::Fail => true,
                Verdict::Pass => is_held,
                _ => is_held && is_told,
            };
            if decides || held >= self.longest || stop.load(Ordering::Relaxed) {
                let is_early = newest.verdict == Verdict::Pass && !is_held;
                let says = format!("{} requests in {held:.0} s are too few", newest.sample);
                let early = Finding::new("sample", Verdict::Inconclusive, says);
                return if is_early { newest.with(early) } else { newest };
            }
            std::thread::sleep(every);
        }
    }

    /// Asks further questions for about as long as lies between two looks.
    fn ask(&self, watching: &mut Watching, asks: &dyn Ask, every: Duration, stop: &AtomicBool) {
        if watching.asked.is_whole() {
            return;
        }
        let end = Instant::now() + every;
        let ask = |who, number| {
            asks.is_right(if who == Who::Canary { self.canary } else { self.stable }, number)
        };
        while watching.asked.ask_next(asks.count(), ask)
            && Instant::now() < end
            && !stop.load(Ordering::Relaxed)
        {}
        let reading = |url| self.asking.read(url).ok();
        watching.skip(Start::of(reading(self.canary), reading(self.stable), None));
    }
}
