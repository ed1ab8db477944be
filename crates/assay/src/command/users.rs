//! `assay users`.

use std::process::ExitCode;

use assay_api::{PrincipalResponse, UserChange, UserListResponse, UserRequest};

use super::{Context, connected};
use crate::{
    cli::UserCommand,
    connect::segment,
    output::{json as print, line},
};

pub(crate) async fn run(context: Context, args: UserCommand) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    connected(&context, async |connection| {
        let change = async |name: &str, disabled| {
            let path = format!("/v1/users/{}", segment(name));
            connection.patch::<PrincipalResponse>(&path, &UserChange { disabled }).await
        };
        let user = match args {
            UserCommand::Create { name } => {
                connection.post("/v1/users", &UserRequest { name }).await?
            }
            UserCommand::Disable { name } => change(&name, true).await?,
            UserCommand::Enable { name } => change(&name, false).await?,
            UserCommand::List => {
                let listed: UserListResponse = connection.get("/v1/users").await?;
                if in_json {
                    return print(&listed);
                }
                listed.users.iter().for_each(tell);
                return Ok(());
            }
        };
        if in_json {
            return print(&user);
        }
        tell(&user);
        Ok(())
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn tell(user: &PrincipalResponse) {
    let out = user.disabled_at.as_ref().map(|at| format!("  shut out since {at}"));
    line(&format!("{}  {}  {}{}", user.id, user.kind, user.name, out.unwrap_or_default()));
}
