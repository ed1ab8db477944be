//! `assay documents`.

use std::process::ExitCode;

use assay_api::{DocumentChange, DocumentListResponse, DocumentResponse, DuplicatesResponse};
use assay_core::ErrorCode;
use serde_json::{Map, Value, json};

use super::{Context, connected};
use crate::{
    cli::Documents,
    connect::{Connection, segment},
    output::{Told, json as print, line},
};

pub(crate) async fn run(context: Context, args: Documents) -> anyhow::Result<ExitCode> {
    connected(&context, async |connection| match args {
        Documents::List { collection, tag, parent } => {
            let documents = all(connection, collection, tag, parent).await?;
            if context.json {
                return print(&json!({ "documents": documents }));
            }
            for document in &documents {
                line(&format!("{}  {:<8}  {}", document.id, document.state, document.source));
            }
            Ok(())
        }
        Documents::Show { id } => {
            let document = connection.get(&format!("/documents/{}", segment(&id))).await?;
            shown(&context, &document)
        }
        Documents::Set { id, tag, title, metadata, collection } => {
            let path = format!("/documents/{}", segment(&id));
            let told = connection.get::<DocumentResponse>(&path).await?.told;
            let change = DocumentChange {
                collection,
                tags: tags(tag),
                metadata: described(told, title, &metadata)?,
            };
            shown(&context, &connection.patch(&format!("/v1{path}"), &change).await?)
        }
        Documents::Delete { id } => {
            connection.delete(&format!("/documents/{}", segment(&id))).await?;
            if context.json { print(&json!({ "deleted": id })) } else { Ok(()) }
        }
        Documents::Duplicates { similarity } => {
            let path = format!("/v1/duplicates?similarity={similarity}");
            let found: DuplicatesResponse = connection.get(&path).await?;
            if context.json {
                return print(&found);
            }
            for group in &found.groups {
                for id in group {
                    let document: DocumentResponse =
                        connection.get(&format!("/documents/{id}")).await?;
                    line(&format!("{id}  {}", document.source));
                }
                line("");
            }
            line(&format!("{} groups", found.groups.len()));
            Ok(())
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// All documents that match, page by page.
pub(super) async fn all(
    connection: &Connection,
    collection: Option<String>,
    tag: Option<String>,
    parent: Option<String>,
) -> anyhow::Result<Vec<DocumentResponse>> {
    let mut path = "/v1/documents?limit=500".to_owned();
    for (name, value) in [("collection", collection), ("tag", tag), ("parent", parent)] {
        if let Some(value) = value {
            path.push_str(&format!("&{name}={}", segment(&value)));
        }
    }
    let (mut documents, mut after) = (Vec::new(), String::new());
    loop {
        let page: DocumentListResponse = connection.get(&format!("{path}{after}")).await?;
        documents.extend(page.documents);
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => return Ok(documents),
        }
    }
}

/// Tags of the command line: none given leaves them, one empty takes them away.
fn tags(tags: Vec<String>) -> Option<Vec<String>> {
    (!tags.is_empty()).then(|| tags.into_iter().filter(|tag| !tag.is_empty()).collect())
}

/// What is told already with the new values over it; `None` when there are none.
fn described(
    told: Option<Value>,
    title: Option<String>,
    metadata: &[String],
) -> anyhow::Result<Option<Value>> {
    if title.is_none() && metadata.is_empty() {
        return Ok(None);
    }
    let mut all: Map<String, Value> = match told {
        Some(Value::Object(told)) => told,
        _ => Map::new(),
    };
    all.extend(title.map(|title| ("title".to_owned(), json!(title))));
    for pair in metadata {
        let (name, value) = pair.split_once('=').ok_or_else(|| {
            Told::new(ErrorCode::BadRequest, format!("`{pair}` is not NAME=VALUE"))
        })?;
        all.insert(name.to_owned(), json!(value));
    }
    Ok(Some(Value::Object(all)))
}

fn shown(context: &Context, document: &DocumentResponse) -> anyhow::Result<()> {
    if context.json {
        return print(document);
    }
    let facts = [
        ("source", document.source.clone()),
        ("collection", document.collection.clone()),
        ("state", document.state.clone()),
        ("type", document.media_type.clone().unwrap_or_default()),
        ("bytes", document.size_bytes.to_string()),
        ("pages", document.pages.map(|pages| pages.to_string()).unwrap_or_default()),
        ("passages", document.passages.to_string()),
        ("tags", document.tags.join(", ")),
        ("failure", document.failure.clone().unwrap_or_default()),
    ];
    for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        line(&format!("{name:<12}{value}"));
    }
    for (name, value) in &document.metadata {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        line(&format!("{name:<12}{value}"));
    }
    for problem in &document.problems {
        let page = problem.page.map(|page| format!("page {page}: ")).unwrap_or_default();
        line(&format!("problem     {page}{}", problem.message));
    }
    Ok(())
}
