//! Providers, targets and routes as the configuration has them, ready to be called.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::{Breaker, BreakerSettings, BreakerState, NanoUsd};
use reqwest::{
    Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use tokio::sync::Semaphore;

use crate::{
    GatewayError,
    metrics::{Metrics, TargetMetrics},
    provider::{Auth, Kind, Preset, Wire},
    settings::{GatewaySettings, Order, ProviderSettings, TargetSettings, Tier},
};

mod stats;

pub(crate) use stats::ProviderStats;
pub use stats::ProviderTotals;

/// Models remembered that callers name where a provider allows any.
const NAMED_MAX: usize = 1024;

/// One provider.
#[derive(Debug)]
pub(crate) struct Provider {
    pub(crate) name: String,
    pub(crate) preset: &'static Preset,
    /// Its name in price lists.
    pub(crate) listed_as: Option<&'static str>,
    pub(crate) base: Url,
    pub(crate) api_version: Option<String>,
    /// Headers of every call, one map for each key.
    pub(crate) keyed: Vec<HeaderMap>,
    pub(crate) first: Duration,
    pub(crate) idle: Duration,
    pub(crate) total: Duration,
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) usage_in_streams: bool,
    pub(crate) trains_on_data: bool,
    pub(crate) tier: Tier,
    pub(crate) models: Vec<String>,
    pub(crate) unsupported: Vec<String>,
    pub(crate) stats: ProviderStats,
    /// Whether it is Assay itself.
    pub(crate) is_built_in: bool,
}

/// The name of Assay itself as a provider, and of the model that writes nothing of its own.
pub(crate) const BUILT_IN: &str = "assay";
pub(crate) const EXTRACTIVE: &str = "extractive";

/// One model of one provider with one key.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) provider: Arc<Provider>,
    pub(crate) key: usize,
    pub(crate) settings: TargetSettings,
    pub(crate) tier: Tier,
    /// Parameters that it does not take, those of the provider included.
    pub(crate) unsupported: Vec<String>,
    pub(crate) breaker: Breaker,
    /// Microseconds to the first frame or to the whole answer lately; 0 before the first.
    pub(crate) latency: AtomicU64,
    pub(crate) metrics: TargetMetrics,
}

/// A name that callers use as a model.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) name: String,
    pub(crate) order: Order,
    pub(crate) prefer_free: bool,
    pub(crate) allow_training: bool,
    pub(crate) max_cost: Option<NanoUsd>,
    pub(crate) hedge: Option<Duration>,
    /// What gets a copy of some requests, and of how many in a hundred.
    pub(crate) shadow: Option<(Arc<Target>, u32)>,
    /// Its own targets, then those of its fallbacks: each with the number of its group and that of
    /// its entry, which the keys of a provider share.
    pub(crate) targets: Vec<(usize, usize, Arc<Target>)>,
    /// Counts the requests, so that the keys of a provider take turns.
    pub(crate) turn: AtomicU64,
}

/// All of them.
#[derive(Debug)]
pub(crate) struct Registry {
    pub(crate) providers: Vec<Arc<Provider>>,
    /// Routes, aliases and listed models.
    named: HashMap<String, Arc<Route>>,
    /// Models that callers have named at providers that allow any.
    asked: Mutex<HashMap<String, Arc<Route>>>,
    /// Models for Assay's own use.
    own: HashMap<&'static str, Arc<Route>>,
    /// The models of Assay itself: the one that is set up, and the extractive one.
    built_in: [Arc<Route>; 2],
    /// What callers may name, in the order of the configuration.
    pub(crate) names: Vec<(String, String)>,
}

