//! `assay ask`.

use std::process::ExitCode;

use assay_api::{Citation, Origin, QueryRequest, QueryResponse};

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
        mode: None,
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
        line(&format!(
            " - {}{}: {}",
            found.title,
            place(found.page, found.origin.as_ref()),
            short(&found.snippet)
        ));
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

/// The text on one line, cut to what fits.
pub(super) fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= QUOTE_CHARS {
        return text;
    }
    let cut: String = text.chars().take(QUOTE_CHARS).collect();
    format!("{}…", cut.trim_end())
}
