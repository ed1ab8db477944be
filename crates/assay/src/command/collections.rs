//! `assay collections`.

mod archive;

use std::process::ExitCode;

use assay_api::{
    CollectionChange, CollectionListResponse, CollectionRequest, CollectionResponse,
    CollectionSettings, ReadAgainResponse,
};
use serde_json::json;

use super::{Context, connected};
use crate::{
    cli::Collections,
    connect::{Connection, segment},
    output::{json as print, line},
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
        Collections::Create { name, passage_tokens } => {
            let request =
                CollectionRequest { name, settings: CollectionSettings { passage_tokens } };
            shown(context, &connection.post("/v1/collections", &request).await?)
        }
        Collections::Set { name, rename, passage_tokens } => {
            let settings =
                passage_tokens.map(|tokens| CollectionSettings { passage_tokens: Some(tokens) });
            let change = CollectionChange { name: rename, settings };
            shown(context, &connection.patch(&path(&name), &change).await?)
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
