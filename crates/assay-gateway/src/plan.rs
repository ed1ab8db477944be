//! Which targets a request is tried at, in which order, and why.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash, Hasher},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use assay_core::{BreakerState, NanoUsd};
use serde::Serialize;

use crate::{
    fault::{Fault, FaultKind},
    meter::Operation,
    provider::Wire,
    registry::{Route, Target},
    request::Needs,
    settings::{Order, Tier},
    wishes::{Complexity, Role, Wishes},
};

/// Tells what a request would cost at a target, in nano-dollars, where its price is known.
type Price<'a> = &'a dyn Fn(&Target) -> Option<u64>;

/// Why a target was taken or passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Free targets come first.
    FreeFirst,
    /// The request is hard, so that stronger targets come first.
    ComplexityEscalation,
    /// Another target cannot do what the request needs.
    CapabilityRequired,
    /// Another target failed.
    FallbackError,
    /// Another target took too long.
    FallbackTimeout,
    /// Another target has failed too often lately.
    CircuitBreaker,
    /// A budget does not hold a call at another target.
    BudgetExhausted,
    /// A setting or a header decided.
    PolicyOverride,
}

impl Reason {
    /// The word of headers and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FreeFirst => "free_first",
            Self::ComplexityEscalation => "complexity_escalation",
            Self::CapabilityRequired => "capability_required",
            Self::FallbackError => "fallback_error",
            Self::FallbackTimeout => "fallback_timeout",
            Self::CircuitBreaker => "circuit_breaker",
            Self::BudgetExhausted => "budget_exhausted",
            Self::PolicyOverride => "policy_override",
        }
    }

    /// The reason to go on after a fault.
    pub(crate) const fn after(kind: FaultKind) -> Self {
        match kind {
            FaultKind::Timeout => Self::FallbackTimeout,
            FaultKind::Budget | FaultKind::TargetBudget => Self::BudgetExhausted,
            FaultKind::Resting => Self::CircuitBreaker,
            FaultKind::TooLong => Self::CapabilityRequired,
            _ => Self::FallbackError,
        }
    }
}

/// Where a request is tried.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) route: Arc<Route>,
    /// In the order in which they are tried.
    pub(crate) targets: Vec<Arc<Target>>,
    /// Why the first of them is the first.
    pub(crate) reasons: Vec<Reason>,
    /// Targets that were left out.
    pub(crate) skipped: Vec<Skipped>,
}

/// A target that was left out.
#[derive(Debug)]
pub(crate) struct Skipped {
    pub(crate) target: Arc<Target>,
    pub(crate) reason: Reason,
    pub(crate) why: String,
    hindrance: Hindrance,
}

/// What keeps a target from serving a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hindrance {
    /// What it is, or what the route or the caller allows.
    Fit,
    /// The length of the request.
    Length,
    /// Its breaker, for so long.
    Rest(Duration),
}

impl Plan {
    /// Orders the targets of a route for a request.
    pub(crate) fn new(
        route: Arc<Route>,
        needs: &Needs,
        wishes: &Wishes,
        now: Instant,
        price: Price<'_>,
    ) -> Self {
        let mut skipped = Vec::new();
        let mut ranked: Vec<(Rank, Arc<Target>)> = Vec::with_capacity(route.targets.len());
        let turn = route.turn.fetch_add(1, Ordering::Relaxed);
        let order = Ranking::new(&route, wishes);
        for (group, entry, target) in &route.targets {
            let target = Arc::clone(target);
            match unfit(&target, &route, needs, wishes, now, price) {
                Some((reason, why, hindrance)) => {
                    skipped.push(Skipped { target, reason, why, hindrance });
                }
                None => {
                    let rank = order.rank((*group, *entry), &target, turn, (wishes, price));
                    ranked.push((rank, target));
                }
            }
        }
        ranked.sort_by(|(one, _), (other, _)| {
            one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal)
        });
        let targets: Vec<Arc<Target>> = ranked.into_iter().map(|(_, target)| target).collect();
        let mut reasons = Vec::with_capacity(2);
        if let Some(first) = targets.first() {
            if order.is_escalated && first.tier != Tier::Free {
                reasons.push(Reason::ComplexityEscalation);
            } else if order.prefers_free && first.tier == Tier::Free {
                reasons.push(Reason::FreeFirst);
            }
            if wishes.prefer_free.is_some_and(|wish| wish != route.prefer_free) {
                reasons.push(Reason::PolicyOverride);
            }
        }
        for skipped in &skipped {
            if !reasons.contains(&skipped.reason) {
                reasons.push(skipped.reason);
            }
        }
        Self { route, targets, reasons, skipped }
    }

    /// A plan with one target that was not chosen by the request.
    pub(crate) fn only(route: Arc<Route>, target: &Arc<Target>) -> Self {
        let targets = vec![Arc::clone(target)];
        Self { route, targets, reasons: Vec::new(), skipped: Vec::new() }
    }

    /// Whether the length of the request alone keeps every target from serving it.
    fn is_too_long(&self) -> bool {
        let mut hindrances = self.skipped.iter().map(|skipped| skipped.hindrance);
        !self.skipped.is_empty() && hindrances.all(|it| it == Hindrance::Length)
    }

    /// Why nothing is left.
    pub(crate) fn nothing(&self) -> Fault {
        let rests = self.skipped.iter().filter_map(|skipped| match skipped.hindrance {
            Hindrance::Rest(rest) => Some(rest),
            Hindrance::Fit | Hindrance::Length => None,
        });
        let rest = rests.min();
        let why = self.skipped.iter().map(|skipped| {
            let target = &skipped.target;
            format!("{}/{}: {}", target.provider.name, target.model(), skipped.why)
        });
        let mut why: Vec<String> = why.collect();
        why.dedup();
        let why = why.join("; ");
        let name = &self.route.name;
        match rest {
            Some(rest) => Fault {
                retry_after: Some(rest.max(Duration::from_secs(1))),
                ..Fault::new(
                    FaultKind::Resting,
                    format!(
                        "every model of `{name}` that could answer has failed too often: {why}"
                    ),
                )
            },
            None if self.is_too_long() => Fault::new(
                FaultKind::TooLong,
                format!("the request is too long for every model of `{name}`: {why}"),
            ),
            None => Fault::new(
                FaultKind::NoTarget,
                format!("no model of `{name}` can do what the request needs: {why}"),
            ),
        }
    }
}

