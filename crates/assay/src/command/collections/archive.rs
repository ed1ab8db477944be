//! A collection as a ZIP file: `manifest.jsonl` with a line for each document, and the originals.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::Path,
};

use anyhow::Context as _;
use assay_api::UploadResponse;
use assay_core::ErrorCode;
use serde::{Deserialize, Serialize};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{connect::Connection, output::Told};

const MANIFEST: &str = "manifest.jsonl";
/// Bytes of the manifest that are read: a line for each of a million documents.
const MANIFEST_BYTES_MAX: u64 = 1 << 30;

/// A document of the archive.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    /// Name of the original inside the archive.
    file: String,
    /// What identifies the document inside its collection.
    source: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<serde_json::Value>,
}

/// Writes the originals of a collection; what came out of containers comes out of them again.
pub(super) async fn export(
    connection: &Connection,
    collection: &str,
    file: &Path,
) -> anyhow::Result<usize> {
    let unwritable = |error| {
        Told::new(ErrorCode::BadRequest, format!("`{}` cannot be made: {error}", file.display()))
            .hint("name a file that does not exist yet")
    };
    let documents =
        super::super::documents::all(connection, Some(collection.to_owned()), None, None).await?;
    let mut archive = ZipWriter::new(File::create_new(file).map_err(unwritable)?);
    let options = SimpleFileOptions::default().large_file(true);
    let mut manifest = String::new();
    let mut written = 0;
    for document in documents.into_iter().filter(|document| document.parent.is_none()) {
        let original = connection.bytes(&format!("/v1/documents/{}/original", document.id)).await?;
        let entry = Entry {
            file: format!("originals/{}", document.id),
            source: document.source,
            name: document.name,
            media_type: document.media_type,
            tags: document.tags,
            metadata: document.told,
        };
        archive.start_file(entry.file.as_str(), options)?;
        archive.write_all(&original)?;
        manifest.push_str(&serde_json::to_string(&entry)?);
        manifest.push('\n');
        written += 1;
    }
    archive.start_file(MANIFEST, options)?;
    archive.write_all(manifest.as_bytes())?;
    archive.finish()?.sync_all()?;
    Ok(written)
}

/// Takes in what [`export`] wrote.
pub(super) async fn import(
    connection: &Connection,
    file: &Path,
    collection: &str,
) -> anyhow::Result<usize> {
    let unreadable = |reason: String| {
        Told::new(ErrorCode::BadRequest, format!("`{}` cannot be read: {reason}", file.display()))
            .hint("name a file that `assay collections export` wrote")
    };
    let opened = File::open(file).map_err(|error| unreadable(error.to_string()))?;
    let mut archive = ZipArchive::new(opened).map_err(|error| unreadable(error.to_string()))?;
    let mut entries = Vec::new();
    {
        let manifest = archive.by_name(MANIFEST).map_err(|error| unreadable(error.to_string()))?;
        for line in BufReader::new(manifest.take(MANIFEST_BYTES_MAX)).lines() {
            let entry: Entry =
                serde_json::from_str(&line?).map_err(|error| unreadable(error.to_string()))?;
            entries.push(entry);
        }
    }
    let mut taken = 0;
    for entry in entries {
        let mut bytes = Vec::new();
        archive.by_name(&entry.file)?.read_to_end(&mut bytes)?;
        let form = async || {
            let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name(entry.name.clone());
            let part = match &entry.media_type {
                Some(media_type) => part.mime_str(media_type).context("a media type")?,
                None => part,
            };
            let mut form = reqwest::multipart::Form::new()
                .text("collection", collection.to_owned())
                .text("source", entry.source.clone())
                .text("tags", entry.tags.join(","));
            if let Some(metadata) = &entry.metadata {
                form = form.text("metadata", metadata.to_string());
            }
            Ok(form.part("file", part))
        };
        let _: UploadResponse = connection.upload("/documents/upload", form).await?;
        taken += 1;
    }
    Ok(taken)
}
