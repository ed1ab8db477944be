//! What the handlers share.

use std::{
    ops::Deref,
    path::PathBuf,
    sync::{Arc, Mutex as StdMutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use assay_answer::{Engine, PartState, WarmPart};
use assay_api::{Setting, WarmupResponse};
use assay_core::{ErrorChain, TenantScope};
use assay_gateway::Gateway;
use assay_ready::Folder;
use serde::Deserialize;
use tokio::sync::{Mutex, Semaphore, SemaphorePermit};

use crate::{
    TlsSettings, Watch,
    metrics::HttpMetrics,
    rates::{RateSettings, Rates},
    sockets::Sockets,
};

/// How far warm-up is.
#[derive(Debug, Default)]
struct Warmth {
    warm: usize,
    /// Those that could not be warmed; the log says why.
    failed: Vec<&'static str>,
}

/// How old a look at the parts may be for those who ask by gRPC.
const LOOK_KEPT: Duration = Duration::from_secs(1);

/// MiB of uploads in memory at once; a larger file is read alone.
const UPLOADS_MIB: u32 = 32;

/// Settings of the HTTP surface.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Address to listen on; only this machine by default. Others need
    /// `auth.mode = "required"`, and a certificate or `plain_http`.
    pub host: std::net::IpAddr,
    /// Port; 0 for any free one.
    pub port: u16,
    /// Bytes of a JSON body at most.
    pub body_bytes_max: usize,
    /// Names of hosts that the server answers to; empty for any, and on a loopback address for the
    /// names of this machine alone. `auth.domain` and what is below it is always answered to.
    pub allowed_hosts: Vec<String>,
    /// Pages of other sites that may call the API with a key: origins such as
    /// `https://app.example.org`.
    pub allowed_origins: Vec<String>,
    /// Certificate and key; TLS 1.3 is spoken when they are given.
    pub tls: TlsSettings,
    /// Lets other machines in without TLS, where a proxy in front speaks it.
    pub plain_http: bool,
    /// Connections at once; further ones wait until one ends.
    pub connections_max: usize,
    /// Seconds that a client has for a handshake, for the head of a request, and between two
    /// requests of one connection.
    pub header_seconds: u64,
    /// Seconds after which a connection is closed whose client takes nothing of an answer.
    pub write_seconds: u64,
    /// How often clients and tenants may ask where credentials are asked for.
    pub rates: RateSettings,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 8080,
            body_bytes_max: 10 << 20,
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            tls: TlsSettings::default(),
            plain_http: false,
            connections_max: 4096,
            header_seconds: 60,
            write_seconds: 60,
            rates: RateSettings::default(),
        }
    }
}

/// Memory for uploads: bodies are read only while there is room, so that many large files at once
/// cost their senders time and the server nothing.
#[derive(Debug)]
pub(crate) struct UploadRoom {
    /// A permit for each MiB.
    room: Semaphore,
}

impl UploadRoom {
    fn new() -> Self {
        Self { room: Semaphore::new(UPLOADS_MIB as usize) }
    }

    /// Waits for room for a body of `declared` bytes, or for all of it when its size is not said.
    pub(crate) async fn room_for(&self, declared: Option<u64>) -> Option<SemaphorePermit<'_>> {
        let mib = (declared.unwrap_or(u64::MAX) >> 20) + 1;
        let permits = u32::try_from(mib).unwrap_or(u32::MAX).min(UPLOADS_MIB);
        self.room.acquire_many(permits).await.ok()
    }
}

/// The state of the server. Every layer of a request clones it: one count, not one for each part.
#[derive(Clone)]
pub struct App(Arc<Shared>);

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// What the handlers share.
pub struct Shared {
    pub(crate) engine: Arc<Engine>,
    pub(crate) gateway: Gateway,
    pub(crate) settings: ServerSettings,
    pub(crate) metrics: HttpMetrics,
    pub(crate) watch: Watch,
    pub(crate) uploads: UploadRoom,
    pub(crate) rates: Rates,
    pub(crate) sockets: Arc<Sockets>,
    pub(crate) started: Instant,
    /// What [`App::show_settings`] was told.
    pub(crate) in_effect: OnceLock<Vec<Setting>>,
    /// What [`App::show_readiness`] was told.
    pub(crate) readiness: OnceLock<Folder>,
    warmth: StdMutex<Warmth>,
    /// When the parts were looked at, and whether all did that serving needs.
    looked: Mutex<Option<(Instant, bool)>>,
}

