//! Space that nothing needs any more is given back, in the background.

use std::{sync::Arc, time::Duration};

use assay_core::{ErrorChain, TenantScope};
use tokio::time::{Instant, interval_at};

use crate::{AnswerError, Engine, ingest::discard_obsolete, search::blocking};

/// Time between two rounds; the first comes after the start has settled.
const EVERY: Duration = Duration::from_secs(3_600);
const FIRST: Duration = Duration::from_secs(60);
/// How long a replaced version stays, so that citations of it can be opened.
const KEEP_SUPERSEDED: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How long texts of public pages stay when no public source is set up any more.
const KEEP_WEB: Duration = Duration::from_secs(30 * 24 * 3_600);
/// How long a blob may lie without a record: a receipt may be on its way.
const BLOB_GRACE: Duration = Duration::from_secs(24 * 3_600);

/// What a round removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Versions that were replaced long ago.
    pub versions: u64,
    /// Vectors whose text stands in no passage.
    pub vectors: u64,
    /// Sessions that expired long ago.
    pub sessions: u64,
    /// Bytes of originals that no version names.
    pub blob_bytes: u64,
    /// Outbox entries that the index holds.
    pub outbox_entries: u64,
    /// Texts of public pages that were last shown long ago.
    pub web_texts: u64,
    /// Dead letters of files that were replaced or deleted since.
    pub dead_letters: u64,
}

/// Milliseconds for which an expired session is kept: 30 days, in which it can be taken up again.
const KEEP_EXPIRED_MS: i64 = 30 * 24 * 3_600_000;

/// Tidies as long as the engine lives.
pub(crate) fn start(engine: &Arc<Engine>) {
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        let mut rounds = interval_at(Instant::now() + FIRST, EVERY);
        loop {
            rounds.tick().await;
            let Some(engine) = engine.upgrade() else { return };
            for scope in engine.store.take_used() {
                match engine.tidy(&scope).await {
                    Ok(tidied) => tracing::debug!(?tidied, "tidied"),
                    Err(error) => tracing::warn!(error = %ErrorChain(&error), "tidying failed"),
                }
            }
        }
    });
}

impl Engine {
    /// Removes what nothing needs any more.
    ///
    /// # Errors
    /// When the records or the folder of blobs fail.
    pub async fn tidy(&self, scope: &TenantScope) -> Result<Tidied, AnswerError> {
        let (tenant, index) = (self.store.tenant(scope)?, Arc::clone(&self.index));
        let (scope, tasks) = (scope.clone(), self.tasks.clone());
        let keep_web = self.web.as_ref().map_or(KEEP_WEB, |lane| lane.keep);
        blocking(move || {
            Ok(Tidied {
                versions: tenant.forget_superseded(KEEP_SUPERSEDED)?,
                vectors: tenant.sweep_vectors()?,
                sessions: tenant.sweep_sessions(KEEP_EXPIRED_MS)?,
                blob_bytes: tenant.sweep_blobs(BLOB_GRACE)?.bytes,
                outbox_entries: tenant.prune_outbox(index.position(&scope)?)?,
                web_texts: tenant.forget_web_texts(keep_web)?,
                dead_letters: discard_obsolete(&tasks, &scope, &tenant)?,
            })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    //! What is old goes, what is searched stays.

    use assay_core::FakeClock;

    use super::*;
    use crate::{EngineSettings, SearchQuery, Upload};

    async fn take_in(engine: &Engine, name: &str, text: &str) {
        let scope = TenantScope::built_in();
        let upload = Upload { bytes: text.into(), name: name.to_owned(), ..Upload::default() };
        let task = engine.receive(&scope, upload).await.unwrap().task.unwrap();
        engine.job(&scope, task, Duration::from_secs(30)).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_replaced_version_goes_after_its_time_and_the_current_one_stays() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at_ms(1_700_000_000_000));
        let settings = EngineSettings::new(folder.path());
        let engine = Engine::open(settings, clock.clone()).unwrap();
        let scope = TenantScope::built_in();
        take_in(&engine, "pump.txt", "The old pump moves 90 litres.").await;
        take_in(&engine, "pump.txt", "The new pump moves 340 litres.").await;
        engine.settle(&scope).await.unwrap();
        let early = engine.tidy(&scope).await.unwrap();
        assert_eq!((early.versions, early.blob_bytes), (0, 0), "{early:?}");
        clock.advance_ms(i64::try_from(KEEP_SUPERSEDED.as_millis()).unwrap() + 1);
        let late = engine.tidy(&scope).await.unwrap();
        assert_eq!((late.versions, late.blob_bytes), (1, 29), "{late:?}");
        let found = engine.search(&scope, &SearchQuery::new("pump litres")).await.unwrap();
        assert_eq!(found.passages.len(), 1);
        assert!(found.passages[0].passage.text.contains("340"));
        engine.close(Duration::from_secs(5));
    }
}
