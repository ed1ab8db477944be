//! `assay ingest --watch`: takes in what changes and forgets what goes, until Ctrl-C.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, SystemTime},
};

use assay_core::ErrorCode;
use assay_sources::{FolderWatch, Wake};

use super::{Summary, files, prune, take_in, tell};
use crate::{
    cli::Ingest,
    command::{Context, connected},
    connect::Connection,
    output::{Told, json, line, note},
};

/// Longest wait before Ctrl-C is looked for again.
const LOOK: Duration = Duration::from_millis(500);
/// Pause before a server that went away is looked for again.
const AWAY: Duration = Duration::from_secs(1);

/// By what a file is seen to have changed: size and time of the last change.
type Mark = (u64, Option<SystemTime>);

/// Follows the paths. A server that goes away is waited for; everything is then compared anew.
pub(super) async fn follow(context: Context, args: Ingest) -> anyhow::Result<ExitCode> {
    let mut watch = FolderWatch::new(&args.paths);
    if let Some(reason) = watch.fallback() {
        note(&format!("changes are looked for every 10 s: {reason}"));
    }
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        let passes = connected(&context, async |connection| {
            passes(connection, &context, &args, watch).await
        });
        let outcome = tokio::select! {
            outcome = passes => outcome,
            _ = &mut interrupt => return Ok(ExitCode::SUCCESS),
        };
        match outcome {
            Err(error) if is_away(&error) => note(&format!("{error}; trying again")),
            outcome => return outcome.map(|()| ExitCode::SUCCESS),
        }
        tokio::time::sleep(AWAY).await;
        watch = FolderWatch::new(&args.paths);
    }
}

fn is_away(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Told>().is_some_and(|told| told.code == ErrorCode::Unavailable)
}

/// Passes over the files, one for each time that something changed.
async fn passes(
    connection: &Connection,
    context: &Context,
    args: &Ingest,
    mut watch: FolderWatch,
) -> anyhow::Result<()> {
    let mut known: Option<HashMap<PathBuf, Mark>> = None;
    loop {
        let files = files(&args.paths)?;
        // Marked before it is read: a change in between shows in the next pass.
        let marks: HashMap<PathBuf, Mark> =
            files.iter().filter_map(|file| Some((file.clone(), mark(file)?))).collect();
        let before = known.take().unwrap_or_default();
        let is_changed = |file: &&PathBuf| before.get(*file) != marks.get(*file);
        let changed: Vec<PathBuf> = files.iter().filter(is_changed).cloned().collect();
        let is_first = before.is_empty();
        let is_gone = before.keys().any(|file| !marks.contains_key(file));
        let mut summary = Summary::default();
        if !changed.is_empty() {
            let all = take_in(connection, context, &changed, args, std::future::pending());
            summary = all.await?;
        }
        if is_first || is_gone {
            summary.pruned = prune(connection, &files, args).await?;
        }
        if is_first || !changed.is_empty() || summary.pruned > 0 {
            if context.json { json(&summary)? } else { tell(&summary) }
        }
        if is_first && !context.json {
            line("Watching; Ctrl-C ends it.");
        }
        known = Some(marks);
        watch = wait(watch).await?;
    }
}

fn mark(file: &Path) -> Option<Mark> {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.len(), metadata.modified().ok()))
}

/// Waits until something changed, or it is time to look anyway.
async fn wait(mut watch: FolderWatch) -> anyhow::Result<FolderWatch> {
    loop {
        let look = move || {
            let wake = watch.wait(LOOK);
            (watch, wake)
        };
        let (waited, wake) = tokio::task::spawn_blocking(look).await?;
        watch = waited;
        if wake != Wake::Timeout {
            return Ok(watch);
        }
    }
}
