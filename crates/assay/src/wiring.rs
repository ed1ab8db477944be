//! From the configuration to a running engine, with logs.

use std::{io::IsTerminal, sync::Arc};

use assay_answer::Engine;
use assay_core::SystemClock;
use tracing_subscriber::EnvFilter;

use crate::{
    config::{Config, LogFormat},
    output::told,
};

/// Starts the log on standard error.
pub(crate) fn start_log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second start in one process would be refused; there is one.
    let _ = match config.log.format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).try_init(),
    };
}

/// Opens the engine on the data folder. Call inside the runtime.
pub(crate) fn open_engine(config: &Config) -> anyhow::Result<Arc<Engine>> {
    Engine::open(config.engine(), Arc::new(SystemClock)).map_err(told)
}

/// The runtime of the process.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
