//! The server that the drill makes faults in, and the Prometheus and the Alertmanager beside it.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use assay_telemetry::AlertRule;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{
    beside::{Confined, Victim},
    peer::Peer,
};
use crate::connect::install_crypto;

/// Longest that a process may take to be ready.
const READY: Duration = Duration::from_secs(60);
/// How often a process is asked whether it is ready.
const LOOK: Duration = Duration::from_millis(100);
/// Keys of the provider, each with a breaker of its own: a breaker that opens would end the fault.
const KEYS: usize = 60;
/// What the drill promises in the place of three nines, so that an error budget can be healed by some
/// thousand requests.
const TARGET: &str = "0.98";

/// A process that ends with the drill.
pub(super) struct Running(pub(super) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The server and its peer.
pub(super) struct Site {
    pub(super) peer: Peer,
    pub(super) url: String,
    /// The address of the Prometheus, when there is one.
    pub(super) prometheus: Option<String>,
    pub(super) client: reqwest::Client,
    /// A server whose disk can be filled, where that may be.
    pub(super) confined: Option<Confined>,
    /// A server that can be killed, where somebody outside would see it.
    victim: Option<Victim>,
    is_probed: bool,
    processes: Vec<Running>,
    folder: TempDir,
}

impl Site {
    /// Starts a server of its own in a folder of its own, watched by `rules`, and those beside it.
    pub(super) async fn start(rules: &[AlertRule], watched: bool) -> anyhow::Result<Self> {
        install_crypto();
        let folder = tempfile::tempdir()?;
        let peer = Peer::start().await?;
        let settings = folder.path().join("assay.toml");
        std::fs::write(&settings, configuration(&peer, rules))?;
        let mut command = Command::new(std::env::current_exe()?);
        assay(&mut command, &settings, &folder.path().join("data"), 0);
        let (process, url) = tokio::task::spawn_blocking(move || serve(command)).await??;
        let confined = Confined::start(folder.path(), &settings).await?;
        let victim = match watched {
            true => Some(Victim::start(folder.path(), &settings).await?),
            false => None,
        };
        let client = reqwest::Client::builder().no_proxy().timeout(READY).build()?;
        let processes = vec![process];
        let (prometheus, is_probed) = (None, false);
        Ok(Self { peer, url, prometheus, client, confined, victim, is_probed, processes, folder })
    }

    pub(super) const fn is_probed(&self) -> bool {
        self.is_probed
    }

    pub(super) fn confined(&self) -> anyhow::Result<&Confined> {
        self.confined.as_ref().context("no server has a disk of its own here")
    }

    pub(super) fn victim(&self) -> anyhow::Result<&Victim> {
        self.victim.as_ref().context("there is no server that can be killed")
    }

    /// Starts Debian's Prometheus with the rules that the server gives out, its Alertmanager, and its
    /// prober where that is installed.
    pub(super) async fn watch(&mut self) -> anyhow::Result<()> {
        let prober = self.probe()?;
        let shown = self.get("/v1/alerts/rules").await?;
        let rules = shown.get("prometheus").and_then(Value::as_str).unwrap_or_default();
        let alertmanager = free_port()?;
        let prometheus = free_port()?;
        let write = |name: &str, text: String| {
            let path = self.folder.path().join(name);
            std::fs::write(&path, text).map(|()| path)
        };
        write("rules.yml", rules.to_owned())?;
        let confined = self.confined.iter().map(|it| it.url.as_str());
        let victim = self.victim.as_ref().map(Victim::address).unwrap_or_default();
        let read = [self.url.as_str()].into_iter().chain(confined).chain([victim.as_str()]);
        let read: Vec<&str> = read.map(|url| url.trim_start_matches("http://")).collect();
        let probing = prober.as_deref().map(|prober| probing(&victim, prober)).unwrap_or_default();
        let scraping = write(
            "prometheus.yml",
            format!(
                "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n\
                 rule_files: [rules.yml]\n\
                 scrape_configs:\n  - job_name: assay\n    static_configs: [{{targets: {read:?}}}]\n\
                 {probing}alerting:\n  alertmanagers:\n    \
                 - static_configs: [{{targets: ['{alertmanager}']}}]\n"
            ),
        )?;
        let telling = write(
            "alertmanager.yml",
            format!(
                "route: {{receiver: drill, group_by: ['...'], group_wait: 0s, group_interval: 1s, \
                 repeat_interval: 1h}}\nreceivers:\n  - name: drill\n    webhook_configs: \
                 [{{url: 'http://{}/alertmanager', send_resolved: true}}]\n",
                self.peer.address
            ),
        )?;
        self.begin(
            Command::new("prometheus-alertmanager")
                .arg(option("--config.file", &telling))
                .arg(option("--storage.path", &self.folder.path().join("alertmanager")))
                .arg(format!("--web.listen-address={alertmanager}"))
                .arg("--cluster.listen-address="),
        )?;
        self.begin(
            Command::new("prometheus")
                .arg(option("--config.file", &scraping))
                .arg(option("--storage.tsdb.path", &self.folder.path().join("prometheus")))
                .arg(format!("--web.listen-address={prometheus}")),
        )?;
        for address in [&alertmanager, &prometheus] {
            self.until_ready(&format!("http://{address}/-/ready")).await?;
        }
        self.prometheus = Some(format!("http://{prometheus}"));
        self.is_probed = prober.is_some();
        self.until_scraped().await
    }

    /// Starts the prober; its address, or nothing where it is not installed.
    fn probe(&mut self) -> anyhow::Result<Option<String>> {
        let address = free_port()?;
        let path = self.folder.path().join("prober.yml");
        std::fs::write(&path, "modules: {live: {prober: http, timeout: 900ms}}\n")?;
        let begun = self.begin(
            Command::new("prometheus-blackbox-exporter")
                .arg(option("--config.file", &path))
                .arg(format!("--web.listen-address={address}")),
        );
        Ok(begun.is_ok().then_some(address))
    }

    fn begin(&mut self, command: &mut Command) -> anyhow::Result<()> {
        let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.processes.push(Running(quiet.spawn()?));
        Ok(())
    }

    /// Asks a process again and again whether it is ready; there is no other way to be told.
    async fn until_ready(&self, url: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY;
        let mut looks = tokio::time::interval(LOOK);
        loop {
            looks.tick().await;
            let asked = self.client.get(url).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            anyhow::ensure!(Instant::now() < deadline, "{url} is not ready after {READY:?}");
        }
    }

    /// Waits until the Prometheus has read the server a few times, and so evaluates its rules.
    async fn until_scraped(&self) -> anyhow::Result<()> {
        let mut looks = tokio::time::interval(LOOK);
        let deadline = Instant::now() + READY;
        while self.ask("min(count_over_time(up[1m])) >= 5").await?.is_empty() {
            anyhow::ensure!(Instant::now() < deadline, "the server is not scraped");
            looks.tick().await;
        }
        Ok(())
    }

    /// What the Prometheus answers to a query: its series.
    pub(super) async fn ask(&self, query: &str) -> anyhow::Result<Vec<Value>> {
        let address = self.prometheus.as_deref().context("there is no Prometheus")?;
        let url = reqwest::Url::parse_with_params(
            &format!("{address}/api/v1/query"),
            [("query", query)],
        )?;
        let answer: Value = self.client.get(url).send().await?.json().await?;
        let series = answer.pointer("/data/result").and_then(Value::as_array).cloned();
        series.with_context(|| format!("`{query}`: {answer}"))
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await?;
        Ok(answer.error_for_status()?.json().await?)
    }

    /// Sends a body; the status, whatever it is.
    pub(super) async fn post(&self, path: &str, body: Value) -> anyhow::Result<(u16, Value)> {
        let answer = self.client.post(format!("{}{path}", self.url)).json(&body).send().await?;
        let status = answer.status().as_u16();
        Ok((status, answer.json().await.unwrap_or_default()))
    }

    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        self.client.delete(format!("{}{path}", self.url)).send().await?.error_for_status()?;
        Ok(())
    }

    /// Takes a file in; the id of its document.
    pub(super) async fn upload(&self, name: &str, text: String) -> anyhow::Result<String> {
        let part = reqwest::multipart::Part::bytes(text.into_bytes()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        let request = self.client.post(format!("{}/documents/upload", self.url)).multipart(form);
        let made: Value = request.send().await?.error_for_status()?.json().await?;
        let id = made.get("document_id").and_then(Value::as_str);
        Ok(id.context("an upload gave no document")?.to_owned())
    }

    /// Calls a model of the provider; the status.
    pub(super) async fn call(&self, model: &str, text: &str) -> anyhow::Result<u16> {
        let body = json!({ "model": format!("drill/{model}"),
            "messages": [{ "role": "user", "content": text }] });
        Ok(self.post("/v1/chat/completions", body).await?.0)
    }
}

/// The arguments of a server, and no variables of the deployment.
pub(super) fn assay(command: &mut Command, settings: &Path, data: &Path, port: u16) {
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ASSAY_") {
            command.env_remove(name);
        }
    }
    command.args(["serve", "--port", &port.to_string(), "--config"]).arg(settings);
    command.arg("--data-dir").arg(data);
}

