//! `assay drill rollout`: the engine of `assay rollout` with servers of the drill's own. A new version
//! whose provider of models does not answer, so that 2 % of its requests fail, must be sent back; one
//! that is as good as the old one must arrive.
//!
//! The drill makes the requests and so splits them itself, where `assay rollout` tells a proxy; what is
//! read, compared and decided is the same.

use std::{
    process::ExitCode,
    sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use assay_core::{Clock as _, SystemClock};
use assay_ready::{
    Blast, ReadyError, drill,
    rollout::{
        Ended, Entry, Order, Plan, Reading, Served, State, Weights, Who, World, carry_out as roll,
        triggers,
    },
};
use serde_json::{Value, json};

use super::{
    carry::{Found, Kept, carry},
    private::{Home, Private},
    provider::Provider,
};
use crate::{
    cli::DrillOwn,
    command::{Context, ready::Http},
    output::note,
};

/// Clients that ask all the time.
const CLIENTS: u64 = 4;
/// One request of so many is a call to a model: what fails where the provider does not answer.
const CALL: u64 = 50;
/// Documents that the new version takes in and finds before it gets traffic.
const SMOKE: u64 = 20;
/// Longest until a document is found.
const FOUND: Duration = Duration::from_secs(60);
/// Longest that a rollout may take.
const LONGEST: f64 = 600.0;
/// Seconds within which traffic must be back.
const BACK: f64 = 60.0;
/// Addresses are those of the drill; what would tell a proxy is not asked.
const PLAN: &str = r#"
stable = "http://drill"
canary = "http://drill"
front = "http://drill"
every_seconds = 0.25
grace_seconds = 10

[router]
kind = "haproxy"
socket = "none"
backend = "none"
stable = "stable"
canary = "canary"

# Servers of one machine, one of which is cold: what is slow is not what is tried here.
[limits]
slower = 100.0
alerts = false

[[step]]
percent = 5
hold_seconds = 1
[[step]]
percent = 20
hold_seconds = 1
[[step]]
percent = 50
hold_seconds = 1
[[step]]
percent = 100
hold_seconds = 1
"#;

pub(super) async fn run(context: Context, args: DrillOwn) -> anyhow::Result<ExitCode> {
    let plan = drill::Plan {
        name: "rollout",
        steps: vec![
            format!("two servers; the new one takes {SMOKE} documents in and finds them"),
            format!(
                "5, 20, 50, 100 % of the requests of {CLIENTS} clients to a new one that fails in {} % \
                 of them: it must be sent back",
                100 / CALL
            ),
            "the same to one that is as good as the old one: it must arrive".to_owned(),
        ],
        blast: Blast::None,
        seconds: 2.0 * LONGEST,
        restore: "the servers and their folders are taken away, also when the drill is killed",
    };
    carry(context, args, plan, |_, http, stop| carry_out(http, stop)).await
}

fn settings(provider: &str) -> String {
    format!(
        "[embedding]\nmodel = \"\"\n[log]\nformat = \"json\"\n[server.rates]\nclient_per_minute = 0\n\
         tenant_per_minute = 0\n[gateway]\nretries = 0\nattempts_max = 1\n\
         [gateway.providers.drill]\nbase_url = \"http://{provider}/v1\"\napi_key = \"drill\"\n\
         models = [\"*\"]\n[ledger.unknown_model]\naction = \"charge\"\ninput = \"1\"\noutput = \"1\"\n"
    )
}

fn carry_out(http: &Http, stop: &AtomicBool) -> anyhow::Result<Found> {
    let plan: Plan = toml::from_str(PLAN)?;
    let provider = Provider::start()?;
    let good = settings(&provider.address.to_string());
    // An address at which nobody listens any more.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    let (old, new, bad) = (Home::make(&good)?, Home::make(&good)?, Home::make(&settings(&nobody))?);
    let stable = Private::start(&old, http, None)?;
    let canary = Private::start(&new, http, None)?;
    let smoke = (0..SMOKE).filter(|number| smokes(&canary, *number)).count();
    let error_lines = new.log()?.lines().filter(|line| line.contains("\"ERROR\"")).count();
    let erring = Private::start(&bad, http, None)?;
    let sent_back = staged(&plan, &stable, &erring, stop)?;
    drop(erring);
    if stop.load(Ordering::Relaxed) {
        return Ok(Found::default());
    }
    let arrived = staged(&plan, &stable, &canary, stop)?;
    let mut result = json!({
        "smoke_documents": { "count": smoke, "of": SMOKE }, "smoke_error_lines": error_lines,
        "rollback_seconds": sent_back.ended.rollback_seconds,
        "requests_lost": {
            "count": sent_back.lost + arrived.lost, "of": sent_back.made + arrived.made,
        },
        "sent_back": sent_back.shown(&plan), "arrived": arrived.shown(&plan),
    });
    let tried = triggers(&plan);
    let act = tried.iter().filter(|it| it.acts && it.spares).count();
    if let Some(fields) = result.as_object_mut() {
        fields.insert("triggers".to_owned(), json!(tried));
        fields.insert("triggers_tested".to_owned(), json!({ "count": act, "of": tried.len() }));
    }
    let seconds = sent_back.ended.rollback_seconds;
    let is_back = matches!(sent_back.ended.state, State::RolledBack { .. })
        && seconds.is_some_and(|it| it <= BACK);
    let has_arrived = arrived.ended.state == State::Done;
    let mut lines = vec![
        format!(
            "before any traffic: {smoke} of {SMOKE} documents found, {error_lines} errors in the log"
        ),
        format!(
            "the one that fails: {} after {} of its requests, back in {}",
            sent_back.ended.state.shown(&plan),
            sent_back.canary,
            seconds.map_or_else(|| "no time: it is not back".to_owned(), |it| format!("{it:.1} s"))
        ),
        format!(
            "the good one: {}; shares off by {:.1} points at most",
            arrived.ended.state.shown(&plan),
            arrived.ended.share_off_points.unwrap_or_default()
        ),
        format!(
            "requests without an answer: {} of {}",
            sent_back.lost + arrived.lost,
            sent_back.made + arrived.made
        ),
    ];
    lines.push(format!("triggers that act and spare: {act} of {}", tried.len()));
    let holds =
        act == tried.len() && is_back && has_arrived && smoke as u64 == SMOKE && error_lines == 0;
    let kept = vec![Kept { name: "rollout", result, of_settings: false }];
    Ok(Found { kept, lines, holds })
}

/// Whether a document is taken in and found.
fn smokes(server: &Private<'_>, number: u64) -> bool {
    let mark = format!("smoke{number}");
    server.upload(&mark).is_ok() && server.finds_once(&mark, FOUND)
}

/// How a rollout went.
struct Gone {
    ended: Ended,
    made: u64,
    canary: u64,
    lost: u64,
}

impl Gone {
    fn shown(&self, plan: &Plan) -> Value {
        json!({
            "state": self.ended.state, "steps_held": { "count": self.ended.steps_held, "of": plan.step.len() },
            "share_off_points": self.ended.share_off_points, "requests": self.made,
            "requests_of_the_new_one": self.canary, "without_an_answer": self.lost,
            "both_healthy": self.ended.both_healthy,
        })
    }
}

/// Rolls out under traffic.
fn staged(
    plan: &Plan,
    stable: &Private<'_>,
    canary: &Private<'_>,
    stop: &AtomicBool,
) -> anyhow::Result<Gone> {
    let traffic = Traffic::new(stable, canary);
    let mut stage =
        Stage { traffic: &traffic, stop, end: Instant::now() + Duration::from_secs_f64(LONGEST) };
    let ended = std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| traffic.flow());
        }
        let ended = roll(plan, &mut stage, None);
        traffic.over.store(true, Ordering::Relaxed);
        ended
    })?;
    let count = |it: &AtomicU64| it.load(Ordering::Relaxed);
    Ok(Gone {
        ended,
        made: count(&traffic.made),
        canary: count(&traffic.to_canary),
        lost: count(&traffic.lost),
    })
}

