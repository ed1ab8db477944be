//! The world as it is: deployments over HTTP, a proxy, the clock of the machine.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use assay_core::Clock;

use super::{
    carry_out::World,
    journal::{Entry, Journal},
    machine::Order,
    plan::{Limits, Plan},
    quality::Ask,
    reading::{Reading, Served, Who},
    router::{Router, Weights, router},
};
use crate::{ReadyError, Request, Response, Transport};

/// Longest that one question may take.
const WAIT: Duration = Duration::from_secs(5);
/// How often orders are looked for while waiting.
const GLANCE: Duration = Duration::from_millis(200);

/// How deployments are asked.
pub struct Asking<'a> {
    /// Over what.
    pub transport: &'a dyn Transport,
    /// Key that is shown; absent where none is asked for.
    pub key: Option<String>,
    /// What is compared: alerts and costs are asked for where they are limited.
    pub limits: Limits,
}

impl Asking<'_> {
    fn get(&self, url: &str, path: &str) -> Result<Response, String> {
        let key = self.key.iter();
        self.transport.send(&Request {
            method: "GET".to_owned(),
            url: format!("{}{path}", url.trim_end_matches('/')),
            headers: key.map(|key| ("authorization".to_owned(), format!("Bearer {key}"))).collect(),
            body: Vec::new(),
            timeout: WAIT,
        })
    }

    fn text(&self, url: &str, path: &str) -> Result<String, String> {
        let response = self.get(url, path).map_err(|why| format!("{url}{path}: {why}"))?;
        match response.status {
            200 => Ok(response.text()),
            status => Err(format!("{url}{path} answers {status}")),
        }
    }

    /// What the deployment at `url` says of itself.
    pub(super) fn read(&self, url: &str) -> Result<Reading, String> {
        let health = self.text(url, "/health")?;
        let metrics = self.text(url, "/metrics")?;
        let alerts = self.limits.alerts.then(|| self.text(url, "/v1/alerts").ok()).flatten();
        let usage = (self.limits.dearer > 0.0).then(|| self.text(url, "/v1/usage").ok()).flatten();
        Reading::of(&health, &metrics, alerts.as_deref(), usage.as_deref())
    }
}

/// Deployments, a proxy, a journal.
pub struct Live<'a> {
    plan: Plan,
    router: Box<dyn Router>,
    asking: Asking<'a>,
    questions: Option<&'a dyn Ask>,
    clock: &'a dyn Clock,
    journal: Journal,
    stop: &'a AtomicBool,
    order: Option<Order>,
    say: &'a dyn Fn(&str),
}

impl<'a> Live<'a> {
    /// What a plan names; `questions` asks those of the plan. `stop` orders back, as the key combination
    /// that ends a program does.
    #[must_use]
    pub fn new(
        plan: &Plan,
        journal: Journal,
        asking: Asking<'a>,
        questions: Option<&'a dyn Ask>,
        clock: &'a dyn Clock,
        stop: &'a AtomicBool,
        say: &'a dyn Fn(&str),
    ) -> Self {
        let router = router(plan);
        let plan = plan.clone();
        Self { plan, router, asking, questions, clock, journal, stop, order: None, say }
    }

    fn url(&self, who: Who) -> &str {
        let plan = &self.plan;
        match who {
            Who::Canary => &plan.canary,
            Who::Baseline if !plan.baseline.is_empty() => &plan.baseline,
            Who::Stable | Who::Baseline => &plan.stable,
        }
    }
}

impl World for Live<'_> {
    fn now(&self) -> f64 {
        self.clock.now().as_millisecond() as f64 / 1_000.0
    }

    fn wait(&mut self, seconds: f64) {
        let end = std::time::Instant::now() + Duration::from_secs_f64(seconds);
        loop {
            self.order = self.order.or_else(|| self.journal.take());
            if self.stop.load(Ordering::Relaxed) {
                self.order = Some(Order::Back);
            }
            let left = end.saturating_duration_since(std::time::Instant::now());
            if left.is_zero() || self.order.is_some() {
                return;
            }
            std::thread::sleep(left.min(GLANCE));
        }
    }

    fn read(&mut self, who: Who) -> Result<Reading, String> {
        self.asking.read(self.url(who))
    }

    fn fit(&mut self, who: Who) -> Result<(), String> {
        let url = self.url(who).to_owned();
        let response =
            self.asking.get(&url, "/health/ready").map_err(|why| format!("{url}: {why}"))?;
        if response.status != 200 {
            return Err(format!("{url} is not ready: {}", response.text()));
        }
        let says = self.read(who)?.version;
        let wanted = &self.plan.version;
        if who == Who::Canary && !wanted.is_empty() && says != *wanted {
            return Err(format!("{url} is version {says}, the plan says {wanted}"));
        }
        Ok(())
    }

    fn split(&mut self, weights: Weights) -> Result<(), String> {
        self.router.split(weights)
    }

    fn is_split(&mut self, weights: Weights) -> Result<bool, String> {
        self.router.is_split(weights)
    }

    fn questions(&self) -> usize {
        self.questions.map_or(0, Ask::count)
    }

    fn ask(&mut self, who: Who, number: usize) -> Result<bool, String> {
        let questions = self.questions.ok_or("nobody asks questions here")?;
        questions.is_right(self.url(who), number)
    }

    fn served(&mut self, canary: Option<&Reading>, times: u64) -> Served {
        Served::ask(times, canary, |_| self.asking.text(&self.plan.front, "/health"))
    }

    fn order(&mut self) -> Option<Order> {
        self.order.take()
    }

    fn note(&mut self, entry: &Entry) -> Result<(), ReadyError> {
        self.journal.note(entry)?;
        let why = if entry.says.is_empty() { String::new() } else { format!("   {}", entry.says) };
        (self.say)(&format!("{}{why}", entry.state.shown(&self.plan)));
        Ok(())
    }

    fn say(&mut self, text: &str) {
        (self.say)(text);
    }
}
