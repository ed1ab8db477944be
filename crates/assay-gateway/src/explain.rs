//! Where a request would go and why, and how the providers have fared.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, atomic::Ordering},
    time::Instant,
};

use assay_core::BreakerState;

use crate::{
    gateway::{DECISIONS_MAX, Inner},
    plan::Plan,
    registry::{ProviderTotals, Target},
    request::Request,
    settings::{GatewaySettings, Tier},
};

/// Where a request would go.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The model as it was asked for.
    pub model: String,
    /// The route, or `provider/model`, that the name stands for.
    pub route: String,
    /// Tokens of the request, estimated.
    pub prompt_tokens: u64,
    /// What the request needs: `vision`, `tools`, `json`.
    pub needs: Vec<&'static str>,
    /// Why the first target is the first.
    pub reasons: Vec<&'static str>,
    /// The targets in the order in which they are tried.
    pub targets: Vec<ExplainedTarget>,
    /// The targets that are left out, each with the reason and in words.
    pub skipped: Vec<(ExplainedTarget, &'static str, String)>,
    /// Attempts that are made at most.
    pub attempts_max: u32,
}

/// A target as it stands.
#[derive(Debug, Clone)]
pub struct ExplainedTarget {
    /// The provider's name.
    pub provider: String,
    /// The model as the provider knows it.
    pub model: String,
    /// The number of the key, from 0.
    pub key: usize,
    /// What it costs.
    pub tier: Tier,
    /// How its breaker stands.
    pub breaker: BreakerState,
    /// Milliseconds to an answer lately; none before the first.
    pub latency_ms: Option<f64>,
}

/// How the providers have fared.
#[derive(Debug, Clone)]
pub struct RouterTotals {
    /// Each provider with its worst breaker.
    pub providers: BTreeMap<String, (ProviderTotals, BreakerState)>,
    /// How often each reason decided among the last requests.
    pub reasons: BTreeMap<&'static str, u64>,
    /// Requests remembered for that.
    pub remembered: usize,
    /// How many are remembered at most.
    pub remembered_max: usize,
    /// The share of the remembered requests that free targets answered.
    pub free_share: Option<f64>,
    /// Whether any route tries free targets first.
    pub free_first: bool,
}

impl Explanation {
    pub(crate) fn of(request: &Request<'_>, plan: &Plan, settings: &GatewaySettings) -> Self {
        let needs = &request.needs;
        let named = [("vision", needs.vision), ("tools", needs.tools), ("json", needs.json)];
        Self {
            model: request.model.clone().into_owned(),
            route: plan.route.name.clone(),
            prompt_tokens: needs.prompt_tokens,
            needs: named.into_iter().filter(|(_, need)| *need).map(|(name, _)| name).collect(),
            reasons: plan.reasons.iter().map(|reason| reason.as_str()).collect(),
            targets: plan.targets.iter().map(|target| ExplainedTarget::of(target)).collect(),
            skipped: plan
                .skipped
                .iter()
                .map(|skipped| {
                    let target = ExplainedTarget::of(&skipped.target);
                    (target, skipped.reason.as_str(), skipped.why.clone())
                })
                .collect(),
            attempts_max: settings.attempts_max,
        }
    }
}

impl ExplainedTarget {
    fn of(target: &Target) -> Self {
        let micros = target.latency.load(Ordering::Relaxed);
        Self {
            provider: target.provider.name.clone(),
            model: target.model().to_owned(),
            key: target.key,
            tier: target.tier,
            breaker: target.breaker.state(Instant::now()),
            latency_ms: (micros > 0).then(|| micros as f64 / 1e3),
        }
    }
}

impl RouterTotals {
    pub(crate) fn of(inner: &Inner) -> Self {
        let now = Instant::now();
        let decisions = inner.decisions.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reasons = BTreeMap::new();
        for reason in decisions.iter().flat_map(|decision| &decision.reasons) {
            *reasons.entry(reason.as_str()).or_insert(0) += 1;
        }
        let free = decisions.iter().filter(|decision| decision.target.tier == Tier::Free).count();
        let breaker = |name: &str| inner.registry.worst_breaker(name, now);
        let providers = inner.registry.providers.iter().map(|provider| {
            let totals = provider.stats.totals(now);
            (provider.name.clone(), (totals, breaker(&provider.name)))
        });
        Self {
            providers: providers.collect(),
            reasons,
            remembered: decisions.len(),
            remembered_max: DECISIONS_MAX,
            free_share: (!decisions.is_empty()).then(|| free as f64 / decisions.len() as f64),
            free_first: inner.registry.prefers_free(),
        }
    }
}
