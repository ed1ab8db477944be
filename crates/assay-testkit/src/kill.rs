//! Kills a server again and again while files go in, are changed and deleted, and compares what
//! it acknowledged with what it holds in the end.

use std::{
    collections::HashMap,
    error::Error,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, multipart};
use serde_json::Value;

use crate::process::{Server, run};

/// Clients that send at the same time.
const CLIENTS: u64 = 4;
/// Longest time that a server is left alone, in milliseconds.
const LIFE_MS: u64 = 500;
/// Longest time in which none of the work that is left after the last kill ends: a task that was
/// killed four times waits 64 s.
const STUCK: Duration = Duration::from_secs(90);

/// Time from the publication of a document until searches find it, at most.
const SEARCHABLE: Duration = Duration::from_secs(1);

type Failed = Box<dyn Error + Send + Sync>;

/// What a drill found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KillReport {
    /// Kills.
    pub kills: usize,
    /// New files, changes and deletions that the server acknowledged.
    pub acknowledged: usize,
    /// Acknowledged files or changes that cannot be found.
    pub lost: Vec<String>,
    /// Files that are there or found more than once.
    pub duplicated: Vec<String>,
    /// Texts that are found although a later version or a deletion was acknowledged.
    pub stale: Vec<String>,
    /// How the index compares with the records, as `assay index check` tells it.
    pub index: Value,
}

impl KillReport {
    /// Whether nothing was lost, doubled or left behind, and the index holds what the records do.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let holds = self.lost.is_empty() && self.duplicated.is_empty() && self.stale.is_empty();
        holds && self.index["same"] == true
    }
}

/// A file as its client sees it.
#[derive(Debug, Clone, Default)]
struct Sent {
    /// The document, once acknowledged.
    document: String,
    /// The word that only the acknowledged version holds; none when deleted.
    word: Option<String>,
    /// Words of versions that were replaced or deleted.
    old: Vec<String>,
    /// A call was cut: the file is in the old state or in this one.
    doubt: Option<Option<String>>,
}

type Files = Arc<Mutex<HashMap<String, Sent>>>;

/// Runs the drill with `binary` on the empty folder `data`.
///
/// # Errors
/// When a server does not start, or the work left after the last kill does not end.
pub async fn drill(
    binary: &Path,
    data: &Path,
    kills: usize,
    seed: u64,
) -> Result<KillReport, Failed> {
    let client = Client::builder().no_proxy().build()?;
    let files = Files::default();
    let mut random = Random(seed | 1);
    let mut report = KillReport { kills, ..KillReport::default() };
    for round in 0..kills {
        let server = Server::start(binary, data)?;
        let mut clients = tokio::task::JoinSet::new();
        for number in 0..CLIENTS {
            let random = random.split();
            let name = format!("{round}-{number}");
            clients.spawn(send_until_it_fails(
                client.clone(),
                server.url.clone(),
                Arc::clone(&files),
                name,
                random,
            ));
        }
        // The moment of the kill is what is random here; nothing waits for it.
        tokio::time::sleep(Duration::from_millis(random.next() % LIFE_MS)).await;
        server.kill()?;
        while let Some(sent) = clients.join_next().await {
            report.acknowledged += sent?;
        }
    }
    let server = Server::start(binary, data)?;
    let files = files.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let documents = settled(&client, &server.url).await?;
    compare(&client, &server.url, &files, &documents, &mut report).await?;
    server.kill()?;
    report.index = run(binary, data, &["index", "check", "--json"])?.json();
    Ok(report)
}

/// Sends new files, changes and deletions one after the other until a call fails; returns how many
/// were acknowledged.
async fn send_until_it_fails(
    client: Client,
    url: String,
    files: Files,
    name: String,
    mut random: Random,
) -> usize {
    let mut own: Vec<String> = Vec::new();
    for step in 0.. {
        let source = match random.next() % 10 {
            0..7 => format!("file-{name}-{step}.md"),
            _ if own.is_empty() => continue,
            _ => own[usize::try_from(random.next()).unwrap_or(0) % own.len()].clone(),
        };
        let mut sent = lock(&files).get(&source).cloned().unwrap_or_default();
        let is_known = !sent.document.is_empty();
        let deletes = is_known && sent.word.is_some() && random.next().is_multiple_of(3);
        let word = (!deletes).then(new_word);
        sent.doubt = Some(word.clone());
        lock(&files).insert(source.clone(), sent.clone());
        let answer = match &word {
            Some(word) => upload(&client, &url, &source, word).await,
            None => delete(&client, &url, &sent.document).await.map(|()| sent.document.clone()),
        };
        let Ok(document) = answer else { return step };
        sent.document = document;
        sent.old.extend(sent.word.take());
        sent.word = word;
        sent.doubt = None;
        lock(&files).insert(source.clone(), sent);
        if !is_known {
            own.push(source);
        }
    }
    0
}

