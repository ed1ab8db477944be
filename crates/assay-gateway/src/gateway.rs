//! The gateway: a request in, an answer out, by whichever target answers.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::{Clock, DocumentId, NanoUsd, RequestId, TenantScope};
use bytes::Bytes;
use futures_util::{Stream, stream};

use crate::{
    GatewayError,
    cache::{Asked, CacheCounts, Caches, Hit, HitKind, Recorder, Vectors},
    call::{Answer, call},
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
        let plan = self.0.plan(&request, incoming)?;
        Ok(Explanation::of(&request, &plan, &self.0.settings))
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
    fn plan(&self, request: &Request<'_>, incoming: &Incoming) -> Result<Plan, Fault> {
        let model = &request.model;
        let own = incoming.own.and_then(|_| self.registry.own(model));
        let route = own.or_else(|| self.registry.find(model, &self.metrics)).ok_or_else(|| {
            Fault::new(FaultKind::NoModel, format!("there is no model `{model}`")).param("model")
        })?;
        Ok(Plan::new(route, &request.needs, &incoming.wishes, Instant::now()))
    }

    /// Tries the targets of the plan, round by round.
    async fn run(self: &Arc<Self>, mut incoming: Incoming) -> Result<Reply, Box<Fault>> {
        let body = std::mem::take(&mut incoming.body);
        incoming.wishes.seed = incoming.id.as_u128();
        let request = Request::read(incoming.dialect, &body)?;
        let plan = self.plan(&request, &incoming)?;
        self.earn_retry();
        let mut trail = Trail::new(&plan);
        match self.caches.ask(&incoming, &request, &body, &plan.route.name).await {
            Asked::Hit(hit) => return self.again(&request, &incoming, &trail, &hit),
            Asked::Miss(recorder) => trail.recorder = Some(recorder),
            Asked::Off => {}
        }
        trail.is_cached = trail.recorder.is_some();
        let mut last = None;
        let mut failed: Vec<bool> = vec![false; plan.targets.len()];
        for round in 0..=self.settings.retries {
            if round > 0 && !self.wait(round, last.as_ref(), &failed).await {
                break;
            }
            for (target, failed) in plan.targets.iter().zip(&mut failed) {
                if *failed || trail.attempts >= self.settings.attempts_max {
                    continue;
                }
                match self.attempt(&request, &incoming, target, &mut trail).await {
                    Ok(answer) => return Ok(trail.reply(self, target, answer)),
                    Err(fault) => {
                        tracing::info!(
                            request_id = %incoming.id, provider = target.provider.name,
                            model = target.model(), error = fault.kind.as_str(), "attempt failed"
                        );
                        if !fault.kind.may_pass_elsewhere() {
                            return Ok(trail.failed(incoming.dialect, fault));
                        }
                        *failed = !fault.kind.may_pass();
                        trail.reasons.push(Reason::after(fault.kind));
                        last = Some(fault);
                    }
                }
            }
        }
        let fault = last.unwrap_or_else(|| plan.nothing());
        Ok(trail.failed(incoming.dialect, fault))
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
