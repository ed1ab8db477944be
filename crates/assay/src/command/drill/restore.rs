//! `assay drill restore`: a private server takes files in, is killed, and its backup is restored and
//! started elsewhere. What the deployment's own backups hold is restored and checked as well. Nothing
//! of the deployment is written but the result.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use anyhow::Context as _;
use assay_answer::{Place, Plan};
use assay_api::{DocumentResponse, SearchRequest, SearchResponse, UploadResponse};
use assay_core::{Clock as _, ErrorCode, SystemClock};
use assay_ready::{Blast, drill, fingerprint};
use serde::Serialize;

use crate::{
    cli::DrillRestore,
    command::{Context, ready::settings},
    config::Config,
    connect::Connection,
    output::{Told, json as print, line, note, told},
};

/// Seconds between two steps of the backup of the private server.
const EVERY: &str = "1";
/// Milliseconds within which a step of that backup keeps what was acknowledged.
const MOMENT_MS: i64 = 1_500;
/// Time between two files.
const PAUSE: Duration = Duration::from_millis(100);
/// Longest that a server may take to answer, and a restored one to find what it holds.
const START: Duration = Duration::from_secs(120);
/// Where the last backup of the deployment is restored.
const DEPLOYMENT: &str = "deployment";
/// Time between two looks.
const LOOK: Duration = Duration::from_millis(50);

/// What came of the drill.
#[derive(Debug, Serialize)]
struct Outcome {
    restored: bool,
    smoke: bool,
    hashes_equal: bool,
    /// From the acknowledgement of the oldest file that was lost to the kill; 0 when none was.
    rpo_seconds: f64,
    /// From the kill to the first search on the restored data that found the newest file of it.
    rto_seconds: f64,
    /// Files that were acknowledged, and those of them that were there again.
    acknowledged: usize,
    recovered: usize,
    bytes: u64,
    faults: Vec<String>,
    /// Whether a moment in the middle came back as it was: what was there by then, and nothing after it.
    rollback_restored: bool,
    /// Whether every database of the copy went back one version and forward again.
    migrated: bool,
    /// Whether what both versions can hold was the same before, between and after.
    rows_equal: bool,
    /// The longest that one database was held by a step.
    lock_seconds: f64,
    /// `deployment`, when the copy was of its backup; `drill`, when it has none.
    rehearsed_on: &'static str,
    /// Databases and rows of the copy.
    rehearsed_databases: u64,
    rehearsed_rows: u64,
    /// The backups of the deployment, where it has some.
    deployment: Option<Deployed>,
}

/// What the deployment's own backups came to.
#[derive(Debug, Serialize)]
struct Deployed {
    place: String,
    until: String,
    /// Between the last moment that is kept and now.
    lag_seconds: f64,
    restore_seconds: f64,
    versions: u64,
    /// Databases that were restored, and that the data folder has.
    databases: u64,
    stores: u64,
    sealed: bool,
    /// The oldest moment, in milliseconds since 1970.
    oldest_ms: i64,
    faults: Vec<String>,
}

/// A file that was acknowledged.
struct Sentinel {
    document: String,
    text: String,
    word: String,
    acknowledged: Instant,
    /// The same in milliseconds since 1970.
    at_ms: i64,
}

/// A server of the drill's own; killed at the end, whatever happens.
struct Private {
    child: Child,
    connection: Connection,
}

