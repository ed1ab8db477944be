//! Paths of members, and damage to files of every kind that holds other files.

use std::time::{Duration, Instant};

use assay_core::ParseLimits;

use super::{Names, file_name};
use crate::{FileHint, Member, ParseError, Parsed, format, members, parse};

/// What parsing makes of a file with a name.
pub(crate) fn read(bytes: &[u8], name: &str) -> Parsed {
    parse(bytes, &hint(name), &ParseLimits::default()).unwrap()
}

/// The text of a file, and the problems with it.
pub(crate) fn text(bytes: &[u8], name: &str) -> (String, Vec<String>) {
    let parsed = read(bytes, name);
    (parsed.text, parsed.problems.into_iter().map(|problem| problem.message).collect())
}

/// The members of a file, up to the first 50.
pub(crate) fn unpacked(
    bytes: &[u8],
    name: &str,
    limits: &ParseLimits,
) -> Vec<Result<Member, ParseError>> {
    members(bytes, &hint(name), limits).unwrap().take(50).collect()
}

/// Paths and contents of the members that are text.
pub(crate) fn texts(bytes: &[u8], name: &str) -> Vec<(String, String)> {
    let members = unpacked(bytes, name, &ParseLimits::default()).into_iter();
    let text = |member: Member| (member.path, String::from_utf8_lossy(&member.bytes).into_owned());
    members.map(|member| text(member.unwrap())).collect()
}

fn hint(name: &str) -> FileHint<'_> {
    FileHint { name: Some(name), media_type: None }
}

#[test]
fn paths_are_relative_clean_and_unique() {
    let mut names = Names::default();
    let mut check = |name: &str, path: Option<&str>| {
        assert_eq!(names.give(name).as_deref(), path, "{name:?}");
    };
    check("a/b.txt", Some("a/b.txt"));
    check("a/b.txt", Some("a/b (2).txt"));
    check("/a//./b.txt", Some("a/b (3).txt"));
    check("../../etc/passwd", Some("etc/passwd"));
    check("C:\\x\\y.txt", Some("x/y.txt"));
    check("n\0u\u{7}l", Some("nul"));
    check("v1.0/read me", Some("v1.0/read me"));
    check("v1.0/read me", Some("v1.0/read me (2)"));
    for clutter in ["", "..", "__MACOSX/a", "a/.DS_Store", ".git/config", "p/Thumbs.db"] {
        check(clutter, None);
    }
    assert!(names.give(&"x/".repeat(9_999)).unwrap().len() <= 1_100);
    assert_eq!(file_name("../a/b: c?.eml"), "_a_b: c?.eml");
}

#[test]
fn many_equal_names_take_no_quadratic_time() {
    let mut names = Names::default();
    for number in (2..60_000).rev() {
        names.give(&format!("a ({number})"));
    }
    let start = Instant::now();
    for _ in 0..60_000 {
        names.give("a");
    }
    assert!(start.elapsed() < Duration::from_secs(10));
}

/// A fixed sequence that looks random enough (SplitMix64).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((z ^ (z >> 31)) >> 1).unwrap()
}

/// Parses and unpacks; anything but a panic or a hang will do.
fn survive(bytes: &[u8], name: &str) {
    let limits = ParseLimits { time: Duration::from_secs(10), ..ParseLimits::default() };
    let caught = |error: &ParseError| {
        let error = error.to_string();
        let panics = ["attempt to", "out of bounds", "out of range", "called `", "not a char"];
        let is_panic = panics.iter().any(|words| error.contains(words));
        assert!(!is_panic && !error.contains("within"), "{name}: {error}");
    };
    if let Err(error) = parse(bytes, &hint(name), &limits) {
        caught(&error);
    }
    if let Ok(members) = members(bytes, &hint(name), &limits) {
        members.take(50).filter_map(Result::err).for_each(|error| caught(&error));
    }
}

#[test]
fn damage_is_survived() {
    let samples = [
        ("a.eml", format::mail::tests::sample()),
        ("a.mbox", format::mbox::tests::sample()),
        ("a.msg", format::msg::tests::sample()),
        ("a.zip", format::zip::tests::sample()),
        ("a.tar", format::tar::tests::sample()),
        ("a.tgz", format::tar::tests::gzip(&format::tar::tests::sample())),
        ("a.epub", format::epub::tests::sample()),
    ];
    let mut state = 11;
    for (name, sample) in samples {
        survive(&sample, name);
        for cut in 1..20 {
            survive(&sample[..sample.len() * cut / 20], name);
        }
        for _ in 0..100 {
            let mut bytes = sample.clone();
            for _ in 0..3 {
                let at = next(&mut state) % bytes.len();
                bytes[at] = next(&mut state).to_le_bytes()[0];
            }
            survive(&bytes, name);
        }
    }
}