/// Smaller comes first: group, tier, order inside the tier, entry, key.
type Rank = (usize, usize, f64, usize, u64);

/// How targets are ordered for one request.
struct Ranking {
    prefers_free: bool,
    is_escalated: bool,
    order: Order,
    by_context: bool,
    seed: u64,
}

impl Ranking {
    fn new(route: &Route, wishes: &Wishes) -> Self {
        let hard = matches!(wishes.complexity, Some(Complexity::Complex | Complexity::Expert))
            || matches!(wishes.role, Some(Role::Quality | Role::Reasoning));
        let order = if wishes.role == Some(Role::Fast) { Order::Latency } else { route.order };
        let mut hasher = DefaultHasher::new();
        match &wishes.session {
            Some(session) => session.hash(&mut hasher),
            None => wishes.seed.hash(&mut hasher),
        }
        Self {
            prefers_free: wishes.prefer_free.unwrap_or(route.prefer_free),
            is_escalated: hard,
            order,
            by_context: wishes.role == Some(Role::Long),
            seed: hasher.finish(),
        }
    }

    fn rank(
        &self,
        (group, entry): (usize, usize),
        target: &Target,
        turn: u64,
        (wishes, price): (&Wishes, Price<'_>),
    ) -> Rank {
        let tier = match target.tier {
            _ if self.by_context => 0,
            tier if self.is_escalated => 2 - tier as usize,
            tier if self.prefers_free => tier as usize,
            _ => 0,
        };
        let inside = match self.order {
            _ if self.by_context => -(target.settings.context_tokens.unwrap_or(0) as f64),
            Order::Listed => 0.0,
            // A price that is not known counts as the dearest.
            Order::Cost => price(target).map_or(f64::MAX, |nanos| nanos as f64),
            Order::Latency => target.latency.load(Ordering::Relaxed) as f64,
            Order::Weighted => self.draw(target),
        };
        // The keys of a provider take turns, unless a session is to stay with one.
        let keys = target.provider.keyed.len().max(1) as u64;
        let turn = if wishes.session.is_some() { self.seed } else { turn };
        let key = (target.key as u64 + turn % keys) % keys;
        (group, tier, inside, entry, key)
    }

    /// A draw by weight, the same for the same session: each target draws a time that is shorter the
    /// heavier it is (Efraimidis and Spirakis 2006), and the shortest comes first.
    fn draw(&self, target: &Target) -> f64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, &target.provider.name, target.model()).hash(&mut hasher);
        let uniform = (hasher.finish() >> 11) as f64 / (1_u64 << 53) as f64;
        -(uniform.max(f64::MIN_POSITIVE)).ln() / f64::from(target.settings.weight)
    }
}

/// Why a target cannot serve a request.
fn unfit(
    target: &Target,
    route: &Route,
    needs: &Needs,
    wishes: &Wishes,
    now: Instant,
    price: Price<'_>,
) -> Option<(Reason, String, Hindrance)> {
    let settings = &target.settings;
    let lacks = |what: &str| Some((Reason::CapabilityRequired, what.to_owned(), Hindrance::Fit));
    if needs.operation == Operation::Embeddings && target.wire() == Wire::Messages {
        return lacks("has no embeddings");
    }
    if needs.vision && !settings.vision {
        return lacks("does not read images");
    }
    if needs.tools && !settings.tools {
        return lacks("does not call tools");
    }
    if needs.json && !settings.json {
        return lacks("does not keep to a JSON schema");
    }
    if wishes.role == Some(Role::Tool) && !settings.tools {
        return lacks("does not call tools");
    }
    if let Some(context) = settings.context_tokens {
        let wanted = needs.prompt_tokens.saturating_add(needs.max_tokens.unwrap_or(0));
        if wanted > context {
            let why = format!("reads {context} tokens, and about {wanted} are needed");
            return Some((Reason::CapabilityRequired, why, Hindrance::Length));
        }
    }
    if target.provider.trains_on_data && (!route.allow_training || wishes.no_training) {
        let why = "may train on what it is sent".to_owned();
        return Some((Reason::PolicyOverride, why, Hindrance::Fit));
    }
    let cap = route.max_cost.into_iter().chain(wishes.max_cost).min();
    if let (Some(cap), Some(nanos)) = (cap, cap.and_then(|_| price(target)))
        && nanos > cap.nanos()
    {
        let cost = NanoUsd::from_nanos(nanos);
        let why = format!("would cost about ${cost}, and ${cap} is the most");
        return Some((Reason::BudgetExhausted, why, Hindrance::Fit));
    }
    match target.breaker.state(now) {
        BreakerState::Open(left) => {
            let why = format!("has failed too often, for another {} s", left.as_secs() + 1);
            Some((Reason::CircuitBreaker, why, Hindrance::Rest(left)))
        }
        BreakerState::Closed | BreakerState::HalfOpen => None,
    }
}
