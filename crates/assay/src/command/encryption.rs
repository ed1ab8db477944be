//! `assay encryption`: straight in the data folder and the folder of keys, because a root key is not
//! sent over any connection.

use std::{fs::File, process::ExitCode, sync::Arc};

use assay_core::{Clock, ErrorCode, SystemClock, timestamp};
use assay_identity::{
    Identities, TenantState,
    audit::{Actor, Event},
};
use assay_vault::{KeyState, Vault};
use serde_json::json;

use super::Context;
use crate::{
    cli::EncryptionCommand,
    output::{Told, json as print, line, note, told},
};

pub(crate) fn run(context: &Context, args: EncryptionCommand) -> anyhow::Result<ExitCode> {
    match args {
        EncryptionCommand::Status => status(context)?,
        EncryptionCommand::Rotate => rotate(context)?,
        EncryptionCommand::Destroy { tenant, yes } => destroy(context, &tenant, yes)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn open(context: &Context) -> anyhow::Result<Vault> {
    Vault::open(&context.config.data(), &context.config.encryption).map_err(told)
}

fn identities(context: &Context, vault: &Vault) -> anyhow::Result<Identities> {
    let (data, settings) = (context.config.data(), context.config.auth.clone());
    let clock = Arc::new(SystemClock);
    Identities::open_with(&data, settings, clock, vault.installation()).map_err(told)
}

fn status(context: &Context) -> anyhow::Result<()> {
    let vault = open(context)?;
    let keys = if vault.is_on() { vault.states().map_err(told)? } else { Vec::new() };
    if context.json {
        return print(&json!({ "encrypted": vault.is_on(), "keys": keys }));
    }
    if !vault.is_on() {
        line(NOT_ENCRYPTED);
        return Ok(());
    }
    for KeyState { owner, root_key, destroyed_ms } in keys {
        let state = match (root_key, destroyed_ms) {
            (Some(root), None) => format!("under root key {root}"),
            (_, Some(at)) => format!("destroyed {}", timestamp(at)),
            (None, None) => "damaged".to_owned(),
        };
        line(&format!("{owner:<36}  {state}"));
    }
    Ok(())
}

/// What the start and the doctor say of a data folder in clear.
pub(crate) const NOT_ENCRYPTED: &str =
    "data at rest is not encrypted: encryption.root_key_file switches it on";

fn rotate(context: &Context) -> anyhow::Result<()> {
    let vault = open(context)?;
    let rotation = vault.rotate().map_err(told)?;
    // The key of the installation is the same: what it opens is open to this process.
    let detail = format!("root key {}, {} keys", rotation.root_key, rotation.rewrapped);
    let event = Event::done("encryption.rotate", "root_key").detail(detail);
    identities(context, &vault)?.record(Actor::operator(), event).map_err(told)?;
    if context.json {
        return print(&rotation);
    }
    let (rewrapped, keys) = (rotation.rewrapped, rotation.keys);
    line(&format!("{rewrapped} of {keys} keys wrapped anew, by root key {}", rotation.root_key));
    note("back up the new root key, and the folder of keys; then destroy the old root key");
    Ok(())
}

fn destroy(context: &Context, tenant: &str, yes: bool) -> anyhow::Result<()> {
    if !yes {
        let message = format!("without its key the data of `{tenant}` is lost, in backups as well");
        return Err(Told::new(ErrorCode::BadRequest, message)
            .hint("repeat the command with --yes")
            .into());
    }
    let data = context.config.data();
    let lock = File::options().create(true).write(true).truncate(false).open(data.join("lock"))?;
    if lock.try_lock().is_err() {
        let message = "a server has the data folder open, and the key of the tenant in memory";
        return Err(Told::new(ErrorCode::Conflict, message.to_owned())
            .hint("stop the server, or erase the tenant: `assay tenant erase` destroys its key too")
            .into());
    }
    let vault = open(context)?;
    if !vault.is_on() {
        return Err(told(assay_vault::VaultError::Off));
    }
    let identities = identities(context, &vault)?;
    let (scope, record) = identities.managed_tenant(tenant).map_err(told)?;
    let actor = Actor::operator();
    // Refuses the platform tenant, and lets nobody act for this one any more.
    identities.set_tenant_state(&actor, &scope, TenantState::Cancelled, None).map_err(told)?;
    vault.destroy(scope.tenant(), SystemClock.now_ms()).map_err(told)?;
    let event = Event::done("encryption.destroy", format!("tenant:{}", record.id));
    identities.record(actor, event).map_err(told)?;
    if context.json {
        return print(&json!({ "destroyed": record.id.to_string() }));
    }
    line(&format!("the key of {} is destroyed", record.name));
    note(
        "a backup that holds the folder of keys opens with the root key of its time: rotate the root key and destroy the old one",
    );
    Ok(())
}
