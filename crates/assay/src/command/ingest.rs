//! `assay ingest`.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Mutex,
    time::Instant,
};

use assay_api::{DocumentListResponse, DocumentResponse, JobResponse, UploadResponse};
use assay_core::ErrorCode;
use futures_util::StreamExt;
use serde::Serialize;

use super::{Context, connected};
use crate::{
    cli::Ingest,
    connect::Connection,
    output::{Told, json, line, progress_bar},
};

/// Files under way at the same time: enough that the server can share the disk's flushes.
const UPLOADS: usize = 16;

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
    seconds: f64,
    problems: Vec<Problem>,
}

#[derive(Debug, Serialize)]
struct Problem {
    file: String,
    problem: String,
}

pub(crate) async fn run(context: Context, args: Ingest) -> anyhow::Result<ExitCode> {
    let files = files(&args.paths)?;
    let limit = context.config.answer.file_bytes_max;
    let start = Instant::now();
    let mut summary =
        connected(&context, async |connection| take_in(connection, &files, &args, limit).await)
            .await?;
    summary.seconds = start.elapsed().as_secs_f64();
    if context.json {
        json(&summary)?;
    } else {
        tell(&summary);
    }
    Ok(if summary.failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(6) })
}

async fn take_in(
    connection: &Connection,
    files: &[PathBuf],
    args: &Ingest,
    limit: u64,
) -> anyhow::Result<Summary> {
    let summary = Mutex::new(Summary { files: files.len(), ..Summary::default() });
    let bar = progress_bar(files.len() as u64);
    let uploads = files.iter().map(|file| {
        let (bar, summary) = (&bar, &summary);
        async move {
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
            bar.set_message(name);
            let outcome = one(connection, file, args, limit).await;
            bar.inc(1);
            let mut summary = summary.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            note_outcome(&mut summary, file, outcome)
        }
    });
    let outcomes: Vec<_> =
        futures_util::stream::iter(uploads).buffer_unordered(UPLOADS).collect().await;
    bar.finish_and_clear();
    outcomes.into_iter().collect::<Result<(), _>>()?;
    let mut summary = summary.into_inner().unwrap_or_default();
    if args.prune {
        summary.pruned = prune(connection, files, args).await?;
    }
    summary.problems.sort_by(|a, b| a.file.cmp(&b.file));
    Ok(summary)
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

/// Uploads a file and waits until it is searchable or has failed.
async fn one(
    connection: &Connection,
    file: &Path,
    args: &Ingest,
    limit: u64,
) -> anyhow::Result<(String, Option<DocumentResponse>)> {
    let bytes = tokio::fs::metadata(file).await?.len();
    if bytes > limit {
        // The server says the same, after it was sent all of it.
        let message =
            format!("{bytes} bytes are over the limit `answer.file_bytes_max` of {limit}");
        return Err(Told::new(ErrorCode::TooLarge, message).into());
    }
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut form = reqwest::multipart::Form::new()
        .text("collection", args.collection.clone())
        .text("source", source_of(file));
    if !args.tag.is_empty() {
        form = form.text("tags", args.tag.join(","));
    }
    if let Some(metadata) = sidecar(file)? {
        form = form.text("metadata", metadata);
    }
    let form = form.part("file", reqwest::multipart::Part::file(file).await?.file_name(name));
    let accepted: UploadResponse = connection.upload("/documents/upload", form).await?;
    let Some(job) = accepted.job_id.filter(|_| !args.no_wait) else {
        return Ok((accepted.outcome, None));
    };
    loop {
        let job: JobResponse = connection.get(&format!("/v1/jobs/{job}?wait_ms=20000")).await?;
        if !matches!(job.state.as_str(), "queued" | "running") {
            break;
        }
    }
    let document = connection.get(&format!("/documents/{}", accepted.document_id)).await?;
    Ok((accepted.outcome, Some(document)))
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
            if below && !kept.contains(&document.source) {
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
