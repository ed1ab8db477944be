//! `assay tasks webhook`.

use std::process::ExitCode;

use assay_api::{WebhookListResponse, WebhookRequest, WebhookResponse};

use crate::{
    cli::Webhooks,
    connect::{Connection, segment},
    output::{json, line, note},
};

pub(super) async fn run(
    connection: &Connection,
    args: &Webhooks,
    as_json: bool,
) -> anyhow::Result<ExitCode> {
    match args {
        Webhooks::List => {
            let found: WebhookListResponse = connection.get("/v1/webhooks").await?;
            if as_json {
                json(&found)?;
            } else if found.webhooks.is_empty() {
                line("no webhooks");
            } else {
                found.webhooks.iter().for_each(tell);
            }
        }
        Webhooks::Add { url, kind, state } => {
            let request =
                WebhookRequest { url: url.clone(), kinds: kind.clone(), states: state.clone() };
            let made: WebhookResponse = connection.post("/v1/webhooks", &request).await?;
            if as_json {
                json(&made)?;
            } else {
                tell(&made);
                line(&format!("  secret    {}", made.secret.as_deref().unwrap_or_default()));
                note("the secret is not shown again");
            }
        }
        Webhooks::Remove { webhook } => {
            connection.delete(&format!("/v1/webhooks/{}", segment(webhook))).await?;
            line(&format!("removed {webhook}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(webhook: &WebhookResponse) {
    let all = |words: &[String]| match words {
        [] => "all".to_owned(),
        words => words.join(", "),
    };
    let (kinds, states) = (all(&webhook.kinds), all(&webhook.states));
    line(&format!("{}  {}  kinds {kinds}, ends {states}", webhook.id, webhook.url));
}
