//! `assay sessions`.

use std::process::ExitCode;

use assay_api::{SessionDetailResponse, SessionListResponse, SessionRequest, SessionResponse};

use super::{Context, connected};
use crate::{
    cli::Sessions,
    connect::segment,
    output::{json, line},
};

pub(crate) async fn run(context: Context, args: Sessions) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    connected(&context, async |connection| match args {
        Sessions::Create { title, ttl } => {
            let request = SessionRequest { title, ttl_minutes: ttl };
            let made: SessionResponse = connection.post("/v1/sessions", &request).await?;
            if in_json {
                return json(&made);
            }
            line(&made.id);
            Ok(())
        }
        Sessions::List => {
            let listed: SessionListResponse = connection.get("/v1/sessions?limit=200").await?;
            if in_json {
                return json(&listed);
            }
            listed.sessions.iter().for_each(tell);
            Ok(())
        }
        Sessions::Show { id } => {
            let path = format!("/v1/sessions/{}", segment(&id));
            let shown: SessionDetailResponse = connection.get(&path).await?;
            if in_json {
                return json(&shown);
            }
            tell(&shown.session);
            for message in &shown.messages {
                line(&format!("{}. {}", message.number, message.query));
                line(&format!("   {} ({})", message.answer, message.state.as_str()));
            }
            Ok(())
        }
        Sessions::Activate { id } => {
            let path = format!("/v1/sessions/{}/activate", segment(&id));
            let shown: SessionResponse = connection.post(&path, &()).await?;
            if in_json {
                return json(&shown);
            }
            tell(&shown);
            Ok(())
        }
        Sessions::Deactivate { id } => {
            let path = format!("/v1/sessions/{}/deactivate", segment(&id));
            let shown: SessionResponse = connection.post(&path, &()).await?;
            if in_json {
                return json(&shown);
            }
            tell(&shown);
            Ok(())
        }
        Sessions::Delete { id } => {
            connection.delete(&format!("/v1/sessions/{}", segment(&id))).await
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn tell(session: &SessionResponse) {
    let title = session.title.as_deref().unwrap_or("untitled");
    line(&format!(
        "{}  {:<8}  {:>3} messages  until {}  {title}",
        session.id, session.state, session.message_count, session.expires_at
    ));
}
