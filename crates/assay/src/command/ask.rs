//! `assay ask`.

use std::process::ExitCode;

use assay_api::{
    AnswerState, Attribution, Citation, Origin, QueryPiece, QueryRequest, QueryResponse,
};
use assay_core::ErrorCode;

use super::{Context, connected};
use crate::{
    cli::Ask,
    connect::{Connection, ServerEvent, refusal},
    output::{Told, json, line, note, part},
};

/// Characters of a quote that are shown; the rest is a click or a `--json` away.
const QUOTE_CHARS: usize = 160;

pub(crate) async fn run(context: Context, args: Ask) -> anyhow::Result<ExitCode> {
    let request = QueryRequest {
        query: args.question,
        sources: args.sources,
        collections: args.collection,
        filter: args.filter.map(serde_json::Value::String),
        documents: args.document,
        unsupported: Some(if args.mark { "mark" } else { "drop" }.to_owned()),
        writer: Some(if args.extractive { "extractive" } else { "auto" }.to_owned()),
        mode: None,
        session_id: args.session,
        stream: !context.json,
    };
    let answer: QueryResponse = connected(&context, async |connection| {
        if request.stream {
            streamed(connection, &request).await
        } else {
            connection.post("/query", &request).await
        }
    })
    .await?;
    if context.json {
        json(&answer)?;
    } else {
        tell(&answer);
    }
    Ok(match answer.state {
        AnswerState::NeedsClarification => ExitCode::from(9),
        _ if answer.success => ExitCode::SUCCESS,
        _ => ExitCode::from(7),
    })
}

/// Shows the answer while it comes.
async fn streamed(
    connection: &Connection,
    request: &QueryRequest,
) -> anyhow::Result<QueryResponse> {
    let mut answer = None;
    let take = |event: ServerEvent| {
        match event.name.as_str() {
            "claim" => part(&serde_json::from_str::<QueryPiece>(&event.data)?.text),
            "answer" => answer = Some(serde_json::from_str(&event.data)?),
            "error" => {
                let told = refusal(&event.data);
                let unknown = || Told::new(ErrorCode::Internal, "the server gave up");
                return Err(told.unwrap_or_else(unknown).into());
            }
            _ => {}
        }
        Ok(())
    };
    connection.post_streaming("/query", request, take).await?;
    line("");
    answer.ok_or_else(|| {
        Told::new(ErrorCode::Unavailable, "the server ended the answer before it was whole").into()
    })
}

/// Tells what belongs to an answer whose text is shown.
fn tell(answer: &QueryResponse) {
    if let Some(rewritten) = &answer.rewritten_query {
        note(&format!("understood as: {rewritten}"));
    }
    for citation in &answer.citations {
        line(&cited(citation));
        if let Some(attribution) = &citation.attribution {
            line(&format!("     {}", credit(&citation.url, attribution)));
        }
    }
    for conflict in &answer.conflicts {
        line("The sources differ, newest first:");
        for side in &conflict.sides {
            let received = if side.date_source == "received" { " (taken in)" } else { "" };
            line(&format!(
                " - {}{received}, {}: \"{}\" [{}]",
                side.date,
                side.title,
                short(&side.quote),
                side.citation
            ));
        }
    }
    if !answer.readings.is_empty() {
        line("Ask again with `--document`:");
    }
    for reading in &answer.readings {
        line(&format!(" - {}: {}", reading.document_id, reading.label));
    }
    if !answer.nearest.is_empty() {
        line("Nearest passages:");
    }
    for found in &answer.nearest {
        line(&format!(
            " - {}{}: {}",
            found.title,
            place(found.page, found.origin.as_ref()),
            short(&found.snippet)
        ));
    }
    line(&format!("State: {}", answer.state.as_str()));
    for notice in &answer.notices {
        note(&format!("note: {notice}"));
    }
}

fn cited(citation: &Citation) -> String {
    format!(
        " [{}] {}{}: \"{}\"   {} {:.2}",
        citation.number,
        citation.title,
        place(citation.page, citation.origin.as_ref()),
        short(&citation.quote),
        citation.verdict,
        citation.confidence
    )
}

/// The page, the cells or the part; bytes mean nothing to a person.
pub(super) fn place(page: Option<u32>, origin: Option<&Origin>) -> String {
    match (page, origin) {
        (Some(page), _) => format!(", page {page}"),
        (None, Some(Origin::Cells { sheet, range })) => format!(", {sheet}!{range}"),
        (None, Some(Origin::Part { path })) => format!(", {path}"),
        (None, Some(Origin::Bytes { .. }) | None) => String::new(),
    }
}

/// Where a public page is, who wrote it, under which licence.
pub(super) fn credit(url: &str, attribution: &Attribution) -> String {
    let credits = [attribution.author.as_deref(), attribution.licence.as_deref()];
    [Some(url)].into_iter().chain(credits).flatten().collect::<Vec<_>>().join(" · ")
}

/// The text on one line, cut to what fits.
pub(super) fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= QUOTE_CHARS {
        return text;
    }
    let cut: String = text.chars().take(QUOTE_CHARS).collect();
    format!("{}…", cut.trim_end())
}
