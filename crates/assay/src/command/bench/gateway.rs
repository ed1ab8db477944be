//! `assay bench gateway`: what a call to a model costs on its way through this build.
//!
//! A provider in this process answers at once; a server of this binary passes calls to it. Measured
//! are the time of the server's threads on the processor, and latencies against those of the
//! provider when it is called directly. Every request shows a key, is held against a budget and goes
//! into the ledger; what the guard costs on top is measured apart, at its own settings.

use std::{path::Path, process::ExitCode, sync::Arc, time::Instant};

use assay_api::RecountResponse;
use assay_core::SystemClock;
use assay_identity::{AuthSettings, Identities};
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;

use super::Server;
use crate::{
    cli::BenchGateway,
    command::Context,
    connect::Connection,
    output::{json as print, line, note},
};

mod client;
mod mock;

use client::Load;

/// Requests before each measurement, so that connections are open and nothing is cold.
const WARM_UP: usize = 200;

/// Clients of the figures for comparison with other gateways.
const CLIENTS: usize = 8;

const KINDS: [(&str, bool); 2] = [("plain", false), ("stream", true)];

/// Streams that are open at once while memory is measured.
const STREAMS: usize = 512;

/// Milliseconds of the requests of one measurement.
#[derive(Debug, Clone, Copy, Serialize)]
struct Latency {
    clients: usize,
    requests: usize,
    /// To the first bytes of an answer, which a stream gets with its first token.
    first_p50_ms: f64,
    p50_ms: f64,
    p99_ms: f64,
    per_second: f64,
}

/// A server to be measured, and the key that it knows.
struct Gateway {
    server: Server,
    connection: Connection,
    address: String,
    key: String,
    /// Holds its data.
    _folder: tempfile::TempDir,
}

impl Gateway {
    /// Starts one that asks for keys, keeps budgets and writes a ledger.
    async fn start(context: &Context, provider: &str, guarded: bool) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("assay.toml");
        std::fs::write(&file, configuration(provider, guarded))?;
        let identities =
            Identities::open(folder.path(), AuthSettings::default(), Arc::new(SystemClock))?;
        let key = identities.bootstrap("bench", "bench")?.key.expose().to_owned();
        let mut config = context.config.clone();
        config.data_dir = Some(folder.path().to_path_buf());
        let server = Server::start_with(folder.path(), &["--config", &file.display().to_string()])?;
        let (connection, _) = server.wait(&config).await?;
        let address = connection.lasting().unwrap_or_default().trim_start_matches("http://");
        let address = address.to_owned();
        let connection = connection.with_key(&key)?;
        Ok(Self { server, connection, address, key, _folder: folder })
    }

    fn load(&self, model: &str, stream: bool) -> Load {
        Load::new(&self.address, &self.key, model, stream)
    }

    /// Latencies of requests of some clients, and microseconds of the processor for each.
    async fn measure(
        &self,
        clients: usize,
        requests: usize,
        stream: bool,
    ) -> anyhow::Result<(Latency, f64)> {
        let load = self.load("bench", stream);
        load.run(clients, WARM_UP).await?;
        let before = cpu_micros(self.server.id());
        let latency = measure(&load, clients, requests).await?;
        let spent = cpu_micros(self.server.id()).saturating_sub(before);
        Ok((latency, spent as f64 / requests as f64))
    }
}

