//! What Prometheus reads of the gateway: the names of the conventions of OpenTelemetry for generative
//! models, and those that the checklists ask for.
//!
//! Source: <https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/> (in development).

use std::{fmt, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode_registry},
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

use crate::meter::{Measured, Operation};

/// Seconds, as the conventions list them: doubling from 10 ms.
const SECONDS: [f64; 14] =
    [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
/// Tokens, as the conventions list them: powers of four.
const TOKENS: [f64; 14] = [
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Seconds, as the checklists list them.
const CALL_SECONDS: [f64; 7] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Attempt {
    gen_ai_operation_name: &'static str,
    gen_ai_provider_name: &'static str,
    gen_ai_request_model: String,
    error_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Tokens {
    gen_ai_operation_name: &'static str,
    gen_ai_provider_name: &'static str,
    gen_ai_request_model: String,
    gen_ai_token_type: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    model: String,
    status: &'static str,
    endpoint: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    model: String,
    token_type: &'static str,
    source: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    model: String,
}

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// The families of the gateway.
pub(crate) struct Metrics {
    registry: Registry,
    durations: Histograms<Attempt>,
    first_chunks: Histograms<Attempt>,
    token_usage: Histograms<Tokens>,
    calls: Family<CallLabels, Counter>,
    tokens: Family<TokenLabels, Counter>,
    latency: Histograms<ModelLabels>,
    cost: Family<ModelLabels, Counter<f64, std::sync::atomic::AtomicU64>>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

/// The handles of one target for chat, looked up once.
#[derive(Debug)]
pub(crate) struct TargetMetrics {
    provider: &'static str,
    model: String,
    chat: ChatMetrics,
}

#[derive(Debug)]
struct ChatMetrics {
    duration: Histogram,
    first_chunk: Histogram,
    input: Histogram,
    output: Histogram,
    calls: Counter,
    read: Counter,
    written: Counter,
    latency: Histogram,
}

fn seconds() -> Histogram {
    Histogram::new(SECONDS)
}

fn call_seconds() -> Histogram {
    Histogram::new(CALL_SECONDS)
}

fn token_counts() -> Histogram {
    Histogram::new(TOKENS)
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut metrics = Self {
            registry: Registry::default(),
            durations: Family::new_with_constructor(seconds),
            first_chunks: Family::new_with_constructor(seconds),
            token_usage: Family::new_with_constructor(token_counts),
            calls: Family::default(),
            tokens: Family::default(),
            latency: Family::new_with_constructor(call_seconds),
            cost: Family::default(),
        };
        let registry = &mut metrics.registry;
        let name = "gen_ai_client_operation_duration";
        let help = "Time of an attempt at a provider";
        registry.register_with_unit(name, help, Unit::Seconds, metrics.durations.clone());
        let name = "gen_ai_client_operation_time_to_first_chunk";
        let help = "Time to the first frame of a stream";
        registry.register_with_unit(name, help, Unit::Seconds, metrics.first_chunks.clone());
        let help = "Tokens of an attempt";
        registry.register("gen_ai_client_token_usage", help, metrics.token_usage.clone());
        registry.register("llm_calls", "Attempts at providers", metrics.calls.clone());
        registry.register("llm_tokens", "Tokens read and written", metrics.tokens.clone());
        let help = "Time of a call that succeeded";
        registry.register_with_unit("llm_latency", help, Unit::Seconds, metrics.latency.clone());
        let help = "Cost of calls whose price is known";
        let unit = Unit::Other("usd".to_owned());
        registry.register_with_unit("llm_estimated_cost", help, unit, metrics.cost.clone());
        metrics
    }

    /// Appends the text, without the mark of its end.
    pub(crate) fn render(&self, text: &mut String) -> fmt::Result {
        encode_registry(text, &self.registry)
    }

    pub(crate) fn target(&self, provider: &'static str, model: &str) -> TargetMetrics {
        let model = model.to_owned();
        let attempt = attempt(Operation::Chat, provider, &model, "");
        let token = |kind| {
            self.token_usage.get_or_create_owned(&tokens(Operation::Chat, provider, &model, kind))
        };
        let labels =
            |token_type| TokenLabels { model: model.clone(), token_type, source: "provider" };
        let calls = CallLabels { model: model.clone(), status: "success", endpoint: "chat" };
        let of_model = ModelLabels { model: model.clone() };
        let chat = ChatMetrics {
            duration: self.durations.get_or_create_owned(&attempt),
            first_chunk: self.first_chunks.get_or_create_owned(&attempt),
            input: token("input"),
            output: token("output"),
            calls: self.calls.get_or_create_owned(&calls),
            read: self.tokens.get_or_create_owned(&labels("prompt")),
            written: self.tokens.get_or_create_owned(&labels("completion")),
            latency: self.latency.get_or_create_owned(&of_model),
        };
        TargetMetrics { provider, model, chat }
    }

    /// Notes an attempt that ended; `error` is empty for one that succeeded.
    pub(crate) fn note(
        &self,
        target: &TargetMetrics,
        operation: Operation,
        error: &'static str,
        took: Duration,
        measured: &Measured,
        cost_nanos: Option<u64>,
    ) {
        let seconds = took.as_secs_f64();
        let (read, written) = (measured.prompt_tokens, measured.completion_tokens);
        let model = &target.model;
        if let Some(nanos) = cost_nanos {
            let labels = ModelLabels { model: model.clone() };
            self.cost.get_or_create(&labels).inc_by(nanos as f64 / 1e9);
        }
        if operation == Operation::Chat && error.is_empty() && measured.exact {
            let chat = &target.chat;
            chat.duration.observe(seconds);
            chat.latency.observe(seconds);
            chat.input.observe(read as f64);
            chat.output.observe(written as f64);
            chat.calls.inc();
            chat.read.inc_by(read);
            chat.written.inc_by(written);
            return;
        }
        let provider = target.provider;
        self.durations.get_or_create(&attempt(operation, provider, model, error)).observe(seconds);
        let status = match error {
            "" => "success",
            "timeout" => "timeout",
            "budget" => "blocked",
            _ => "error",
        };
        let labels = CallLabels { model: model.clone(), status, endpoint: operation.as_str() };
        self.calls.get_or_create(&labels).inc();
        let source = if measured.exact { "provider" } else { "estimate" };
        for (count, kind, token_type) in
            [(read, "input", "prompt"), (written, "output", "completion")]
        {
            if count > 0 {
                let labels = tokens(operation, provider, model, kind);
                self.token_usage.get_or_create(&labels).observe(count as f64);
                let labels = TokenLabels { model: model.clone(), token_type, source };
                self.tokens.get_or_create(&labels).inc_by(count);
            }
        }
    }
}

impl TargetMetrics {
    /// Notes the time to the first frame of a stream.
    pub(crate) fn first_chunk(&self, took: Duration) {
        self.chat.first_chunk.observe(took.as_secs_f64());
    }
}

fn attempt(
    operation: Operation,
    provider: &'static str,
    model: &str,
    error_type: &'static str,
) -> Attempt {
    Attempt {
        gen_ai_operation_name: operation.as_str(),
        gen_ai_provider_name: provider,
        gen_ai_request_model: model.to_owned(),
        error_type,
    }
}

fn tokens(
    operation: Operation,
    provider: &'static str,
    model: &str,
    gen_ai_token_type: &'static str,
) -> Tokens {
    Tokens {
        gen_ai_operation_name: operation.as_str(),
        gen_ai_provider_name: provider,
        gen_ai_request_model: model.to_owned(),
        gen_ai_token_type,
    }
}
