//! `assay cite`: a text with its citations, checked against sources in files.

use std::{io::Read, path::Path, process::ExitCode};

use assay_api::{CitationSource, CitationsRequest, CitationsResponse};
use assay_core::ErrorCode;

use super::{Context, ask::short, connected};
use crate::{
    cli::Cite,
    output::{Told, json, line, note},
};

/// The largest file that is read; what is in it has limits of its own.
const FILE_BYTES_MAX: u64 = 16 << 20;

pub(crate) async fn run(context: Context, args: Cite) -> anyhow::Result<ExitCode> {
    let text = read(&args.text)?;
    let mut sources = Vec::new();
    for path in &args.sources {
        sources.extend(read_sources(path)?);
    }
    let request = CitationsRequest {
        text,
        sources,
        style: Some(args.style),
        // Sorted lists carry no numbers for the text to point at.
        marks: Some("style".to_owned()),
        ..CitationsRequest::default()
    };
    let checked: CitationsResponse = connected(&context, async |connection| {
        connection.post("/citations/process", &request).await
    })
    .await?;
    if context.json {
        json(&checked)?;
    } else if args.only_bibliography {
        line(checked.bibliography.trim_end());
    } else {
        tell(&checked);
    }
    let supported = checked.summary.supported + checked.summary.partial > 0;
    Ok(if supported { ExitCode::SUCCESS } else { ExitCode::from(7) })
}

fn tell(checked: &CitationsResponse) {
    line(checked.cited_text.trim_end());
    if !checked.bibliography.is_empty() {
        line("");
        line(checked.bibliography.trim_end());
    }
    line("");
    let summary = &checked.summary;
    line(&format!(
        "{} of {} claims supported, {} in part, {} contradicted, {} not in the sources",
        summary.supported,
        summary.total,
        summary.partial,
        summary.contradicted,
        summary.unsupported
    ));
    for claim in checked.claims.iter().filter(|claim| claim.verdict != "supported") {
        line(&format!(" - {}: {}", claim.verdict, short(&claim.text)));
    }
    for found in &checked.disagreements {
        line(&format!(" ! sources disagree ({}): {}", found.kind, short(&found.claim_text)));
        for side in found.supporting.iter().chain(&found.contradicting) {
            let date = side.published_at.as_ref().map(|date| format!(", {date}"));
            let date = date.unwrap_or_default();
            line(&format!("   [{}] {}{date}: \"{}\"", side.number, side.title, short(&side.quote)));
        }
    }
    for notice in &checked.notices {
        note(&format!("note: {notice}"));
    }
}

fn unreadable(path: &Path, reason: impl std::fmt::Display) -> anyhow::Error {
    Told::new(ErrorCode::BadRequest, format!("`{}` cannot be read: {reason}", path.display()))
        .hint("sources are JSON or JSON Lines as `/citations/process` takes them, or UTF-8 text")
        .into()
}

/// A text file, or standard input for `-`.
fn read(path: &Path) -> anyhow::Result<String> {
    let reader: Box<dyn Read> = if path == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(std::fs::File::open(path).map_err(|error| unreadable(path, error))?)
    };
    let mut text = String::new();
    let read = reader.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    match read.map_err(|error| unreadable(path, error))? as u64 {
        bytes if bytes > FILE_BYTES_MAX => {
            Err(unreadable(path, format_args!("it has more than {FILE_BYTES_MAX} bytes")))
        }
        _ => Ok(text),
    }
}

/// The sources of a file: those that it lists, or itself.
fn read_sources(path: &Path) -> anyhow::Result<Vec<CitationSource>> {
    let text = read(path)?;
    let extension = path.extension().and_then(|end| end.to_str()).unwrap_or("").to_lowercase();
    match extension.as_str() {
        "json" => serde_json::from_str(&text).map_err(|error| unreadable(path, error)),
        "jsonl" | "ndjson" => {
            let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
            let sources = lines.map(|(number, line)| {
                serde_json::from_str(line)
                    .map_err(|error| unreadable(path, format_args!("line {number}: {error}")))
            });
            sources.collect()
        }
        _ => Ok(vec![CitationSource {
            title: path.file_name().map(|name| name.to_string_lossy().into()).unwrap_or_default(),
            provider: "file".to_owned(),
            content: Some(text),
            ..CitationSource::default()
        }]),
    }
}
