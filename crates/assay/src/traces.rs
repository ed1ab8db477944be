//! Sends traces to a collector, by OTLP over HTTP in its JSON encoding.

use std::time::Duration;

use assay_telemetry::{Sampling, SpanData, TraceLayer, TraceSettings, export_request};
use tokio::{
    sync::{mpsc, watch},
    time::interval,
};

use crate::connect::install_crypto;

/// Traces that wait to be sent; of more, the newest are dropped, and said in the log.
const WAITING_MAX: usize = 1_024;
/// Traces of one request.
const BATCH: usize = 128;
/// How long traces gather before they are sent.
const GATHER: Duration = Duration::from_secs(1);
/// Time for one request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where the traces that are kept come out.
pub(crate) struct Traces(mpsc::Receiver<Vec<SpanData>>);

/// The layer that makes traces, and where they come out; none without a collector.
pub(crate) fn layer(settings: &TraceSettings) -> Option<(TraceLayer, Traces)> {
    if settings.endpoint.is_empty() {
        return None;
    }
    let (kept, traces) = mpsc::channel(WAITING_MAX);
    let sampling = Sampling { ratio: settings.ratio, slow_ms: settings.slow_ms };
    // A collector that is slow must not make requests slow.
    let keep = move |spans| drop(kept.try_send(spans));
    Some((TraceLayer::new(sampling, keep), Traces(traces)))
}

impl Traces {
    /// Sends what comes out until the server has stopped, and what is left then.
    pub(crate) async fn send(
        mut self,
        settings: TraceSettings,
        mut stopped: watch::Receiver<bool>,
    ) {
        install_crypto();
        let Ok(client) = reqwest::Client::builder().timeout(TIMEOUT).build() else { return };
        let mut ticks = interval(GATHER);
        let mut is_over = false;
        while !is_over {
            is_over = tokio::select! {
                _ = ticks.tick() => false,
                _ = stopped.wait_for(|stopped| *stopped) => true,
            };
            let mut traces = Vec::new();
            while let Ok(spans) = self.0.try_recv() {
                traces.push(spans);
                if traces.len() == BATCH {
                    post(&client, &settings, std::mem::take(&mut traces)).await;
                }
            }
            post(&client, &settings, traces).await;
        }
    }
}

/// Sends some traces. What a collector does not take is lost, and said.
async fn post(client: &reqwest::Client, settings: &TraceSettings, traces: Vec<Vec<SpanData>>) {
    if traces.is_empty() {
        return;
    }
    let resource = [
        ("service.name", "assay".to_owned()),
        ("service.version", env!("CARGO_PKG_VERSION").to_owned()),
    ];
    let (count, spans) = (traces.len(), traces.concat());
    let url = format!("{}/v1/traces", settings.endpoint.trim_end_matches('/'));
    let mut request = client.post(url).json(&export_request(&resource, &spans));
    for (name, value) in &settings.headers {
        request = request.header(name, value.expose());
    }
    let reason = match request.send().await {
        Ok(answer) if answer.status().is_success() => return,
        Ok(answer) => format!("the collector answers {}", answer.status()),
        Err(error) => error.without_url().to_string(),
    };
    tracing::warn!(reason, count, "traces were lost");
}
