//! `assay ingest`.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Mutex,
    time::{Duration, Instant},
};

use assay_api::{DocumentListResponse, DocumentResponse, UploadResponse};
use assay_core::ErrorCode;
use futures_util::{StreamExt, TryStreamExt};
use serde::Serialize;

use super::{Context, connected};
use crate::{
    cli::Ingest,
    connect::Connection,
    output::{Told, json, line, note},
};
use board::Board;

mod board;
mod watch;

/// Files under way at the same time: enough that the server can share the disk's flushes.
const UPLOADS: usize = 16;

/// Types of files that hold others.
const CONTAINERS: [&str; 5] = [
    "application/zip",
    "application/x-tar",
    "message/rfc822",
    "application/vnd.ms-outlook",
    "application/mbox",
];
/// Time between two looks at the files inside a file.
const MEMBERS_POLL: Duration = Duration::from_millis(100);
/// Ending of the file with the metadata of another.
const SIDECAR: &str = ".meta.json";

/// What was taken in.
#[derive(Debug, Default, Serialize)]
struct Summary {
    files: usize,
    new: usize,
    changed: usize,
    unchanged: usize,
    failed: usize,
    pruned: usize,
    pages: u64,
    passages: u64,
    /// Accepted, but not at their end when the command ended.
    unfinished: usize,
    /// Not sent when the command ended.
    unsent: usize,
    ended: Ended,
    seconds: f64,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Problem {
    file: String,
    problem: String,
}

/// Why the command ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Ended {
    /// Every file came to its end, or was accepted with `--no-wait`.
    #[default]
    Done,
    /// `--timeout` was over.
    TimedOut,
    /// Ctrl-C.
    Interrupted,
}

