//! `assay doctor --bundle FILE`: what whoever helps wants to see, in one ZIP file, without secrets.
//!
//! Settings come as `assay config show --resolved` tells them, with their secrets hidden. The values of
//! these secrets are taken out of every part, and the guard looks at what is left: at logs for secrets
//! and personal data, at the rest for secrets.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use assay_core::{Clock as _, ErrorCode, SystemClock};
use assay_guard::{Guard, GuardSettings, Pseudonyms, Scope};
use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::Finding;
use crate::{
    command::{Context, ready::settings, variables},
    config::secrets,
    connect::Connection,
    output::Told,
};

/// Bytes of logs at most, the newest.
const LOG_BYTES_MAX: u64 = 4 << 20;
/// Bytes of any other part at most.
const PART_BYTES_MAX: usize = 8 << 20;
/// What stands where a secret of the settings stood.
const HIDDEN: &str = "(secret)";
/// What stands where a line could not be looked at.
const LEFT_OUT: &str = "(left out: the guard could not look at this line)";

/// Writes the file; the names of its parts.
///
/// The file must not exist yet. A part that there is not is named in `missing.txt`.
pub(super) async fn write(
    context: &Context,
    findings: &[Finding],
    logs: &[PathBuf],
    file: &Path,
) -> anyhow::Result<Vec<String>> {
    let unwritable = |error: std::io::Error| {
        Told::new(ErrorCode::BadRequest, format!("`{}` cannot be made: {error}", file.display()))
            .hint("name a file that does not exist yet")
    };
    let cleaner = Cleaner::new(secrets(context.given.file(), variables()))?;
    let mut parts = vec![
        ("about.json".to_owned(), pretty(&about())),
        ("findings.json".to_owned(), pretty(&serde_json::to_value(findings)?)),
        ("settings.json".to_owned(), pretty(&settings(context))),
    ];
    let mut missing = Vec::new();
    match Connection::find(&context.config).await {
        Some(server) => {
            for (name, path) in SHOWN {
                match server.bytes(path).await {
                    Ok(bytes) => parts.push((name.to_owned(), text(bytes))),
                    Err(error) => missing.push(format!("{name}: {error:#}")),
                }
            }
        }
        None => missing.push("what a server tells: none of this data folder is running".to_owned()),
    }
    let parts = parts.into_iter().map(|(name, text)| (name, cleaner.clean(&text, Scope::Secrets)));
    let mut parts: Vec<(String, String)> = parts.collect();
    let own = context.config.log.file.iter().flat_map(|path| with_older(path));
    let logs: Vec<PathBuf> = own.chain(logs.iter().cloned()).collect();
    if logs.is_empty() {
        missing.push("the log: log.file is not set, and no --log names one".to_owned());
    }
    let mut room = LOG_BYTES_MAX;
    for (number, path) in logs.iter().enumerate() {
        let name =
            path.file_name().map_or_else(String::new, |it| it.to_string_lossy().into_owned());
        match newest(path, room) {
            Ok(text) => {
                room = room.saturating_sub(text.len() as u64);
                let clean = cleaner.clean(&text, Scope::Outgoing);
                parts.push((format!("log/{number}-{name}"), clean));
            }
            Err(error) => missing.push(format!("{}: {error}", path.display())),
        }
    }
    parts.push(("missing.txt".to_owned(), cleaner.clean(&missing.join("\n"), Scope::Secrets)));
    let mut archive = ZipWriter::new(File::create_new(file).map_err(unwritable)?);
    for (name, text) in &parts {
        archive.start_file(name.as_str(), SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    archive.finish()?.sync_all()?;
    Ok(parts.into_iter().map(|(name, _)| name).collect())
}

/// What a server tells, by the part that it becomes.
const SHOWN: [(&str, &str); 4] = [
    ("health.json", "/health/ready"),
    ("metrics.txt", "/metrics"),
    ("performance.json", "/metrics/performance"),
    ("alerts.json", "/v1/alerts"),
];

fn about() -> Value {
    json!({
        "at": SystemClock.now().to_string(),
        "version": env!("CARGO_PKG_VERSION"),
        "optimised": !cfg!(debug_assertions),
        "system": std::env::consts::OS,
        "processor": std::env::consts::ARCH,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "kernel": std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim(),
    })
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn text(mut bytes: Vec<u8>) -> String {
    bytes.truncate(PART_BYTES_MAX);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A log file and those before it, the newest first.
fn with_older(path: &Path) -> Vec<PathBuf> {
    let older = (1..).map(|number| PathBuf::from(format!("{}.{number}", path.display())));
    [path.to_owned()].into_iter().chain(older.take_while(|path| path.is_file())).collect()
}

/// The last whole lines of a file.
fn newest(path: &Path, bytes_max: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let skipped = bytes.saturating_sub(bytes_max);
    file.seek(SeekFrom::Start(skipped))?;
    let mut read = Vec::new();
    file.take(bytes_max).read_to_end(&mut read)?;
    let text = String::from_utf8_lossy(&read);
    let whole =
        if skipped > 0 { text.split_once('\n').map_or("", |(_, rest)| rest) } else { &text };
    Ok(whole.to_owned())
}

/// Takes out what nobody else may see.
struct Cleaner {
    secrets: Vec<String>,
    guard: Guard,
}

impl Cleaner {
    fn new(mut secrets: Vec<String>) -> anyhow::Result<Self> {
        // One that holds another goes first.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let actions = json!({
            "secret": "redact", "pii": "redact", "output": "allow", "unicode": "allow",
        });
        let guard = json!({ "mode": "enforce", "names": false, "actions": actions });
        let guard: GuardSettings = serde_json::from_value(guard)?;
        Ok(Self { secrets, guard: Guard::new(guard)?.unlimited() })
    }

    /// Line by line: a line that cannot be looked at is left out, and no other.
    fn clean(&self, text: &str, scope: Scope) -> String {
        let mut clean = String::with_capacity(text.len());
        for line in text.lines() {
            let mut line = line.to_owned();
            for secret in &self.secrets {
                if line.contains(secret.as_str()) {
                    line = line.replace(secret.as_str(), HIDDEN);
                }
            }
            let redacted = self.guard.redact(&line, scope, &mut Pseudonyms::new());
            let fails = redacted.blocked || redacted.failed;
            clean.push_str(if fails { LEFT_OUT } else { &redacted.text });
            clean.push('\n');
        }
        clean
    }
}
