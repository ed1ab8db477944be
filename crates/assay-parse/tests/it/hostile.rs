//! Files cut short and with changed bytes: an error or a part of the text, never a panic of our own
//! or a hang. The whole of it is the program `examples/hostile.rs`.

use std::fs;

use assay_parse::ParseError;

use crate::{
    corpus::{check_invariants, folder},
    mutation::{self, CASES, CUTS, LONGEST},
};

/// Damaged copies of each file that this test reads: cuts and changes alike.
const SHARE: usize = 2;

#[test]
fn damage_is_an_error_or_a_problem() {
    mutation::count_panics();
    let files = mutation::files(&folder());
    if files.is_empty() {
        println!("skipped: no files below `{}`", folder().display());
    }
    let mut seed = 7;
    for path in &files {
        let whole = fs::read(path).unwrap();
        for number in 0..SHARE {
            let random = mutation::next(&mut seed);
            let case = if number % 2 == 0 { random % CUTS } else { CUTS + random % (CASES - CUTS) };
            let bytes = mutation::damaged(&whole, case);
            let (took, result) = mutation::read(path, &bytes);
            let name = path.display();
            assert!(took < LONGEST, "{name} case {case} took {took:?}");
            match result {
                Ok(parsed) => check_invariants(&parsed),
                Err(error) => {
                    let timed_out = matches!(error, ParseError::TimedOut { .. });
                    assert!(!timed_out, "{name} case {case}: {error}");
                }
            }
        }
    }
    let panics = mutation::panics();
    println!("{} files, panics caught: {panics:#?}", files.len());
    let own = panics.keys().find(|place| place.contains("assay-parse"));
    assert_eq!(own, None, "a panic in our own code");
}