pub(crate) async fn run(context: Context, args: Ingest) -> anyhow::Result<ExitCode> {
    if args.watch {
        return watch::follow(context, args).await;
    }
    run_until(context, args, async {
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
}

/// Takes files in until all are done, time is up, or `interrupt` ends.
pub(crate) async fn run_until(
    context: Context,
    args: Ingest,
    interrupt: impl Future<Output = ()>,
) -> anyhow::Result<ExitCode> {
    let files = files(&args.paths)?;
    let start = Instant::now();
    let mut summary = connected(&context, async |connection| {
        let taking = take_in(connection, &context, &files, &args, interrupt);
        taking.await
    })
    .await?;
    summary.seconds = start.elapsed().as_secs_f64();
    if context.json {
        json(&summary)?;
    } else {
        tell(&summary);
    }
    Ok(match summary.ended {
        Ended::TimedOut => ExitCode::from(3),
        Ended::Interrupted => ExitCode::from(130),
        Ended::Done if summary.failed > 0 => ExitCode::from(6),
        Ended::Done => ExitCode::SUCCESS,
    })
}

async fn take_in(
    connection: &Connection,
    context: &Context,
    files: &[PathBuf],
    args: &Ingest,
    interrupt: impl Future<Output = ()>,
) -> anyhow::Result<Summary> {
    let summary = Mutex::new(Summary { files: files.len(), ..Summary::default() });
    let board = Board::new(files.len());
    let settings = &context.config.answer;
    let uploads = files.iter().enumerate().map(|(number, file)| {
        let (board, summary) = (&board, &summary);
        async move {
            board
                .start(number, file.file_name().unwrap_or_default().to_string_lossy().into_owned());
            let place = Place { board, number };
            let outcome = one(connection, file, args, settings.file_bytes_max, place).await;
            let (text, is_failure) = in_words(&outcome);
            board.finish(number, &text, is_failure);
            let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            note_outcome(&mut summary, file, outcome)
        }
    });
    let uploads = futures_util::stream::iter(uploads).buffer_unordered(UPLOADS).try_collect::<()>();
    let stall = Duration::from_secs(settings.stall_seconds.into());
    let ended = tokio::select! {
        outcome = uploads => outcome.map(|()| Ended::Done),
        () = over(args.timeout) => Ok(Ended::TimedOut),
        () = interrupt => Ok(Ended::Interrupted),
        () = board.keep(connection, stall) => Ok(Ended::Done),
    };
    board.clear();
    let mut summary = summary.into_inner().unwrap_or_default();
    summary.ended = ended?;
    if summary.ended != Ended::Done {
        say_what_is_left(connection, &board, &mut summary);
    } else if args.prune {
        summary.pruned = prune(connection, files, args).await?;
    }
    summary.problems.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(summary)
}

/// Ends after so many seconds; never when there is no limit.
async fn over(seconds: Option<u64>) {
    match seconds {
        Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
        None => std::future::pending().await,
    }
}

/// Says which files did not come to their end, and what becomes of them.
fn say_what_is_left(connection: &Connection, board: &Board, summary: &mut Summary) {
    let (accepted, unsent) = board.unfinished();
    summary.unfinished = accepted.len();
    summary.unsent = unsent;
    let why = if summary.ended == Ended::TimedOut { "the time is over" } else { "interrupted" };
    note(&format!(
        "{why}: {} files are accepted and not finished, {unsent} were not sent",
        accepted.len()
    ));
    for file in &accepted {
        note(&format!("  {file}"));
    }
    if !accepted.is_empty() {
        note(&match connection.lasting() {
            Some(url) => format!(
                "the server at {url} goes on with them: `assay jobs list --state running` shows it"
            ),
            None => {
                "they are on disk, and the next start of Assay on this folder goes on with them"
                    .to_owned()
            }
        });
    }
}

/// What came of a file, for a line; whether it failed.
fn in_words(outcome: &anyhow::Result<(String, Option<DocumentResponse>)>) -> (String, bool) {
    match outcome {
        Ok((_, Some(document))) => match &document.failure {
            Some(failure) => (format!("failed: {failure}"), true),
            None => (format!("done, {} passages", document.passages), false),
        },
        Ok((outcome, None)) => (outcome.clone(), false),
        Err(error) => (format!("failed: {error:#}"), true),
    }
}

/// Adds what came of one file. Only a server that is gone ends the whole.
fn note_outcome(
    summary: &mut Summary,
    file: &Path,
    outcome: anyhow::Result<(String, Option<DocumentResponse>)>,
) -> anyhow::Result<()> {
    let file = file.display().to_string();
    match outcome {
        Ok((outcome, document)) => {
            match outcome.as_str() {
                "new" => summary.new += 1,
                "changed" => summary.changed += 1,
                _ => summary.unchanged += 1,
            }
            let Some(document) = document else { return Ok(()) };
            summary.pages += u64::from(document.pages.unwrap_or(1));
            summary.passages += document.passages;
            if let Some(failure) = document.failure {
                summary.failed += 1;
                summary.problems.push(Problem { file: file.clone(), problem: failure });
            }
            for problem in document.problems {
                let page = problem.page.map(|page| format!("page {page}: ")).unwrap_or_default();
                let problem = format!("{page}{}", problem.message);
                summary.problems.push(Problem { file: file.clone(), problem });
            }
            Ok(())
        }
        Err(error) => {
            let gone = error
                .downcast_ref::<Told>()
                .is_some_and(|told| told.code == ErrorCode::Unavailable);
            if gone {
                return Err(error);
            }
            summary.failed += 1;
            summary.problems.push(Problem { file, problem: format!("{error:#}") });
            Ok(())
        }
    }
}

/// The line of a file on the board.
#[derive(Clone, Copy)]
struct Place<'a> {
    board: &'a Board,
    number: usize,
}

/// Uploads a file and waits until it is searchable or has failed.
async fn one(
    connection: &Connection,
    file: &Path,
    args: &Ingest,
    limit: u64,
    place: Place<'_>,
) -> anyhow::Result<(String, Option<DocumentResponse>)> {
    let bytes = tokio::fs::metadata(file).await?.len();
    if bytes > limit {
        // The server says the same, after it was sent all of it.
        let message =
            format!("{bytes} bytes are over the limit `answer.file_bytes_max` of {limit}");
        return Err(Told::new(ErrorCode::TooLarge, message).into());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let metadata = sidecar(file)?;
    let form = async || {
        let mut form = reqwest::multipart::Form::new()
            .text("collection", args.collection.clone())
            .text("source", source_of(file));
        if !args.tag.is_empty() {
            form = form.text("tags", args.tag.join(","));
        }
        if let Some(access) = args.readers.list() {
            form = form.text("access", serde_json::to_string(&access)?);
        }
        if let Some(metadata) = metadata.clone() {
            form = form.text("metadata", metadata);
        }
        let part = reqwest::multipart::Part::file(file).await?.file_name(name.clone());
        Ok(form.part("file", part))
    };
    let accepted: UploadResponse = connection.upload("/documents/upload", form).await?;
    let Some(job) = accepted.job_id.filter(|_| !args.no_wait) else {
        return Ok((accepted.outcome, None));
    };
    place.board.accept(place.number);
    connection.watch(&job, |job| place.board.show(place.number, job)).await?;
    let path = format!("/documents/{}", accepted.document_id);
    let document: DocumentResponse = connection.get(&path).await?;
    members_are_in(connection, &document).await?;
    Ok((accepted.outcome, Some(document)))
}

/// Waits until the files inside an archive or mail are searchable or have failed, and those inside
/// them.
async fn members_are_in(
    connection: &Connection,
    container: &DocumentResponse,
) -> anyhow::Result<()> {
    let mut containers = vec![container.clone()];
    while let Some(container) = containers.pop() {
        if !container.media_type.as_deref().is_some_and(|name| CONTAINERS.contains(&name)) {
            continue;
        }
        let members = loop {
            let parent = Some(container.id.clone());
            let members = super::documents::all(connection, None, None, parent).await?;
            let is_open =
                |member: &DocumentResponse| !matches!(member.state.as_str(), "current" | "failed");
            if !members.iter().any(is_open) {
                break members;
            }
            tokio::time::sleep(MEMBERS_POLL).await;
        };
        containers.extend(members);
    }
    Ok(())
}

/// Metadata that lies beside a file as `NAME.meta.json`: a JSON object.
fn sidecar(file: &Path) -> anyhow::Result<Option<String>> {
    let mut path = file.as_os_str().to_owned();
    path.push(SIDECAR);
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(anyhow::Error::new(error).context(path.display().to_string())),
    }
}

/// The identity of a file: its absolute path.
fn source_of(file: &Path) -> String {
    std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf()).display().to_string()
}

