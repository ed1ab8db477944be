//! Traces: the spans of a request or task are gathered in memory, and when the last of them has ended
//! it is decided whether they are kept.
//!
//! A span that carries the field `otel.name` is part of a trace. The first one may carry
//! `otel.parent`, a `traceparent` that says which trace it belongs to; without it a trace begins.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::{Clock as _, RequestId, SystemClock, TraceContext};
use tracing::{
    Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

mod otlp;

pub use otlp::export_request;

/// Spans of a trace that are kept; of more, the later ones are left out and counted.
const SPANS_MAX: usize = 256;
/// Attributes of a span, and bytes of a value, at most.
const ATTRIBUTES_MAX: usize = 32;
const VALUE_BYTES_MAX: usize = 256;
/// Which traces are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampling {
    /// The share of all, 0 to 1.
    pub ratio: f64,
    /// Requests that take at least so many milliseconds are always kept.
    pub slow_ms: u64,
}

impl Sampling {
    /// Whether a trace is among the share that is kept; every server says the same of it. Of an id
    /// that was made here the last 32 bits alone are random: before them stand time and a counter.
    fn takes(self, trace: u128) -> bool {
        f64::from(trace as u32) < self.ratio * 2_f64.powi(32)
    }

    /// Whether the trace of a request is kept that took so long, by all that its first span tells: a part
    /// that failed may keep it besides.
    #[must_use]
    pub fn keeps(self, place: TraceContext, failed: bool, took: Duration) -> bool {
        failed
            || place.sampled
            || self.takes(place.trace)
            || took.as_millis() >= u128::from(self.slow_ms)
    }
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

/// A span that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct SpanData {
    /// Where it stands.
    pub context: TraceContext,
    /// The span that it is a part of; 0 for none.
    pub parent: u64,
    /// What was done.
    pub name: String,
    /// `server`, `client`, `consumer` or `internal`.
    pub kind: String,
    /// When it began, in nanoseconds since 1970.
    pub start_ns: u64,
    /// When it ended.
    pub end_ns: u64,
    /// What is known of it.
    pub attributes: Vec<(&'static str, AttributeValue)>,
    /// Whether it failed.
    pub is_error: bool,
}

/// Gathers spans and gives out the traces that are kept.
pub struct TraceLayer {
    sampling: Sampling,
    keep: Box<dyn Fn(Vec<SpanData>) + Send + Sync>,
    /// What ids of spans are made from.
    seed: u64,
    count: AtomicU64,
}

/// A span under way, in the registry's memory.
struct Live {
    data: SpanData,
    begun: Instant,
    trace: Arc<Trace>,
    is_first: bool,
}

/// The spans of a trace that have ended.
#[derive(Default)]
struct Trace {
    spans: Mutex<Vec<SpanData>>,
    left_out: AtomicU64,
}

impl TraceLayer {
    /// A layer that hands every trace that is kept to `keep`, which must not wait.
    pub fn new(sampling: Sampling, keep: impl Fn(Vec<SpanData>) + Send + Sync + 'static) -> Self {
        let seed = RequestId::new().as_u128() as u64;
        Self { sampling, keep: Box::new(keep), seed, count: AtomicU64::new(0) }
    }

    /// Whether a span is part of traces: the filter of this layer.
    #[must_use]
    pub fn wants(metadata: &Metadata<'_>) -> bool {
        metadata.is_span() && metadata.fields().field("otel.name").is_some()
    }

    /// Another id: counted numbers, mixed so that they are as good as random (SplitMix64).
    fn span_id(&self) -> u64 {
        let count = self.count.fetch_add(1, Ordering::Relaxed).wrapping_add(self.seed);
        let mixed = count.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).max(1)
    }

