//! Passages of real layouts, and what must hold for any document.

use assay_core::ParseLimits;
use proptest::prelude::*;

use super::*;
use crate::{FileHint, parse};

fn markdown(text: &str) -> Parsed {
    let hint = FileHint { name: Some("a.md"), media_type: None };
    parse(text.as_bytes(), &hint, &ParseLimits::default()).unwrap()
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn cut(parsed: &Parsed, target_tokens: usize, max_tokens: usize) -> Vec<Passage> {
    let settings = PassageSettings { target_tokens, max_tokens, overlap_tokens: 0 };
    passages(parsed, &settings, &words)
}

#[test]
fn headings_open_passages_and_stand_in_the_path() {
    let parsed = markdown("# A\n\nOne.\n\n## B\n\n### C\n\nTwo.\n\n## D\n\nThree.");
    let got: Vec<_> = cut(&parsed, 50, 60)
        .into_iter()
        .map(|passage| {
            (passage.range.of(&parsed.text).replace('\n', "/"), passage.heading_path.join(">"))
        })
        .collect();
    let expected = [("A//One.", "A"), ("B//C//Two.", "A>B>C"), ("D//Three.", "A>D")];
    assert_eq!(got, expected.map(|(text, path)| (text.to_owned(), path.to_owned())));
}

#[test]
fn small_neighbours_are_merged_and_sentences_stay_whole() {
    let parsed = markdown("One two three.\n\nFour five six. Seven eight nine.\n\nTen.");
    let got: Vec<_> =
        cut(&parsed, 6, 7).into_iter().map(|p| p.range.of(&parsed.text).to_owned()).collect();
    assert_eq!(got, ["One two three.\n\nFour five six.", "Seven eight nine.\n\nTen."]);
}

#[test]
fn a_long_table_carries_its_header_in_the_path() {
    let rows: String = (0..20).map(|n| format!("| r{n} | v{n} |\n")).collect();
    let parsed = markdown(&format!("| name | value |\n|--|--|\n{rows}"));
    let got = cut(&parsed, 20, 24);
    assert!(got.len() > 2);
    assert!(got.iter().all(|passage| passage.kind == PassageKind::Table));
    assert!(got[0].heading_path.is_empty());
    assert!(got[1..].iter().all(|passage| passage.heading_path == ["name | value"]));
}

#[test]
fn code_that_fits_is_not_cut() {
    let parsed = markdown("Some words here to fill it up.\n\n```\na b c\nd e f\ng h i\n```\n");
    let got = cut(&parsed, 8, 10);
    assert_eq!(got.len(), 2);
    assert_eq!(got[1].range.of(&parsed.text), "a b c\nd e f\ng h i");
    assert_eq!(got[1].kind, PassageKind::Code);
}

#[test]
fn overlap_repeats_whole_sentences() {
    let parsed = markdown("Aa bb cc. Dd ee. Ff gg hh ii. Jj kk ll.");
    let settings = PassageSettings { target_tokens: 6, max_tokens: 6, overlap_tokens: 2 };
    let got: Vec<_> = passages(&parsed, &settings, &words)
        .into_iter()
        .map(|p| p.range.of(&parsed.text).to_owned())
        .collect();
    assert_eq!(got, ["Aa bb cc. Dd ee.", "Dd ee. Ff gg hh ii.", "Jj kk ll."]);
}

#[test]
fn navigation_is_left_out() {
    let hint = FileHint { name: Some("a.html"), media_type: None };
    let html = b"<html><nav><a href=/>Home</a></nav><p>Body.</p>";
    let parsed = parse(html, &hint, &ParseLimits::default()).unwrap();
    let got = cut(&parsed, 50, 60);
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].range.of(&parsed.text), "Body.");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn passages_cover_content_in_order_and_keep_the_limit(
        lines in prop::collection::vec("(# |## |- |\\| a \\| |> |```\n|)[a-z.!\u{4e00} ]{0,60}", 0..30),
        target in 5_usize..30,
        overlap in 0_usize..6,
    ) {
        let parsed = markdown(&format!("x\n{}", lines.join("\n")));
        let settings = PassageSettings { target_tokens: target, max_tokens: target + 5, overlap_tokens: overlap };
        let got = passages(&parsed, &settings, &words);
        for pair in got.windows(2) {
            prop_assert!(pair[0].range.start < pair[1].range.start);
            prop_assert!(overlap > 0 || pair[0].range.end <= pair[1].range.start);
        }
        for passage in &got {
            prop_assert!(!passage.range.of(&parsed.text).trim().is_empty());
            prop_assert!(passage.tokens <= target + 5);
        }
        for block in parsed.blocks.iter().filter(|block| block.kind.is_content()) {
            for (at, c) in block.range.of(&parsed.text).char_indices() {
                let at = block.range.start + at as u32;
                let is_in = |p: &Passage| p.range.start <= at && at < p.range.end;
                prop_assert!(c.is_whitespace() || got.iter().any(is_in), "{at} {c:?}");
            }
        }
    }
}
