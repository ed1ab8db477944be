//! Damages files in ways that depend on nothing but a seed, and counts the panics that parsers
//! raise over them. Shared with the program `hostile`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

use assay_core::ParseLimits;
use assay_parse::{FileHint, ParseError, Parsed, members, parse};

/// Longest time that one damaged file may take.
pub(crate) const LONGEST: Duration = Duration::from_secs(10);
/// Lengths that a file is cut to.
pub(crate) const CUTS: usize = 20;
/// Cuts and changed copies of one file.
pub(crate) const CASES: usize = CUTS + 100;

/// How often parsers panicked, by place in the source.
static PANICS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

/// Counts panics of parser threads from now on instead of printing them: the parser catches them.
pub(crate) fn count_panics() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !thread::current().name().is_some_and(|name| name.starts_with("parse ")) {
            return default(info);
        }
        let place = info.location().map_or(String::new(), ToString::to_string);
        if let Ok(mut panics) = PANICS.lock() {
            *panics.entry(place).or_default() += 1;
        }
    }));
}

/// The panics so far: where in the source, how often.
pub(crate) fn panics() -> BTreeMap<String, usize> {
    PANICS.lock().map(|panics| panics.clone()).unwrap_or_default()
}

/// All files below a folder that are no expectations, sorted.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if !path.to_string_lossy().ends_with(".expected.md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The damaged file with a number below [`CASES`]: first cut short, then with one or more bytes
/// changed.
pub(crate) fn damaged(bytes: &[u8], case: usize) -> Vec<u8> {
    if case < CUTS {
        return bytes.iter().copied().take(bytes.len() * case / CUTS).collect();
    }
    let mut bytes = bytes.to_vec();
    let mut state = case as u64;
    // Half of the copies have one changed byte, the others up to one in two thousand.
    let most = if case.is_multiple_of(2) { 1 } else { bytes.len() / 2_000 + 2 };
    for _ in 0..=next(&mut state) % most {
        let at = next(&mut state) % bytes.len().max(1);
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= next(&mut state).to_le_bytes()[0] | 1;
        }
    }
    bytes
}

/// A fixed sequence that looks random enough (SplitMix64), so that a failure can be repeated.
pub(crate) fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 1) as usize
}

/// How deep files inside files are read, as when they are ingested.
const DEPTH: usize = 4;
/// Most files inside a file that are read.
const MEMBERS_MAX: usize = 2_000;

/// Parses a file, and the files inside it to a depth of 4. Gives the longest time that one of them
/// took and what became of the file; a file inside that ran out of time counts for it.
pub(crate) fn read(path: &Path, bytes: &[u8]) -> (Duration, Result<Parsed, ParseError>) {
    let name = path.file_name().and_then(|name| name.to_str());
    let mut left = MEMBERS_MAX;
    read_to(DEPTH, name, bytes, &mut left)
}

fn read_to(
    depth: usize,
    name: Option<&str>,
    bytes: &[u8],
    left: &mut usize,
) -> (Duration, Result<Parsed, ParseError>) {
    let limits = ParseLimits { time: LONGEST, ..ParseLimits::default() };
    let hint = FileHint { name, media_type: None };
    let start = Instant::now();
    let mut parsed = parse(bytes, &hint, &limits);
    let mut longest = start.elapsed();
    let timed_out =
        |result: &Result<Parsed, ParseError>| matches!(result, Err(ParseError::TimedOut { .. }));
    if depth == 0 || timed_out(&parsed) {
        return (longest, parsed);
    }
    let start = Instant::now();
    let mut inside = Duration::ZERO;
    for member in members(bytes, &hint, &limits).into_iter().flatten() {
        let Ok(member) = member else { continue };
        if *left == 0 {
            break;
        }
        *left -= 1;
        let before = Instant::now();
        let (took, result) = read_to(depth - 1, Some(&member.path), &member.bytes, left);
        inside += before.elapsed();
        longest = longest.max(took);
        if timed_out(&result) {
            parsed = result;
        }
    }
    (longest.max(start.elapsed().saturating_sub(inside)), parsed)
}
