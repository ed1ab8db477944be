//! `assay drill stop`: a server of the drill's own is stopped while files come in and are read. How long
//! it takes, and whether everything that it had acknowledged is there when it starts again. Then the
//! bundle for whoever helps is made of it, with secrets planted in its settings and its log.

use std::{
    fs::{self, File},
    io::Read as _,
    path::Path,
    process::{Command, ExitCode, Stdio},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use assay_ready::{Blast, drill::Plan};
use serde_json::{Value, json};

use super::{
    carry::{Found, Kept, carry},
    private::{Home, Private, unreachable},
    secrets::planted,
};
use crate::{cli::DrillOwn, command::ready::Http};

/// Clients that hand files in.
const CLIENTS: usize = 4;
/// Files that are handed in before the stop.
const FILES: usize = 60;
/// Longest that a stop may take before the drill gives up.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest until a document can be found.
const SOON: Duration = Duration::from_secs(60);
/// Parts that a bundle must have.
const PARTS: [&str; 5] =
    ["about.json", "findings.json", "settings.json", "health.json", "metrics.txt"];
/// A line of the log that must come through as it is.
const HARMLESS: &str = "a harmless line of the drill";

pub(super) async fn run(
    context: crate::command::Context,
    args: DrillOwn,
) -> anyhow::Result<ExitCode> {
    let plan = Plan {
        name: "stop",
        steps: vec![
            format!("{CLIENTS} clients hand files in; after {FILES} the server is told to end"),
            "it is started again, and every file that it had taken is looked for".to_owned(),
            "the bundle of `assay doctor --bundle` is made and searched for planted secrets"
                .to_owned(),
        ],
        blast: Blast::None,
        seconds: 240.0,
        restore: "the server and its folder are taken away, also when the drill is killed",
    };
    carry(context, args, plan, |_, http, stop| carry_out(http, stop)).await
}

fn carry_out(http: &Http, stop: &AtomicBool) -> anyhow::Result<Found> {
    let key = format!("sk-drill-{}", assay_core::DocumentId::new().to_string().replace('-', ""));
    let home = Home::make(&format!(
        "[embedding]\nmodel = \"\"\n[server.rates]\nclient_per_minute = 0\n\
         [gateway.providers.drill]\nbase_url = \"http://127.0.0.1:9/v1\"\napi_key = \"{key}\"\n\
         models = [\"*\"]\n"
    ))?;
    let server = Private::start(&home, http, None)?;
    let (marks, seconds, under_way) = stop_at_work(&server, stop)?;
    drop(server);
    let server = Private::start(&home, http, None)?;
    let lost: Vec<&String> = marks
        .iter()
        .filter(|mark| !stop.load(Ordering::Relaxed) && !server.finds_once(mark, SOON))
        .collect();
    let secrets = secrets(key);
    let bundle = bundle(&home, &secrets)?;
    let again = marks.len() - lost.len();
    let mut lines = vec![
        format!(
            "the server ended {seconds:.2} s after it was told to, with {under_way} files under way"
        ),
        format!("{again} of {} files that it had taken are there again", marks.len()),
        format!(
            "the bundle has {} parts and {} bytes; {} of {} planted secrets are in it",
            bundle.parts.len(),
            bundle.bytes,
            bundle.shown.len(),
            secrets.len()
        ),
    ];
    lines.extend(bundle.shown.iter().map(|text| format!("  shown: {text}")));
    lines.extend(bundle.missing.iter().map(|part| format!("  missing: {part}")));
    let redacted = bundle.shown.is_empty() && bundle.missing.is_empty();
    let result = json!({
        "stop_seconds": seconds, "under_way": under_way,
        "found_again": { "count": again, "of": marks.len() },
        "bundle_redacted": redacted, "bundle_parts": bundle.parts, "bundle_bytes": bundle.bytes,
        "shown": bundle.shown, "missing": bundle.missing,
    });
    let holds = redacted && lost.is_empty() && under_way > 0 && seconds < 10.0;
    Ok(Found { kept: vec![Kept { name: "stop", result, of_settings: false }], lines, holds })
}

/// Stops the server while clients hand files in: the marks of those that it took, the seconds until it
/// was gone, and how many files it had taken and not read by then.
fn stop_at_work(
    server: &Private<'_>,
    stop: &AtomicBool,
) -> anyhow::Result<(Vec<String>, f64, u64)> {
    let taken = Mutex::new(Vec::new());
    let lock = || taken.lock().unwrap_or_else(PoisonError::into_inner);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (is_over, lock) = (&is_over, &lock);
            scope.spawn(move || {
                for number in 0.. {
                    let mark = format!("stop{client}x{number}");
                    if is_over.load(Ordering::Relaxed) || server.upload(&mark).is_err() {
                        return;
                    }
                    lock().push(mark);
                }
            });
        }
        let begun = Instant::now();
        while lock().len() < FILES && begun.elapsed() < SOON && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(2));
        }
        let tasks = server.ask("", "GET", "/v1/tasks?limit=200", None);
        let under_way = tasks.ok().and_then(|it| waiting(&it.text())).unwrap_or(0);
        let begun = Instant::now();
        server.signal("TERM");
        let is_gone = server.is_gone_within(PATIENCE);
        let seconds = begun.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        if !is_gone {
            return Err(unreachable(format!("it has not ended {} s after", PATIENCE.as_secs())));
        }
        Ok((seconds, under_way))
    })
    .map(|(seconds, under_way)| (std::mem::take(&mut *lock()), seconds, under_way))
}