fn lock(files: &Files) -> std::sync::MutexGuard<'_, HashMap<String, Sent>> {
    files.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn upload(client: &Client, url: &str, source: &str, word: &str) -> Result<String, Failed> {
    let mut text = format!("# Report {source}\n\nThe mark of this report is {word}.\n");
    for part in 0..2 {
        text.push_str(&format!("\n## Part {part} of {source}\n\n"));
        text.push_str(
            &"The pump of the plant ran without a fault through the whole week. ".repeat(8),
        );
    }
    let part = multipart::Part::text(text).file_name(source.to_owned());
    let form = multipart::Form::new().part("file", part);
    let response = client.post(format!("{url}/documents/upload")).multipart(form).send().await?;
    let accepted: Value = response.error_for_status()?.json().await?;
    Ok(accepted["document_id"].as_str().ok_or("no document_id")?.to_owned())
}

async fn delete(client: &Client, url: &str, document: &str) -> Result<(), Failed> {
    client.delete(format!("{url}/documents/{document}")).send().await?.error_for_status()?;
    Ok(())
}

/// All documents, once none is under way.
pub(crate) async fn settled(client: &Client, url: &str) -> Result<Vec<Value>, Failed> {
    let mut open_before = usize::MAX;
    let mut deadline = tokio::time::Instant::now();
    loop {
        let documents = list(client, url).await?;
        let is_open =
            |document: &&Value| !matches!(document["state"].as_str(), Some("current" | "failed"));
        let open = documents.iter().filter(is_open).count();
        if open == 0 {
            // What is published can be found within a second.
            tokio::time::sleep(SEARCHABLE).await;
            return Ok(documents);
        }
        if open < open_before {
            open_before = open;
            deadline = tokio::time::Instant::now() + STUCK;
        }
        if tokio::time::Instant::now() > deadline {
            let example = documents.iter().find(is_open);
            return Err(format!("{open} documents are stuck, such as {example:?}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn list(client: &Client, url: &str) -> Result<Vec<Value>, Failed> {
    let mut documents = Vec::new();
    let mut path = format!("{url}/v1/documents?limit=1000");
    loop {
        let page: Value = client.get(&path).send().await?.error_for_status()?.json().await?;
        documents.extend(page["documents"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(next) => path = format!("{url}/v1/documents?limit=1000&after={next}"),
            None => return Ok(documents),
        }
    }
}

async fn compare(
    client: &Client,
    url: &str,
    files: &HashMap<String, Sent>,
    documents: &[Value],
    report: &mut KillReport,
) -> Result<(), Failed> {
    let mut listed: HashMap<&str, usize> = HashMap::new();
    for document in documents {
        *listed.entry(document["source"].as_str().unwrap_or_default()).or_default() += 1;
    }
    for (source, sent) in files {
        let there = listed.get(source.as_str()).copied().unwrap_or_default();
        if there > 1 {
            report.duplicated.push(source.clone());
        }
        let mut found = 0;
        for word in sent.word.iter().chain(sent.doubt.iter().flatten()) {
            let times = hits(client, url, word).await?;
            if times > 1 {
                report.duplicated.push(format!("{source}: {word}"));
            }
            found += times;
        }
        let may_be_gone = sent.word.is_none() || sent.doubt == Some(None);
        if found == 0 && !may_be_gone || there == 0 && found > 0 {
            let document = documents.iter().find(|document| document["source"] == source.as_str());
            report.lost.push(format!("{source}: {document:?}"));
        }
        if found > 1 || found == 1 && sent.word.is_none() && sent.doubt.is_none() {
            report.stale.push(source.clone());
        }
        for word in &sent.old {
            if hits(client, url, word).await? > 0 {
                report.stale.push(format!("{source}: {word}"));
            }
        }
    }
    Ok(())
}

/// How many passages hold a word that stands in one version of one file.
pub(crate) async fn hits(client: &Client, url: &str, word: &str) -> Result<usize, Failed> {
    let path = format!("{url}/search?q={word}&mode=keyword&limit=10");
    let found: Value = client.get(path).send().await?.error_for_status()?.json().await?;
    let results = found["results"].as_array().ok_or("no results")?;
    let holds =
        |result: &&Value| result["snippet"].as_str().is_some_and(|text| text.contains(word));
    Ok(results.iter().filter(holds).count())
}

/// The generator xorshift64 of Marsaglia; the same seed kills at the same moments.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A generator of its own whose numbers do not follow those of this one.
    fn split(&mut self) -> Self {
        Self(self.next().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }
}

/// A word that no other file holds.
pub(crate) fn new_word() -> String {
    static WORDS: AtomicU64 = AtomicU64::new(1);
    // The factor is odd, so that different counts stay different.
    let mut number = WORDS.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut word = String::from("q");
    while number > 0 {
        word.push(char::from(b'a' + u8::try_from(number % 26).unwrap_or(0)));
        number /= 26;
    }
    word
}
