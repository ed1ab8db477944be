//! From the configuration to a running engine, with logs.

use std::{io::IsTerminal, sync::Arc};

use assay_answer::Engine;
use assay_core::SystemClock;
use assay_telemetry::{LogCounter, TraceLayer};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    filter::{LevelFilter, filter_fn},
    fmt::writer::BoxMakeWriter,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{
    config::{Config, LogFormat},
    log_file::LogFile,
    output::{Told, told},
    traces::{self, Traces},
};

/// Starts the log, on standard error or in its file; where traces come out when there is a collector.
pub(crate) fn start_log(config: &Config) -> Result<Option<Traces>, Told> {
    let filter = EnvFilter::try_new(&config.log.filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let is_terminal = config.log.file.is_none() && std::io::stderr().is_terminal();
    let writer = match &config.log.file {
        None => BoxMakeWriter::new(std::io::stderr),
        Some(path) => BoxMakeWriter::new(LogFile::open(path, config.log.keep_days)?),
    };
    let log = tracing_subscriber::fmt::layer().with_writer(writer);
    let log = match config.log.format {
        LogFormat::Json => log.json().with_current_span(false).boxed(),
        LogFormat::Text => log.with_ansi(is_terminal).boxed(),
    };
    let (layer, traces) = traces::layer(&config.telemetry.traces).unzip();
    let layer = layer.map(|layer| layer.with_filter(filter_fn(TraceLayer::wants)));
    let counter = LogCounter::new().with_filter(LevelFilter::INFO);
    // A second start in one process would be refused; there is one.
    let _ = tracing_subscriber::registry()
        .with(layer)
        .with(counter)
        .with(log.with_filter(filter))
        .try_init();
    Ok(traces)
}

/// Opens the engine on the data folder. Call inside the runtime.
pub(crate) fn open_engine(config: &Config) -> anyhow::Result<Arc<Engine>> {
    Engine::open(config.engine(), Arc::new(SystemClock)).map_err(told)
}

/// The runtime of the process.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
