//! `assay bench`: what this build does on this machine, over HTTP on the loopback address.

use std::{
    path::Path,
    process::{Child, Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

use assay_api::{QueryRequest, QueryResponse, SearchRequest, SearchResponse, UploadResponse};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Context;
use crate::{
    cli::{Bench, BenchCommand},
    connect::Connection,
    output::{json as print, line, note},
};

mod gateway;

/// Uploads under way at the same time.
const UPLOADS: usize = 16;
/// Starts after which the first questions are measured, and how many questions: as many, so that each
/// question stands in each place.
const STARTS: usize = 10;
const FIRST_QUESTIONS: usize = 10;
/// Longest wait for a start.
const START: Duration = Duration::from_secs(60);

/// Milliseconds of the requests of one measurement.
#[derive(Debug, Serialize)]
struct Latency {
    clients: usize,
    requests: usize,
    p50_ms: f64,
    p95_ms: f64,
    p99_ms: f64,
    per_second: f64,
}

/// A document or a question of a BEIR-like folder.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    title: String,
    text: String,
}

pub(crate) async fn run(context: Context, args: Bench) -> anyhow::Result<ExitCode> {
    if let Some(BenchCommand::Gateway(args)) = args.what {
        return gateway::run(&context, args).await;
    }
    let folder = tempfile::tempdir()?;
    let (documents, questions) = match &args.data {
        Some(data) => (read(&data.join("corpus.jsonl"))?, questions(data)?),
        None => (made_up_documents(args.documents), made_up_questions(args.requests)),
    };
    let documents: Vec<Line> = documents.into_iter().take(args.documents).collect();
    let questions: Vec<String> = questions.into_iter().take(args.requests).collect();

    anyhow::ensure!(!questions.is_empty(), "there is no question to measure with");

    let mut config = context.config.clone();
    config.data_dir = Some(folder.path().to_path_buf());
    let server = Server::start(folder.path())?;
    let (connection, first_start) = server.wait(&config).await?;

    note("ingesting");
    let start = Instant::now();
    ingest(&connection, &documents).await?;
    let ingest_seconds = start.elapsed().as_secs_f64();

    note("measuring search and questions");
    let mut searches = Vec::new();
    let mut queries = Vec::new();
    for (clients, part) in [(1, 0), (8, 1)] {
        // Each measurement has questions of its own, so that no embedding comes from the cache.
        let asked: Vec<&String> = questions.iter().skip(part).step_by(2).collect();
        searches.push(measure(clients, &asked, |text| search(&connection, text)).await?);
    }
    for clients in [1, 8] {
        let asked: Vec<&String> = questions.iter().collect();
        queries.push(measure(clients, &asked, |text| ask(&connection, text)).await?);
    }
    let resident = server.resident_bytes();
    drop(connection);
    server.stop()?;

    note("measuring first questions after a start");
    let mut starts = Vec::new();
    let mut elapsed = vec![Vec::new(); FIRST_QUESTIONS];
    let mut worked = elapsed.clone();
    for round in 0..STARTS {
        let server = Server::start(folder.path())?;
        let (connection, took) = server.wait(&config).await?;
        starts.push(took);
        for (position, (elapsed, worked)) in elapsed.iter_mut().zip(&mut worked).enumerate() {
            // Another question is the first one after each start, and each is in each place once: what a
            // question costs is no matter of its place.
            let text = &questions[(round + position) % FIRST_QUESTIONS.min(questions.len())];
            let (start, before) = (Instant::now(), server.processor_ms());
            ask(&connection, text).await?;
            elapsed.push(start.elapsed().as_secs_f64() * 1e3);
            worked.push(server.processor_ms() - before);
        }
        drop(connection);
        server.stop()?;
    }
    let warm_start = median(&mut starts);
    let by_place = |times: &mut Vec<Vec<f64>>| -> Vec<f64> {
        times.iter_mut().map(|times| median(times)).collect()
    };
    let (elapsed, worked) = (by_place(&mut elapsed), by_place(&mut worked));
    let first_to_tenth = |times: &[f64]| times[0] / times[FIRST_QUESTIONS - 1];

    let figures = json!({
        "documents": documents.len(),
        "ingest": { "seconds": ingest_seconds,
                    "documents_per_second": documents.len() as f64 / ingest_seconds },
        "search": searches,
        "query": queries,
        "resident_mb": resident as f64 / 1e6,
        "start_ms": { "empty": first_start, "warm": warm_start },
        "after_start": { "starts": STARTS,
                         "query_ms_by_place": elapsed, "first_to_tenth": first_to_tenth(&elapsed),
                         "processor_ms_by_place": worked,
                         "processor_first_to_tenth": first_to_tenth(&worked) },
        "binary_mb": binary_bytes() as f64 / 1e6,
    });
    if context.json {
        print(&figures)?;
    } else {
        line(&serde_json::to_string_pretty(&figures)?);
    }
    Ok(ExitCode::SUCCESS)
}

/// A server process of this binary.
pub(crate) struct Server {
    child: Child,
    started: Instant,
}

impl Server {
    fn start(data: &Path) -> anyhow::Result<Self> {
        Self::start_with(data, &[])
    }

    pub(crate) fn start_with(data: &Path, further: &[&str]) -> anyhow::Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .args(["serve", "--port", "0", "--data-dir"])
            .arg(data)
            .args(further)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { child, started: Instant::now() })
    }

    /// Waits until it is warm; returns a connection and the milliseconds since its start.
    pub(crate) async fn wait(
        &self,
        config: &crate::config::Config,
    ) -> anyhow::Result<(Connection, f64)> {
        while self.started.elapsed() < START {
            if let Some(connection) = Connection::find(config).await
                && connection.get::<serde_json::Value>("/health/warmup").await.is_ok()
            {
                return Ok((connection, self.started.elapsed().as_secs_f64() * 1e3));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        anyhow::bail!("the server was not ready after {} s", START.as_secs())
    }

    fn id(&self) -> u32 {
        self.child.id()
    }

    fn resident_bytes(&self) -> u64 {
        let path = format!("/proc/{}/statm", self.child.id());
        let statm = std::fs::read_to_string(path).unwrap_or_default();
        let pages = statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
        pages.unwrap_or(0) * 4096
    }

    /// Milliseconds that its threads have worked, which do not depend on what else the machine does; 0
    /// where the system does not tell.
    fn processor_ms(&self) -> f64 {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let times = threads.into_iter().flatten().flatten().filter_map(|thread| {
            let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse::<f64>().ok()
        });
        times.sum::<f64>() / 1e6
    }

    fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    /// A measurement that failed leaves no process behind.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_unstable_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

async fn ingest(connection: &Connection, documents: &[Line]) -> anyhow::Result<()> {
    let uploads = documents.iter().enumerate().map(|(number, document)| async move {
        let text = format!("{}\n\n{}", document.title, document.text);
        let form = async || {
            let part = reqwest::multipart::Part::bytes(text.clone().into_bytes());
            let part = part.file_name(format!("{number}.txt"));
            Ok(reqwest::multipart::Form::new().part("file", part))
        };
        let accepted: UploadResponse = connection.upload("/documents/upload", form).await?;
        let Some(job) = accepted.job_id else { return anyhow::Ok(()) };
        loop {
            let job: serde_json::Value =
                connection.get(&format!("/v1/jobs/{job}?wait_ms=20000")).await?;
            match job["state"].as_str() {
                Some("queued" | "running") => {}
                Some("done") => return Ok(()),
                _ => anyhow::bail!("a document failed: {job}"),
            }
        }
    });
    let outcomes: Vec<_> =
        futures_util::stream::iter(uploads).buffer_unordered(UPLOADS).collect().await;
    outcomes.into_iter().collect()
}

async fn search(connection: &Connection, text: &str) -> anyhow::Result<()> {
    let request = SearchRequest { query: text.to_owned(), ..SearchRequest::default() };
    let found: SearchResponse = connection.post("/search", &request).await?;
    anyhow::ensure!(found.status == "success", "a search was not whole");
    anyhow::ensure!(!found.results.is_empty(), "a search found nothing");
    Ok(())
}

async fn ask(connection: &Connection, text: &str) -> anyhow::Result<()> {
    let request = QueryRequest { query: text.to_owned(), ..QueryRequest::default() };
    let answer: QueryResponse = connection.post("/query", &request).await?;
    anyhow::ensure!(answer.within_budget, "an answer took too long");
    Ok(())
}

async fn measure<'a, F: Future<Output = anyhow::Result<()>>>(
    clients: usize,
    texts: &[&'a String],
    request: impl Fn(&'a str) -> F,
) -> anyhow::Result<Latency> {
    let start = Instant::now();
    let timed = texts.iter().map(|text| {
        let work = request(text);
        async move {
            let start = Instant::now();
            work.await?;
            anyhow::Ok(start.elapsed().as_secs_f64() * 1e3)
        }
    });
    let outcomes: Vec<_> =
        futures_util::stream::iter(timed).buffer_unordered(clients).collect().await;
    let seconds = start.elapsed().as_secs_f64();
    let mut times = outcomes.into_iter().collect::<Result<Vec<f64>, _>>()?;
    times.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| {
        let rank = (share * times.len() as f64).ceil() as usize;
        times.get(rank.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    Ok(Latency {
        clients,
        requests: times.len(),
        p50_ms: at(0.5),
        p95_ms: at(0.95),
        p99_ms: at(0.99),
        per_second: times.len() as f64 / seconds,
    })
}

fn questions(data: &Path) -> anyhow::Result<Vec<String>> {
    Ok(read(&data.join("queries.train.jsonl"))?.into_iter().map(|line| line.text).collect())
}

fn read(path: &Path) -> anyhow::Result<Vec<Line>> {
    let text = std::fs::read_to_string(path)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

/// Documents of 200 words with the frequencies of a language (Zipf), the same in every run.
fn made_up_documents(count: usize) -> Vec<Line> {
    let mut random = Random(1);
    (0..count)
        .map(|_| Line { title: words(&mut random, 8), text: sentences(&mut random, 10, 20) })
        .collect()
}

fn made_up_questions(count: usize) -> Vec<String> {
    let mut random = Random(2);
    (0..count).map(|_| words(&mut random, 12)).collect()
}

fn sentences(random: &mut Random, count: usize, length: usize) -> String {
    let sentences: Vec<String> = (0..count).map(|_| words(random, length)).collect();
    format!("{}.", sentences.join(". "))
}

fn words(random: &mut Random, count: usize) -> String {
    const SYLLABLES: [&str; 16] = [
        "ba", "co", "de", "fi", "gu", "ha", "jo", "ke", "li", "mu", "na", "po", "re", "si", "tu",
        "va",
    ];
    let word = |random: &mut Random| {
        // The square of a uniform number prefers small ranks, as the words of a language do.
        let share = (random.next() % 10_000) as f64 / 10_000.0;
        let rank = (share * share * 4_096.0) as usize;
        let syllable = |shift: u32| SYLLABLES.get((rank >> shift) & 15).copied().unwrap_or("o");
        format!("{}{}{}", syllable(0), syllable(4), syllable(8))
    };
    (0..count).map(|_| word(random)).collect::<Vec<_>>().join(" ")
}

/// SplitMix64 (Steele, Lea, Flood 2014): small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

fn binary_bytes() -> u64 {
    let path = std::env::current_exe().and_then(std::fs::metadata);
    path.map_or(0, |metadata| metadata.len())
}
