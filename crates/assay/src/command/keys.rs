//! `assay keys`.

use std::{process::ExitCode, sync::Arc};

use assay_api::{KeyListResponse, KeyRequest, KeyResponse, KeyRotation, MintedKeyResponse};
use assay_core::{Clock, SystemClock, timestamp};
use assay_identity::Permission;
use serde_json::json;

use super::{Context, connected};
use crate::{
    cli::{KeyCreate, Keys},
    connect::{check_place_of_rows, segment},
    output::{json as print, line, note, told},
};

pub(crate) async fn run(context: Context, args: Keys) -> anyhow::Result<ExitCode> {
    if let Keys::Create(KeyCreate { bootstrap: Some(user), name, .. }) = &args {
        return bootstrap(&context, user, name);
    }
    let in_json = context.json;
    connected(&context, async |connection| match args {
        Keys::Create(args) => {
            let scopes = (!args.scope.is_empty()).then_some(args.scope);
            let request = KeyRequest {
                name: args.name,
                service: args.service,
                scopes,
                expires_at: args.expires,
            };
            minted(in_json, &connection.post("/v1/keys", &request).await?)
        }
        Keys::List => {
            let listed: KeyListResponse = connection.get("/v1/keys").await?;
            if in_json {
                return print(&listed);
            }
            listed.keys.iter().for_each(tell);
            Ok(())
        }
        Keys::Rotate { id, overlap } => {
            let path = format!("/v1/keys/{}/rotate", segment(&id));
            let request = KeyRotation { overlap_seconds: Some(overlap) };
            minted(in_json, &connection.post(&path, &request).await?)
        }
        Keys::Revoke { id } => connection.delete(&format!("/v1/keys/{}", segment(&id))).await,
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// The first key of an installation, straight in the data folder. A server that has the folder open
/// knows the key at once.
fn bootstrap(context: &Context, user: &str, name: &str) -> anyhow::Result<ExitCode> {
    check_place_of_rows(&context.config)?;
    assay_answer::make_data_folder(&context.config.data())?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let identities = assay_answer::identities(&context.config.engine(), &clock).map_err(told)?;
    let made = identities.bootstrap(user, name).map_err(told)?;
    let record = &made.record;
    let about = KeyResponse {
        id: record.id.to_string(),
        name: record.name.clone(),
        principal: record.principal.to_string(),
        scopes: record
            .scopes
            .map(|scopes| scopes.iter().map(Permission::as_str).map(str::to_owned).collect()),
        created_at: timestamp(record.created_ms).to_string(),
        expires_at: record.expires_ms.map(|ms| timestamp(ms).to_string()),
        revoked_at: None,
        used_at: None,
        replaces: None,
    };
    minted(context.json, &MintedKeyResponse { key: made.key.expose().to_owned(), about })?;
    Ok(ExitCode::SUCCESS)
}

/// The key alone on standard output, so that it can be taken into a variable.
fn minted(in_json: bool, minted: &MintedKeyResponse) -> anyhow::Result<()> {
    if in_json {
        return print(&json!(minted));
    }
    note(&format!("Key {}; it is shown this once. Use it as ASSAY_API_KEY.", minted.about.id));
    line(&minted.key);
    Ok(())
}

fn tell(key: &KeyResponse) {
    let state = match (&key.revoked_at, &key.expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "no end".to_owned(),
    };
    let used = key.used_at.as_deref().unwrap_or("never");
    let scopes = key.scopes.as_ref().map(|scopes| format!("  only {}", scopes.join(",")));
    line(&format!("{}  {}  {state}  used {used}{}", key.id, key.name, scopes.unwrap_or_default()));
}
