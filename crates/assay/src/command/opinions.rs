//! `assay opinions`.

use std::process::ExitCode;

use assay_api::{OpinionListResponse, OpinionRequest, OpinionResponse};

use super::{Context, connected};
use crate::{
    cli::{OpinionSay, Opinions},
    connect::segment,
    output::{json, line, note},
};

pub(crate) async fn run(context: Context, args: Opinions) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    connected(&context, async |connection| match args {
        Opinions::List { before, limit } => {
            let before = before.map(|number| format!("&before={number}")).unwrap_or_default();
            let path = format!("/v1/opinions?limit={limit}{before}");
            let listed: OpinionListResponse = connection.get(&path).await?;
            if in_json {
                return json(&listed);
            }
            listed.opinions.iter().for_each(tell);
            if listed.opinions.is_empty() {
                line("Nobody has said anything yet.");
            }
            if let Some(next) = listed.next {
                note(&format!("there are more: --before {next}"));
            }
            Ok(())
        }
        Opinions::Say(OpinionSay { session, message, word, comment }) => {
            let request = OpinionRequest { message, useful: word.useful, comment };
            let path = format!("/v1/sessions/{}/opinion", segment(&session));
            let said: OpinionResponse = connection.put(&path, &request).await?;
            if in_json {
                return json(&said);
            }
            tell(&said);
            Ok(())
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn tell(opinion: &OpinionResponse) {
    let by = opinion.by.as_deref().unwrap_or("somebody who has left");
    let word = if opinion.useful { "helped" } else { "did not help" };
    line(&format!("{}  {word:<12}  {by}: {}", opinion.created_at, opinion.query));
    line(&format!("    {} of {} ({})", opinion.message, opinion.session_id, opinion.state));
    if let Some(comment) = &opinion.comment {
        line(&format!("    {comment}"));
    }
}