impl App {
    /// A server over `engine` that is watched by these rules.
    #[must_use]
    pub fn new(engine: Arc<Engine>, settings: ServerSettings, watch: Watch) -> Self {
        let metrics = HttpMetrics::new();
        metrics.follow(&engine);
        Self(Arc::new(Shared {
            watch,
            uploads: UploadRoom::new(),
            sockets: Arc::default(),
            rates: Rates::new(settings.rates.clone()),
            gateway: engine.gateway().clone(),
            engine,
            settings,
            metrics,
            started: Instant::now(),
            in_effect: OnceLock::new(),
            readiness: OnceLock::new(),
            warmth: StdMutex::default(),
            looked: Mutex::default(),
        }))
    }

    /// Says what the server was started with, without secrets; the first word counts.
    pub fn show_settings(&self, settings: Vec<Setting>) {
        // It is said once.
        let _ = self.in_effect.set(settings);
    }

    /// Says where `assay ready` keeps its runs; the first word counts.
    pub fn show_readiness(&self, folder: PathBuf) {
        // It is said once.
        let _ = self.readiness.set(Folder::new(folder));
    }

    fn warmth(&self) -> MutexGuard<'_, Warmth> {
        self.warmth.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_warm(&self) -> bool {
        self.warmth().warm == WarmPart::ALL.len()
    }

    /// Whether every part works that serving needs, as it was within the last second: however many ask,
    /// one looks.
    pub(crate) async fn is_ready(&self) -> bool {
        let mut looked = self.looked.lock().await;
        if let Some((at, is_ready)) = *looked
            && at.elapsed() < LOOK_KEPT
        {
            return is_ready;
        }
        let parts = self.engine.health(&TenantScope::built_in()).await;
        let is_ready =
            parts.is_ok_and(|parts| parts.iter().all(|part| part.state != PartState::Failed));
        *looked = Some((Instant::now(), is_ready));
        is_ready
    }

    /// How far warm-up is.
    pub(crate) fn warmup(&self) -> WarmupResponse {
        let warmth = self.warmth();
        let (warm, failed, all) = (warmth.warm, warmth.failed.len(), WarmPart::ALL.len());
        WarmupResponse {
            warmup_completed: warm == all,
            total_tasks: all,
            completed_tasks: warm,
            failed_tasks: failed,
            in_progress_tasks: all - warm - failed,
            failed_task_names: warmth.failed.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    /// Touches what the first request would otherwise find cold, part by part.
    pub async fn warm_up(&self) {
        for part in WarmPart::ALL {
            let outcome = self.engine.warm_up(&TenantScope::built_in(), part).await;
            let name = part.as_str();
            match &outcome {
                Ok(()) => self.warmth().warm += 1,
                Err(error) => {
                    tracing::error!(part = name, error = %ErrorChain(error), "warm-up failed");
                    self.warmth().failed.push(name);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    //! How many uploads are read at once.

    use futures_util::FutureExt;

    use super::UploadRoom;

    #[test]
    fn uploads_wait_for_room() {
        let uploads = UploadRoom::new();
        let room = |bytes| uploads.room_for(bytes).now_or_never().flatten();
        let first = room(Some(20 << 20));
        assert!(first.is_some());
        assert!(room(Some(20 << 20)).is_none(), "32 MiB hold no second large body");
        assert!(room(Some(1000)).is_some(), "a small one fits beside it");
        drop(first);
        let alone = room(None);
        assert!(alone.is_some() && room(Some(1)).is_none(), "an unknown size takes all");
        drop(alone);
        assert!(room(Some(u64::MAX)).is_some(), "a larger file is read alone");
    }
}
