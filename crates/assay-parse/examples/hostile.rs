//! Parses damaged copies of all files below a folder: `hostile DIR [SECONDS]`. Prints for each
//! format how long the slowest took, how much memory the process held at most, and how many panics
//! were caught; then where those were raised.

#![expect(clippy::print_stdout, reason = "a program for the terminal")]

#[path = "../tests/it/mutation.rs"]
mod mutation;

use std::{
    collections::BTreeMap,
    error::Error,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use assay_parse::ParseError;
use mutation::CASES;

/// What was seen of the files with one ending.
#[derive(Default)]
struct Seen {
    files: usize,
    cases: usize,
    failed: usize,
    timed_out: usize,
    panics: usize,
    slowest: Duration,
    slowest_case: String,
    peak_kib: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: hostile DIR [SECONDS]")?;
    let seconds = arguments.next().map_or(Ok(3_600), |text| text.parse::<u64>())?;
    mutation::count_panics();
    let mut by_ending: BTreeMap<OsString, Vec<PathBuf>> = BTreeMap::new();
    for path in mutation::files(Path::new(&folder)) {
        by_ending.entry(path.extension().unwrap_or_default().to_owned()).or_default().push(path);
    }
    // Each format has its share of the time; what one leaves goes to the others.
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut left = u32::try_from(by_ending.len())?;
    println!("format   files  cases failed  over 10 s  panics  slowest    peak RSS");
    for (ending, paths) in by_ending {
        let share = end.saturating_duration_since(Instant::now()) / left;
        let seen = read_all(&paths, Instant::now() + share)?;
        left -= 1;
        println!(
            "{:<8} {:>5} {:>6} {:>6} {:>10} {:>7} {:>8.0?} {:>7} MiB  {}",
            ending.to_string_lossy(),
            seen.files,
            seen.cases,
            seen.failed,
            seen.timed_out,
            seen.panics,
            seen.slowest,
            seen.peak_kib / 1_024,
            seen.slowest_case
        );
    }
    for (place, count) in mutation::panics() {
        println!("{count:>6} panics at {place}");
    }
    Ok(())
}

/// Reads damaged copies of files, those of all files alike, until the time is over.
fn read_all(paths: &[PathBuf], end: Instant) -> Result<Seen, Box<dyn Error>> {
    let files = paths.iter().map(fs::read).collect::<Result<Vec<_>, _>>()?;
    let mut seen = Seen { files: files.len(), ..Seen::default() };
    let panics = || mutation::panics().values().sum::<usize>();
    let before = panics();
    // Starts the count of the peak anew, where the kernel lets us.
    let _ = fs::write("/proc/self/clear_refs", "5");
    // The order of the cases mixes cuts and changes, so that a part of them is a fair sample.
    for case in (0..CASES).map(|number| number * 37 % CASES) {
        for (path, whole) in paths.iter().zip(&files) {
            if Instant::now() > end {
                break;
            }
            let (took, result) = mutation::read(path, &mutation::damaged(whole, case));
            seen.cases += 1;
            seen.failed += usize::from(result.is_err());
            seen.timed_out += usize::from(matches!(result, Err(ParseError::TimedOut { .. })));
            if took > seen.slowest {
                seen.slowest = took;
                seen.slowest_case = format!("{} case {case}", path.display());
            }
        }
    }
    seen.panics = panics() - before;
    seen.peak_kib = peak_kib().unwrap_or(0);
    Ok(seen)
}

/// The most memory that the process has held, in KiB.
fn peak_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
