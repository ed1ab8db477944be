//! Carries a plan out: looks, decides, notes, does.

use serde::Serialize;

use super::{
    compare::{Comparison, Finding},
    journal::{Entry, Start},
    machine::{Input, Order, State, next},
    plan::Plan,
    reading::{Reading, Served, Who},
    router::Weights,
    watching::Watching,
};
use crate::{ReadyError, verdict::Verdict};

/// Requests after which the share of the traffic is judged.
const SHARED_MIN: u64 = 1_000;
/// Points by which a share may differ from what was asked for.
const OFF_MAX: f64 = 2.0;
/// How often the proxy is asked who serves.
const ASKED: u64 = 20;

/// Where a rollout takes place.
pub trait World {
    /// Seconds of Unix time.
    fn now(&self) -> f64;
    /// Waits so many seconds.
    fn wait(&mut self, seconds: f64);
    /// What a deployment says of itself.
    ///
    /// # Errors
    /// In words, when it does not answer.
    fn read(&mut self, who: Who) -> Result<Reading, String>;
    /// Whether a deployment may take traffic.
    ///
    /// # Errors
    /// In words, why it may not.
    fn fit(&mut self, who: Who) -> Result<(), String>;
    /// Splits the traffic.
    ///
    /// # Errors
    /// In words, when the proxy does not take it.
    fn split(&mut self, weights: Weights) -> Result<(), String>;
    /// Whether it is split so.
    ///
    /// # Errors
    /// In words, when the proxy does not tell.
    fn is_split(&mut self, weights: Weights) -> Result<bool, String>;
    /// How many questions there are whose right answer is known; none where answers are not compared.
    fn questions(&self) -> usize {
        0
    }
    /// Asks one of them, counted from 0: whether the answer is right.
    ///
    /// # Errors
    /// In words, when it cannot be asked.
    fn ask(&mut self, _who: Who, _number: usize) -> Result<bool, String> {
        Err("nobody asks questions here".to_owned())
    }
    /// Asks through the proxy who serves.
    fn served(&mut self, canary: Option<&Reading>, times: u64) -> Served;
    /// What a person has ordered since it was asked last.
    fn order(&mut self) -> Option<Order>;
    /// Notes a state; it must be on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written: then nothing is done.
    fn note(&mut self, entry: &Entry) -> Result<(), ReadyError>;
    /// Tells a person.
    fn say(&mut self, text: &str);
}

/// How a rollout ended.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// Where it stands.
    pub state: State,
    /// Whether both deployments were fit before anything was moved.
    pub both_healthy: bool,
    /// Steps that were held for their time and their sample.
    pub steps_held: usize,
    /// Most points by which a share that was served differed from what was asked for; absent without a
    /// step of 1,000 requests.
    pub share_off_points: Option<f64>,
    /// Whether the old deployment was gone before the last hold was over.
    pub old_removed_early: bool,
    /// Seconds from the decision to go back until only the old deployment served.
    pub rollback_seconds: Option<f64>,
    /// What was compared last.
    pub compared: Option<Comparison>,
}

/// A rollout under way.
struct Run<'a> {
    plan: &'a Plan,
    state: State,
    watching: Watching,
    /// Whether the proxy was told of this state.
    told: bool,
    /// When it was decided to go back.
    back_since: Option<f64>,
    off_points: Option<f64>,
    ended: Ended,
}

/// Carries a plan out from its beginning, or from where the journal left it, to its end.
///
/// # Errors
/// When the journal cannot be written.
pub fn carry_out(
    plan: &Plan,
    world: &mut dyn World,
    from: Option<Entry>,
) -> Result<Ended, ReadyError> {
    let from = from.unwrap_or_else(|| Entry::new(world.now(), State::Ready));
    // Of questions that were asked before a kill nothing is known, so neither what they added.
    let start = from.start.filter(|_| plan.questions.is_none());
    let mut run = Run {
        plan,
        state: from.state.clone(),
        watching: Watching::of(plan.limits, start, from.kept),
        told: false,
        back_since: None,
        off_points: None,
        ended: Ended {
            both_healthy: from.state != State::Ready,
            state: from.state,
            steps_held: from.held,
            share_off_points: None,
            old_removed_early: false,
            rollback_seconds: None,
            compared: None,
        },
    };
    loop {
        run.tell(world);
        if run.state.is_over() && run.told {
            break;
        }
        world.wait(plan.every_seconds);
        let input = run.look(world);
        let after = next(plan, &run.state, &input);
        if after != run.state {
            run.enter(world, after, &input)?;
        }
    }
    run.ended.state = run.state;
    Ok(run.ended)
}

