//! The gateway: a request in, an answer out, by whichever target answers.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError, atomic::AtomicI64},
    time::{Duration, Instant},
};

use assay_core::{Clock, DocumentId, PrincipalId, RequestId, TenantScope};
use bytes::Bytes;
use futures_util::Stream;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::{
    GatewayError,
    cache::{CacheCounts, Caches, Vectors},
    call::{Answerer, can_answer},
    dialect::Dialect,
    explain::{Explanation, RouterTotals},
    fault::{Fault, FaultKind},
    meter::Meter,
    metrics::Metrics,
    plan::{Plan, Reason},
    registry::{Registry, Target},
    request::Request,
    settings::GatewaySettings,
    wishes::Wishes,
};

mod rounds;
mod trail;

pub(crate) use trail::Trail;

/// Decisions remembered for `/metrics/router`.
pub(crate) const DECISIONS_MAX: usize = 1000;

/// Hundredths of a retry that are free before retries need requests to earn them.
const FREE_RETRIES: i64 = 1000;

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
    /// The user or service that the credential belongs to, as the ledger names it.
    pub user: Option<String>,
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
    pub headers: HeaderMap,
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
            Err(fault) => Reply::fault(dialect, *fault, HeaderMap::new()),
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

    fn remember(&self, decision: Decision) {
        let mut decisions = self.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        if decisions.len() == DECISIONS_MAX {
            decisions.pop_front();
        }
        decisions.push_back(decision);
    }
}

impl Reply {
    /// The value of a header; empty when there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// An error in the dialect of the caller.
    #[must_use]
    pub fn fault(dialect: Dialect, fault: Fault, mut headers: HeaderMap) -> Self {
        if let Some(wait) = fault.retry_after {
            let seconds = wait.as_millis().div_ceil(1000);
            tell(&mut headers, "retry-after", &seconds.to_string());
            tell(&mut headers, "retry-after-ms", &wait.as_millis().to_string());
        }
        let body = ReplyBody::Whole(dialect.error_body(&fault).into());
        Self { status: fault.kind.status(), headers, body, fault: Some(fault) }
    }
}

/// Sets a header of a reply; one that HTTP cannot carry is left out.
pub(crate) fn tell(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
