//! Token F1 against the expected Markdown of real files.

use assay_core::ParseLimits;
use assay_parse::{FileHint, parse, score::token_f1, to_markdown};

use crate::corpus::{check_invariants, samples};

/// Parses all files of a format, prints the score of each, and holds the mean to a floor.
#[track_caller]
fn check(format: &str, floor: f64) {
    let mut scores = Vec::new();
    for sample in samples(format) {
        let hint = FileHint { name: Some(&sample.name), media_type: None };
        let parsed = parse(&sample.bytes, &hint, &ParseLimits::default()).unwrap();
        check_invariants(&parsed);
        let f1 = token_f1(&sample.expected, &to_markdown(&parsed));
        println!("{f1:.3} {format}/{}", sample.name);
        scores.push(f1);
    }
    if !scores.is_empty() {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        println!("{mean:.4} {format}");
        assert!(mean >= floor, "{format}: {mean:.4} is below {floor}");
    }
}

#[test]
fn pdf() {
    check("pdf", 0.92);
}

#[test]
fn docx() {
    check("docx", 0.97);
}

#[test]
fn html() {
    check("html", 0.94);
}

#[test]
fn csv() {
    check("csv", 0.97);
}

#[test]
fn xlsx() {
    check("xlsx", 0.97);
}

#[test]
fn markdown() {
    check("md", 0.94);
}

#[test]
fn pptx() {
    check("pptx", 0.94);
}

#[test]
fn odf() {
    check("odf", 0.92);
}
