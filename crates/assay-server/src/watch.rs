//! Looks at the server's own numbers at an interval: rules, error budgets, who is to be told.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_core::{Clock as _, SystemClock, TenantScope, TraceContext};
use assay_telemetry::{
    Alert, AlertRule, Alerts, Expression, Notice, ObjectiveStatus, Objectives, TelemetryError,
    TelemetrySettings, read,
};
use tokio::{sync::mpsc, time::interval};

use crate::{App, metrics::Reading, performance};

/// Notices that wait to be sent; of more, the newest are dropped, and said in the log.
const NOTICES_WAITING: usize = 256;
/// Looks after which the error budgets are written out: with the usual interval, every minute.
const LOOKS_A_SAVE: u64 = 4;

/// The rules, the objectives and their past.
#[derive(Debug)]
pub struct Watch {
    settings: TelemetrySettings,
    alerts: Mutex<Alerts>,
    objectives: Mutex<Objectives>,
    notices: mpsc::Sender<Notice>,
}

impl Watch {
    /// Rules and objectives as the settings want them, and where notices come out.
    ///
    /// # Errors
    /// When a rule or an objective is wrong.
    pub fn new(
        settings: TelemetrySettings,
    ) -> Result<(Self, mpsc::Receiver<Notice>), TelemetryError> {
        let objectives = Objectives::new(&settings)?;
        let expressions = performance::expressions()?;
        let others: Vec<&Expression> = expressions.iter().chain(objectives.expressions()).collect();
        let alerts = Mutex::new(Alerts::new(&settings, &others)?);
        let objectives = Mutex::new(objectives);
        let (notices, receiver) = mpsc::channel(NOTICES_WAITING);
        Ok((Self { settings, alerts, objectives, notices }, receiver))
    }

    fn lock_alerts(&self) -> MutexGuard<'_, Alerts> {
        self.alerts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_objectives(&self) -> MutexGuard<'_, Objectives> {
        self.objectives.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is pending, fires or healed lately.
    pub(crate) fn alerts(&self) -> Vec<Alert> {
        self.lock_alerts().alerts()
    }

    /// The rules that hold.
    pub(crate) fn rules(&self) -> Vec<AlertRule> {
        self.lock_alerts().rules().to_vec()
    }

    /// How the objectives stand.
    pub(crate) fn objectives(&self) -> Vec<ObjectiveStatus> {
        self.lock_objectives().status(now_ms())
    }

    /// Whether the trace of a request can be found where traces go.
    pub(crate) fn keeps(&self, place: TraceContext, failed: bool, took: Duration) -> bool {
        let sampling = self.settings.traces.sampling();
        sampling.is_some_and(|sampling| sampling.keeps(place, failed, took))
    }

    /// Asks the past something.
    pub(crate) fn ask<T>(&self, ask: impl FnOnce(&assay_telemetry::History, i64) -> T) -> T {
        ask(self.lock_alerts().history(), now_ms())
    }
}

pub(crate) fn now_ms() -> i64 {
    SystemClock.now_ms()
}

impl App {
    /// Looks at the numbers once: what is due is put where notices come out.
    ///
    /// # Errors
    /// When the numbers cannot be read, which is what a part that failed looks like; rules about
    /// parts then see their last state.
    async fn look(&self) -> Result<(), crate::failure::Failure> {
        let reading = Reading::take(self, &TenantScope::built_in()).await?;
        let samples = read(&self.metrics.render(&self.engine, &self.gateway, &reading));
        let now_ms = now_ms();
        let notice = {
            let mut alerts = self.watch.lock_alerts();
            let before = alerts.history().left_out();
            let notice = alerts.take(now_ms, &samples);
            if before == 0 && alerts.history().left_out() > 0 {
                tracing::warn!("there are more series than are kept: rules see only the first");
            }
            self.watch.lock_objectives().count(now_ms, alerts.history());
            notice
        };
        let Some(notice) = notice else { return Ok(()) };
        for alert in &notice.alerts {
            let (alert_name, series) = (&alert.rule, alert.series_text());
            tracing::warn!(alert = alert_name, series, state = alert.state.as_str(), "alert");
        }
        if self.watch.notices.try_send(notice).is_err() {
            tracing::error!("nobody takes notices of alerts: one was dropped");
        }
        Ok(())
    }

    /// Looks at the numbers again and again, for as long as somebody polls. Error budgets are kept
    /// in `file` over restarts.
    pub async fn watch(self, file: PathBuf) {
        if let Some(kept) = restore(&file).await {
            self.watch.lock_objectives().take_up(&kept);
        }
        let seconds = self.watch.settings.interval_seconds.clamp(1, 3600);
        let mut looks = interval(Duration::from_secs(seconds));
        for number in 1_u64.. {
            looks.tick().await;
            if !self.watch.settings.evaluate {
                continue;
            }
            if let Err(failure) = self.look().await {
                tracing::warn!(?failure, "the numbers could not be read");
            }
            if number % LOOKS_A_SAVE == 0 {
                let counted = self.watch.lock_objectives().counted();
                save(&file, counted).await;
            }
        }
    }
}

async fn restore(file: &std::path::Path) -> Option<serde_json::Value> {
    let text = tokio::fs::read(file).await.ok()?;
    serde_json::from_slice(&text).ok()
}

/// Beside the file first, so that a crash leaves the one of before.
async fn save(file: &std::path::Path, counted: serde_json::Value) {
    let beside = file.with_extension("new");
    let written = match tokio::fs::write(&beside, counted.to_string()).await {
        Ok(()) => tokio::fs::rename(&beside, file).await,
        failed => failed,
    };
    if let Err(error) = written {
        tracing::warn!(%error, file = %file.display(), "error budgets were not written out");
    }
}