impl Run<'_> {
    fn weights(&self) -> Weights {
        Weights::of(self.state.percent(self.plan), !self.plan.baseline.is_empty())
    }

    /// Makes the proxy split the traffic as the state wants it. A proxy that does not take it is told
    /// again at the next look.
    fn tell(&mut self, world: &mut dyn World) {
        let weights = self.weights();
        let is_so = self.told && world.is_split(weights).unwrap_or(false);
        if is_so {
            return;
        }
        if self.told {
            world.say("the proxy does not split the traffic as it was told to; telling it again");
        }
        let done = world.split(weights).and_then(|()| world.is_split(weights));
        self.told = done == Ok(true);
        match done {
            Ok(true) => {}
            Ok(false) => world.say("the proxy was told its weights and tells others"),
            Err(why) => world.say(&format!("the proxy does not take its weights: {why}")),
        }
    }

    fn look(&mut self, world: &mut dyn World) -> Input {
        let mut input = Input { order: world.order(), ..Input::default() };
        match &self.state {
            State::Ready => {
                let fit = world.fit(Who::Stable).and_then(|()| world.fit(Who::Canary));
                let fit = if self.plan.baseline.is_empty() {
                    fit
                } else {
                    fit.and_then(|()| world.fit(Who::Baseline))
                };
                if let Err(why) = &fit {
                    world.say(&format!("nothing is moved yet: {why}"));
                }
                input.fit = fit.is_ok() && self.told;
                self.ended.both_healthy |= input.fit;
            }
            State::Step { .. } | State::Gate { .. } | State::Paused { .. } => {
                let (canary, stable, third) = self.read(world);
                input.answers = canary.is_some();
                self.ended.old_removed_early |= stable.is_none();
                let now = Start::of(canary, stable, third);
                input.compared = now.and_then(|now| self.compared(world, now));
                if input.compared.as_ref().is_some_and(|it| it.verdict != Verdict::Fail) {
                    self.ask(world);
                }
                self.ended.compared = input.compared.clone().or_else(|| self.ended.compared.take());
            }
            State::Back { .. } => {
                let canary = world.read(Who::Canary).ok();
                // A canary that is gone cannot be what serves.
                let served = world.served(canary.as_ref(), ASKED);
                input.is_back =
                    self.told && served.asked > 0 && served.canary == 0 && served.nobody == 0;
                if !input.is_back {
                    world.say(&format!(
                        "going back: of {} requests the canary answered {}, nobody {}",
                        served.asked, served.canary, served.nobody
                    ));
                }
            }
            State::Done | State::RolledBack { .. } => {}
        }
        input.now = world.now();
        input
    }

    /// What all deployments say of themselves; no third one where there is none.
    fn read(
        &self,
        world: &mut dyn World,
    ) -> (Option<Reading>, Option<Reading>, Option<Option<Reading>>) {
        let has_third = !self.plan.baseline.is_empty();
        let (canary, stable) = (world.read(Who::Canary).ok(), world.read(Who::Stable).ok());
        (canary, stable, has_third.then(|| world.read(Who::Baseline).ok()))
    }

    /// Asks further questions of the step, for about as long as lies between two looks.
    fn ask(&mut self, world: &mut dyn World) {
        if self.plan.questions.is_none() || self.watching.asked.is_whole() {
            return;
        }
        let (count, end) = (world.questions(), world.now() + self.plan.every_seconds);
        let asked = &mut self.watching.asked;
        while asked.ask_next(count, |who, number| world.ask(who, number)) && world.now() < end {}
        let (canary, stable, third) = self.read(world);
        self.watching.skip(Start::of(canary, stable, third));
    }

    fn compared(&mut self, world: &mut dyn World, now: Start) -> Option<Comparison> {
        if now.canary.uptime < self.plan.warm_up_seconds {
            return None;
        }
        let percent = self.state.percent(self.plan);
        let canary = now.canary.clone();
        let (mut compared, all) = self.watching.look(now, percent == 100)?;
        if let Some(finding) = self.shared(compared.sample, all, percent) {
            compared = compared.with(finding);
        }
        if let Some(questions) = &self.plan.questions {
            compared = compared.with(self.watching.asked.finding(questions));
        }
        if percent == 100 {
            let served = world.served(Some(&canary), ASKED);
            let is_all = served.canary == served.asked && served.asked > 0;
            let verdict = if is_all { Verdict::Pass } else { Verdict::Inconclusive };
            let says =
                format!("asked {} times, the canary answered {}", served.asked, served.canary);
            compared = compared.with(Finding::new("served", verdict, says));
        }
        Some(compared)
    }

    /// Whether the canary got the share that was asked for.
    fn shared(&mut self, own: u64, all: u64, percent: u8) -> Option<Finding> {
        if all < SHARED_MIN {
            return None;
        }
        let share = own as f64 * 100.0 / all as f64;
        let off = (share - f64::from(percent)).abs();
        self.off_points = Some(off);
        let verdict = if off > OFF_MAX { Verdict::Inconclusive } else { Verdict::Pass };
        Some(Finding::new(
            "share",
            verdict,
            format!("the canary got {share:.1} % of {all} requests, {percent} % were asked for"),
        ))
    }

    fn enter(
        &mut self,
        world: &mut dyn World,
        after: State,
        input: &Input,
    ) -> Result<(), ReadyError> {
        let before = std::mem::replace(&mut self.state, after);
        let moves = before.percent(self.plan) != self.state.percent(self.plan);
        if moves
            || matches!(self.state, State::Step { .. }) && !matches!(before, State::Step { .. })
        {
            self.watching.anew();
        }
        let passed = match &self.state {
            State::Step { at, .. } => *at,
            State::Gate { at, .. } => at + 1,
            State::Done => self.plan.step.len(),
            _ => 0,
        };
        self.ended.steps_held = self.ended.steps_held.max(passed);
        if moves && let Some(off) = self.off_points.take() {
            let worst = self.ended.share_off_points.unwrap_or(0.0).max(off);
            self.ended.share_off_points = Some(worst);
        }
        match (&self.state, self.back_since) {
            (State::Back { .. }, None) => self.back_since = Some(input.now),
            (State::RolledBack { .. }, Some(since)) => {
                self.ended.rollback_seconds = Some(input.now - since);
            }
            _ => {}
        }
        self.told &= !moves;
        let entry = Entry {
            start: self.watching.start.clone(),
            kept: self.watching.kept.clone(),
            held: self.ended.steps_held,
            says: input.compared.as_ref().map(Comparison::says).unwrap_or_default(),
            ..Entry::new(input.now, self.state.clone())
        };
        world.note(&entry)
    }
}
