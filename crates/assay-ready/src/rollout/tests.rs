//! Rollouts on a simulated clock: clean ones arrive, bad ones go back, whatever a person orders.

use proptest::prelude::*;

use super::{
    carry_out::{Ended, World, carry_out},
    compare::{Comparison, Finding},
    journal::{Entry, Journal},
    machine::{Input, Order, State, next},
    plan::Plan,
    reading::{Reading, Served, Who, Window},
    router::Weights,
};
use crate::{ReadyError, verdict::Verdict};

const PLAN: &str = r#"
stable = "http://127.0.0.1:1"
canary = "http://127.0.0.1:2"
front = "http://127.0.0.1:3"
[router]
kind = "haproxy"
socket = "/run/haproxy.sock"
backend = "assay"
stable = "blue"
canary = "green"
"#;

const QUESTIONS: &str = "[questions]\nfile = \"questions.csv\"\n";

/// What is none of a section stands in front, what is one behind.
fn plan(further: &str) -> Plan {
    let text = if further.starts_with('[') {
        format!("every_seconds = 10\n{PLAN}{further}")
    } else {
        format!("every_seconds = 10\n{further}{PLAN}")
    };
    Plan::read("the plan", &text).unwrap()
}

/// A generator of numbers that is the same in every run.
struct Lot(u64);

impl Lot {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// How many of something happen where `mean` are expected: Poisson, by its normal for many.
    fn count(&mut self, mean: f64) -> u64 {
        if mean > 50.0 {
            let normal =
                (-2.0 * self.next().ln()).sqrt() * (std::f64::consts::TAU * self.next()).cos();
            return (mean + normal * mean.sqrt()).round().max(0.0) as u64;
        }
        let (mut left, mut count) = (self.next(), 0);
        while left > (-mean).exp() {
            left *= self.next();
            count += 1;
        }
        count
    }
}

const LE: [f64; 6] = [0.05, 0.1, 0.25, 0.5, 1.0, 3.0];
/// Shares of answers in each bucket, of a server that is as it should be.
const USUAL: [f64; 6] = [0.5, 0.3, 0.15, 0.04, 0.009, 0.001];
const SLOW: [f64; 6] = [0.3, 0.3, 0.2, 0.1, 0.08, 0.02];

/// Two deployments behind a proxy, 100 requests a second.
struct Simulated {
    now: f64,
    lot: Lot,
    percent: u8,
    counts: [Window; 2],
    errors: [f64; 2],
    latency: [[f64; 6]; 2],
    /// From when on the canary does not answer.
    dies: f64,
    orders: Vec<(f64, Order)>,
    entries: Vec<Entry>,
    /// When the canary had the sample of the first step.
    sampled: Option<f64>,
    questions: usize,
    /// Of a hundred questions so many are answered otherwise than the last time, by chance.
    moods: f64,
    /// Of ten questions the canary does not know so many more.
    forgets: usize,
}

impl Simulated {
    fn new(seed: u64, errors: [f64; 2]) -> Self {
        let empty = || Window { le: LE.to_vec(), at_most: vec![0; 6], ..Window::default() };
        Self {
            now: 1_000.0,
            lot: Lot(seed),
            percent: 0,
            counts: [empty(), empty()],
            errors,
            latency: [USUAL; 2],
            dies: f64::INFINITY,
            orders: Vec::new(),
            entries: Vec::new(),
            sampled: None,
            questions: 0,
            moods: 0.0,
            forgets: 0,
        }
    }

    fn serve(&mut self, seconds: f64) {
        let canary = f64::from(self.percent) / 100.0;
        for (at, share) in [1.0 - canary, canary].into_iter().enumerate() {
            let offered = 100.0 * seconds * share;
            let mut below = 0;
            for place in 0..LE.len() {
                below += self.lot.count(offered * self.latency[at][place]);
                self.counts[at].at_most[place] += below;
            }
            self.counts[at].requests += below;
            self.counts[at].measured += below;
            self.counts[at].errors += self.lot.count(below as f64 * self.errors[at]).min(below);
        }
        if self.counts[1].requests >= 1_000 && self.sampled.is_none() {
            self.sampled = Some(self.now);
        }
    }
}

impl World for Simulated {
    fn now(&self) -> f64 {
        self.now
    }

    fn wait(&mut self, seconds: f64) {
        self.now += seconds;
        self.serve(seconds);
        assert!(self.now < 1e6, "it does not end");
    }

