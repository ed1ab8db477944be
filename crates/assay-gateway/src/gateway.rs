//! The gateway: a request in, an answer out, by whichever target answers.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::{Clock, DocumentId, NanoUsd, PrincipalId, RequestId, TenantScope};
use bytes::Bytes;
use futures_util::{
    Stream, StreamExt,
    future::{Either, select},
    stream,
};

use crate::{
    GatewayError,
    cache::{Asked, CacheCounts, Caches, Hit, HitKind, Recorder, Vectors},
    call::{Answer, Answerer, call, can_answer},
    dialect::Dialect,
    explain::{Explanation, RouterTotals},
    fault::{Fault, FaultKind},
    meter::{Call, Meter},
    metrics::Metrics,
    plan::{Plan, Reason},
    registry::{Registry, Target},
    request::Request,
    settings::GatewaySettings,
    wishes::Wishes,
};

/// Decisions remembered for `/metrics/router`.
pub(crate) const DECISIONS_MAX: usize = 1000;
/// Hundredths of a retry that are free before retries need requests to earn them.
const FREE_RETRIES: i64 = 1000;
/// The number of the attempt of a shadow, which no other attempt has.
const SHADOW: u32 = 1000;
/// First wait before a second round, doubled for each further one.
const BACKOFF: Duration = Duration::from_millis(200);

/// Calls to model providers. Cheap to clone.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) settings: GatewaySettings,
    pub(crate) registry: Registry,
    pub(crate) client: reqwest::Client,
    pub(crate) meter: Arc<dyn Meter>,
    pub(crate) metrics: Metrics,
    pub(crate) caches: Caches,
    pub(crate) answerer: OnceLock<Arc<dyn Answerer>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) decisions: Mutex<VecDeque<Decision>>,
    /// Hundredths of retries that may still be made.
    retries: AtomicI64,
}

impl fmt::Debug for Gateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gateway")
    }
}

/// One request of a caller.
#[derive(Debug)]
pub struct Incoming {
    /// The tenant.
    pub scope: TenantScope,
    /// Names the key that the caller came with.
    pub key: Option<String>,
    /// Who calls, by id: nobody gets an answer from a cache that another one was given.
    pub principal: Option<PrincipalId>,
    /// Names the request.
    pub id: RequestId,
    /// What the caller speaks.
    pub dialect: Dialect,
    /// The body as it came.
    pub body: Bytes,
    /// What the caller says about the way.
    pub wishes: Wishes,
    /// Headers for the provider, such as `anthropic-beta`.
    pub forward: Vec<(String, String)>,
    /// Of a call of Assay's own: the question that it helps to answer, the document that it helps to
    /// take in.
    pub own: Option<(Option<RequestId>, Option<DocumentId>)>,
}

/// What goes back to the caller.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Headers, beside the type of the content.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: ReplyBody,
    /// What went wrong, when it did.
    pub fault: Option<Fault>,
}

/// The body of a reply.
pub enum ReplyBody {
    /// JSON.
    Whole(Bytes),
    /// Server-sent events. Dropping it ends the call at the provider.
    Stream(Frames),
}

/// Server-sent events as bytes.
pub type Frames = Pin<Box<dyn Stream<Item = Bytes> + Send>>;

/// What was decided for a request.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) target: Arc<Target>,
    pub(crate) reasons: Vec<Reason>,
}

impl Gateway {
    /// A gateway over the providers and routes of the settings. No connection is made yet.
    ///
    /// # Errors
    /// When a URL or a header of a provider is none, or TLS cannot be set up. What
    /// [`GatewaySettings::problems`] tells is left out of the routes.
    pub fn new(
        settings: GatewaySettings,
        meter: Arc<dyn Meter>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, GatewayError> {
        // A second installation of the same provider is an error value that means "already done".
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(5))
            .pool_max_idle_per_host(256)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(GatewayError::Setup)?;
        let metrics = Metrics::new();
        let registry = Registry::new(&settings, &metrics)?;
        let caches = Caches::new(settings.cache.clone());
        Ok(Self(Arc::new(Inner {
            settings,
            registry,
            client,
            meter,
            metrics,
            caches,
            answerer: OnceLock::new(),
            clock,
            decisions: Mutex::default(),
            retries: AtomicI64::new(FREE_RETRIES),
        })))
    }

    /// Whether a name is a route, an alias or a model that callers may name.
    #[must_use]
    pub fn knows(&self, model: &str) -> bool {
        self.0.registry.find(model, &self.0.metrics).is_some()
    }

    /// The names that callers may use as models, each with its owner.
    pub fn models(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.registry.names.iter().map(|(name, owner)| (name.as_str(), owner.as_str()))
    }

    /// Bytes of a request at most.
    #[must_use]
    pub fn body_bytes_max(&self) -> usize {
        self.0.settings.body_bytes_max
    }