/// Requests that go on all the time.
struct Traffic<'a> {
    stable: &'a Private<'a>,
    canary: &'a Private<'a>,
    percent: AtomicU8,
    made: AtomicU64,
    to_canary: AtomicU64,
    lost: AtomicU64,
    over: AtomicBool,
}

impl<'a> Traffic<'a> {
    const fn new(stable: &'a Private<'a>, canary: &'a Private<'a>) -> Self {
        Self {
            stable,
            canary,
            percent: AtomicU8::new(0),
            made: AtomicU64::new(0),
            to_canary: AtomicU64::new(0),
            lost: AtomicU64::new(0),
            over: AtomicBool::new(false),
        }
    }

    /// Who gets the next request: of each hundred in a row as many as were asked for, spread out.
    fn turn(&self, number: u64) -> Who {
        let place = number * 61 % 100;
        if place < u64::from(self.percent.load(Ordering::Relaxed)) {
            Who::Canary
        } else {
            Who::Stable
        }
    }

    fn flow(&self) {
        let question =
            json!({ "model": "drill/plain", "messages": [{ "role": "user", "content": "hello" }] });
        while !self.over.load(Ordering::Relaxed) {
            let number = self.made.fetch_add(1, Ordering::Relaxed);
            let (server, own) = match self.turn(number) {
                Who::Canary => (self.canary, self.to_canary.fetch_add(1, Ordering::Relaxed)),
                // Any number that knows nothing of who is asked.
                _ => (self.stable, number / 100 * 7 + number % 7),
            };
            let answer = if own.is_multiple_of(CALL) {
                server.ask("", "POST", "/v1/chat/completions", Some(&question))
            } else {
                server.ask("", "GET", "/v1/collections", None)
            };
            self.lost.fetch_add(u64::from(answer.is_err()), Ordering::Relaxed);
        }
    }
}