/// Deletes documents below the given folders whose file is not among `files`.
async fn prune(connection: &Connection, files: &[PathBuf], args: &Ingest) -> anyhow::Result<usize> {
    let kept: HashSet<String> = files.iter().map(|file| source_of(file)).collect();
    let folders: Vec<String> = args
        .paths
        .iter()
        .filter(|path| path.is_dir())
        .map(|path| format!("{}/", source_of(path).trim_end_matches('/')))
        .collect();
    let collection = &args.collection;
    let (mut pruned, mut after) = (0, String::new());
    loop {
        let path = format!("/v1/documents?collection={collection}&limit=500{after}");
        let page: DocumentListResponse = connection.get(&path).await?;
        for document in &page.documents {
            let below = folders.iter().any(|folder| document.source.starts_with(folder.as_str()));
            // What came out of an archive goes with the archive.
            if below && document.parent.is_none() && !kept.contains(&document.source) {
                connection.delete(&format!("/documents/{}", document.id)).await?;
                pruned += 1;
            }
        }
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(pruned),
        }
    }
}

/// The files below the given paths, sorted, hidden ones inside folders left out.
fn files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let unreadable = |error: std::io::Error| {
            Told::new(ErrorCode::NotFound, format!("`{}` cannot be read: {error}", path.display()))
                .hint("check the path and its permissions")
        };
        let mut waiting = vec![path.clone()];
        if std::fs::metadata(path).map_err(unreadable)?.is_file() {
            files.append(&mut waiting);
        }
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
                let entry = entry?;
                // Links are not followed: they may lead out of the folder or in a circle.
                let kind = entry.file_type()?;
                if entry.file_name().to_string_lossy().starts_with('.') {
                    continue;
                }
                if kind.is_dir() {
                    waiting.push(entry.path());
                } else if kind.is_file() {
                    files.push(entry.path());
                }
            }
        }
    }
    // Metadata that lies beside a file goes with it.
    let has_file = |path: &Path| {
        let name = path.as_os_str().to_string_lossy();
        name.strip_suffix(SIDECAR).is_some_and(|file| Path::new(file).is_file())
    };
    files.retain(|path| !has_file(path));
    files.sort();
    files.dedup();
    Ok(files)
}

fn tell(summary: &Summary) {
    let rate = if summary.seconds > 0.0 { summary.pages as f64 / summary.seconds } else { 0.0 };
    line(&format!(
        "{} files in {:.1} s: {} new, {} changed, {} unchanged, {} failed; {} passages, {:.1} pages/s",
        summary.files,
        summary.seconds,
        summary.new,
        summary.changed,
        summary.unchanged,
        summary.failed,
        summary.passages,
        rate
    ));
    if summary.pruned > 0 {
        line(&format!("{} documents forgotten: their files are gone", summary.pruned));
    }
    if !summary.problems.is_empty() {
        line("Problems:");
    }
    for problem in &summary.problems {
        line(&format!("  {}: {}", problem.file, problem.problem));
    }
}