    /// Answers a request. A fault becomes a reply in the dialect of the caller.
    pub async fn call(&self, incoming: Incoming) -> Reply {
        let dialect = incoming.dialect;
        match self.0.run(incoming).await {
            Ok(reply) => reply,
            Err(fault) => Reply::fault(dialect, *fault, Vec::new()),
        }
    }

    /// Where a request would go and why; nothing is sent.
    ///
    /// # Errors
    /// As a request itself: when it is not one, or names no model.
    pub fn explain(&self, incoming: &Incoming) -> Result<Explanation, Fault> {
        let request = Request::read(incoming.dialect, &incoming.body)?;
        let plan = self.0.plan(&request, incoming, true)?;
        Ok(Explanation::of(&request, &plan, &self.0.settings))
    }

    /// Lets this answer for the models `assay` and `assay/extractive`.
    pub fn answer_by(&self, answerer: Arc<dyn Answerer>) {
        let _ = self.0.answerer.set(answerer);
    }

    /// Compares questions by these vectors, for the cache of like questions.
    pub fn compare_by(&self, vectors: Arc<dyn Vectors>) {
        self.0.caches.compare_by(vectors);
    }

    /// How the caches of the same and of like requests have fared.
    #[must_use]
    pub fn cache_counts(&self) -> [CacheCounts; 2] {
        [self.0.caches.exact.counts(), self.0.caches.semantic.counts()]
    }

    /// How the providers have fared.
    #[must_use]
    pub fn totals(&self) -> RouterTotals {
        RouterTotals::of(&self.0)
    }

    /// Appends the metrics as Prometheus text, without the mark of its end.
    ///
    /// # Errors
    /// When the text cannot be written.
    pub fn render_metrics(&self, text: &mut String) -> fmt::Result {
        self.0.metrics.render(text)
    }
}

impl Inner {
    fn plan(
        &self,
        request: &Request<'_>,
        incoming: &Incoming,
        with_built_in: bool,
    ) -> Result<Plan, Fault> {
        let model = &request.model;
        let own = incoming.own.and_then(|_| self.registry.own(model));
        let built_in = || {
            let answers = with_built_in && can_answer(incoming.dialect);
            answers.then(|| self.registry.built_in(model)).flatten()
        };
        let named = || self.registry.find(model, &self.metrics);
        let route = own.or_else(named).or_else(built_in).ok_or_else(|| {
            Fault::new(FaultKind::NoModel, format!("there is no model `{model}`")).param("model")
        })?;
        let estimate = request.estimate();
        let price = |target: &Target| {
            let provider = &target.provider;
            self.meter.price(&provider.name, provider.listed_as, target.model(), &estimate)
        };
        Ok(Plan::new(route, &request.needs, &incoming.wishes, Instant::now(), &price))
    }

    /// Tries the targets of the plan, round by round.
    async fn run(self: &Arc<Self>, mut incoming: Incoming) -> Result<Reply, Box<Fault>> {
        let body = std::mem::take(&mut incoming.body);
        incoming.wishes.seed = incoming.id.as_u128();
        let request = Request::read(incoming.dialect, &body)?;
        // Chat completions of Assay itself come with citations, which only its own route has.
        let plan = self.plan(&request, &incoming, incoming.dialect != Dialect::Chat)?;
        self.earn_retry();
        let mut trail = Trail::new(&plan);
        match self.caches.ask(&incoming, &request, &body, &plan.route.name).await {
            Asked::Hit(hit) => return self.again(&request, &incoming, &trail, &hit),
            Asked::Miss(recorder) => trail.recorder = Some(recorder),
            Asked::Off => {}
        }
        trail.is_cached = trail.recorder.is_some();
        self.shadow(&plan, &incoming, &body);
        let mut last = None;
        let mut failed: Vec<bool> = vec![false; plan.targets.len()];
        for round in 0..=self.settings.retries {
            if round > 0 && !self.wait(round, last.as_ref(), &failed).await {
                break;
            }
            let mut tried = 0;
            while let Some(at) = (tried..failed.len()).find(|at| failed.get(*at) == Some(&false)) {
                if trail.attempts >= self.settings.attempts_max {
                    break;
                }
                let outcome = self.try_from(at, &request, &incoming, &mut trail).await;
                let faults = match outcome {
                    Ok((target, answer)) => return Ok(trail.reply(self, &target, answer)),
                    Err(faults) => faults,
                };
                for (place, fault) in (at..).zip(faults) {
                    tried = place + 1;
                    if !fault.kind.may_pass_elsewhere() {
                        return Ok(trail.failed(incoming.dialect, fault));
                    }
                    if let Some(failed) = failed.get_mut(place) {
                        *failed = !fault.kind.may_pass();
                    }
                    trail.reasons.push(Reason::after(fault.kind));
                    last = Some(fault);
                }
            }
        }
        let fault = last.unwrap_or_else(|| plan.nothing());
        Ok(trail.failed(incoming.dialect, fault))
    }

