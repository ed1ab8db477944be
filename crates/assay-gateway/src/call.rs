//! One attempt at one target: build, reserve, send, read, settle.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assay_core::{NanoUsd, TraceContext};
use bytes::Bytes;
use reqwest::{
    Response, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use tokio::time::{Instant as Deadline, timeout_at};
use tracing::Instrument as _;

use crate::{
    cache::Recorder,
    dialect::{Dialect, Head, Writer},
    fault::{Fault, FaultKind},
    gateway::{Incoming, Inner, ReplyBody, Trail, tell},
    meter::{Call, Measured, Operation},
    provider::{Wire, chat_wire, gemini_wire, messages_wire},
    registry::Target,
    request::Request,
    settings::Unsupported,
};

mod built_in;
mod flow;
mod held;
mod read;
mod relay;
mod whole;

pub use built_in::{Answerer, Answering, Conversation};

pub(crate) use built_in::can_answer;
pub(crate) use held::Held;

use flow::Flow;
use relay::Relay;

/// Headers of a provider that are passed on.
const PASSED: [&str; 3] = ["x-ratelimit-", "anthropic-ratelimit-", "openai-processing-ms"];

/// What an attempt gave.
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: ReplyBody,
}

/// What is sent.
struct Outgoing {
    url: Url,
    body: Vec<u8>,
    dropped: Vec<String>,
    /// Whether the dialect of the caller is the format of the provider.
    passes: bool,
}