impl Registry {
    pub(crate) fn new(settings: &GatewaySettings, metrics: &Metrics) -> Result<Self, GatewayError> {
        let mut providers = Vec::new();
        for (name, provider) in &settings.providers {
            providers.push(Arc::new(Provider::new(name, provider)?));
        }
        let built_in = Arc::new(Provider::built_in()?);
        providers.push(Arc::clone(&built_in));
        let mut registry = Self {
            providers,
            named: HashMap::new(),
            asked: Mutex::default(),
            own: HashMap::new(),
            built_in: [BUILT_IN, EXTRACTIVE].map(|model| direct(&built_in, model, metrics)),
            names: Vec::new(),
        };
        let mut own: HashMap<&str, Vec<(usize, Arc<Target>)>> = HashMap::new();
        for (name, route) in &settings.routes {
            let targets = route.targets.iter().enumerate().flat_map(|(entry, target)| {
                registry.targets(target, metrics).into_iter().map(move |target| (entry, target))
            });
            let targets = targets.collect();
            own.insert(name, targets);
        }
        for (name, route) in &settings.routes {
            let mut groups = vec![name.as_str()];
            let mut place = 0;
            while let Some(group) = groups.get(place).and_then(|name| settings.routes.get(*name)) {
                for next in &group.fallbacks {
                    if !groups.contains(&next.as_str()) {
                        groups.push(next);
                    }
                }
                place += 1;
            }
            let targets = groups.iter().enumerate().flat_map(|(number, group)| {
                own.get(group)
                    .into_iter()
                    .flatten()
                    .map(move |(entry, target)| (number, *entry, Arc::clone(target)))
            });
            let route = Route {
                name: name.clone(),
                order: route.order,
                prefer_free: route.prefer_free,
                allow_training: route.allow_training,
                max_cost: route.max_cost_usd.map(|dollars| dollars.0),
                hedge: route.hedge_ms.map(Duration::from_millis),
                shadow: route.shadow.as_ref().and_then(|shadow| {
                    let target = TargetSettings::new(&shadow.provider, &shadow.model);
                    let target = registry.targets(&target, metrics).into_iter().next()?;
                    Some((target, shadow.percent))
                }),
                targets: targets.collect(),
                turn: AtomicU64::new(0),
            };
            registry.add(name.clone(), "assay", Arc::new(route));
        }
        let listed: Vec<(Arc<Provider>, String)> = registry
            .providers
            .iter()
            .flat_map(|provider| {
                provider.models.iter().map(|model| (Arc::clone(provider), model.clone()))
            })
            .filter(|(_, model)| model != "*")
            .collect();
        for (provider, model) in listed {
            let name = format!("{}/{model}", provider.name);
            let route = direct(&provider, &model, metrics);
            registry.add(name, &provider.name, route);
        }
        for alias in settings.aliases.keys() {
            let meant = settings.meant(alias).and_then(|name| registry.find(name, metrics));
            if let Some(route) = meant {
                registry.add(alias.clone(), "assay", route);
            }
        }
        for (name, (provider, model)) in &settings.own {
            let shown = name.rsplit(':').next().unwrap_or(name);
            let provider = Arc::new(Provider::new(shown, provider)?);
            let route = direct(&provider, model, metrics);
            registry.own.insert(name, route);
            registry.providers.push(provider);
        }
        Ok(registry)
    }

    fn add(&mut self, name: String, owner: &str, route: Arc<Route>) {
        self.names.push((name.clone(), owner.to_owned()));
        self.named.insert(name, route);
    }

    /// The route of a name: a route, an alias, or `provider/model`.
    pub(crate) fn find(&self, name: &str, metrics: &Metrics) -> Option<Arc<Route>> {
        if let Some(route) = self.named.get(name) {
            return Some(Arc::clone(route));
        }
        let (provider, model) = name.split_once('/')?;
        let provider = self.providers.iter().find(|known| known.name == provider)?;
        if model.is_empty() || !provider.models.iter().any(|listed| listed == "*") {
            return None;
        }
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = asked.get(name) {
            return Some(Arc::clone(route));
        }
        let route = direct(provider, model, metrics);
        if asked.len() < NAMED_MAX {
            asked.insert(name.to_owned(), Arc::clone(&route));
        }
        Some(route)
    }

    /// The route of a model of Assay itself.
    pub(crate) fn built_in(&self, name: &str) -> Option<Arc<Route>> {
        let [usual, extractive] = &self.built_in;
        match name.strip_prefix(BUILT_IN)? {
            "" => Some(Arc::clone(usual)),
            "/extractive" => Some(Arc::clone(extractive)),
            _ => None,
        }
    }

    /// The route of a model for Assay's own use.
    pub(crate) fn own(&self, name: &str) -> Option<Arc<Route>> {
        self.own.get(name).map(Arc::clone)
    }

    /// The targets of one entry: one for each key of its provider.
    fn targets(&self, settings: &TargetSettings, metrics: &Metrics) -> Vec<Arc<Target>> {
        let provider = self.providers.iter().find(|provider| provider.name == settings.provider);
        provider.map(|provider| targets_of(provider, settings, metrics)).unwrap_or_default()
    }
}

/// A route to one model.
fn direct(provider: &Arc<Provider>, model: &str, metrics: &Metrics) -> Arc<Route> {
    let target = TargetSettings::new(&provider.name, model);
    let targets = targets_of(provider, &target, metrics).into_iter();
    Arc::new(Route {
        name: format!("{}/{model}", provider.name),
        order: Order::Listed,
        prefer_free: true,
        allow_training: true,
        max_cost: None,
        hedge: None,
        shadow: None,
        targets: targets.map(|target| (0, 0, target)).collect(),
        turn: AtomicU64::new(0),
    })
}

/// A model of a provider as targets: one for each key of the provider.
fn targets_of(
    provider: &Arc<Provider>,
    settings: &TargetSettings,
    metrics: &Metrics,
) -> Vec<Arc<Target>> {
    let target = |key| {
        let unsupported = provider.unsupported.iter().chain(&settings.unsupported);
        Arc::new(Target {
            provider: Arc::clone(provider),
            key,
            tier: settings.tier.unwrap_or(provider.tier),
            unsupported: unsupported.cloned().collect(),
            breaker: Breaker::new(BreakerSettings::default()),
            latency: AtomicU64::new(0),
            metrics: metrics.target(provider.preset.otel, &settings.model),
            settings: match provider.is_built_in {
                true => {
                    TargetSettings { vision: false, tools: false, json: false, ..settings.clone() }
                }
                false => settings.clone(),
            },
        })
    };
    (0..provider.keyed.len()).map(target).collect()
}

