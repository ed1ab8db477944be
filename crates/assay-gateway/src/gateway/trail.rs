//! What is told of the way of a request, in the headers of its answer.

use std::sync::Arc;

use reqwest::header::HeaderMap;

use super::{Decision, Inner, Reply, tell};
use crate::{
    cache::Recorder,
    call::Answer,
    dialect::Dialect,
    fault::{Fault, FaultKind},
    plan::{Plan, Reason},
    registry::Target,
};

/// What is told of the way of a request.
pub(crate) struct Trail<'a> {
    pub(crate) plan: &'a Plan,
    pub(super) reasons: Vec<Reason>,
    pub(crate) attempts: u32,
    /// Parameters that the target did not get.
    pub(crate) dropped: Vec<String>,
    /// Whether a cache was asked.
    pub(super) is_cached: bool,
    /// Takes the answer down for the caches.
    pub(crate) recorder: Option<Recorder>,
}

impl<'a> Trail<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            reasons: plan.reasons.clone(),
            attempts: 0,
            dropped: Vec::new(),
            is_cached: false,
            recorder: None,
        }
    }

    pub(super) fn reply(mut self, inner: &Inner, target: &Arc<Target>, answer: Answer) -> Reply {
        self.reasons.dedup();
        let decision = Decision { target: Arc::clone(target), reasons: self.reasons.clone() };
        inner.remember(decision);
        let mut headers = answer.headers;
        tell(&mut headers, "x-assay-provider", &target.provider.name);
        tell(&mut headers, "x-assay-model", target.model());
        tell(&mut headers, "x-assay-tier", target.tier.as_str());
        if self.is_cached {
            tell(&mut headers, "x-assay-cache", "miss");
        }
        self.explain(&mut headers);
        Reply { status: 200, headers, body: answer.body, fault: None }
    }

    pub(super) fn failed(mut self, dialect: Dialect, fault: Fault) -> Reply {
        self.reasons.dedup();
        let mut headers = HeaderMap::new();
        self.explain(&mut headers);
        // The chain has been tried: a client that tries again multiplies the attempts.
        let again =
            fault.kind.may_pass() || matches!(fault.kind, FaultKind::Timeout | FaultKind::Resting);
        tell(&mut headers, "x-should-retry", &again.to_string());
        Reply::fault(dialect, fault, headers)
    }

    pub(super) fn explain(&self, headers: &mut HeaderMap) {
        tell(headers, "x-assay-route", &self.plan.route.name);
        tell(headers, "x-assay-attempts", &self.attempts.to_string());
        if !self.reasons.is_empty() {
            let words: Vec<&str> = self.reasons.iter().map(|reason| reason.as_str()).collect();
            tell(headers, "x-assay-reason", &words.join(","));
        }
        if !self.dropped.is_empty() {
            tell(headers, "x-assay-dropped", &self.dropped.join(","));
        }
    }
}