impl Inner {
    /// Tries one target.
    pub(crate) async fn attempt(
        self: &Arc<Self>,
        request: &Request<'_>,
        incoming: &Incoming,
        target: &Arc<Target>,
        trail: &mut Trail<'_>,
    ) -> Result<Answer, Fault> {
        let number = trail.attempts;
        trail.attempts += 1;
        if target.provider.is_built_in {
            return Box::pin(self.built_in(request, incoming, target, trail)).await;
        }
        if request.needs.operation == Operation::CountTokens && target.wire() != Wire::Messages {
            let body = format!("{{\"input_tokens\":{}}}", request.needs.prompt_tokens);
            return Ok(Answer { headers: HeaderMap::new(), body: ReplyBody::Whole(body.into()) });
        }
        let permit = Arc::clone(&target.provider.in_flight).try_acquire_owned().map_err(|_| {
            let name = &target.provider.name;
            let fault =
                Fault::new(FaultKind::Busy, format!("too many calls to `{name}` are under way"));
            Fault { retry_after: Some(Duration::from_secs(1)), ..fault }
        })?;
        let pass = target.breaker.pass(Instant::now()).map_err(|rest| {
            let name = &target.provider.name;
            let fault =
                Fault::new(FaultKind::Resting, format!("`{name}` has failed too often lately"));
            Fault { retry_after: Some(rest.max(Duration::from_secs(1))), ..fault }
        })?;
        let outgoing = self.outgoing(request, target)?;
        trail.dropped.clone_from(&outgoing.dropped);
        let call = Call {
            provider: &target.provider.name,
            listed_as: target.provider.listed_as,
            model: target.model(),
            attempt: u16::try_from(number).unwrap_or(u16::MAX),
            ..call(request, incoming, &trail.plan.route.name)
        };
        let reserved = self.meter.reserve(call, request.estimate()).await?;
        let added = outgoing.body.len().saturating_sub(incoming.body.len());
        let held = Held::new(self, target, request, reserved).with_added(added);
        let span = tracing::debug_span!(
            "gen_ai.attempt",
            otel.name = format_args!("{} {}", request.needs.operation.as_str(), target.model()),
            otel.kind = "client",
            gen_ai.operation.name = request.needs.operation.as_str(),
            gen_ai.provider.name = target.provider.preset.otel,
            gen_ai.request.model = target.model(),
            server.address = target.provider.base.host_str(),
            request_id = %incoming.id,
            error.type = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        let exchange = Exchange { inner: self, request, incoming, target, held, permit };
        let outcome = exchange.run(outgoing, &mut trail.recorder).instrument(span.clone()).await;
        if let Err(fault) = &outcome {
            span.record("error.type", fault.kind.as_str());
            span.record("otel.status_code", "ERROR");
        }
        let now = Instant::now();
        match &outcome {
            Ok(_) => pass.succeeded(now),
            Err(fault) if fault.kind.is_of_target() => {
                pass.failed(now);
                if let (FaultKind::Busy, Some(wait)) = (fault.kind, fault.retry_after)
                    && !wait.is_zero()
                {
                    target.breaker.rest(now, wait);
                }
            }
            Err(_) => drop(pass),
        }
        outcome
    }

    /// The request as the target is to get it.
    fn outgoing(&self, request: &Request<'_>, target: &Target) -> Result<Outgoing, Fault> {
        let provider = &target.provider;
        let (fields, model) = (&request.fields, target.model());
        let fit = chat_wire::Fit {
            preset: provider.preset,
            model,
            unsupported: &target.unsupported,
            tools_with_json: target.settings.tools_with_json,
            schema_without: &target.settings.schema_without,
            usage_in_streams: provider.usage_in_streams,
        };
        let operation = request.needs.operation;
        let wire = if operation == Operation::Embeddings { Wire::Chat } else { target.wire() };
        let passes = matches!(
            (request.dialect, wire),
            (Dialect::Chat | Dialect::Embeddings, Wire::Chat)
                | (Dialect::Messages | Dialect::CountTokens, Wire::Messages)
        );
        let (body, dropped) = match (passes, wire) {
            (true, Wire::Messages) => (messages_wire::pass(fields, model), Vec::new()),
            (true, _) => chat_wire::pass(fields, &fit)?,
            (false, Wire::Chat) => chat_wire::write(&request.dialect.prompt(fields)?, &fit)?,
            (false, Wire::Messages) => {
                messages_wire::write(&request.dialect.prompt(fields)?, model)
            }
            (false, Wire::Gemini) => gemini_wire::write(&request.dialect.prompt(fields)?),
        };
        if self.settings.unsupported == Unsupported::Refuse
            && let Some(first) = dropped.first()
        {
            let what =
                format!("the model `{model}` of `{}` does not take `{first}`", provider.name);
            return Err(Fault {
                code: Some("unsupported_parameter".to_owned()),
                ..Fault::request(what).param(first)
            });
        }
        Ok(Outgoing { url: url(request, target, wire), body, dropped, passes })
    }
}

/// Where in a trace a call stands, for the provider; none while no traces are made.
pub(crate) fn traceparent() -> Option<HeaderValue> {
    HeaderValue::from_str(&TraceContext::current()?.to_string()).ok()
}

fn url(request: &Request<'_>, target: &Target, wire: Wire) -> Url {
    let (provider, model) = (&target.provider, target.model());
    let path = match (request.needs.operation, wire) {
        // Gemini's vectors come by its endpoint for OpenAI clients.
        (Operation::Embeddings, _) if target.wire() == Wire::Gemini => "openai/embeddings",
        (Operation::Embeddings, _) => "embeddings",
        (Operation::CountTokens, _) => "messages/count_tokens",
        (Operation::Chat, Wire::Chat) => "chat/completions",
        (Operation::Chat, Wire::Messages) => "messages",
        (Operation::Chat, Wire::Gemini) if request.stream => {
            let mut url = provider.url(&format!("models/{model}:streamGenerateContent"));
            url.set_query(Some("alt=sse"));
            return url;
        }
        (Operation::Chat, Wire::Gemini) => {
            return provider.url(&format!("models/{model}:generateContent"));
        }
    };
    let Some(version) = &provider.api_version else { return provider.url(path) };
    let mut url = provider.url(&format!("openai/deployments/{model}/{path}"));
    url.query_pairs_mut().append_pair("api-version", version);
    url
}

/// A request as the meter sees it, before it is known who answers.
pub(crate) fn call<'a>(
    request: &'a Request<'_>,
    incoming: &'a Incoming,
    route: &'a str,
) -> Call<'a> {
    Call {
        scope: &incoming.scope,
        key: incoming.key.as_deref(),
        user: incoming.user.as_deref(),
        end_user: request.user.as_deref(),
        provider: "",
        listed_as: None,
        model: "",
        route,
        request_id: incoming.id,
        query: incoming.own.and_then(|(query, _)| query),
        document: incoming.own.and_then(|(_, document)| document),
        operation: request.needs.operation,
        attempt: 0,
    }
}

/// One exchange with a provider.
struct Exchange<'a, 'b> {
    inner: &'a Arc<Inner>,
    request: &'a Request<'b>,
    incoming: &'a Incoming,
    target: &'a Arc<Target>,
    held: Held,
    permit: tokio::sync::OwnedSemaphorePermit,
}

