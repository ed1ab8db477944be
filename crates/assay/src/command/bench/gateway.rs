//! `assay bench gateway`: what a call to a model costs on its way through this build.
//!
//! A provider in this process answers at once; a server of this binary passes calls to it. Measured
//! are the time of the server's threads on the processor, and latencies against those of the
//! provider when it is called directly.

use std::{path::Path, process::ExitCode, time::Instant};

use assay_api::RecountResponse;
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;

use super::Server;
use crate::{
    cli::BenchGateway,
    command::Context,
    output::{json as print, line, note},
};

mod client;
mod mock;

use client::Load;

/// Requests before each measurement, so that connections are open and nothing is cold.
const WARM_UP: usize = 200;

/// Streams that are open at once while memory is measured.
const STREAMS: usize = 512;

/// Milliseconds of the requests of one measurement.
#[derive(Debug, Clone, Copy, Serialize)]
struct Latency {
    clients: usize,
    requests: usize,
    p50_ms: f64,
    p99_ms: f64,
    per_second: f64,
}

pub(crate) async fn run(context: &Context, args: BenchGateway) -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let provider = listener.local_addr()?;
    std::thread::spawn(move || mock::serve(listener));
    let file = folder.path().join("assay.toml");
    std::fs::write(&file, configuration(&provider.to_string()))?;
    let mut config = context.config.clone();
    config.data_dir = Some(folder.path().to_path_buf());
    let server = Server::start_with(folder.path(), &["--config", &file.display().to_string()])?;
    let (connection, _) = server.wait(&config).await?;
    let url = connection.lasting().unwrap_or_default().to_owned();
    let gateway = url.trim_start_matches("http://").to_owned();
    let idle = server.resident_bytes();

    let mut figures = json!({ "requests": args.requests });
    let mut cpu = json!({});
    for (name, stream) in [("plain", false), ("stream", true)] {
        note(&format!("measuring {name}"));
        let through = Load::new(&gateway, "/v1/chat/completions", "bench", stream);
        let direct = Load::new(&provider.to_string(), "/v1/chat/completions", "bench", stream);
        let mut measured = Vec::new();
        for clients in [1, 8, 64] {
            through.run(clients, WARM_UP).await?;
            let before = cpu_micros(server.id());
            let latency = measure(&through, clients, args.requests).await?;
            let spent = cpu_micros(server.id()).saturating_sub(before);
            let micros = spent as f64 / args.requests as f64;
            if clients == 8 {
                cpu[name] = json!(micros);
            }
            direct.run(clients, WARM_UP).await?;
            let alone = measure(&direct, clients, args.requests).await?;
            measured.push(json!({
                "through": latency, "direct": alone, "cpu_us_per_request": micros,
                "added_p50_ms": latency.p50_ms - alone.p50_ms,
                "added_p99_ms": latency.p99_ms - alone.p99_ms,
            }));
        }
        figures[name] = json!(measured);
    }
    figures["cpu_us_per_request"] = cpu;
    let after = server.resident_bytes();
    note(&format!("holding {STREAMS} streams"));
    let held = Load::new(&gateway, "/v1/chat/completions", "held", true);
    let streams = held.hold(STREAMS).await?;
    let with_streams = server.resident_bytes();
    drop(streams);
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    figures["resident_mb"] = json!({
        "idle": megabytes(idle), "after": megabytes(after), "with_streams": megabytes(with_streams),
    });
    figures["streams"] = json!(STREAMS);
    figures["flat"] = flat(&server, &gateway, args.seconds).await?;
    let recount: RecountResponse = connection.get("/v1/usage/recount").await?;
    figures["ledger"] = json!({ "calls": recount.entries, "agrees": recount.agrees });
    server.stop()?;
    if context.json {
        print(&figures)?;
    } else {
        line(&serde_json::to_string_pretty(&figures)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn configuration(provider: &str) -> String {
    let target =
        |model: &str| format!("targets = [{{ provider = \"mock\", model = \"{model}\" }}]");
    format!(
        "[embedding]\nmodel = \"\"\n\
         [gateway.providers.mock]\nbase_url = \"http://{provider}/v1\"\napi_key = \"bench\"\n\
         max_in_flight = 4096\n\
         [gateway.routes.bench]\n{}\n[gateway.routes.held]\n{}\n\
         [[ledger.prices]]\nprovider = \"mock\"\nmodel = \"*\"\ninput = \"0.15\"\noutput = \"0.6\"\n\
         [[ledger.budgets]]\nname = \"bench\"\nlimit_usd = \"1000000\"\nwindow = \"day\"\n",
        target("mock-model"),
        target("held-model"),
    )
}

/// Memory under load for some seconds: 8 clients, half of them streaming.
async fn flat(server: &Server, gateway: &str, seconds: u64) -> anyhow::Result<serde_json::Value> {
    let mut samples = Vec::new();
    let start = Instant::now();
    let mut requests = 0;
    while start.elapsed().as_secs() < seconds {
        for stream in [false, true] {
            let load = Load::new(gateway, "/v1/chat/completions", "bench", stream);
            requests += load.run(8, 2000).await?.len();
        }
        samples.push(server.resident_bytes() as f64 / 1e6);
    }
    // The first half is for what grows once.
    let later = samples.get(samples.len() / 2..).unwrap_or_default();
    let least = later.iter().copied().fold(f64::INFINITY, f64::min);
    let most = later.iter().copied().fold(0.0, f64::max);
    Ok(json!({ "seconds": seconds, "requests": requests, "later_half_mb": [least, most] }))
}

async fn measure(load: &Load, clients: usize, requests: usize) -> anyhow::Result<Latency> {
    let start = Instant::now();
    let mut times = load.run(clients, requests).await?;
    let seconds = start.elapsed().as_secs_f64();
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = (share * times.len() as f64).ceil() as usize;
        times.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    Ok(Latency {
        clients,
        requests: times.len(),
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        per_second: times.len() as f64 / seconds,
    })
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
