//! Spans as OTLP has them, in its JSON encoding.
//!
//! Source: <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>

use serde_json::{Value, json};

use super::{AttributeValue, SpanData};

/// The body of a `POST` to `/v1/traces` of a collector: ids in hexadecimal digits, times and whole
/// numbers as texts. `resource` says who sends it.
#[must_use]
pub fn export_request(resource: &[(&str, String)], spans: &[SpanData]) -> Value {
    let resource: Vec<Value> = resource
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }))
        .collect();
    let spans: Vec<Value> = spans.iter().map(span).collect();
    json!({ "resourceSpans": [{
        "resource": { "attributes": resource },
        "scopeSpans": [{
            "scope": { "name": "assay", "version": env!("CARGO_PKG_VERSION") }, "spans": spans,
        }],
    }] })
}

fn span(span: &SpanData) -> Value {
    let attributes: Vec<Value> = span.attributes.iter().map(attribute).collect();
    let mut shown = json!({
        "traceId": format!("{:032x}", span.context.trace),
        "spanId": format!("{:016x}", span.context.span),
        "name": span.name,
        "kind": kind(&span.kind),
        "startTimeUnixNano": span.start_ns.to_string(),
        "endTimeUnixNano": span.end_ns.to_string(),
        "attributes": attributes,
        "status": { "code": if span.is_error { 2 } else { 0 } },
        "flags": u8::from(span.context.sampled),
    });
    if let (Some(fields), true) = (shown.as_object_mut(), span.parent != 0) {
        fields.insert("parentSpanId".to_owned(), format!("{:016x}", span.parent).into());
    }
    shown
}

/// The number of `SpanKind`.
fn kind(word: &str) -> u8 {
    match word {
        "server" => 2,
        "client" => 3,
        "producer" => 4,
        "consumer" => 5,
        _ => 1,
    }
}

fn attribute((key, value): &(&'static str, AttributeValue)) -> Value {
    let value = match value {
        AttributeValue::Text(text) => json!({ "stringValue": text }),
        AttributeValue::Whole(number) => json!({ "intValue": number.to_string() }),
        AttributeValue::Number(number) => json!({ "doubleValue": number }),
        AttributeValue::Flag(flag) => json!({ "boolValue": flag }),
    };
    json!({ "key": key, "value": value })
}