    fn read(&mut self, who: Who) -> Result<Reading, String> {
        let at = usize::from(who == Who::Canary);
        if at == 1 && self.now >= self.dies {
            return Err("it is gone".to_owned());
        }
        Ok(Reading {
            version: format!("{at}"),
            started: at as f64,
            uptime: self.now,
            counts: self.counts[at].clone(),
            critical: Some(Vec::new()),
        })
    }

    fn fit(&mut self, _who: Who) -> Result<(), String> {
        Ok(())
    }

    fn split(&mut self, weights: Weights) -> Result<(), String> {
        self.percent = weights.0.canary;
        Ok(())
    }

    fn is_split(&mut self, weights: Weights) -> Result<bool, String> {
        Ok(self.percent == weights.0.canary)
    }

    fn questions(&self) -> usize {
        self.questions
    }

    fn ask(&mut self, who: Who, number: usize) -> Result<bool, String> {
        let at = usize::from(who == Who::Canary);
        // It takes its time, and is a slow request like many of a canary's few.
        self.now += 0.5;
        self.serve(0.5);
        self.counts[at].requests += 1;
        self.counts[at].measured += 1;
        self.counts[at].at_most[5] += 1;
        let unknown = 1 + at * self.forgets;
        let knows = number % 10 >= unknown;
        Ok(knows != (self.lot.next() * 100.0 < self.moods))
    }

    fn served(&mut self, _canary: Option<&Reading>, times: u64) -> Served {
        let canary = times * u64::from(self.percent) / 100;
        Served { asked: times, canary, nobody: 0 }
    }

    fn order(&mut self) -> Option<Order> {
        let (at, order) = *self.orders.first()?;
        (self.now >= at).then(|| self.orders.remove(0)).map(|_| order)
    }

    fn note(&mut self, entry: &Entry) -> Result<(), ReadyError> {
        self.entries.push(entry.clone());
        Ok(())
    }

    fn say(&mut self, _text: &str) {}
}

fn done(plan: &Plan, world: &mut Simulated) -> Ended {
    carry_out(plan, world, None).unwrap()
}

#[test]
fn a_hundred_clean_rollouts_arrive() {
    let plan = Plan { every_seconds: 20.0, ..plan("") };
    for seed in 0..100 {
        let mut world = Simulated::new(seed, [0.003, 0.003]);
        let ended = done(&plan, &mut world);
        assert_eq!(ended.state, State::Done, "seed {seed}: {:?}", world.entries.last());
        assert_eq!(ended.steps_held, 4);
        assert!(ended.share_off_points.unwrap() <= 2.0, "{ended:?}");
        assert!(world.now - 1_000.0 >= 27_000.0, "the holds were kept: {}", world.now);
    }
}

#[test]
fn two_percent_more_errors_are_found_and_rolled_back_within_a_minute_of_the_sample() {
    let plan = plan("");
    let mut slowest = 0.0_f64;
    for seed in 0..100 {
        let mut world = Simulated::new(seed, [0.003, 0.023]);
        let ended = done(&plan, &mut world);
        let State::RolledBack { why } = &ended.state else { panic!("seed {seed}: {ended:?}") };
        assert!(why.starts_with("errors"), "{why}");
        let highest = world.entries.iter().map(|it| it.state.percent(&plan)).max();
        assert_eq!(highest, Some(5), "it never got more: {:?}", world.entries);
        // It may be found before the sample is whole.
        slowest = slowest.max(world.sampled.map_or(0.0, |at| world.now - at));
    }
    assert!(slowest <= 60.0, "{slowest} s");
}

#[test]
fn a_slow_canary_and_one_that_dies_go_back() {
    let mut slow = Simulated::new(1, [0.003, 0.003]);
    slow.latency[1] = SLOW;
    let State::RolledBack { why } = done(&plan(""), &mut slow).state else { panic!() };
    assert!(why.contains("P95"), "{why}");
    let mut dead = Simulated::new(2, [0.003, 0.003]);
    dead.dies = 5_000.0;
    let ended = done(&plan(""), &mut dead);
    let State::RolledBack { why } = &ended.state else { panic!() };
    assert!(why.contains("has not answered"), "{why}");
    assert!(dead.now <= 5_000.0 + 15.0 + 30.0 && dead.percent == 0, "{}", dead.now);
}

#[test]
fn a_canary_that_answers_as_well_arrives_though_few_ask_it() {
    let plan = Plan { every_seconds: 20.0, ..plan(QUESTIONS) };
    for seed in 0..20 {
        let mut world = Simulated::new(seed, [0.003, 0.003]);
        (world.questions, world.moods) = (400, 1.0);
        let ended = done(&plan, &mut world);
        assert_eq!(ended.state, State::Done, "seed {seed}: {:?}", world.entries.last());
        // Four hundred slow questions of the rollout's own are no part of what users got.
        assert!(ended.share_off_points.unwrap() <= 2.0, "{ended:?}");
        let says: Vec<&str> = world.entries.iter().map(|it| it.says.as_str()).collect();
        let held = says.iter().filter(|it| it.contains("of 400 that the baseline answers right"));
        assert_eq!(held.count(), 4, "it was asked in each step: {says:#?}");
    }
}