impl Provider {
    fn new(name: &str, settings: &ProviderSettings) -> Result<Self, GatewayError> {
        let preset = settings.kind.preset();
        let url = settings.base_url.as_deref().or(preset.base_url).unwrap_or_default();
        let base = Url::parse(url.trim_end_matches('/'))
            .map_err(|_| GatewayError::BaseUrl { url: url.to_owned() })?;
        let keys = settings.api_key.iter().chain(&settings.api_keys).map(|key| Some(key.expose()));
        let mut keys: Vec<Option<&str>> = keys.collect();
        if keys.is_empty() {
            keys.push(None);
        }
        let keyed: Result<Vec<_>, _> =
            keys.into_iter().map(|key| headers(name, settings, preset, key)).collect();
        Ok(Self {
            name: name.to_owned(),
            preset,
            listed_as: settings.kind.listed_as(),
            base,
            api_version: settings.api_version.clone(),
            keyed: keyed?,
            first: Duration::from_secs(settings.first_seconds),
            idle: Duration::from_secs(settings.idle_seconds),
            total: Duration::from_secs(settings.total_seconds),
            in_flight: Arc::new(Semaphore::new(settings.max_in_flight.min(Semaphore::MAX_PERMITS))),
            usage_in_streams: settings.usage_in_streams,
            trains_on_data: settings.trains_on_data,
            tier: settings.tier,
            models: settings.models.clone(),
            unsupported: settings.unsupported.clone(),
            stats: ProviderStats::default(),
            is_built_in: false,
        })
    }

    /// Assay itself. Nothing is sent to its URL.
    fn built_in() -> Result<Self, GatewayError> {
        let settings = ProviderSettings {
            base_url: Some("http://localhost/".to_owned()),
            tier: Tier::Free,
            ..ProviderSettings::default()
        };
        Ok(Self { is_built_in: true, ..Self::new(BUILT_IN, &settings)? })
    }

    /// The URL below the base.
    pub(crate) fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", self.base.path().trim_end_matches('/')));
        url
    }
}

/// The headers of every call with one key.
fn headers(
    name: &str,
    settings: &ProviderSettings,
    preset: &Preset,
    key: Option<&str>,
) -> Result<HeaderMap, GatewayError> {
    let mut map = HeaderMap::new();
    map.insert("content-type", HeaderValue::from_static("application/json"));
    // Compressed streams arrive in lumps; the bytes saved are not worth the wait.
    map.insert("accept-encoding", HeaderValue::from_static("identity"));
    if settings.kind == Kind::Anthropic {
        let version = HeaderValue::from_static(crate::provider::messages_wire::VERSION);
        map.insert("anthropic-version", version);
    }
    let bad = |header: &str| GatewayError::Header {
        provider: name.to_owned(),
        header: header.to_owned(),
    };
    if let Some(key) = key {
        let (header, value) = match preset.auth {
            Auth::Bearer => ("authorization", format!("Bearer {key}")),
            Auth::Header(header) => (header, key.to_owned()),
        };
        let mut value = HeaderValue::from_str(&value).map_err(|_| bad(header))?;
        value.set_sensitive(true);
        map.insert(HeaderName::from_static(header), value);
    }
    for (header, value) in &settings.headers {
        let parsed = HeaderName::try_from(header.as_str()).map_err(|_| bad(header))?;
        map.insert(parsed, HeaderValue::from_str(value).map_err(|_| bad(header))?);
    }
    Ok(map)
}

impl Target {
    /// Notes how long an answer took: three parts of the past, one of the present.
    pub(crate) fn note_latency(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).max(1);
        let before = self.latency.load(Ordering::Relaxed);
        let now = if before == 0 { micros } else { before / 4 * 3 + micros / 4 };
        self.latency.store(now, Ordering::Relaxed);
    }

    /// The model as the provider knows it.
    pub(crate) fn model(&self) -> &str {
        &self.settings.model
    }

    pub(crate) fn wire(&self) -> Wire {
        self.provider.preset.wire
    }
}

impl Registry {
    /// The breaker that is open the longest, among the targets of a provider.
    pub(crate) fn worst_breaker(&self, provider: &str, now: Instant) -> BreakerState {
        let mut worst = BreakerState::Closed;
        let routes = self.named.values().chain(self.own.values());
        for (_, _, target) in routes.flat_map(|route| &route.targets) {
            if target.provider.name != provider {
                continue;
            }
            worst = match (worst, target.breaker.state(now)) {
                (BreakerState::Open(one), BreakerState::Open(other)) => {
                    BreakerState::Open(one.max(other))
                }
                (BreakerState::Open(left), _) | (_, BreakerState::Open(left)) => {
                    BreakerState::Open(left)
                }
                (BreakerState::HalfOpen, _) | (_, BreakerState::HalfOpen) => BreakerState::HalfOpen,
                _ => BreakerState::Closed,
            };
        }
        worst
    }

    /// Whether any route tries free targets first.
    pub(crate) fn prefers_free(&self) -> bool {
        self.named.values().any(|route| route.prefer_free)
    }
}
