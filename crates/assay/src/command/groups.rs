//! `assay groups`.

use std::process::ExitCode;

use assay_api::{GroupChange, GroupListResponse, GroupRequest, GroupResponse};

use super::{Context, connected};
use crate::{
    cli::GroupCommand,
    connect::segment,
    output::{json as print, line},
};

pub(crate) async fn run(context: Context, args: GroupCommand) -> anyhow::Result<ExitCode> {
    let path = |group: &str| format!("/v1/groups/{}", segment(group));
    connected(&context, async |connection| match args {
        GroupCommand::List => {
            let listed: GroupListResponse = connection.get("/v1/groups").await?;
            if context.json {
                return print(&listed);
            }
            listed.groups.iter().for_each(tell);
            Ok(())
        }
        GroupCommand::Create { name } => {
            shown(&context, &connection.post("/v1/groups", &GroupRequest { name }).await?)
        }
        GroupCommand::Show { group } => shown(&context, &connection.get(&path(&group)).await?),
        GroupCommand::Add { group, members } => {
            let change = GroupChange { add: members, ..GroupChange::default() };
            shown(&context, &connection.patch(&path(&group), &change).await?)
        }
        GroupCommand::Remove { group, members } => {
            let change = GroupChange { remove: members, ..GroupChange::default() };
            shown(&context, &connection.patch(&path(&group), &change).await?)
        }
        GroupCommand::Delete { group } => connection.delete(&path(&group)).await,
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn shown(context: &Context, group: &GroupResponse) -> anyhow::Result<()> {
    if context.json {
        return print(group);
    }
    tell(group);
    for member in group.members.iter().flatten() {
        line(&format!("  {}  {}", member.id, member.name.as_deref().unwrap_or_default()));
    }
    Ok(())
}

fn tell(group: &GroupResponse) {
    line(&format!("{}  {:>4} members  {}", group.id, group.member_count, group.name));
}
