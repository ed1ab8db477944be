//! `assay tenant`.

use std::{path::Path, process::ExitCode};

use assay_api::{
    AcceptRequest, AcceptResponse, InvitationListResponse, InvitationRequest, InvitationResponse,
    MeResponse, MemberListResponse, MemberRequest, MintedInvitationResponse, PrincipalResponse,
    ServiceRequest, TenantChange, TenantLimits, TenantListResponse, TenantRequest, TenantResponse,
};
use assay_core::{ErrorCode, Secret};
use assay_identity::{Permission, Permissions, ROLES, STATES};
use serde_json::json;

use super::{Context, connected, users};
use crate::{
    cli::{Limits, MemberCommand, TenantCommand},
    connect::{Connection, segment},
    output::{Told, json as print, line, note, told as failure},
};

pub(crate) async fn run(context: Context, args: TenantCommand) -> anyhow::Result<ExitCode> {
    let in_json = context.json;
    if matches!(args, TenantCommand::Roles) {
        roles(in_json)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let TenantCommand::Move { name, to } = args {
        moving(&context, &name, to)?;
        return Ok(ExitCode::SUCCESS);
    }
    connected(&context, async |connection| match args {
        TenantCommand::Create { name, owner, trial_ends } => {
            let request = TenantRequest { name, owner, trial_ends_at: trial_ends };
            told(in_json, &connection.post("/v1/tenants", &request).await?)
        }
        TenantCommand::List => {
            let listed: TenantListResponse = connection.get("/v1/tenants").await?;
            if in_json {
                return print(&listed);
            }
            listed.tenants.iter().for_each(tell);
            Ok(())
        }
        TenantCommand::Show { name: Some(name) } => {
            told(in_json, &connection.get(&path(&name)).await?)
        }
        TenantCommand::Show { name: None } => {
            let tenant: TenantResponse = connection.get("/v1/tenant").await?;
            me(in_json, &connection.get("/v1/me").await?, &tenant)
        }
        TenantCommand::Limit { name, limits, default } => {
            let change = TenantChange {
                limits: Some(wanted(&limits)),
                default_limits: default,
                ..TenantChange::default()
            };
            told(in_json, &connection.patch(&path(&name), &change).await?)
        }
        TenantCommand::Export { name, out } => export(connection, in_json, &name, &out).await,
        TenantCommand::Suspend { name } => set(connection, in_json, &name, "suspended").await,
        TenantCommand::Resume { name } => set(connection, in_json, &name, "active").await,
        TenantCommand::Cancel { name } => set(connection, in_json, &name, "cancelled").await,
        TenantCommand::Erase { name, yes } => {
            if !yes {
                let message = format!("erasing `{name}` cannot be taken back");
                return Err(Told::new(ErrorCode::BadRequest, message)
                    .hint("repeat the command with --yes")
                    .into());
            }
            connection.delete(&path(&name)).await
        }
        TenantCommand::Members(args) => members(connection, in_json, args).await,
        TenantCommand::Service { name } => {
            let made: PrincipalResponse =
                connection.post("/v1/services", &ServiceRequest { name }).await?;
            if in_json {
                return print(&made);
            }
            users::tell(&made);
            Ok(())
        }
        TenantCommand::Roles | TenantCommand::Move { .. } => Ok(()),
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Moves the rows of a tenant between the data folder and a server, without a server of Assay.
fn moving(context: &Context, name: &str, to: String) -> anyhow::Result<()> {
    let mut settings = context.config.engine();
    let to_server = to.contains("://");
    if to_server {
        settings.database.url = Some(Secret::new(to));
    } else if Path::new(&to).canonicalize().ok() != settings.data.canonicalize().ok() {
        let message = format!("`{to}` is not the data folder `{}`", settings.data.display());
        return Err(Told::new(ErrorCode::BadRequest, message)
            .hint("originals stay where they are: name that folder, or give --data-dir")
            .into());
    }
    let sums = assay_answer::move_tenant(&settings, name, to_server).map_err(failure)?;
    if context.json {
        let tables: Vec<_> = sums
            .iter()
            .map(|sum| json!({ "table": sum.table, "rows": sum.rows, "sha256": sum.sha256 }))
            .collect();
        return print(&json!({ "tenant": name, "tables": tables }));
    }
    for sum in &sums {
        line(&format!("{:<18}{:>9} rows  {}", sum.table, sum.rows, sum.sha256));
    }
    line(&format!("{name} was moved; count and hash of every table are the same on both sides."));
    Ok(())
}

fn path(name: &str) -> String {
    format!("/v1/tenants/{}", segment(name))
}

async fn set(
    connection: &Connection,
    in_json: bool,
    name: &str,
    state: &str,
) -> anyhow::Result<()> {
    let change = TenantChange { state: Some(state.to_owned()), ..TenantChange::default() };
    told(in_json, &connection.patch(&path(name), &change).await?)
}

async fn members(
    connection: &Connection,
    in_json: bool,
    args: MemberCommand,
) -> anyhow::Result<()> {
    let place = |tenant: &Option<String>| match tenant {
        Some(tenant) => format!("{}/members", path(tenant)),
        None => "/v1/members".to_owned(),
    };
    match args {
        MemberCommand::List { tenant } => {
            let listed: MemberListResponse = connection.get(&place(&tenant)).await?;
            if in_json {
                return print(&listed);
            }
            for member in &listed.members {
                line(&format!("{}  {}  {}  {}", member.id, member.role, member.kind, member.name));
            }
            Ok(())
        }
        MemberCommand::Set { user, role, tenant } => {
            connection.set(&place(&tenant), &MemberRequest { user, role }).await
        }
        MemberCommand::Invite { user, role, days } => {
            let request = InvitationRequest { name: user, role, days: Some(days) };
            invite(connection, in_json, &request).await
        }
        MemberCommand::Invitations => {
            let listed: InvitationListResponse = connection.get("/v1/invitations").await?;
            if in_json {
                return print(&listed);
            }
            listed.invitations.iter().for_each(invitation);
            Ok(())
        }
        MemberCommand::Revoke { id } => {
            connection.delete(&format!("/v1/invitations/{}", segment(&id))).await
        }
        MemberCommand::Accept { token } => accept(connection, in_json, token).await,
        MemberCommand::Remove { member } => {
            let listed: MemberListResponse = connection.get("/v1/members").await?;
            let mut found = listed.members.iter().filter(|it| it.name == member || it.id == member);
            let Some(found) = found.next() else {
                let message = format!("there is no member `{member}`");
                return Err(Told::new(ErrorCode::NotFound, message).into());
            };
            connection.delete(&format!("/v1/members/{}", found.id)).await
        }
    }
}

async fn invite(
    connection: &Connection,
    in_json: bool,
    request: &InvitationRequest,
) -> anyhow::Result<()> {
    let made: MintedInvitationResponse = connection.post("/v1/invitations", request).await?;
    if in_json {
        return print(&made);
    }
    invitation(&made.about);
    line(&made.token);
    note("hand the token over: it is shown this once, and no mail is sent");
    Ok(())
}

/// Accepts an invitation with the password on standard input.
async fn accept(connection: &Connection, in_json: bool, token: String) -> anyhow::Result<()> {
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let password = password.trim_end_matches(['\r', '\n']).to_owned();
    let request = AcceptRequest { token, password };
    let joined: AcceptResponse = connection.post("/v1/login/invitation", &request).await?;
    if in_json {
        return print(&joined);
    }
    line(&format!("{} is {} of {}", joined.user, joined.role, joined.tenant));
    Ok(())
}

/// The tables themselves: no server is asked.
fn roles(in_json: bool) -> anyhow::Result<()> {
    if in_json {
        let names = |permissions: &[Permission]| -> Vec<&str> {
            permissions.iter().map(|it| it.as_str()).collect()
        };
        let roles: Vec<_> = ROLES
            .iter()
            .map(|(_, name, may)| json!({ "role": name, "permissions": names(may) }))
            .collect();
        let states: Vec<_> = STATES
            .iter()
            .map(|(_, name, left)| json!({ "state": name, "leaves": left.map(names) }))
            .collect();
        return print(&json!({ "roles": roles, "states": states }));
    }
    let columns = ROLES.map(|(_, name, _)| format!("{name:>8}")).concat();
    line(&format!("{:<16}{columns}", "permission"));
    for permission in Permissions::ALL.iter() {
        let marks = ROLES.map(|(_, _, may)| if may.contains(&permission) { "yes" } else { "-" });
        let marks = marks.map(|mark| format!("{mark:>8}")).concat();
        line(&format!("{:<16}{marks}", permission.as_str()));
    }
    line("\nplatform.* holds in the platform tenant alone.");
    for (_, name, left) in STATES {
        let left = left.map(|left| left.iter().map(|it| it.as_str()).collect::<Vec<_>>());
        let left = left.map_or_else(|| "everything".to_owned(), |left| left.join(", "));
        line(&format!("A tenant that is {name} leaves: {left}"));
    }
    Ok(())
}

/// Writes the archive of the tenant that the key is for, which has to be the one that was named.
async fn export(
    connection: &Connection,
    in_json: bool,
    name: &str,
    out: &Path,
) -> anyhow::Result<()> {
    let own: TenantResponse = connection.get("/v1/tenant").await?;
    if own.name != name && own.id != name {
        let message = format!("this key is for the tenant `{}`, not for `{name}`", own.name);
        return Err(Told::new(ErrorCode::Forbidden, message)
            .hint("an owner of the tenant takes it out, with a key for it")
            .into());
    }
    let bytes = connection.save("/v1/tenant/export", out).await?;
    if in_json {
        return print(&json!({ "file": out.display().to_string(), "bytes": bytes }));
    }
    line(&format!("{bytes} bytes written to {}", out.display()));
    Ok(())
}

fn wanted(limits: &Limits) -> TenantLimits {
    TenantLimits {
        documents: limits.documents,
        bytes: limits.bytes,
        members: limits.members,
        questions_per_minute: limits.questions_per_minute,
        requests_per_minute: limits.requests_per_minute,
    }
}

fn invitation(it: &InvitationResponse) {
    line(&format!(
        "{}  {:<8}  {:<6}  until {}  {}",
        it.id, it.state, it.role, it.expires_at, it.name
    ));
}

fn me(in_json: bool, me: &MeResponse, tenant: &TenantResponse) -> anyhow::Result<()> {
    if in_json {
        let mut shown = serde_json::to_value(me)?;
        shown["limits"] = serde_json::to_value(tenant.limits)?;
        shown["usage"] = serde_json::to_value(tenant.usage)?;
        return print(&shown);
    }
    line(&format!("{}  {}", me.tenant, me.tenant_name));
    line(&format!("  {} by {}, as {}", me.principal, me.credential, me.role));
    line(&format!("  may: {}", me.permissions.join(", ")));
    room(tenant);
    Ok(())
}

fn told(in_json: bool, tenant: &TenantResponse) -> anyhow::Result<()> {
    if in_json {
        return print(tenant);
    }
    tell(tenant);
    room(tenant);
    Ok(())
}

/// What a tenant has of what it may have.
fn room(tenant: &TenantResponse) {
    let (limits, usage) = (&tenant.limits, tenant.usage.as_ref());
    let rows = [
        ("documents", usage.map(|it| it.documents), limits.documents),
        ("bytes", usage.map(|it| it.bytes), limits.bytes),
        ("members", usage.map(|it| it.members), limits.members),
        ("questions a minute", None, limits.questions_per_minute),
        ("requests a minute", None, limits.requests_per_minute),
    ];
    for (what, has, may) in rows {
        match (has, may) {
            (None, None) => {}
            (Some(has), None) => line(&format!("  {what}: {has}")),
            (None, Some(may)) => line(&format!("  {what}: at most {may}")),
            (Some(has), Some(may)) => line(&format!("  {what}: {has} of at most {may}")),
        }
    }
}

fn tell(tenant: &TenantResponse) {
    let trial = tenant.trial_ends_at.as_ref().map(|at| format!(" until {at}"));
    let trial = trial.unwrap_or_default();
    line(&format!("{}  {}{trial}  {}", tenant.id, tenant.state, tenant.name));
}