/// How many tasks of a list have not ended.
fn waiting(list: &str) -> Option<u64> {
    let list: Value = serde_json::from_str(list).ok()?;
    let is_open = |task: &&Value| {
        let state = task.get("state").and_then(Value::as_str).unwrap_or_default();
        matches!(state, "ready" | "delayed" | "running")
    };
    Some(list.get("tasks")?.as_array()?.iter().filter(is_open).count() as u64)
}

/// What is planted, each with its place.
fn secrets(key: String) -> Vec<(&'static str, String)> {
    let id = || assay_core::DocumentId::new().to_string().replace('-', "");
    let mut all = vec![
        ("the provider's key, in the settings and the log", key),
        ("a key of OpenAI's form, in the log", format!("sk-proj-{}{}", id(), id())),
        ("a key of GitHub's form, in the log", format!("ghp_{}abcd", id())),
        ("a password in an address, in the log", format!("pw{}", id())),
    ];
    all.extend(planted::personal().into_iter().take(6).map(|it| ("personal data, in the log", it)));
    all
}

/// What a bundle came to.
struct Bundle {
    parts: Vec<String>,
    bytes: u64,
    /// Planted secrets that are in it.
    shown: Vec<String>,
    /// Parts that are not.
    missing: Vec<String>,
}

/// Has the bundle made, as a person would, of a log in which secrets stand, and searches it.
fn bundle(home: &Home, secrets: &[(&'static str, String)]) -> anyhow::Result<Bundle> {
    let folder = home.folder();
    let (file, log) = (folder.join("bundle.zip"), folder.join("planted.log"));
    let planted = secrets.iter().enumerate().map(|(number, (what, secret))| match *what {
        "a password in an address, in the log" => {
            format!("WARN cannot reach postgres://ann:{secret}@db.example.org/assay\n")
        }
        _ => format!("WARN request {number} failed: it said {secret} and ended\n"),
    });
    let text: String = [home.log()?, format!("{HARMLESS}\n")].into_iter().chain(planted).collect();
    fs::write(&log, text)?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["doctor", "--config"]).arg(folder.join("assay.toml"));
    command.arg("--data-dir").arg(folder.join("data"));
    command.arg("--bundle").arg(&file).arg("--log").arg(&log);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ASSAY_") {
            command.env_remove(name);
        }
    }
    let output = command.stdin(Stdio::null()).output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(unreachable(format!("`assay doctor --bundle` fails: {said}")));
    }
    let parts = unpacked(&file)?;
    let all: String = parts.iter().map(|(_, text)| text.as_str()).collect();
    let shown = secrets.iter().filter(|(_, secret)| all.contains(secret.as_str()));
    let shown = shown.map(|(what, _)| (*what).to_owned()).collect();
    let has = |name: &str| parts.iter().any(|(its, text)| its == name && text.len() > 2);
    let mut missing: Vec<String> =
        PARTS.iter().filter(|name| !has(name)).map(|name| (*name).to_owned()).collect();
    if !all.contains(HARMLESS) {
        missing.push("the lines of the log".to_owned());
    }
    let bytes = fs::metadata(&file)?.len();
    Ok(Bundle { parts: parts.into_iter().map(|(name, _)| name).collect(), bytes, shown, missing })
}

fn unpacked(file: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut archive = zip::ZipArchive::new(File::open(file)?)?;
    let mut parts = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at)?;
        let mut text = String::new();
        part.read_to_string(&mut text)?;
        parts.push((part.name()?.into_owned(), text));
    }
    Ok(parts)
}