    /// Tries a target; on a route that hedges the next one as well, when the first is slow. The
    /// faults are those of the targets from this one on.
    async fn try_from(
        self: &Arc<Self>,
        at: usize,
        request: &Request<'_>,
        incoming: &Incoming,
        trail: &mut Trail<'_>,
    ) -> Result<(Arc<Target>, Answer), Vec<Fault>> {
        let plan = trail.plan;
        let Some(target) = plan.targets.get(at) else { return Err(vec![plan.nothing()]) };
        let found = |answer| (Arc::clone(target), answer);
        let first = Box::pin(self.attempt(request, incoming, target, trail));
        let hedge = plan.route.hedge.filter(|_| at == 0).zip(plan.targets.get(at + 1));
        let Some((wait, other)) = hedge else {
            return first.await.map(found).map_err(|fault| vec![fault]);
        };
        let first = match timeout_or(first, wait).await {
            Ok(outcome) => return outcome.map(found).map_err(|fault| vec![fault]),
            Err(first) => first,
        };
        let mut beside = Trail { attempts: 1, ..Trail::new(plan) };
        let second = Box::pin(self.attempt(request, incoming, other, &mut beside));
        // The one that is dropped here ends its call, and what it has used is charged.
        let (fault, is_first, rest) = match select(first, second).await {
            Either::Left((Ok(answer), _)) => return Ok(found(answer)),
            Either::Right((Ok(answer), _)) => return Ok((Arc::clone(other), answer)),
            Either::Left((Err(fault), second)) => (fault, true, second.await),
            Either::Right((Err(fault), first)) => (fault, false, first.await),
        };
        let answered = if is_first { other } else { target };
        rest.map(|answer| (Arc::clone(answered), answer))
            .map_err(|rest| if is_first { vec![fault, rest] } else { vec![rest, fault] })
    }

    /// Sends a copy to the shadow of the route, as often as its share says. Nobody waits for it.
    fn shadow(self: &Arc<Self>, plan: &Plan, incoming: &Incoming, body: &Bytes) {
        let Some((target, percent)) = &plan.route.shadow else { return };
        if incoming.wishes.seed % 100 >= u128::from(*percent) {
            return;
        }
        let copy = Incoming {
            scope: incoming.scope.clone(),
            key: incoming.key.clone(),
            principal: incoming.principal,
            id: incoming.id,
            dialect: incoming.dialect,
            body: Bytes::new(),
            wishes: Wishes::default(),
            forward: incoming.forward.clone(),
            own: incoming.own,
        };
        let route = Arc::clone(&plan.route);
        let (inner, target, body) = (Arc::clone(self), Arc::clone(target), body.clone());
        tokio::spawn(async move {
            let Ok(request) = Request::read(copy.dialect, &body) else { return };
            let plan = Plan::only(route, &target);
            let mut trail = Trail { attempts: SHADOW, ..Trail::new(&plan) };
            match inner.attempt(&request, &copy, &target, &mut trail).await {
                Ok(Answer { body: ReplyBody::Stream(mut frames), .. }) => {
                    while frames.next().await.is_some() {}
                }
                Ok(_) => {}
                Err(fault) => {
                    let (id, error) = (copy.id, fault.kind.as_str());
                    tracing::info!(request_id = %id, error, "the shadow failed");
                }
            }
        });
    }

    /// An answer that was given before.
    fn again(
        &self,
        request: &Request<'_>,
        incoming: &Incoming,
        trail: &Trail<'_>,
        hit: &Hit,
    ) -> Result<Reply, Box<Fault>> {
        let answer = &hit.answer;
        let call = Call {
            provider: &answer.provider,
            listed_as: answer.listed_as,
            model: &answer.model,
            ..call(request, incoming, &trail.plan.route.name)
        };
        let saved = self.meter.cached(&call, &answer.measured).map_err(Fault::from)?;
        let mut headers = vec![
            ("x-assay-provider".to_owned(), answer.provider.clone()),
            ("x-assay-model".to_owned(), answer.model.clone()),
            ("x-assay-cache".to_owned(), hit.kind.as_str().to_owned()),
            ("age".to_owned(), hit.age.as_secs().to_string()),
            ("x-assay-saved-usd".to_owned(), NanoUsd::from_nanos(saved).to_string()),
        ];
        if let HitKind::Semantic { similarity } = hit.kind {
            headers.push(("x-assay-similarity".to_owned(), format!("{similarity:.4}")));
        }
        trail.explain(&mut headers);
        let body = if answer.is_stream {
            ReplyBody::Stream(Box::pin(stream::iter(answer.frames.clone())))
        } else {
            ReplyBody::Whole(answer.frames.first().cloned().unwrap_or_default())
        };
        Ok(Reply { status: 200, headers, body, fault: None })
    }