/// How Prometheus has a prober ask a server.
fn probing(server: &str, prober: &str) -> String {
    format!(
        "  - job_name: assay-outside\n    metrics_path: /probe\n    params: {{module: [live]}}\n    \
         static_configs: [{{targets: ['http://{server}/health/live']}}]\n    relabel_configs:\n      \
         - {{source_labels: [__address__], target_label: __param_target}}\n      \
         - {{source_labels: [__param_target], target_label: instance}}\n      \
         - {{target_label: __address__, replacement: '{prober}'}}\n"
    )
}

/// Starts the server and reads where it listens.
pub(super) fn serve(mut command: Command) -> anyhow::Result<(Running, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = Running(command.spawn()?);
    let stdout = process.0.stdout.take().context("no standard output")?;
    let mut lines = BufReader::new(stdout);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    let url = line.split_whitespace().find(|word| word.starts_with("http://"));
    let url = url.context("the server of the drill did not start: run `assay serve`")?.to_owned();
    // What it prints further is read, so that its pipe stays open.
    std::thread::spawn(move || lines.lines().for_each(drop));
    Ok((process, url))
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}

/// An address that is free now.
fn free_port() -> std::io::Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

/// The settings of the server: every model is the peer, every rule is scaled.
fn configuration(peer: &Peer, rules: &[AlertRule]) -> String {
    let address = peer.address;
    let keys: Vec<String> = (0..KEYS).map(|number| format!("drill-{number}")).collect();
    let mut text = format!(
        r#"
[log]
filter = "warn"

[answer]
total_ms = 4000

[embedding.endpoint]
base_url = "http://{address}/v1"
model = "drill"

[writer]
model = "drill/writer"

[gateway]
retries = 0
attempts_max = 1

[gateway.providers.drill]
base_url = "http://{address}/v1"
models = ["*"]
tier = "cheap"
api_keys = {keys:?}

[ledger.unknown_model]
action = "charge"
input = "1"
output = "1"

[[ledger.prices]]
provider = "drill"
model = "dear"
per_call = "11"

[webhooks]
allow_private_hosts = ["127.0.0.1"]

[telemetry]
interval_seconds = 1

[[telemetry.receivers]]
name = "drill"
url = "http://{address}/assay"
severity = "info"

[telemetry.objectives.availability]
target = {TARGET}
bad = 'sum(assay_http_requests_total{{status=~"5.."}})'
all = 'sum(assay_http_requests_total)'
"#
    );
    for rule in rules {
        let AlertRule { name, expression, for_ms, .. } = rule;
        text.push_str(&format!(
            "\n[telemetry.alerts.{name}]\nexpression = '{expression}'\nfor_seconds = {}\n",
            for_ms / 1000
        ));
    }
    text
}
