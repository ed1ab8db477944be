//! `assay sessions`.

use std::process::ExitCode;

use assay_api::{
    SessionDetailResponse, SessionListResponse, SessionMessage, SessionRequest, SessionResponse,
    SharedSessionResponse,
};

use super::{Context, connected};
use crate::{
    cli::Sessions,
    connect::segment,
    output::{json, line, note},
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
        Sessions::List { search, after, limit } => {
            let mut path = format!("/v1/sessions?limit={limit}");
            for (name, value) in [("q", search), ("after", after)] {
                if let Some(value) = value {
                    path = format!("{path}&{name}={}", segment(&value));
                }
            }
            let listed: SessionListResponse = connection.get(&path).await?;
            if in_json {
                return json(&listed);
            }
            for session in &listed.sessions {
                tell(session);
                if let Some(found) = &session.found {
                    line(&format!("    {}", found.text));
                }
            }
            if let Some(next) = &listed.next {
                note(&format!("there are more: --after {next}"));
            }
            Ok(())
        }
        Sessions::Show { id } => {
            let path = format!("/v1/sessions/{}", segment(&id));
            let shown: SessionDetailResponse = connection.get(&path).await?;
            if in_json {
                return json(&shown);
            }
            tell(&shown.session);
            shown.messages.iter().for_each(tell_message);
            Ok(())
        }
        Sessions::Share { id } => {
            let path = format!("/v1/sessions/{}/share", segment(&id));
            let shared: SessionResponse = connection.put(&path, &()).await?;
            if in_json {
                return json(&shared);
            }
            line(&format!("Members of the tenant can read it: assay sessions read {}", shared.id));
            if let Some(url) = connection.lasting() {
                line(&format!("  {url}/app/shared/{}", shared.id));
            }
            Ok(())
        }
        Sessions::Unshare { id } => {
            connection.delete(&format!("/v1/sessions/{}/share", segment(&id))).await
        }
        Sessions::Read { id } => {
            let path = format!("/v1/shared/{}", segment(&id));
            let shared: SharedSessionResponse = connection.get(&path).await?;
            if in_json {
                return json(&shared);
            }
            tell(&shared.session);
            line(&format!("by {}", shared.owner.as_deref().unwrap_or("somebody who has left")));
            shared.messages.iter().for_each(tell_message);
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

fn tell_message(message: &SessionMessage) {
    line(&format!("{}. {}", message.number, message.query));
    line(&format!("   {} ({})", message.answer, message.state.as_str()));
}

fn tell(session: &SessionResponse) {
    let title = session.title.as_deref().unwrap_or("untitled");
    line(&format!(
        "{}  {:<8}  {:>3} messages  until {}  {title}",
        session.id, session.state, session.message_count, session.expires_at
    ));
}
