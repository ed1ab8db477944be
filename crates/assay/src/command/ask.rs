//! `assay ask`.

use std::process::ExitCode;

use assay_api::{Citation, QueryRequest, QueryResponse};

use super::{Context, connected};
use crate::{
    cli::Ask,
    output::{json, line, note},
};

/// Characters of a quote that are shown; the rest is a click or a `--json` away.
const QUOTE_CHARS: usize = 160;

pub(crate) async fn run(context: Context, args: Ask) -> anyhow::Result<ExitCode> {
    let request = QueryRequest {
        query: args.question,
        collections: args.collection,
        documents: Vec::new(),
        unsupported: Some(if args.mark { "mark" } else { "drop" }.to_owned()),
        writer: Some(if args.extractive { "extractive" } else { "auto" }.to_owned()),
    };
    let answer: QueryResponse =
        connected(&context, async |connection| connection.post("/query", &request).await).await?;
    if context.json {
        json(&answer)?;
    } else {
        tell(&answer);
    }
    Ok(if answer.success { ExitCode::SUCCESS } else { ExitCode::from(7) })
}

fn tell(answer: &QueryResponse) {
    line(&answer.final_answer.answer);
    for citation in &answer.citations {
        line(&cited(citation));
    }
    if !answer.nearest.is_empty() {
        line("Nearest passages:");
    }
    for found in &answer.nearest {
        line(&format!(" - {}{}: {}", found.title, page(found.page), short(&found.snippet)));
    }
    for notice in &answer.notices {
        note(&format!("note: {notice}"));
    }
}

fn cited(citation: &Citation) -> String {
    format!(
        " [{}] {}{}: \"{}\"   {} {:.2}",
        citation.number,
        citation.title,
        page(citation.page),
        short(&citation.quote),
        citation.verdict,
        citation.confidence
    )
}

pub(super) fn page(page: Option<u32>) -> String {
    page.map(|page| format!(", page {page}")).unwrap_or_default()
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