impl Exchange<'_, '_> {
    async fn run(
        mut self,
        outgoing: Outgoing,
        recorder: &mut Option<Recorder>,
    ) -> Result<Answer, Fault> {
        let outcome = self.exchange(outgoing).await;
        match outcome {
            Ok(Read::Whole { mut headers, body, measured }) => {
                let cost = self.held.settle(measured);
                if let Some(cost) = cost {
                    let dollars = NanoUsd::from_nanos(cost).to_string();
                    tell(&mut headers, "x-assay-cost-usd", &dollars);
                }
                if let Some(mut recorder) = recorder.take()
                    && recorder.push(&body)
                {
                    recorder.finish(self.target, measured, cost);
                }
                Ok(Answer { headers, body: ReplyBody::Whole(body) })
            }
            Ok(Read::Stream { headers, relay, first }) => {
                let frames = relay.frames(first, self.held, self.permit, recorder.take());
                Ok(Answer { headers, body: ReplyBody::Stream(frames) })
            }
            Err(fault) => {
                self.held.refund(fault.kind);
                let shown = self.target.provider.keyed.get(self.target.key);
                Err(match shown {
                    Some(shown) => fault.without_keys(shown),
                    None => fault,
                })
            }
        }
    }

    async fn exchange(&mut self, outgoing: Outgoing) -> Result<Read, Fault> {
        let provider = &self.target.provider;
        let start = Deadline::now();
        let end = start + provider.total;
        let first = if self.request.stream { start + provider.first } else { end };
        let mut headers = match provider.keyed.get(self.target.key) {
            Some(headers) => headers.clone(),
            None => HeaderMap::new(),
        };
        read::forward(&mut headers, &self.incoming.forward, self.target.wire());
        if let Some(place) = traceparent() {
            headers.insert("traceparent", place);
        }
        let sending =
            self.inner.client.post(outgoing.url).headers(headers).body(outgoing.body).send();
        self.held.sent();
        let sent = timeout_at(first.min(end), sending).await;
        let name = &provider.name;
        let response = sent
            .map_err(|_| read::silent(name, start.elapsed()))?
            .map_err(|error| read::unreachable(name, error))?;
        if !response.status().is_success() {
            return Err(read::refusal(name, response, end).await);
        }
        let headers = passed_on(response.headers());
        if self.request.stream {
            self.stream(response, outgoing.passes, headers, first, end).await
        } else {
            self.whole(response, outgoing.passes, headers, end).await
        }
    }

    async fn whole(
        &self,
        response: Response,
        passes: bool,
        headers: HeaderMap,
        end: Deadline,
    ) -> Result<Read, Fault> {
        let provider = &self.target.provider;
        let body = read::body(&provider.name, response, provider.idle, end).await?;
        let (body, measured) =
            whole::answer(self.request, self.target, &self.head(), passes, &body)?;
        let written = body.len();
        let measured = measured.unwrap_or_else(|| self.held.estimate(written));
        Ok(Read::Whole { headers, body: body.into(), measured })
    }

    async fn stream(
        &mut self,
        response: Response,
        passes: bool,
        headers: HeaderMap,
        first: Deadline,
        end: Deadline,
    ) -> Result<Read, Fault> {
        let is_json = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/json"));
        let flow = Flow::new(self.request, self.target.wire(), self.head(), passes);
        let mut relay = Relay::new(response, flow, self.target, self.request.dialect, end);
        let frames = if is_json {
            // A server that does not stream answers whole; the caller gets a stream all the same.
            let body = relay.whole_body().await?;
            let parts = whole::parts(self.target.wire(), &body, &self.head().seed)?;
            let mut writer = Writer::new(self.request.dialect, self.head());
            relay.replay(&mut writer, parts)
        } else {
            relay.open(first).await?
        };
        self.target.metrics.first_chunk(self.held.elapsed());
        Ok(Read::Stream { headers, relay: Box::new(relay), first: frames })
    }

    fn head(&self) -> Head {
        Head::of(self.request, self.incoming, self.inner.clock.now().as_second())
    }
}

/// What was read of an answer.
enum Read {
    Whole { headers: HeaderMap, body: Bytes, measured: Measured },
    Stream { headers: HeaderMap, relay: Box<Relay>, first: Vec<u8> },
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let is_passed = |name: &HeaderName| PASSED.iter().any(|it| name.as_str().starts_with(it));
    let passed = headers.iter().filter(|(name, _)| is_passed(name));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}