#[test]
fn a_canary_that_answers_worse_is_rolled_back_and_too_few_questions_show_nothing() {
    let plan = plan(QUESTIONS);
    for seed in 0..20 {
        let mut world = Simulated::new(seed, [0.003, 0.003]);
        (world.questions, world.moods, world.forgets) = (100, 1.0, 4);
        let State::RolledBack { why } = done(&plan, &mut world).state else { panic!("{seed}") };
        assert!(why.starts_with("answers") && why.contains("accepted 5.0 %"), "{why}");
        let highest = world.entries.iter().map(|it| it.state.percent(&plan)).max();
        assert_eq!(highest, Some(5), "it never got more");
    }
    for (questions, says) in
        [(40, "36 right answers are too few, 50 are needed"), (0, "nothing to compare")]
    {
        let mut world = Simulated::new(1, [0.003, 0.003]);
        world.questions = questions;
        let State::RolledBack { why } = done(&plan, &mut world).state else { panic!() };
        assert!(why.contains("not decided") && why.contains(says), "{why}");
        let highest = world.entries.iter().map(|it| it.state.percent(&plan)).max();
        assert_eq!(highest, Some(5), "{questions}: it never got more");
    }
}

#[test]
fn a_person_can_hold_it_go_on_and_go_back() {
    let mut world = Simulated::new(3, [0.003, 0.003]);
    world.orders = vec![(1_100.0, Order::Pause), (50_000.0, Order::Go), (60_000.0, Order::Back)];
    let ended = done(&plan(""), &mut world);
    assert_eq!(ended.state, State::RolledBack { why: "a person said so".to_owned() });
    assert_eq!(world.entries[1].state.percent(&plan("")), 5);
    assert!(world.entries.iter().any(|it| it.at >= 50_000.0 && it.state.percent(&plan("")) == 5));
}

#[test]
fn too_little_traffic_holds_and_then_goes_back() {
    let mut world = Simulated::new(4, [0.003, 0.003]);
    // Nobody comes.
    world.latency = [[0.0; 6]; 2];
    let State::RolledBack { why } = done(&plan(""), &mut world).state else { panic!() };
    assert!(
        why.contains("not decided within 86400 s") && why.contains("nothing to compare"),
        "{why}"
    );
    assert_eq!(world.entries.iter().map(|it| it.state.percent(&plan(""))).max(), Some(5));
}

#[test]
fn a_rollout_that_was_killed_goes_on_from_its_journal() {
    let plan = plan("");
    let mut world = Simulated::new(5, [0.003, 0.003]);
    let ended = done(&plan, &mut world);
    assert_eq!(ended.state, State::Done);
    // Killed after each line that it wrote, in the middle of the next.
    for killed in 0..world.entries.len() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _, nothing) = Journal::open(folder.path(), Some(&plan)).unwrap();
        assert!(nothing.is_none());
        assert!(Journal::open(folder.path(), None).is_err(), "another process holds it");
        world.entries[..=killed].iter().for_each(|entry| journal.note(entry).unwrap());
        drop(journal);
        let path = folder.path().join("journal.jsonl");
        let mut cut = std::fs::read_to_string(&path).unwrap();
        cut.push_str("\n{\"time\": 1.0, \"sta");
        std::fs::write(&path, cut).unwrap();
        let over = world.entries[killed].state.is_over();
        assert_eq!(
            Journal::open(folder.path(), Some(&plan)).is_err(),
            !over,
            "an unfinished one is not forgotten"
        );
        if over {
            continue;
        }
        let (_journal, kept, from) = Journal::open(folder.path(), None).unwrap();
        let from = from.unwrap();
        assert_eq!(from.state, world.entries[killed].state);
        let mut next = Simulated::new(6, [0.003, 0.003]);
        next.now = from.at;
        let ended = carry_out(&kept, &mut next, Some(from)).unwrap();
        assert_eq!((ended.state, next.percent), (State::Done, 100), "killed after line {killed}");
    }
}

