//! `assay serve`.

use std::{process::ExitCode, sync::Arc, time::Duration};

use assay_core::Secret;
use assay_server::{App, Certificates, Watch};
use tokio::{net::TcpListener, sync::watch};

use super::{Context, encryption::NOT_ENCRYPTED, ingest, variables};
#[cfg(unix)]
use crate::supervisor;
use crate::{
    cli::{Ingest, Readers, Serve},
    config::{Flag, in_effect},
    connect::{announce, withdraw},
    notify,
    output::{line, note, told},
    traces::Traces,
    wiring,
};

/// Time for work under way after a stop was asked for.
const GRACE: Duration = Duration::from_secs(30);

pub(crate) async fn run(
    mut context: Context,
    args: Serve,
    traces: Option<Traces>,
) -> anyhow::Result<ExitCode> {
    let shown = in_effect(context.given.file(), variables(), flags(&context, &args));
    let mut settings = context.config.server.clone();
    settings.host = args.host.unwrap_or(settings.host);
    settings.port = args.port.unwrap_or(settings.port);
    let database = &mut context.config.database;
    database.url = args.database.map(Secret::new).or_else(|| database.url.take());
    assay_server::check_exposure(&settings, &context.config.auth).map_err(told)?;
    // The port first: a second server is told so before it touches the data folder.
    let listener = assay_server::bind(&settings).await.map_err(told)?;
    let engine = wiring::open_engine(&context.config)?;
    let certificates = Certificates::load(&settings.tls).map_err(told)?;
    let address = listener.local_addr()?;
    // The command line on this machine needs no certificate and does not know whose name it has.
    let inner = match certificates {
        Some(_) => Some(TcpListener::bind("127.0.0.1:0").await?),
        None => None,
    };
    let own = inner.as_ref().unwrap_or(&listener).local_addr()?;
    let scheme = if certificates.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    let (watch, notices) = Watch::new(context.config.telemetry.clone()).map_err(told)?;
    let app = App::new(Arc::clone(&engine), settings, watch);
    app.show_settings(shown);
    let data = context.config.data();
    app.show_readiness(data.join("ready"));
    let warming = app.clone();
    tokio::spawn(async move { warming.warm_up().await });
    let collector = context.config.telemetry.traces.clone();
    tokio::spawn(notify::run(notices, context.config.telemetry.receivers.clone()));
    tokio::spawn(app.clone().watch(data.join("objectives.json")));
    announce(&context.config, &format!("http://{own}"))?;
    line(&format!("Assay {} serves {url} from {}", env!("CARGO_PKG_VERSION"), data.display()));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), url, "the server has started");
    line(&format!("  API: {url}/docs   stop: Ctrl-C"));
    #[cfg(unix)]
    supervisor::tell(supervisor::READY);
    if !engine.is_encrypted() {
        line(&format!("  {NOT_ENCRYPTED}"));
    }
    if !args.ingest.is_empty() {
        let runtime = tokio::runtime::Handle::current();
        // A thread of its own: what the command does is not made to move between threads.
        tokio::task::spawn_blocking(move || runtime.block_on(first_ingest(context, args.ingest)));
    }
    let (stopping, stopped) = watch::channel(false);
    let mut asked = stopped.clone();
    let until = stopped.clone();
    let sending = traces.map(|traces| tokio::spawn(traces.send(collector, until)));
    let inner = inner.map(|inner| {
        let stop = async move {
            let _ = asked.wait_for(|asked| *asked).await;
        };
        tokio::spawn(assay_server::serve(inner, None, app.clone(), stop))
    });
    let stop = async move {
        stop_signal().await;
        #[cfg(unix)]
        supervisor::tell(supervisor::STOPPING);
        let _ = stopping.send(true);
    };
    let served = assay_server::serve(listener, certificates, app, stop).await;
    if let Some(inner) = inner {
        let _ = inner.await;
    }
    withdraw(&data);
    tokio::task::spawn_blocking(move || engine.close(GRACE)).await?;
    if let Some(sending) = sending {
        let _ = sending.await;
    }
    served.map_err(told)?;
    Ok(ExitCode::SUCCESS)
}

/// The flags that outrank settings, as far as they were given.
fn flags(context: &Context, args: &Serve) -> Vec<Flag> {
    let folder = context.given.data_dir().map(|it| it.display().to_string());
    let given: [(&str, &[&str], Option<String>); 4] = [
        ("--data-dir", &["data_dir"], folder),
        ("--host", &["server", "host"], args.host.map(|host| host.to_string())),
        ("--port", &["server", "port"], args.port.map(|port| port.to_string())),
        ("--database", &["database", "url"], args.database.clone()),
    ];
    given.into_iter().filter_map(|(flag, path, value)| Some((flag, path, value?))).collect()
}

/// Takes files in through the server that has just started, as the command of that name does.
async fn first_ingest(context: Context, paths: Vec<std::path::PathBuf>) {
    let args = Ingest {
        paths,
        collection: "default".to_owned(),
        tag: Vec::new(),
        readers: Readers::default(),
        prune: false,
        watch: false,
        no_wait: false,
        timeout: None,
    };
    // A stop ends the server, and this with it.
    if let Err(error) = ingest::run_until(context, args, std::future::pending()).await {
        note(&format!("ingest: {error:#}"));
    }
}

/// Ends at Ctrl-C or SIGTERM.
pub(super) async fn stop_signal() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminated) => {
                tokio::select! {
                    _ = interrupted => {}
                    _ = terminated.recv() => {}
                }
            }
            Err(_) => {
                let _ = interrupted.await;
            }
        }
    }
    #[cfg(not(unix))]
    {
        let _ = interrupted.await;
    }
}
