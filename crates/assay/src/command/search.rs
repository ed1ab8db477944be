//! `assay search`.

mod details;

use std::process::ExitCode;

use assay_api::{SearchRequest, SearchResponse};

use super::{
    Context,
    ask::{credit, place, short},
    connected,
};
use crate::{
    cli::Search,
    output::{json, line, note},
};

pub(crate) async fn run(context: Context, args: Search) -> anyhow::Result<ExitCode> {
    let request = SearchRequest {
        query: args.query,
        sources: args.sources,
        collections: args.collection,
        limit: Some(args.limit),
        mode: Some(args.mode.as_str().to_owned()),
        filter: args.filter.map(serde_json::Value::String),
        facet_fields: args.facet,
        offset: Some(args.offset),
        min_score: args.min_score,
        group_by: Some(if args.passages { "passage" } else { "document" }.to_owned()),
        use_diversification: args.diversify.map(|_| true),
        diversification_lambda: args.diversify,
        explain: args.explain.then_some(true),
        ..SearchRequest::default()
    };
    let found: SearchResponse =
        connected(&context, async |connection| connection.post("/search", &request).await).await?;
    if context.json {
        json(&found)?;
    } else {
        tell(&found, args.offset);
    }
    Ok(if found.results.is_empty() { ExitCode::from(7) } else { ExitCode::SUCCESS })
}

fn tell(found: &SearchResponse, offset: usize) {
    for word in &found.respelled {
        note(&format!("note: nothing holds `{}`; searched `{}`", word.asked, word.taken));
    }
    for (number, result) in (offset + 1..).zip(&found.results) {
        let headings = if result.heading_path.is_empty() {
            String::new()
        } else {
            format!(" › {}", result.heading_path.join(" › "))
        };
        line(&format!(
            "{number:>2}. {}{}{headings}   {:.2}",
            result.title,
            place(result.page, result.origin.as_ref()),
            result.relevance
        ));
        line(&format!("    {}", short(&result.snippet)));
        if let Some(attribution) = &result.attribution {
            line(&format!("    {}", credit(&result.url, attribution)));
        }
        for other in &result.more {
            let place = place(other.page, other.origin.as_ref());
            line(&format!("    also{place}: {}", short(&other.snippet)));
        }
        if let Some(explanation) = &result.explanation {
            details::explained(result, explanation);
        }
    }
    details::facets(&found.facets);
    if found.results.is_empty() {
        line("Nothing found.");
    }
    if found.has_more {
        let next = offset + found.results.len();
        note(&format!("note: more results follow: --offset {next}"));
    }
    for notice in &found.notices {
        note(&format!("note: {notice}"));
    }
    for lane in found.lanes.iter().filter(|lane| !lane.is_successful) {
        let reason = lane.error.as_deref().unwrap_or("no reason given");
        note(&format!("note: the lane `{}` is missing: {reason}", lane.lane_name));
    }
}