#[test]
fn plans_that_cannot_hold_are_refused() {
    let refused = |further: &str| {
        Plan::read("the plan", &format!("{further}{PLAN}")).unwrap_err().to_string()
    };
    assert!(refused("window_seconds = 7200\n").contains("the holds take 27000 s"));
    let steps = |steps: &str| {
        let text = format!("{PLAN}{steps}");
        Plan::read("the plan", &text).unwrap_err().to_string()
    };
    assert!(steps("[[step]]\npercent = 5\nhold_seconds = 1\n").contains("must be 100 %"));
    assert!(steps("[[step]]\npercent = 100\nhold_seconds = 1\n").contains("comes first"));
    assert!(steps("[[step]]\npercent = 5\nhold_seconds = 1\nsample = 9\n[[step]]\npercent = 100\nhold_seconds = 1\n")
        .contains("fewer show nothing"));
    assert!(refused("grace_seconds = 1000\n").contains("critical too long"));
    assert!(steps("[questions]\nsample = 5\n").contains("`questions` needs a `file`"));
    assert!(steps("[questions]\nfile = \"q.csv\"\nsample = 5\n").contains("fewer show nothing"));
    assert!(steps("[questions]\nfile = \"q.csv\"\nworse = 0.0\n").contains("a share above 0"));
}

#[test]
fn shares_add_up() {
    for percent in 0..=100 {
        let with = Weights::of(percent, true).0;
        assert_eq!(
            u16::from(with.stable) + u16::from(with.canary) + u16::from(with.baseline.unwrap()),
            100
        );
        assert!(with.canary == percent && with.baseline.unwrap() <= percent);
        assert_eq!(Weights::of(percent, false).0.stable, 100 - percent);
    }
}

fn inputs() -> impl Strategy<Value = Input> {
    let order = prop_oneof![
        6 => Just(None), 1 => Just(Some(Order::Pause)), 1 => Just(Some(Order::Go)), 1 => Just(Some(Order::Back)),
    ];
    let verdict = prop_oneof![
        4 => Just(Some(Verdict::Pass)), 1 => Just(Some(Verdict::Fail)), 2 => Just(Some(Verdict::Inconclusive)),
        1 => Just(Some(Verdict::Error)), 1 => Just(None),
    ];
    (
        0.0..20_000.0,
        order,
        any::<bool>(),
        prop::bool::weighted(0.9),
        verdict,
        0..2_000_u64,
        any::<bool>(),
    )
        .prop_map(|(now, order, fit, answers, verdict, sample, is_back)| Input {
            now,
            order,
            fit,
            answers,
            is_back,
            compared: verdict
                .map(|verdict| Comparison::of(sample, vec![Finding::new("errors", verdict, "x")])),
        })
}

proptest! {
    #[test]
    fn traffic_rises_only_on_a_step_that_passed_and_falls_from_everywhere(
        inputs in prop::collection::vec(inputs(), 1..60), confirm in any::<bool>(),
    ) {
        let mut plan = plan("");
        plan.step[1].confirm = confirm;
        let (mut state, mut now) = (State::Ready, 0.0);
        for mut input in inputs {
            now += input.now;
            input.now = now;
            let after = next(&plan, &state, &input);
            let (was, is) = (state.percent(&plan), after.percent(&plan));
            let failed = input.compared.as_ref().is_some_and(|it| it.verdict == Verdict::Fail);
            let at_work = matches!(state, State::Step { .. } | State::Gate { .. } | State::Paused { .. });
            if input.order == Some(Order::Back) || failed && at_work {
                prop_assert_eq!(is, 0, "{:?} {:?}", state, input);
            }
            if is > was {
                let passed = match &state {
                    State::Ready => input.fit,
                    State::Step { at, since, .. } => {
                        let step = &plan.step[*at];
                        !step.confirm && now - since >= step.hold_seconds && input.answers
                            && input.compared.as_ref().is_some_and(|it| it.verdict == Verdict::Pass && it.sample >= step.sample)
                    }
                    State::Gate { .. } => input.order == Some(Order::Go),
                    _ => false,
                };
                prop_assert!(passed, "{:?} {:?} {:?}", state, input, after);
                let order = [0, 5, 20, 50, 100];
                let place = |percent: u8| order.iter().position(|it| *it == percent);
                prop_assert_eq!(place(is), place(was).map(|it| it + 1), "no step is left out");
            }
            if is < was {
                prop_assert!(matches!(after, State::Back { .. }), "{:?} {:?}", state, after);
            }
            state = after;
        }
        // And from wherever it is now, a person gets back.
        let order = Input { order: Some(Order::Back), now, is_back: true, ..Input::default() };
        let after = next(&plan, &next(&plan, &state, &order), &order);
        prop_assert!(matches!(after, State::RolledBack { .. }), "{:?}", after);
    }
}
