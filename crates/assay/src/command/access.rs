//! `assay access`.

use std::process::ExitCode;

use assay_api::{AccessListResponse, AccessRequest, AccessResponse, OpenTo};
use assay_core::ErrorCode;

use super::{Context, connected};
use crate::{
    cli::{AccessCommand, Closed},
    connect::segment,
    output::{Told, json as print, line},
};

pub(crate) async fn run(context: Context, args: AccessCommand) -> anyhow::Result<ExitCode> {
    connected(&context, async |connection| match args {
        AccessCommand::Show(of) => shown(&context, &connection.get(&path(&of)).await?),
        AccessCommand::Set { of, readers, everybody, inherit, nobody } => {
            let open = |open_to| AccessRequest { open_to, ..AccessRequest::default() };
            let request = match (everybody, inherit, nobody, readers.list()) {
                (true, ..) => open(OpenTo::Everybody),
                (_, true, ..) => open(OpenTo::Inherited),
                (_, _, true, _) => open(OpenTo::Listed),
                (.., Some(list)) => list,
                (.., None) => {
                    let message = "nothing says who may read it";
                    return Err(Told::new(ErrorCode::BadRequest, message)
                        .hint("name readers, or give --everybody, --inherit or --nobody")
                        .into());
                }
            };
            shown(&context, &connection.put(&path(&of), &request).await?)
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

fn path(of: &Closed) -> String {
    match (&of.collection, &of.document) {
        (Some(name), _) => format!("/v1/collections/{}/access", segment(name)),
        (None, document) => {
            format!("/v1/documents/{}/access", segment(document.as_deref().unwrap_or_default()))
        }
    }
}

fn shown(context: &Context, access: &AccessResponse) -> anyhow::Result<()> {
    if context.json {
        return print(access);
    }
    if access.own.open_to == OpenTo::Inherited {
        line("inherited:");
    }
    tell(&access.in_force);
    Ok(())
}

fn tell(list: &AccessListResponse) {
    if list.open_to == OpenTo::Everybody {
        return line("everybody of the tenant may read it");
    }
    for (kind, holders) in [("member", &list.members), ("group", &list.groups)] {
        for holder in holders {
            let name = holder.name.as_deref().unwrap_or("(gone)");
            line(&format!("{kind:<6}  {}  {name}", holder.id));
        }
    }
    line("and those whose role reads everything");
}
