//! Files cut short and with flipped bits: an error or a part of the text, never a panic or a hang.

use std::time::{Duration, Instant};

use assay_core::ParseLimits;
use assay_parse::{FileHint, ParseError, parse};

use crate::corpus::{Sample, check_invariants, samples};

/// Longest time that one damaged file may take; without optimisation a page takes some 50 ms.
const LONGEST: Duration = Duration::from_secs(10);

fn check(sample: &Sample, bytes: &[u8]) {
    let limits = ParseLimits { time: LONGEST, ..ParseLimits::default() };
    let hint = FileHint { name: Some(&sample.name), media_type: None };
    let start = Instant::now();
    match parse(bytes, &hint, &limits) {
        Ok(parsed) => check_invariants(&parsed),
        Err(error) => {
            let timed_out = matches!(error, ParseError::TimedOut { .. });
            assert!(!timed_out, "{} of {} bytes: {error}", sample.name, bytes.len());
        }
    }
    assert!(start.elapsed() < LONGEST, "{}", sample.name);
}

/// A fixed sequence that looks random enough (SplitMix64), so that a failure can be repeated.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((z ^ (z >> 31)) >> 1).unwrap()
}

/// Damages the files of a format in ways that depend on nothing but the seed.
fn damage(format: &str, ways: usize) {
    let mut state = 7;
    for sample in samples(format) {
        for cut in 1..ways {
            check(&sample, &sample.bytes[..sample.bytes.len() * cut / ways]);
        }
        for _ in 0..ways {
            let mut bytes = sample.bytes.clone();
            for _ in 0..=bytes.len() / 2_000 {
                let at = next(&mut state) % bytes.len();
                bytes[at] = next(&mut state).to_le_bytes()[0];
            }
            check(&sample, &bytes);
        }
    }
}

#[test]
fn damaged_pdf() {
    damage("pdf", 4);
}

#[test]
fn damaged_docx() {
    damage("docx", 4);
}

#[test]
fn damaged_xlsx() {
    damage("xlsx", 4);
}

#[test]
fn damaged_csv() {
    damage("csv", 4);
}

#[test]
fn damaged_html() {
    damage("html", 3);
}

#[test]
fn damaged_markdown() {
    damage("md", 4);
}

#[test]
fn damaged_pptx() {
    damage("pptx", 4);
}

#[test]
fn damaged_odf() {
    damage("odf", 4);
}

/// Formats that are not read yet are refused, not misread.
#[test]
fn other_formats_never_panic() {
    for format in ["email", "ocr"] {
        for sample in samples(format) {
            check(&sample, &sample.bytes);
        }
    }
}