    /// Waits before another round; whether there is to be one.
    async fn wait(&self, round: u32, last: Option<&Fault>, failed: &[bool]) -> bool {
        let Some(last) = last else { return false };
        if failed.iter().all(|failed| *failed) || !self.take_retry() {
            return false;
        }
        let backoff = BACKOFF.saturating_mul(2_u32.saturating_pow(round - 1));
        let wait = last.retry_after.unwrap_or(backoff);
        if wait > Duration::from_secs(self.settings.wait_max_seconds) {
            return false;
        }
        tokio::time::sleep(wait).await;
        true
    }

    fn earn_retry(&self) {
        let earned = i64::from(self.settings.retry_percent);
        if self.retries.load(Ordering::Relaxed) < FREE_RETRIES {
            self.retries.fetch_add(earned, Ordering::Relaxed);
        }
    }

    fn take_retry(&self) -> bool {
        let enough = |left: i64| (left >= 100).then_some(left - 100);
        self.retries.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enough).is_ok()
    }

    fn remember(&self, decision: Decision) {
        let mut decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        if decisions.len() == DECISIONS_MAX {
            decisions.pop_front();
        }
        decisions.push_back(decision);
    }
}

/// What comes of a future within a time, or the future itself.
async fn timeout_or<F: Future + Unpin>(mut future: F, wait: Duration) -> Result<F::Output, F> {
    match tokio::time::timeout(wait, &mut future).await {
        Ok(output) => Ok(output),
        Err(_) => Err(future),
    }
}

/// What is told of the way of a request.
pub(crate) struct Trail<'a> {
    pub(crate) plan: &'a Plan,
    reasons: Vec<Reason>,
    pub(crate) attempts: u32,
    /// Parameters that the target did not get.
    pub(crate) dropped: Vec<String>,
    /// Whether a cache was asked.
    is_cached: bool,
    /// Takes the answer down for the caches.
    pub(crate) recorder: Option<Recorder>,
}

impl<'a> Trail<'a> {
    fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            reasons: plan.reasons.clone(),
            attempts: 0,
            dropped: Vec::new(),
            is_cached: false,
            recorder: None,
        }
    }

    fn reply(mut self, inner: &Inner, target: &Arc<Target>, answer: Answer) -> Reply {
        self.reasons.dedup();
        let decision = Decision { target: Arc::clone(target), reasons: self.reasons.clone() };
        inner.remember(decision);
        let mut headers = answer.headers;
        headers.push(("x-assay-provider".to_owned(), target.provider.name.clone()));
        headers.push(("x-assay-model".to_owned(), target.model().to_owned()));
        headers.push(("x-assay-tier".to_owned(), target.tier.as_str().to_owned()));
        if self.is_cached {
            headers.push(("x-assay-cache".to_owned(), "miss".to_owned()));
        }
        self.explain(&mut headers);
        Reply { status: 200, headers, body: answer.body, fault: None }
    }

    fn failed(mut self, dialect: Dialect, fault: Fault) -> Reply {
        self.reasons.dedup();
        let mut headers = Vec::new();
        self.explain(&mut headers);
        // The chain has been tried: a client that tries again multiplies the attempts.
        let again =
            fault.kind.may_pass() || matches!(fault.kind, FaultKind::Timeout | FaultKind::Resting);
        headers.push(("x-should-retry".to_owned(), again.to_string()));
        Reply::fault(dialect, fault, headers)
    }

    fn explain(&self, headers: &mut Vec<(String, String)>) {
        headers.push(("x-assay-route".to_owned(), self.plan.route.name.clone()));
        headers.push(("x-assay-attempts".to_owned(), self.attempts.to_string()));
        if !self.reasons.is_empty() {
            let words: Vec<&str> = self.reasons.iter().map(|reason| reason.as_str()).collect();
            headers.push(("x-assay-reason".to_owned(), words.join(",")));
        }
        if !self.dropped.is_empty() {
            headers.push(("x-assay-dropped".to_owned(), self.dropped.join(",")));
        }
    }
}

impl Reply {
    /// The value of a header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// An error in the dialect of the caller.
    #[must_use]
    pub fn fault(dialect: Dialect, fault: Fault, mut headers: Vec<(String, String)>) -> Self {
        if let Some(wait) = fault.retry_after {
            let seconds = wait.as_millis().div_ceil(1000);
            headers.push(("retry-after".to_owned(), seconds.to_string()));
            headers.push(("retry-after-ms".to_owned(), wait.as_millis().to_string()));
        }
        let body = ReplyBody::Whole(dialect.error_body(&fault).into());
        Self { status: fault.kind.status(), headers, body, fault: Some(fault) }
    }
}