    fn is_kept(&self, first: &SpanData, spans: &[SpanData]) -> bool {
        let took_ms = first.end_ns.saturating_sub(first.start_ns) / 1_000_000;
        let is_slow = first.kind == "server" && took_ms >= self.sampling.slow_ms;
        first.context.sampled || is_slow || spans.iter().any(|span| span.is_error)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for TraceLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut read = Reader::default();
        attributes.record(&mut read);
        let above = span.parent().and_then(|parent| {
            let extensions = parent.extensions();
            extensions.get::<Live>().map(|live| (live.data.context, Arc::clone(&live.trace)))
        });
        let is_first = above.is_none();
        let (parent, trace) = above.unwrap_or_else(|| {
            let given = read.parent.take();
            let begun = TraceContext { trace: RequestId::new().as_u128(), span: 0, sampled: false };
            let mut parent = given.unwrap_or(begun);
            parent.sampled |= self.sampling.takes(parent.trace);
            (parent, Arc::default())
        });
        let start_ns = u64::try_from(SystemClock.now().as_nanosecond()).unwrap_or_default();
        let data = SpanData {
            context: TraceContext { span: self.span_id(), ..parent },
            parent: parent.span,
            name: read.name,
            kind: read.kind,
            start_ns,
            end_ns: start_ns,
            attributes: read.attributes,
            is_error: read.is_error,
        };
        let begun = Instant::now();
        span.extensions_mut().insert(Live { data, begun, trace, is_first });
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(live) = span.extensions_mut().get_mut::<Live>() {
            let mut read = Reader {
                attributes: std::mem::take(&mut live.data.attributes),
                ..Reader::default()
            };
            values.record(&mut read);
            live.data.attributes = read.attributes;
            live.data.is_error |= read.is_error;
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let place = context
            .span(id)
            .and_then(|span| span.extensions().get::<Live>().map(|live| live.data.context));
        if let Some(place) = place {
            place.enter();
        }
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        if context.span(id).is_some_and(|span| span.extensions().get::<Live>().is_some()) {
            TraceContext::leave();
        }
    }

    /// The spans below it have ended before: they hold it open.
    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(live) = context.span(&id).and_then(|span| span.extensions_mut().remove::<Live>())
        else {
            return;
        };
        let Live { mut data, begun, trace, is_first } = live;
        let took = u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        data.end_ns = data.start_ns.saturating_add(took);
        let mut spans = trace.spans.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_first {
            if spans.len() < SPANS_MAX {
                spans.push(data);
            } else {
                trace.left_out.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        let left_out = trace.left_out.load(Ordering::Relaxed);
        if left_out > 0 {
            let left_out = i64::try_from(left_out).unwrap_or(i64::MAX);
            data.attributes.push(("assay.spans_left_out", AttributeValue::Whole(left_out)));
        }
        let mut spans = std::mem::take(&mut *spans);
        spans.insert(0, data);
        if spans.first().is_some_and(|first| self.is_kept(first, &spans)) {
            (self.keep)(spans);
        }
    }
}

/// Reads the fields of a span.
#[derive(Default)]
struct Reader {
    name: String,
    kind: String,
    parent: Option<TraceContext>,
    attributes: Vec<(&'static str, AttributeValue)>,
    is_error: bool,
}

impl Reader {
    fn text(&mut self, field: &Field, mut text: String) {
        if text.len() > VALUE_BYTES_MAX {
            text.truncate(text.floor_char_boundary(VALUE_BYTES_MAX));
        }
        self.take(field, AttributeValue::Text(text));
    }

    fn take(&mut self, field: &Field, value: AttributeValue) {
        match (field.name(), value) {
            ("otel.name", AttributeValue::Text(text)) => self.name = text,
            ("otel.kind", AttributeValue::Text(text)) => self.kind = text,
            ("otel.parent", AttributeValue::Text(text)) => self.parent = parent(&text),
            ("otel.status_code", AttributeValue::Text(text)) => self.is_error = text == "ERROR",
            (name, value) => {
                // A field that is recorded again has its last value.
                self.attributes.retain(|(known, _)| *known != name);
                if self.attributes.len() < ATTRIBUTES_MAX {
                    self.attributes.push((name, value));
                }
            }
        }
    }
}

/// The place that a first span is given: with the span 0 where the trace begins here.
fn parent(text: &str) -> Option<TraceContext> {
    let begins = format!("-{:016x}-", 0);
    match text.contains(&begins) {
        true => TraceContext::parse(&text.replace(&begins, "-0000000000000001-"))
            .map(|context| TraceContext { span: 0, ..context }),
        false => TraceContext::parse(text),
    }
}

impl Visit for Reader {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, AttributeValue::Whole(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, AttributeValue::Whole(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, AttributeValue::Number(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, AttributeValue::Flag(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.text(field, format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests;