impl Drop for Private {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(super) async fn run(context: &Context, args: &DrillRestore) -> anyhow::Result<ExitCode> {
    let plan = drill::Plan {
        name: "restore",
        steps: vec![
            format!("a server of its own takes files in for {} s, with a backup", args.seconds),
            "it is killed; the backup is restored elsewhere, a server started on it".to_owned(),
            "every file is read back and compared".to_owned(),
            "the databases of a restored copy go back one version and forward again".to_owned(),
            match &context.config.backup.to {
                Some(to) => format!("the last backup in {to} is restored and checked"),
                None => "the deployment has no backup to check: backup.to is not set".to_owned(),
            },
        ],
        blast: Blast::None,
        seconds: args.seconds + 300.0,
        restore: "the scratch folder is removed; the data folder in use is not touched",
    };
    note(plan.shown("a private server").trim_end());
    if args.plan {
        return Ok(ExitCode::SUCCESS);
    }
    let parent = args.scratch.clone().unwrap_or_else(std::env::temp_dir);
    let scratch = parent.join(format!("assay-drill-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).context("the scratch folder")?;
    let outcome = carry_out(context, args, &scratch).await;
    if let Err(error) = std::fs::remove_dir_all(&scratch) {
        note(&format!("`{}` was not removed: {error}", scratch.display()));
    }
    let outcome = outcome?;
    let folder = args.folder.clone().unwrap_or_else(|| context.config.data().join("ready"));
    let path = drill::keep(
        &folder,
        "restore",
        &serde_json::to_value(&outcome)?,
        SystemClock.now(),
        env!("CARGO_PKG_VERSION"),
        &fingerprint(&settings(context)),
    )
    .map_err(told)?;
    if let Some(deployed) = &outcome.deployment {
        evidence(context, deployed, &folder)?;
    }
    if context.json {
        print(&outcome)?;
    } else {
        tell(&outcome);
    }
    note(&format!("kept as {}", path.display()));
    let holds = outcome.restored && outcome.smoke && outcome.hashes_equal;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Leaves what was found of the deployment's backups where checks look for it. Where the place lies and
/// whether it can be overwritten is for people to say.
fn evidence(context: &Context, deployed: &Deployed, folder: &Path) -> anyhow::Result<()> {
    let path = folder.join("evidence").join("backup.json");
    let before = std::fs::read_to_string(&path).unwrap_or_else(|_| "{}".to_owned());
    let mut said: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&before).unwrap_or_default();
    let now_ms = SystemClock.now_ms();
    let oldest_days = (now_ms - deployed.oldest_ms).max(0) as f64 / 86_400e3;
    let found = serde_json::json!({
        "stores_covered": { "count": deployed.databases, "of": deployed.stores },
        "last_success_hours": deployed.lag_seconds / 3_600.0,
        "retention_days": context.config.backup.keep_days,
        "oldest_days": oldest_days,
        "encrypted": deployed.sealed,
        "before_deploy_minutes": deployed.lag_seconds / 60.0,
        "before_deploy_verified": deployed.faults.is_empty(),
    });
    said.extend(found.as_object().cloned().unwrap_or_default());
    std::fs::create_dir_all(folder.join("evidence"))?;
    std::fs::write(&path, format!("{:#}\n", serde_json::Value::Object(said)))?;
    note(&format!("evidence of the backups of the deployment: {}", path.display()));
    Ok(())
}

fn tell(outcome: &Outcome) {
    line(&format!(
        "{} of {} files are there again, {} bytes; RPO {:.2} s, RTO {:.2} s, hashes {}",
        outcome.recovered,
        outcome.acknowledged,
        outcome.bytes,
        outcome.rpo_seconds,
        outcome.rto_seconds,
        if outcome.hashes_equal { "equal" } else { "NOT equal" },
    ));
    line(&format!(
        "{} databases of the {}'s copy went back one version and forward again: {} rows, {}, {:.2} s at \
         the longest",
        outcome.rehearsed_databases,
        outcome.rehearsed_on,
        outcome.rehearsed_rows,
        if outcome.rows_equal { "equal" } else { "NOT equal" },
        outcome.lock_seconds,
    ));
    if let Some(deployed) = &outcome.deployment {
        line(&format!(
            "the backup in {} leads to {} ({:.1} s ago) and restores in {:.1} s: {} versions",
            deployed.place,
            deployed.until,
            deployed.lag_seconds,
            deployed.restore_seconds,
            deployed.versions,
        ));
    }
    let of_deployment = outcome.deployment.iter().flat_map(|it| &it.faults);
    outcome.faults.iter().chain(of_deployment).for_each(|fault| line(&format!("FAULT {fault}")));
}

async fn carry_out(
    context: &Context,
    args: &DrillRestore,
    scratch: &Path,
) -> anyhow::Result<Outcome> {
    let (live, back, to) = (scratch.join("live"), scratch.join("back"), scratch.join("place"));
    let file = scratch.join("assay.toml");
    // Nothing of the deployment's settings: the drill is of what the program does.
    std::fs::write(&file, "[embedding]\nmodel = \"\"\n")?;
    let server = serve(&file, &live, Some(&to)).await?;
    let sentinels = take_in(&server.connection, args.seconds).await?;
    let mut server = server;
    server.child.kill()?;
    let killed = Instant::now();
    drop(server);
    let encryption = assay_vault::EncryptionSettings::default();
    let place =
        Place::open(&(&to).into(), &assay_answer::BackupSettings::default()).map_err(told)?;
    let plan = Plan::to(&place, None).map_err(told)?;
    let restored = assay_answer::restore(&place, &plan, &back, &encryption, None).map_err(told)?;
    let server = serve(&file, &back, None).await?;
    let mut recovered = Vec::new();
    let mut lost = Vec::new();
    for sentinel in &sentinels {
        let path = format!("/documents/{}", sentinel.document);
        match server.connection.get::<DocumentResponse>(&path).await {
            Ok(_) => recovered.push(sentinel),
            Err(_) => lost.push(sentinel),
        }
    }
    let smoke = match recovered.last() {
        Some(newest) => finds(&server.connection, newest).await,
        None => false,
    };
    let rto_seconds = killed.elapsed().as_secs_f64();
    let mut faults = Vec::new();
    for sentinel in &recovered {
        let path = format!("/v1/documents/{}/original", sentinel.document);
        if server.connection.bytes(&path).await.ok().as_deref() != Some(sentinel.text.as_bytes()) {
            faults.push(format!("document {} is not what was sent", sentinel.document));
        }
    }
    drop(server);
    let rollback_restored = back_to_the_middle(&place, scratch, &file, &sentinels).await?;
    if !rollback_restored {
        faults.push("a moment in the middle did not come back as it was".to_owned());
    }
    let verified = assay_answer::verify(&place, &scratch.join("check"), &encryption, None);
    faults.extend(verified.map_err(told)?.faults);
    let since = |sentinel: &&Sentinel| killed.duration_since(sentinel.acknowledged).as_secs_f64();
    let deployment = deployed(context, args, scratch)?;
    let is_restored = deployment.as_ref().is_some_and(|it| it.databases > 0);
    // The drill's own copy shows that the steps work, not that they do on what the deployment has.
    let (rehearsed_on, rehearsed) = if is_restored {
        let copy = scratch.join(DEPLOYMENT);
        ("deployment", assay_answer::rehearse(&copy, &context.config.encryption))
    } else {
        ("drill", assay_answer::rehearse(&back, &encryption))
    };
    let rehearsed = rehearsed.map_err(told)?;
    faults.extend(rehearsed.faults.iter().cloned());
    let is_deployment_whole = deployment.as_ref().is_none_or(|it| it.faults.is_empty());
    Ok(Outcome {
        restored: restored.databases > 0 && !recovered.is_empty(),
        smoke,
        hashes_equal: faults.is_empty() && is_deployment_whole,
        rpo_seconds: lost.iter().map(since).fold(0.0, f64::max),
        rto_seconds,
        acknowledged: sentinels.len(),
        recovered: recovered.len(),
        bytes: restored.bytes,
        faults,
        rollback_restored,
        migrated: rehearsed.databases > 0,
        rows_equal: rehearsed.faults.is_empty(),
        lock_seconds: rehearsed.longest_step.as_secs_f64(),
        rehearsed_on,
        rehearsed_databases: rehearsed.databases,
        rehearsed_rows: rehearsed.rows,
        deployment,
    })
}

/// Restores the moment at which the middle file was acknowledged, as one does who goes back: what was there
/// by then is there, and nothing that came later.
async fn back_to_the_middle(
    place: &Place,
    scratch: &Path,
    file: &Path,
    sentinels: &[Sentinel],
) -> anyhow::Result<bool> {
    let Some(middle) = sentinels.get(sentinels.len() / 2) else { return Ok(false) };
    // The step of the backup that holds the middle one ends within a second of it.
    let plan = Plan::to(place, Some(middle.at_ms + MOMENT_MS)).map_err(told)?;
    let folder = scratch.join("middle");
    let encryption = assay_vault::EncryptionSettings::default();
    assay_answer::restore(place, &plan, &folder, &encryption, None).map_err(told)?;
    let server = serve(file, &folder, None).await?;
    let (mut missing, mut later) = (0, 0);
    for sentinel in sentinels {
        let path = format!("/documents/{}", sentinel.document);
        let is_there = server.connection.get::<DocumentResponse>(&path).await.is_ok();
        missing += usize::from(!is_there && sentinel.at_ms < plan.at_ms - MOMENT_MS);
        later += usize::from(is_there && sentinel.at_ms > plan.at_ms + MOMENT_MS);
    }
    let has_later = sentinels.iter().any(|it| it.at_ms > plan.at_ms + MOMENT_MS);
    Ok(missing == 0 && later == 0 && has_later)
}

/// Restores and checks the last backup of the deployment, beside it.
fn deployed(
    context: &Context,
    args: &DrillRestore,
    scratch: &Path,
) -> anyhow::Result<Option<Deployed>> {
    let Some(to) = &context.config.backup.to else { return Ok(None) };
    let place = super::super::backup::place(context, to)?;
    let began = Instant::now();
    let until_ms = Plan::to(&place, None).map_err(told)?.at_ms;
    let lag_seconds = (SystemClock.now_ms() - until_ms).max(0) as f64 / 1e3;
    let encryption = &context.config.encryption;
    let check = scratch.join(DEPLOYMENT);
    // The keys of the deployment itself, where it is encrypted and no copy of them is named.
    let own = encryption.keys_dir.clone().unwrap_or_else(|| context.config.data().join("keys"));
    let keys = args.keys.clone().or_else(|| own.is_dir().then_some(own));
    let verified = assay_answer::verify(&place, &check, encryption, keys.as_deref());
    let verified = verified.map_err(told)?;
    Ok(Some(Deployed {
        place: to.to_string(),
        until: assay_core::timestamp(until_ms).to_string(),
        lag_seconds,
        restore_seconds: began.elapsed().as_secs_f64(),
        versions: verified.versions,
        databases: verified.databases,
        stores: assay_answer::databases(&context.config.data()).map_err(told)?,
        sealed: place.is_sealed(),
        oldest_ms: place.points().map_err(told)?.first().map_or(until_ms, |point| point.from_ms),
        faults: verified.faults,
    }))
}

/// Starts this program on a folder and waits until it answers.
async fn serve(file: &Path, data: &Path, to: Option<&PathBuf>) -> anyhow::Result<Private> {
    let mut command = Command::new(std::env::current_exe()?);
    // What the environment says is for the deployment.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ASSAY_") {
            command.env_remove(name);
        }
    }
    if let Some(to) = to {
        command.env("ASSAY_BACKUP__TO", to).env("ASSAY_BACKUP__EVERY_SECONDS", EVERY);
    }
    command.arg("--config").arg(file).arg("--data-dir").arg(data);
    command.args(["serve", "--port", "0"]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().context("a private server")?;
    let config = Config { data_dir: Some(data.to_owned()), ..Config::default() };
    // A killed server has left its address in what was copied of its folder, or not: nobody answers.
    let end = Instant::now() + START;
    while Instant::now() < end {
        if let Some(connection) = Connection::find(&config).await {
            // The key of the deployment is nothing to it: it asks for none.
            return Ok(Private { child, connection: connection.with_key("")? });
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(told_plainly(format!("the private server ended with {status}")));
        }
        tokio::time::sleep(LOOK).await;
    }
    let _ = child.kill();
    let _ = child.wait();
    Err(told_plainly(format!("the private server did not answer in {} s", START.as_secs())))
}

fn told_plainly(what: String) -> anyhow::Error {
    Told::new(ErrorCode::Unavailable, what).into()
}

/// Sends files until the time is over; what is returned was acknowledged.
async fn take_in(connection: &Connection, seconds: f64) -> anyhow::Result<Vec<Sentinel>> {
    let end = Instant::now() + Duration::from_secs_f64(seconds.clamp(1.0, 3_600.0));
    let mut sentinels = Vec::new();
    while Instant::now() < end {
        let number = sentinels.len();
        let word = format!("sentinel{number}x{}", assay_core::DocumentId::new());
        let word = word.replace('-', "");
        let text = format!("# Sentinel {number}\n\nThe word of this file is {word}.\n");
        let name = format!("sentinel-{number}.md");
        let form = async || {
            let part = reqwest::multipart::Part::bytes(text.clone().into_bytes());
            Ok(reqwest::multipart::Form::new()
                .text("source", name.clone())
                .part("file", part.file_name(name.clone())))
        };
        let accepted: UploadResponse = connection.upload("/documents/upload", form).await?;
        let (acknowledged, at_ms) = (Instant::now(), SystemClock.now_ms());
        let document = accepted.document_id;
        sentinels.push(Sentinel { document, text, word, acknowledged, at_ms });
        tokio::time::sleep(PAUSE).await;
    }
    Ok(sentinels)
}

/// Whether a search finds a file, as soon as the index was made again.
async fn finds(connection: &Connection, sentinel: &Sentinel) -> bool {
    let end = Instant::now() + START;
    let request = SearchRequest { query: sentinel.word.clone(), ..SearchRequest::default() };
    while Instant::now() < end {
        let found = connection.post::<SearchResponse>("/search", &request).await;
        if found.is_ok_and(|found| {
            found.results.iter().any(|result| result.document_id == sentinel.document)
        }) {
            return true;
        }
        tokio::time::sleep(LOOK).await;
    }
    false
}
