//! What must hold for any input.

use std::time::Duration;

use assay_core::ParseLimits;
use assay_parse::{FileHint, MediaType, PassageSettings, parse, passages, to_markdown};
use proptest::prelude::*;

use crate::corpus::check_invariants;

fn check(bytes: &[u8], name: &str) {
    let limits = ParseLimits { time: Duration::from_secs(20), ..ParseLimits::default() };
    let hint = FileHint { name: Some(name), media_type: None };
    let Ok(parsed) = parse(bytes, &hint, &limits) else { return };
    check_invariants(&parsed);
    let has_pictures_only = parsed.text.trim().is_empty();
    assert!(has_pictures_only || !to_markdown(&parsed).is_empty());
    let words = |text: &str| text.split_whitespace().count();
    for passage in passages(&parsed, &PassageSettings::default(), &words) {
        assert!(!passage.range.of(&parsed.text).trim().is_empty());
    }
}

/// Pieces that mean something to some parser, and some that do not.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
        "<td rowspan=3 colspan=2>",
        "<ul>",
        "</ul>",
        "<ol start=-5>",
        "<li>",
        "<h1>",
        "</h1>",
        "<pre>",
        "</pre>",
        "<a href='x'>",
        "</a>",
        "<br>",
        "<b>",
        "</i>",
        "<template>",
        "<select>",
        "<svg>",
        "<math>",
        "<!--",
        "-->",
        "<script>",
        "</script>",
        "<nav>",
        "</nav>",
        "&amp;",
        "&#0;",
        "# ",
        "## ",
        "- ",
        "1. ",
        "> ",
        "```",
        "~~~",
        "| a | b |\n|--|--|\n",
        "| c |\n",
        "[x](y)",
        "---\n",
        "title: t\n",
        "{\"a\": ",
        "}",
        "[",
        "], ",
        "\"b\", ",
        "- a: &x *x\n",
        "  fn f() {\n",
        "class A:\n",
        "\"\"\"",
        "/*",
        "\n",
        "\n\n",
        "\t",
        "\u{c}",
        "  ",
        "word",
        "Ünïcödé",
        "漢字。",
        "\u{202e}",
        "\u{0}",
        "e\u{301}",
        "مرحبا",
        ". ",
        "Dr. ",
    ]);
    prop::collection::vec(pieces, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn ranges_hold_for_any_markup(text in pieces()) {
        for name in ["a.csv", "a.html", "a.json", "a.jsonl", "a.md", "a.py", "a.rs", "a.txt", "a.xml", "a.yaml"] {
            check(text.as_bytes(), name);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for name in ["a.c", "a.csv", "a.docx", "a.html", "a.json", "a.md", "a.odt", "a.pdf", "a.pptx", "a.txt", "a.xml", "a.yaml"] {
            check(&bytes, name);
        }
        for head in [&b"%PDF-1.7\n"[..], b"PK\x03\x04word/", b"PK\x03\x04ppt/presentation", b"<html>", b"\xff\xfe"] {
            check(&[head, &bytes].concat(), "a");
        }
    }
}

/// Nesting far deeper than any limit neither overflows the stack nor takes quadratic time.
#[test]
fn deep_nesting_is_bounded() {
    let deep = |open: &str| open.repeat(100_000);
    for open in ["<div>", "<b>", "<ul><li>", "<table><tr><td>", "<blockquote>", "<a href=x>"] {
        check(format!("<html>{}x", deep(open)).as_bytes(), "a.html");
    }
    for open in ["> ", "- ", "[", "*a ", "<b>"] {
        check(deep(open).as_bytes(), "a.md");
    }
}

#[test]
fn the_content_decides_before_the_name() {
    let limits = ParseLimits::default();
    let check = |bytes: &[u8], name, expected| {
        let hint = FileHint { name: Some(name), media_type: None };
        assert_eq!(parse(bytes, &hint, &limits).unwrap().media_type, expected, "{name}");
    };
    check(b"<!DOCTYPE html><p>x", "a.txt", MediaType::Html);
    check(b"# x", "a.md", MediaType::Markdown);
    check(b"# x", "a.txt", MediaType::Text);
    check(b"# x\n\n[a](b)", "", MediaType::Markdown);
    check(b"plain", "a.pdf", MediaType::Text);
    check(b"{\"a\": 1}", "", MediaType::Json);
    check(b"{\"a\": 1}", "a.txt", MediaType::Text);
    check(b"<?xml version='1.0'?><a>x</a>", "", MediaType::Xml);
    check(b"x = 1", "a.py", MediaType::Code);
    check(b"FROM x", "Dockerfile", MediaType::Code);
    check(b"#!/bin/sh\necho", "run", MediaType::Code);
}
