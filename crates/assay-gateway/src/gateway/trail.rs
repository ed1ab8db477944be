//! What is told of the way of a request, in the headers of its answer.

use std::sync::Arc;

use super::{Decision, Inner, Reply};
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
        headers.push(("x-assay-provider".to_owned(), target.provider.name.clone()));
        headers.push(("x-assay-model".to_owned(), target.model().to_owned()));
        headers.push(("x-assay-tier".to_owned(), target.tier.as_str().to_owned()));
        if self.is_cached {
            headers.push(("x-assay-cache".to_owned(), "miss".to_owned()));
        }
        self.explain(&mut headers);
        Reply { status: 200, headers, body: answer.body, fault: None }
    }

    pub(super) fn failed(mut self, dialect: Dialect, fault: Fault) -> Reply {
        self.reasons.dedup();
        let mut headers = Vec::new();
        self.explain(&mut headers);
        // The chain has been tried: a client that tries again multiplies the attempts.
        let again =
            fault.kind.may_pass() || matches!(fault.kind, FaultKind::Timeout | FaultKind::Resting);
        headers.push(("x-should-retry".to_owned(), again.to_string()));
        Reply::fault(dialect, fault, headers)
    }

    pub(super) fn explain(&self, headers: &mut Vec<(String, String)>) {
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
