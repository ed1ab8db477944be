//! The way of one request: caches, the targets of its plan round by round, hedges, its shadow.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use assay_core::NanoUsd;
use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::{Either, select},
    stream,
};

use reqwest::header::HeaderMap;

use super::{FREE_RETRIES, Incoming, Inner, Reply, ReplyBody, Trail, tell};
use crate::{
    cache::{Asked, Hit, HitKind},
    call::{Answer, call},
    dialect::Dialect,
    fault::Fault,
    meter::Call,
    plan::{Plan, Reason},
    registry::Target,
    request::Request,
    wishes::Wishes,
};

/// The number of the attempt of a shadow, which no other attempt has.
const SHADOW: u32 = 1000;
/// First wait before a second round, doubled for each further one.
const BACKOFF: Duration = Duration::from_millis(200);

impl Inner {
    /// Tries the targets of the plan, round by round.
    pub(super) async fn run(self: &Arc<Self>, mut incoming: Incoming) -> Result<Reply, Box<Fault>> {
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
        let may_hedge = at == 0 && self.settings.attempts_max > 1;
        let hedge = plan.route.hedge.filter(|_| may_hedge).zip(plan.targets.get(at + 1));
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
        let outcome = match select(first, second).await {
            Either::Left((Ok(answer), _)) => Ok((false, answer)),
            Either::Right((Ok(answer), _)) => Ok((true, answer)),
            Either::Left((Err(fault), second)) => {
                second.await.map(|answer| (true, answer)).map_err(|rest| vec![fault, rest])
            }
            Either::Right((Err(fault), first)) => {
                first.await.map(|answer| (false, answer)).map_err(|rest| vec![rest, fault])
            }
        };
        trail.attempts += 1;
        let (is_other, answer) = outcome?;
        if is_other {
            trail.dropped = beside.dropped;
        }
        Ok((Arc::clone(if is_other { other } else { target }), answer))
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
            user: incoming.user.clone(),
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
        let mut headers = HeaderMap::new();
        tell(&mut headers, "x-assay-provider", &answer.provider);
        tell(&mut headers, "x-assay-model", &answer.model);
        tell(&mut headers, "x-assay-cache", hit.kind.as_str());
        tell(&mut headers, "age", &hit.age.as_secs().to_string());
        tell(&mut headers, "x-assay-saved-usd", &NanoUsd::from_nanos(saved).to_string());
        if let HitKind::Semantic { similarity } = hit.kind {
            tell(&mut headers, "x-assay-similarity", &format!("{similarity:.4}"));
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
}

/// What comes of a future within a time, or the future itself.
async fn timeout_or<F: Future + Unpin>(mut future: F, wait: Duration) -> Result<F::Output, F> {
    match tokio::time::timeout(wait, &mut future).await {
        Ok(output) => Ok(output),
        Err(_) => Err(future),
    }
}
