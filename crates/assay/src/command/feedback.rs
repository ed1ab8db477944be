//! `assay feedback`.

use std::process::ExitCode;

use assay_api::{FeedbackRequest, FeedbackResponse};

use super::{Context, connected};
use crate::{
    cli::Feedback,
    output::{json, line},
};

pub(crate) async fn run(context: Context, args: Feedback) -> anyhow::Result<ExitCode> {
    let request = FeedbackRequest {
        query: args.query,
        passage_id: None,
        document_id: Some(args.document),
        useful: args.useful,
    };
    let recorded: FeedbackResponse =
        connected(&context, async |connection| connection.post("/v1/feedback", &request).await)
            .await?;
    if context.json {
        json(&recorded)?;
    } else {
        line("Recorded. `assay collections tune` says what the judgements come to.");
    }
    Ok(ExitCode::SUCCESS)
}
