//! `assay worker`.

use std::{process::ExitCode, sync::Arc, time::Duration};

use assay_answer::Worker;
use assay_core::{Secret, SystemClock};

use super::{Context, serve::stop_signal};
use crate::{
    cli,
    output::{line, told},
};

/// Time for work under way after a stop was asked for.
const GRACE: Duration = Duration::from_secs(30);

pub(crate) async fn run(mut context: Context, args: cli::Worker) -> anyhow::Result<ExitCode> {
    let settings = &mut context.config;
    let database = &mut settings.database;
    database.url = args.database.map(Secret::new).or_else(|| database.url.take());
    if let Some(threads) = args.threads {
        settings.answer.ingest_threads = threads.get();
    }
    let engine = settings.engine();
    let worker = Worker::start(engine, Arc::new(SystemClock)).map_err(told)?;
    line(&format!(
        "Assay {} takes files in for the server of {}",
        env!("CARGO_PKG_VERSION"),
        settings.data().display()
    ));
    #[cfg(unix)]
    crate::supervisor::tell(crate::supervisor::READY);
    stop_signal().await;
    #[cfg(unix)]
    crate::supervisor::tell(crate::supervisor::STOPPING);
    tokio::task::spawn_blocking(move || worker.close(GRACE)).await?;
    Ok(ExitCode::SUCCESS)
}
