//! Kills `assay ingest --watch` again and again while the folder that it follows changes, and
//! compares the folder with what is found in the end.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use reqwest::Client;
use serde_json::Value;

use crate::{
    kill::{Random, hits, new_word, settled},
    process::{Server, run},
};

/// Longest time that a watcher is left alone, in milliseconds.
const LIFE_MS: u64 = 900;
/// Changes of the folder for each life.
const CHANGES: u64 = 6;
/// Endings of the files, by turns.
const KINDS: [&str; 7] = ["txt", "md", "csv", "json", "html", "eml", "zip"];

type Failed = Box<dyn Error + Send + Sync>;

/// What a drill found.
#[derive(Debug, Default)]
pub struct WatchReport {
    /// Kills.
    pub kills: usize,
    /// Files in the folder at the end.
    pub files: usize,
    /// Files that went.
    pub removed: usize,
    /// Files that are not found, or not once.
    pub lost: Vec<String>,
    /// Words of contents that went and are still found.
    pub stale: Vec<String>,
    /// Documents of files that are not there.
    pub surplus: Vec<String>,
    /// How the index compares with the records, as `assay index check` tells it.
    pub index: Value,
}

impl WatchReport {
    /// Whether folder, records and index agree.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let holds = self.lost.is_empty() && self.stale.is_empty() && self.surplus.is_empty();
        holds && self.index["same"] == true
    }
}

/// Runs the drill with `binary` in the empty folder `place`.
///
/// # Errors
/// When a process does not start, or the folder cannot be written.
pub async fn drill(
    binary: &Path,
    place: &Path,
    kills: usize,
    seed: u64,
) -> Result<WatchReport, Failed> {
    let (data, folder) = (place.join("data"), place.join("files"));
    fs::create_dir_all(&folder)?;
    let mut random = Random(seed | 1);
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut old = Vec::new();
    let mut report = WatchReport { kills, ..WatchReport::default() };
    for _ in 0..kills {
        let mut watcher = Command::new(binary)
            .args(["ingest", "--watch"])
            .arg(&folder)
            .arg("--data-dir")
            .arg(&data)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let life = random.next() % LIFE_MS;
        for _ in 0..CHANGES {
            change(&folder, &mut files, &mut old, &mut random, &mut report.removed)?;
            // The moment of the kill is what is random here; nothing waits for it.
            tokio::time::sleep(Duration::from_millis(life / CHANGES)).await;
        }
        watcher.kill()?;
        watcher.wait()?;
    }
    let folder_text = folder.display().to_string();
    let last = run(binary, &data, &["ingest", &folder_text, "--prune", "--json"])?;
    if last.code != 0 {
        return Err(format!("the last ingest ended with {}: {}", last.code, last.stderr).into());
    }
    report.files = files.len();
    let server = Server::start(binary, &data)?;
    compare(
        &Client::builder().no_proxy().build()?,
        &server.url,
        &folder,
        &files,
        &old,
        &mut report,
    )
    .await?;
    server.kill()?;
    report.index = run(binary, &data, &["index", "check", "--json"])?.json();
    Ok(report)
}

/// Makes, changes or removes one file.
fn change(
    folder: &Path,
    files: &mut BTreeMap<String, String>,
    old: &mut Vec<String>,
    random: &mut Random,
    removed: &mut usize,
) -> Result<(), Failed> {
    let number = random.next();
    let known = usize::try_from(number).unwrap_or(0).checked_rem(files.len());
    let known = known.and_then(|at| files.keys().nth(at).cloned());
    let name = match (number % 10, known) {
        (0..6, _) | (_, None) => {
            let kind = usize::try_from(random.next()).unwrap_or(0) % KINDS.len();
            format!("file-{:x}.{}", random.next() & 0xffff_ffff, KINDS[kind])
        }
        (8.., Some(name)) => {
            fs::remove_file(folder.join(&name))?;
            old.extend(files.remove(&name));
            *removed += 1;
            return Ok(());
        }
        (_, Some(name)) => name,
    };
    let word = new_word();
    let path = folder.join(&name);
    // A program that saves writes beside and renames; half of them write in place.
    let target = if number.is_multiple_of(2) { folder.join(".saving") } else { path.clone() };
    fs::write(&target, content(&name, &word)?)?;
    if target != path {
        fs::rename(&target, &path)?;
    }
    old.extend(files.insert(name, word));
    Ok(())
}

/// A file of the kind of its name that holds a word.
fn content(name: &str, word: &str) -> Result<Vec<u8>, Failed> {
    let text = format!("The mark of this report is {word}. The pump ran without a fault.");
    let kind = name.rsplit('.').next().unwrap_or_default();
    Ok(match kind {
        "csv" => format!("part,state\npump,fine\nmark,{word}\n").into_bytes(),
        "json" => {
            format!("{{\"report\": {{\"mark\": \"{word}\", \"state\": \"fine\"}}}}").into_bytes()
        }
        "html" => format!("<html><body><h1>Report</h1><p>{text}</p></body></html>").into_bytes(),
        "eml" => format!("From: a@example.org\r\nSubject: Report\r\n\r\n{text}\r\n").into_bytes(),
        "zip" => {
            let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
            archive.start_file("inside.txt", zip::write::SimpleFileOptions::default())?;
            archive.write_all(text.as_bytes())?;
            archive.finish()?.into_inner()
        }
        _ => format!("# Report\n\n{text}\n").into_bytes(),
    })
}

async fn compare(
    client: &Client,
    url: &str,
    folder: &Path,
    files: &BTreeMap<String, String>,
    old: &[String],
    report: &mut WatchReport,
) -> Result<(), Failed> {
    let documents = settled(client, url).await?;
    for (name, word) in files {
        let found = hits(client, url, word).await?;
        if found != 1 {
            report.lost.push(format!("{name}: {word} is found {found} times"));
        }
    }
    for word in old {
        if hits(client, url, word).await? > 0 {
            report.stale.push(word.clone());
        }
    }
    for document in documents {
        let source = document["source"].as_str().unwrap_or_default();
        let file = source.split_once("!/").map_or(source, |(archive, _)| archive);
        let name = Path::new(file).strip_prefix(folder).ok();
        let is_there = name.and_then(Path::to_str).is_some_and(|name| files.contains_key(name));
        if !is_there || document["state"] != "current" {
            report.surplus.push(format!("{source}: {}", document["state"]));
        }
    }
    Ok(())
}
