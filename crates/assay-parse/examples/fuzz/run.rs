//! One target for its time.

use std::{
    error::Error,
    fs,
    path::Path,
    process,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use assay_parse::{ParseError, to_markdown};

use crate::{
    change::Dice,
    mutation::{self, LONGEST},
    options::Options,
    seeds::{self, Seed},
};

/// A target ends after so many finds.
const FINDS_MAX: usize = 20;
/// A file that takes this many times as long as it may is not coming back.
const GONE: u32 = 3;

/// When the file that is being read was begun, in milliseconds since the start.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// Runs a target and prints a line about it. Gives the number of finds.
pub(crate) fn run(target: &str, options: &Options) -> Result<usize, Box<dyn Error>> {
    mutation::count_panics();
    let seeds = seeds::of(target, options.seeds.as_deref())?;
    let start = Instant::now();
    watch(start);
    let running = options.out.join(format!("running.{target}"));
    let name = format!("a.{target}");
    let (mut files, mut refused, mut finds) = (0_u64, 0_u64, 0);
    let mut slowest = Duration::ZERO;
    while start.elapsed() < Duration::from_secs(options.seconds) && finds < FINDS_MAX {
        let mut dice = Dice::of(options.seed.wrapping_mul(1 << 32).wrapping_add(files));
        let Some(seed) = dice.pick(&seeds) else { return Err("there are no seeds".into()) };
        let bytes = changed(seed, &seeds, &mut dice);
        // The process may die of it: the one that waits for it then has the file.
        fs::write(&running, &bytes)?;
        BEGUN.store(start.elapsed().as_millis() as u64, Ordering::Relaxed);
        let before = own_panics();
        let (took, result) = mutation::read(Path::new(&name), &bytes);
        files += 1;
        slowest = slowest.max(took);
        refused += u64::from(result.is_err());
        let is_hang = matches!(result, Err(ParseError::TimedOut { .. })) || took > LONGEST;
        let what = if is_hang {
            "hang"
        } else if own_panics() > before {
            "panic"
        } else if peak_mib() > options.memory {
            // The peak starts anew, so that the next file is not blamed.
            let _ = fs::write("/proc/self/clear_refs", "5");
            "memory"
        } else {
            // Slices the text by every range.
            let _ = result.as_ref().map(to_markdown);
            continue;
        };
        finds += 1;
        let kept = options.out.join(format!("{target}-{what}-{files}.{target}"));
        fs::rename(&running, &kept)?;
        println!("{target:<8} {what} of {} (seed {})", kept.display(), options.seed);
    }
    let panics: usize = mutation::panics().values().sum();
    println!(
        "{target:<8} {:>4} {files:>8} {refused:>8} {panics:>7} {:>5} ms {:>4} MiB",
        seeds.len(),
        slowest.as_millis(),
        peak_mib()
    );
    for (place, count) in mutation::panics() {
        println!("{count:>8} panics at {place}");
    }
    Ok(finds)
}

/// A changed copy of a seed: of its parts mostly, where it is a package, else of its bytes.
fn changed(seed: &Seed, seeds: &[Seed], dice: &mut Dice) -> Vec<u8> {
    let other = dice.pick(seeds).map_or(&[][..], |seed| &seed.bytes);
    if let (Some(parts), true) = (&seed.parts, dice.below(4) > 0)
        && let Some(bytes) = parts.changed(dice)
    {
        return bytes;
    }
    dice.change(&seed.bytes, other)
}

/// Panics in the code of this crate.
fn own_panics() -> usize {
    let panics = mutation::panics();
    panics.iter().filter(|(place, _)| place.contains("assay-parse")).map(|(_, count)| count).sum()
}

/// Ends the process when a file does not come back at all.
fn watch(start: Instant) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            let begun = Duration::from_millis(BEGUN.load(Ordering::Relaxed));
            if start.elapsed().saturating_sub(begun) > LONGEST * GONE {
                process::abort();
            }
        }
    });
}

/// The most memory that the process has held; 0 where the system does not say.
fn peak_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1_024
}