pub(crate) async fn run(context: &Context, args: BenchGateway) -> anyhow::Result<ExitCode> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let provider = listener.local_addr()?.to_string();
    std::thread::spawn(move || mock::serve(listener));
    let gateway = Gateway::start(context, &provider, false).await?;
    let idle = gateway.server.resident_bytes();

    let mut figures = json!({ "requests": args.requests });
    let mut cpu = json!({});
    for (name, stream) in KINDS {
        note(&format!("measuring {name}"));
        let direct = Load::new(&provider, "", "bench", stream);
        let mut measured = Vec::new();
        for clients in [1, 8, 64] {
            let (latency, micros) = gateway.measure(clients, args.requests, stream).await?;
            if clients == CLIENTS {
                cpu[name] = json!(micros);
            }
            direct.run(clients, WARM_UP).await?;
            let alone = measure(&direct, clients, args.requests).await?;
            measured.push(json!({
                "through": latency, "direct": alone, "cpu_us_per_request": micros,
                "added_first_p50_ms": latency.first_p50_ms - alone.first_p50_ms,
                "added_p50_ms": latency.p50_ms - alone.p50_ms,
                "added_p99_ms": latency.p99_ms - alone.p99_ms,
            }));
        }
        figures[name] = json!(measured);
    }
    figures["cpu_us_per_request"] = cpu;
    let after = gateway.server.resident_bytes();
    note(&format!("holding {STREAMS} streams"));
    let streams = gateway.load("held", true).hold(STREAMS).await?;
    let with_streams = gateway.server.resident_bytes();
    drop(streams);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    figures["resident_mb"] = json!({
        "idle": megabytes(idle), "after": megabytes(after), "with_streams": megabytes(with_streams),
    });
    figures["streams"] = json!(STREAMS);
    figures["flat"] = flat(&gateway, args.seconds).await?;
    let recount: RecountResponse = gateway.connection.get("/v1/usage/recount").await?;
    figures["ledger"] = json!({ "calls": recount.entries, "agrees": recount.agrees });
    gateway.server.stop()?;

    note("measuring with the guard");
    let guarded = Gateway::start(context, &provider, true).await?;
    let mut cpu = json!({});
    for (name, stream) in KINDS {
        cpu[name] = json!(guarded.measure(CLIENTS, args.requests, stream).await?.1);
    }
    figures["cpu_us_per_request_with_guard"] = cpu;
    guarded.server.stop()?;
    if context.json {
        print(&figures)?;
    } else {
        line(&serde_json::to_string_pretty(&figures)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn configuration(provider: &str, guarded: bool) -> String {
    let target =
        |model: &str| format!("targets = [{{ provider = \"mock\", model = \"{model}\" }}]");
    let mut text = format!(
        "[embedding]\nmodel = \"\"\n[auth]\nmode = \"required\"\n\
         [server.rates]\nclient_per_minute = 0\ntenant_per_minute = 0\n\
         [gateway.providers.mock]\nbase_url = \"http://{provider}/v1\"\napi_key = \"bench\"\n\
         max_in_flight = 4096\n\
         [gateway.routes.bench]\n{}\n[gateway.routes.held]\n{}\n\
         [[ledger.prices]]\nprovider = \"mock\"\nmodel = \"*\"\ninput = \"0.15\"\noutput = \"0.6\"\n\
         [[ledger.budgets]]\nname = \"bench\"\nlimit_usd = \"1000000\"\nwindow = \"day\"\n",
        target("mock-model"),
        target("held-model"),
    );
    if !guarded {
        text.push_str(
            "[guard.places.request]\nmode = \"off\"\n[guard.places.response]\nmode = \"off\"\n",
        );
    }
    text
}

/// Memory under load for some seconds: 8 clients, half of them streaming.
async fn flat(gateway: &Gateway, seconds: u64) -> anyhow::Result<serde_json::Value> {
    let mut samples = Vec::new();
    let start = Instant::now();
    let mut requests = 0;
    while start.elapsed().as_secs() < seconds {
        for stream in [false, true] {
            requests += gateway.load("bench", stream).run(CLIENTS, 2000).await?.len();
        }
        samples.push(gateway.server.resident_bytes() as f64 / 1e6);
    }
    // The first half is for what grows once.
    let later = samples.get(samples.len() / 2..).unwrap_or_default();
    let least = later.iter().copied().fold(f64::INFINITY, f64::min);
    let most = later.iter().copied().fold(0.0, f64::max);
    Ok(json!({ "seconds": seconds, "requests": requests, "later_half_mb": [least, most] }))
}

async fn measure(load: &Load, clients: usize, requests: usize) -> anyhow::Result<Latency> {
    let start = Instant::now();
    let times = load.run(clients, requests).await?;
    let seconds = start.elapsed().as_secs_f64();
    let firsts = times.iter().map(|took| took.first).collect();
    let wholes: Vec<f64> = times.iter().map(|took| took.whole).collect();
    Ok(Latency {
        clients,
        requests: times.len(),
        first_p50_ms: quantile(firsts, 0.5),
        p50_ms: quantile(wholes.clone(), 0.5),
        p99_ms: quantile(wholes, 0.99),
        per_second: times.len() as f64 / seconds,
    })
}

/// The time that a share of the requests did not exceed.
fn quantile(mut times: Vec<f64>, share: f64) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    let rank = (share * times.len() as f64).ceil() as usize;
    times.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
}

/// Microseconds that the threads of a process have run, as the scheduler counts them.
fn cpu_micros(process: u32) -> u64 {
    let tasks = Path::new("/proc").join(process.to_string()).join("task");
    let Ok(tasks) = std::fs::read_dir(tasks) else { return 0 };
    let nanos = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    nanos.sum::<u64>() / 1000
}
