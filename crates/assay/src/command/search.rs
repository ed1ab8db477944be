//! `assay search`.

use std::process::ExitCode;

use assay_api::{SearchRequest, SearchResponse};

use super::{
    Context,
    ask::{place, short},
    connected,
};
use crate::{
    cli::Search,
    output::{json, line, note},
};

pub(crate) async fn run(context: Context, args: Search) -> anyhow::Result<ExitCode> {
    let request = SearchRequest {
        query: args.query,
        collections: args.collection,
        documents: Vec::new(),
        limit: Some(args.limit),
        mode: Some(args.mode.as_str().to_owned()),
    };
    let found: SearchResponse =
        connected(&context, async |connection| connection.post("/search", &request).await).await?;
    if context.json {
        json(&found)?;
    } else {
        tell(&found);
    }
    Ok(if found.results.is_empty() { ExitCode::from(7) } else { ExitCode::SUCCESS })
}

fn tell(found: &SearchResponse) {
    for word in &found.respelled {
        note(&format!("note: nothing holds `{}`; searched `{}`", word.asked, word.taken));
    }
    for (number, result) in (1..).zip(&found.results) {
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
    }
    if found.results.is_empty() {
        line("Nothing found.");
    }
    for lane in found.lanes.iter().filter(|lane| !lane.is_successful) {
        let reason = lane.error.as_deref().unwrap_or("no reason given");
        note(&format!("note: the lane `{}` is missing: {reason}", lane.lane_name));
    }
}
