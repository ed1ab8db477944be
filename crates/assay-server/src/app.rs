//! What the handlers share.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Instant,
};

use assay_answer::Engine;
use assay_api::WarmupResponse;
use assay_core::TenantScope;
use serde::Deserialize;

use crate::metrics::HttpMetrics;

/// Warm-up is under way.
const COLD: u8 = 0;
/// Warm-up is over.
const WARM: u8 = 1;
/// Warm-up failed; the log says why.
const FAILED: u8 = 2;

/// Settings of the HTTP surface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Address to listen on; only this machine by default, because there are no credentials yet.
    pub host: std::net::IpAddr,
    /// Port; 0 for any free one.
    pub port: u16,
    /// Bytes of a JSON body at most.
    pub body_bytes_max: usize,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self { host: std::net::Ipv4Addr::LOCALHOST.into(), port: 8080, body_bytes_max: 10 << 20 }
    }
}

/// The state of the server; cheap to clone.
#[derive(Clone)]
pub struct App {
    pub(crate) engine: Arc<Engine>,
    pub(crate) settings: Arc<ServerSettings>,
    pub(crate) metrics: Arc<HttpMetrics>,
    pub(crate) started: Instant,
    /// [`COLD`], [`WARM`] or [`FAILED`].
    warmth: Arc<AtomicU8>,
}

impl App {
    /// A server over `engine`.
    #[must_use]
    pub fn new(engine: Arc<Engine>, settings: ServerSettings) -> Self {
        Self {
            engine,
            settings: Arc::new(settings),
            metrics: Arc::new(HttpMetrics::new()),
            started: Instant::now(),
            warmth: Arc::new(AtomicU8::new(COLD)),
        }
    }

    /// Whose data a request is about. There is one tenant until there are credentials.
    pub(crate) fn scope(&self) -> TenantScope {
        TenantScope::built_in()
    }

    pub(crate) fn is_warm(&self) -> bool {
        self.warmth.load(Ordering::Acquire) == WARM
    }

    /// How far warm-up is.
    pub(crate) fn warmup(&self) -> WarmupResponse {
        let warmth = self.warmth.load(Ordering::Acquire);
        let failed = usize::from(warmth == FAILED);
        WarmupResponse {
            warmup_completed: warmth == WARM,
            total_tasks: 1,
            completed_tasks: usize::from(warmth == WARM),
            failed_tasks: failed,
            in_progress_tasks: usize::from(warmth == COLD),
            failed_task_names: vec!["search".to_owned(); failed],
        }
    }

    /// Touches what the first request would otherwise find cold: model, index, page cache.
    pub async fn warm_up(&self) {
        let warmth = match self.engine.warm_up(&self.scope()).await {
            Ok(()) => WARM,
            Err(error) => {
                tracing::error!(error = %assay_core::ErrorChain(&error), "warm-up failed");
                FAILED
            }
        };
        self.warmth.store(warmth, Ordering::Release);
    }
}
