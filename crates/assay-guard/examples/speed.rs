//! Measures the guard by CPU time: `speed [FOLDER]`.
//!
//! Short texts a second; megabytes of secrets a second over the files of FOLDER (source files of
//! this crate when absent); milliseconds for a megabyte of each kind of hostile input, the least of
//! several runs; microseconds that a stream adds to a piece.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use assay_guard::{Guard, GuardSettings, GuardStream, Scope};

/// Runs over each hostile input; others use the machine too.
const RUNS: usize = 9;

const SHORT: &[&str] = &[
    "How do I change my address to 92 Eusebio Street, Melrose 56139 for post mail?",
    "What is the best way to learn a language in three months?",
    "My name is Donald van der Voet, my card 4111 1111 1111 1111 was lost.",
    "Write a function in Python that reverses a list and explain how it works, please.",
    "Please send my portfolio to julian.galvez@rhyta.com, and call me at 678-777-1600.",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let guard = Guard::new(GuardSettings::default())?;
    let mut out = std::io::stdout();
    for text in SHORT {
        let _ = guard.scan(text, Scope::Everything);
    }
    let start = cpu()?;
    let rounds = 20_000;
    for round in 0..rounds {
        let _ =
            guard.scan(SHORT.get(round % SHORT.len()).copied().unwrap_or(""), Scope::Everything);
    }
    let took = (cpu()? - start).as_secs_f64();
    writeln!(out, "short texts a CPU second: {:.0}", f64::from(rounds as u32) / took)?;

    let folder = std::env::args()
        .nth(1)
        .unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/src").to_owned());
    let mut files = Vec::new();
    collect(Path::new(&folder), &mut files);
    let texts: Vec<String> =
        files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    let repeat = (64 << 20) / bytes.max(1) + 1;
    let start = cpu()?;
    for _ in 0..repeat {
        for text in &texts {
            let _ = guard.scan(text, Scope::Secrets);
        }
    }
    let took = (cpu()? - start).as_secs_f64();
    let megabytes = (bytes * repeat) as f64 / 1e6;
    writeln!(out, "secrets over {} files: {:.0} MB a CPU second", texts.len(), megabytes / took)?;

    for (name, unit) in [
        ("brackets", "["),
        ("digits", "4111 1111 "),
        ("at signs", "a@"),
        ("anchors", "AKIA ghp_ eyJ -----BEGIN "),
        ("passwords", "password=\"a1"),
        ("capitals", "Xq Zv "),
        ("orders", "ignore previous "),
        ("addresses", "http://a "),
        ("tags", "<script "),
        ("invisible", "a\u{200B}"),
        ("ligatures", "\u{FDFA}"),
        ("one word", "a"),
        ("letters and dots", "a.b "),
        ("lines", "a\n"),
        ("account numbers", "1234567 "),
        ("mixed words", "a1 b2c "),
        ("Arabic ligatures", "\u{FDF2} "),
        ("prose", "The quick brown fox jumps over the lazy dog. "),
    ] {
        let text = unit.repeat((1 << 20) / unit.len());
        let mut least = Duration::MAX;
        for _ in 0..RUNS {
            let start = cpu()?;
            let _ = guard.scan(&text, Scope::Everything);
            least = least.min(cpu()? - start);
        }
        writeln!(out, "1 MB of {name}: {:.1} ms", least.as_secs_f64() * 1e3)?;
    }

    let text = SHORT.join(" ").repeat(20);
    let mut stream = GuardStream::new(&guard);
    let pieces: Vec<&str> =
        text.as_bytes().chunks(4).filter_map(|piece| std::str::from_utf8(piece).ok()).collect();
    let mut times = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let start = cpu()?;
        let _ = stream.push(piece);
        times.push(cpu()? - start);
    }
    times.sort();
    let p99 = times.get(times.len() * 99 / 100).copied().unwrap_or_default();
    writeln!(
        out,
        "stream, a piece of 4 bytes: P99 {:.0} µs, in steps of the clock of the scheduler",
        p99.as_secs_f64() * 1e6
    )?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// CPU time of this thread, so that other work on the machine does not count.
fn cpu() -> Result<Duration, Box<dyn std::error::Error>> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split_whitespace().next().ok_or("no time")?.parse()?))
}
