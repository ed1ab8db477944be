//! Fetching a model from a hub that lays its files out as `ORG/NAME/resolve/REVISION/FILE`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use assay_core::ErrorCode;
use assay_models::{Embedder, EmbedderSettings, seal, verify};
use reqwest::{Client, Response, StatusCode, header, redirect::Policy};
use tokio::io::AsyncWriteExt;

use crate::{
    connect,
    output::{Told, note, told},
};

/// What a model consists of, and whether it can be without.
const FILES: [(&str, bool); 7] = [
    ("config.json", true),
    ("tokenizer.json", true),
    ("model.safetensors", true),
    ("modules.json", false),
    ("1_Pooling/config.json", false),
    ("sentence_bert_config.json", false),
    ("config_sentence_transformers.json", false),
];
/// A larger file is no sentence encoder.
const FILE_BYTES_MAX: u64 = 4 << 30;
/// Longest silence of the hub.
const SILENCE: Duration = Duration::from_secs(60);

/// Fetches `name` into `models/ORG/NAME` and gives that folder; the folder appears as a whole, with
/// a model that runs, or not at all.
pub(super) async fn pull(
    hub: &str,
    name: &str,
    revision: &str,
    models: &Path,
) -> anyhow::Result<PathBuf> {
    let parts: Vec<&str> = name.split('/').collect();
    let is_plain = |part: &&str| {
        part.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
            && part.chars().any(char::is_alphanumeric)
    };
    if parts.len() != 2 || !parts.iter().all(is_plain) {
        let message = format!("`{name}` is not the name of a model");
        return Err(Told::new(ErrorCode::BadRequest, message)
            .hint("write ORGANISATION/NAME")
            .into());
    }
    let folder = models.join(name);
    if verify(&folder).is_ok() {
        note("every file is there with its recorded hash");
        return Ok(folder);
    }
    let home = folder.parent().unwrap_or(models);
    fs::create_dir_all(home)?;
    // In the same file system, so that the last step is a rename.
    let work = tempfile::Builder::new().prefix(".pull-").tempdir_in(home)?;
    connect::install_crypto();
    let client = Client::builder().redirect(Policy::none()).read_timeout(SILENCE).build()?;
    let mut present = Vec::new();
    for (file, needed) in FILES {
        let url = format!("{}/{name}/resolve/{revision}/{file}", hub.trim_end_matches('/'));
        if download(&client, &url, &work.path().join(file)).await? {
            present.push(file);
        } else if needed {
            let message = format!("`{name}` has no file `{file}` at revision `{revision}`");
            return Err(Told::new(ErrorCode::NotFound, message)
                .hint("only sentence encoders with safetensors weights run here")
                .into());
        }
    }
    seal(work.path(), &present).map_err(told)?;
    // What cannot run is refused now, not at the next start.
    Embedder::load(work.path(), &EmbedderSettings::default()).map_err(told)?;
    if folder.try_exists()? {
        fs::remove_dir_all(&folder)?;
    }
    fs::rename(work.path(), &folder)?;
    Ok(folder)
}

/// Downloads one file; whether the hub has it.
async fn download(client: &Client, url: &str, path: &Path) -> anyhow::Result<bool> {
    let unreachable = |error: reqwest::Error| {
        Told::new(ErrorCode::UpstreamFailed, format!("`{url}` cannot be fetched: {error}"))
            .hint("check the network, or give another `--hub`")
    };
    let mut response = client.get(url).send().await.map_err(unreachable)?;
    // Large files are kept elsewhere; the answer that says where also says their hash.
    let expected = header(&response, "x-linked-etag").filter(|tag| tag.len() == 64);
    let mut hops = 0;
    while response.status().is_redirection() && hops < 5 {
        let Some(next) = header(&response, header::LOCATION.as_str()) else { break };
        let next = response.url().join(&next)?;
        response = client.get(next).send().await.map_err(unreachable)?;
        hops += 1;
    }
    match response.status() {
        StatusCode::NOT_FOUND => return Ok(false),
        status if !status.is_success() => {
            let message = format!("`{url}` answered {status}");
            return Err(Told::new(ErrorCode::UpstreamFailed, message).into());
        }
        _ => {}
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    note(&format!("downloading {url}"));
    let mut file = tokio::fs::File::create(path).await?;
    let mut bytes = 0;
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        bytes += chunk.len() as u64;
        if bytes > FILE_BYTES_MAX {
            let message = format!("`{url}` has more than {FILE_BYTES_MAX} bytes");
            return Err(Told::new(ErrorCode::TooLarge, message).into());
        }
        file.write_all(&chunk).await?;
    }
    file.sync_all().await?;
    if let Some(expected) = expected {
        assay_models::check_file(path, &expected).map_err(told)?;
    }
    Ok(true)
}

fn header(response: &Response, name: &str) -> Option<String> {
    let value = response.headers().get(name)?.to_str().ok()?;
    Some(value.trim_matches('"').to_owned())
}