/// Where the drill's rollouts take place.
struct Stage<'a> {
    traffic: &'a Traffic<'a>,
    stop: &'a AtomicBool,
    end: Instant,
}

impl Stage<'_> {
    const fn server(&self, who: Who) -> &Private<'_> {
        match who {
            Who::Canary => self.traffic.canary,
            Who::Stable | Who::Baseline => self.traffic.stable,
        }
    }

    fn asked(&self, who: Who, path: &str) -> Result<String, String> {
        let answer = self.server(who).ask("", "GET", path, None)?;
        if answer.status == 200 {
            return Ok(answer.text());
        }
        Err(format!("{path} answers {}", answer.status))
    }
}

impl World for Stage<'_> {
    fn now(&self) -> f64 {
        SystemClock.now_ms() as f64 / 1e3
    }

    fn wait(&mut self, seconds: f64) {
        std::thread::sleep(Duration::from_secs_f64(seconds));
    }

    fn read(&mut self, who: Who) -> Result<Reading, String> {
        Reading::of(&self.asked(who, "/health")?, &self.asked(who, "/metrics")?, None, None)
    }

    fn fit(&mut self, who: Who) -> Result<(), String> {
        self.asked(who, "/health/ready").map(|_| ())
    }

    fn split(&mut self, weights: Weights) -> Result<(), String> {
        self.traffic.percent.store(weights.0.canary, Ordering::Relaxed);
        Ok(())
    }

    fn is_split(&mut self, weights: Weights) -> Result<bool, String> {
        Ok(self.traffic.percent.load(Ordering::Relaxed) == weights.0.canary)
    }

    fn served(&mut self, canary: Option<&Reading>, times: u64) -> Served {
        Served::ask(times, canary, |number| self.asked(self.traffic.turn(number * 5), "/health"))
    }

    fn order(&mut self) -> Option<Order> {
        let is_over = self.stop.load(Ordering::Relaxed) || Instant::now() > self.end;
        is_over.then_some(Order::Back)
    }

    fn note(&mut self, entry: &Entry) -> Result<(), ReadyError> {
        // The servers go with the drill, so there is nothing that another process could go on with.
        if !entry.says.is_empty() {
            note(&entry.says);
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        note(text);
    }
}
