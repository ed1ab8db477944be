//! What is kept, how spans hang together, and what bounds them.

use std::sync::{Arc, Mutex};

use assay_core::TraceContext;
use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt};

use super::{AttributeValue, Sampling, SpanData, TraceLayer, export_request};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/// The traces that are kept of what `work` does.
fn kept(sampling: Sampling, work: impl FnOnce()) -> Vec<Vec<SpanData>> {
    let all = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&all);
    let layer = TraceLayer::new(sampling, move |spans| kept.lock().unwrap().push(spans));
    let layer = layer.with_filter(filter_fn(TraceLayer::wants));
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), work);
    let mut all = all.lock().unwrap();
    std::mem::take(&mut *all)
}

const NONE: Sampling = Sampling { ratio: 0.0, slow_ms: 60_000 };

fn request(fails: bool) {
    let first = tracing::debug_span!(
        "first",
        otel.name = "GET /",
        otel.kind = "server",
        otel.parent = PARENT
    );
    first.in_scope(|| {
        let plain = tracing::info_span!("no part of it", secret = "x");
        plain.in_scope(|| {
            let lane = tracing::debug_span!(
                "lane",
                otel.name = "lane",
                found = 3,
                otel.status_code = tracing::field::Empty
            );
            lane.in_scope(|| assert_eq!(TraceContext::current().unwrap().trace >> 96, 0x4bf9_2f35));
            if fails {
                lane.record("otel.status_code", "ERROR");
            }
        });
    });
    assert_eq!(TraceContext::current(), None);
}

#[test]
fn what_failed_is_kept_whole_and_belongs_to_the_callers_trace() {
    assert!(kept(NONE, || request(false)).is_empty());
    let traces = kept(NONE, || request(true));
    let [first, lane] = &*traces[0] else { panic!("{traces:?}") };
    assert_eq!(first.parent, 0x00f0_67aa_0ba9_02b7);
    assert_eq!((lane.parent, lane.is_error), (first.context.span, true));
    assert_eq!(lane.attributes, [("found", AttributeValue::Whole(3))]);
    let sent = export_request(&[("service.name", "assay".to_owned())], &traces[0]);
    let spans = &sent["resourceSpans"][0]["scopeSpans"][0]["spans"];
    assert_eq!(spans[0]["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((&spans[0]["kind"], &spans[1]["status"]["code"]), (&2.into(), &2.into()));
    assert_eq!(spans[1]["parentSpanId"], spans[0]["spanId"]);
    assert_eq!(spans[1]["attributes"][0]["value"]["intValue"], "3");
}

#[test]
fn slow_requests_and_the_callers_choice_are_kept() {
    assert_eq!(kept(Sampling { slow_ms: 0, ..NONE }, || request(false)).len(), 1);
    let chosen = PARENT.replace("b7-00", "b7-01");
    let traces = kept(NONE, || {
        let _span = tracing::debug_span!("first", otel.name = "x", otel.parent = chosen.as_str());
    });
    assert_eq!(traces.len(), 1);
}

#[test]
fn one_in_a_hundred_is_one_in_a_hundred_and_a_trace_is_bounded() {
    let sampling = Sampling { ratio: 0.01, ..NONE };
    let traces = kept(sampling, || {
        for _ in 0..20_000 {
            let _span = tracing::debug_span!("task", otel.name = "task");
        }
    });
    assert!((120..=290).contains(&traces.len()), "{} of 20,000", traces.len());
    let names = (0..20_000).filter(|_| sampling.takes(assay_core::RequestId::new().as_u128()));
    assert!((120..=290).contains(&names.count()), "names of requests are as good");
    let traces = kept(Sampling { ratio: 1.0, ..NONE }, || {
        tracing::debug_span!("first", otel.name = "many").in_scope(|| {
            for _ in 0..1_000 {
                let _span = tracing::debug_span!("one", otel.name = "one");
            }
        });
    });
    assert_eq!(traces[0].len(), super::SPANS_MAX + 1);
    assert_eq!(
        traces[0][0].attributes,
        [("assay.spans_left_out", AttributeValue::Whole(1_000 - 256))]
    );
}
