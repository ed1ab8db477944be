//! Measures a model: passages a second, query latency, memory.
//!
//! `cargo run --release -p assay-models --example embed_bench -- MODEL_FOLDER [THREADS]`
#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::{
    error::Error,
    fs,
    path::Path,
    time::{Duration, Instant},
};

use assay_models::{Embedder, EmbedderSettings, Precision, TextRole};

const PASSAGE_TOKENS: usize = 128;
const BATCH: usize = 32;
const BATCHES: usize = 24;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("give the folder of a model")?;
    let threads = arguments.next().map_or(Ok(2), |threads| threads.parse())?;
    for precision in [Precision::Int8, Precision::F32] {
        measure(Path::new(&folder), precision, threads)?;
    }
    Ok(())
}

fn measure(folder: &Path, precision: Precision, threads: usize) -> Result<(), Box<dyn Error>> {
    let settings = EmbedderSettings { precision, threads, ..EmbedderSettings::default() };
    let start = Instant::now();
    let embedder = Embedder::load(folder, &settings)?;
    println!("{precision:?}: {threads} threads, loaded in {:?}", start.elapsed());
    println!("  resident after loading: {} MiB", resident_mib());
    let passages: Vec<String> = (0..256).map(|i| text(&embedder, i, PASSAGE_TOKENS)).collect();
    let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
    let mut times = Vec::new();
    let cpu = cpu_seconds();
    for batch in passages.chunks(BATCH).cycle().take(BATCHES) {
        let start = Instant::now();
        embedder.embed(batch, TextRole::Passage)?;
        times.push(start.elapsed());
    }
    let per_cpu = (BATCHES * BATCH) as f64 / (cpu_seconds() - cpu);
    times.sort_unstable();
    let rate = |time: Duration| BATCH as f64 / time.as_secs_f64();
    let (best, median) = (rate(times[0]), rate(times[BATCHES / 2]));
    println!("  passages of {PASSAGE_TOKENS} tokens in batches of {BATCH}: best {best:.1}/s,");
    println!("    median {median:.1}/s, {per_cpu:.1} a CPU second");
    println!("  resident after the batches: {} MiB", resident_mib());
    for tokens in [16, 20] {
        let query = text(&embedder, 7, tokens);
        let mut times = Vec::new();
        let cpu = cpu_seconds();
        for _ in 0..400 {
            let start = Instant::now();
            embedder.embed(&[&query], TextRole::Query)?;
            times.push(start.elapsed());
        }
        times.sort_unstable();
        let (best, p50, p95) = (times[0], times[200], times[380]);
        let cpu_ms = (cpu_seconds() - cpu) * 1000.0 / times.len() as f64;
        println!("  query of {tokens} tokens: best {best:.2?}, P50 {p50:.2?}, P95 {p95:.2?},");
        println!("    CPU {cpu_ms:.2} ms");
    }
    Ok(())
}

/// A text of exactly so many tokens, special ones included, that differs by `seed`.
fn text(embedder: &Embedder, seed: usize, tokens: usize) -> String {
    const WORDS: [&str; 12] = [
        "protein", "court", "the", "invoice", "of", "cell", "growth", "with", "market", "shows",
        "water", "and",
    ];
    let mut text = String::from("we");
    let mut state = seed;
    while embedder.count_tokens(&text) < tokens {
        state = (state * 1_103_515_245 + 12_345) % (1 << 31);
        text.push(' ');
        text.push_str(WORDS[(state >> 8) % WORDS.len()]);
    }
    text
}

/// CPU time of this process, user and system; 0 where the system does not tell. It shows what the
/// work costs on a machine that is busy with other things.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Fields 14 and 15, counted behind the program name, in ticks of 1/100 s.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace().skip(11).take(2);
    fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Memory of this process in RAM; 0 where the system does not tell.
fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}
