//! `assay collections`.

mod archive;

use std::process::ExitCode;

use assay_api::{
    CollectionChange, CollectionListResponse, CollectionRequest, CollectionResponse,
    CollectionSettings, ReadAgainResponse, TuneRequest, TuneResponse,
};
use assay_core::ErrorCode;
use serde_json::json;

use super::{Context, connected, sources::read_settings};
use crate::{
    cli::Collections,
    connect::{Connection, segment},
    output::{Told, json as print, line},
};

pub(crate) async fn run(context: Context, args: Collections) -> anyhow::Result<ExitCode> {
    connected(&context, async |connection| carry_out(&context, connection, args).await).await?;
    Ok(ExitCode::SUCCESS)
}

async fn carry_out(
    context: &Context,
    connection: &Connection,
    args: Collections,
) -> anyhow::Result<()> {
    let path = |name: &str| format!("/v1/collections/{}", segment(name));
    match args {
        Collections::List => {
            let found: CollectionListResponse = connection.get("/v1/collections").await?;
            if context.json {
                return print(&found);
            }
            for collection in &found.collections {
                line(&format!("{:<24} {:>8} documents", collection.name, collection.documents));
            }
            Ok(())
        }
        Collections::Create { name, passage_tokens, readers } => {
            let settings = CollectionSettings { passage_tokens, ..CollectionSettings::default() };
            let request = CollectionRequest { name, settings, access: readers.list() };
            shown(context, &connection.post("/v1/collections", &request).await?)
        }
        Collections::Set { name, rename, passage_tokens, vector_weight, search } => {
            // A change replaces all settings: those that are not named stay as they are.
            let now: CollectionResponse = connection.get(&path(&name)).await?;
            let mut settings = now.settings.clone();
            settings.passage_tokens = passage_tokens.or(settings.passage_tokens);
            settings.search.vector_weight = vector_weight.or(settings.search.vector_weight);
            if let Some(search) = search {
                settings.search =
                    serde_json::from_value(read_settings(&search)?).map_err(|error| {
                        Told::new(ErrorCode::BadRequest, format!("--search: {error}"))
                    })?;
            }
            let settings = (settings != now.settings).then_some(settings);
            let change = CollectionChange { name: rename, settings };
            shown(context, &connection.patch(&path(&name), &change).await?)
        }
        Collections::Tune { name, apply } => {
            let path = format!("{}/tune", path(&name));
            let tuned: TuneResponse = connection.post(&path, &TuneRequest { apply }).await?;
            if context.json {
                return print(&tuned);
            }
            tell(&tuned);
            Ok(())
        }
        Collections::Delete { name, documents } => {
            connection.delete(&format!("{}?documents={documents}", path(&name))).await?;
            if context.json { print(&json!({ "deleted": name })) } else { Ok(()) }
        }
        Collections::Reingest { name } => {
            let path = format!("{}/reingest", path(&name));
            let begun: ReadAgainResponse = connection.post(&path, &json!({})).await?;
            if context.json {
                return print(&begun);
            }
            line(&format!("{} documents are being read again", begun.begun));
            Ok(())
        }
        Collections::Export { name, file } => {
            let written = archive::export(connection, &name, &file).await?;
            if context.json {
                return print(&json!({ "documents": written }));
            }
            line(&format!("{written} documents written to {}", file.display()));
            Ok(())
        }
        Collections::Import { file, collection } => {
            let taken = archive::import(connection, &file, &collection).await?;
            if context.json {
                return print(&json!({ "documents": taken }));
            }
            line(&format!("{taken} documents taken in; they are searchable when their jobs end"));
            Ok(())
        }
    }
}

fn shown(context: &Context, collection: &CollectionResponse) -> anyhow::Result<()> {
    if context.json {
        return print(collection);
    }
    line(&format!("{} holds {} documents", collection.name, collection.documents));
    Ok(())
}

fn tell(tuned: &TuneResponse) {
    line(&format!(
        "{} judgements of {} queries: {}",
        tuned.judgements, tuned.queries, tuned.reason
    ));
    for score in &tuned.scores {
        line(&format!("  vector_weight {:.1}   {:+.3}", score.vector_weight, score.score));
    }
    let now = if tuned.applied { tuned.proposed } else { tuned.current };
    line(&format!("{} has vector_weight {now:.2}", tuned.collection));
    if !tuned.applied && tuned.proposed.to_bits() != tuned.current.to_bits() {
        line(&format!("{:.2} is proposed; --apply sets it", tuned.proposed));
    }
}
