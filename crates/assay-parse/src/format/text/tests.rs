//! Plain text of several layouts and encodings.

use assay_core::{Origin, ParseLimits};

use crate::{BlockKind, FileHint, ParseError, Parsed, parse};

fn read(bytes: &[u8]) -> Parsed {
    let hint = FileHint { name: Some("a.txt"), media_type: None };
    parse(bytes, &hint, &ParseLimits::default()).unwrap()
}

fn kinds(text: &str) -> Vec<BlockKind> {
    read(text.as_bytes()).blocks.into_iter().map(|block| block.kind).collect()
}

#[test]
fn encodings_are_found() {
    let utf_16: Vec<u8> = "naïve".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let utf_32: Vec<u8> = "naïve".chars().flat_map(|c| (c as u32).to_le_bytes()).collect();
    assert_eq!(read("\u{feff}naïve".as_bytes()).text, "naïve");
    assert_eq!(read(&[b"\xfe\xff", &utf_16[..]].concat()).text, "naïve");
    assert_eq!(read(&[b"\xff\xfe\0\0", &utf_32[..]].concat()).text, "naïve");
    let plain: Vec<u8> = "plain text".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&plain).text, "plain text");
    assert_eq!(read(b"caf\xe9 cr\xe8me br\xfbl\xe9e").text, "café crème brûlée");
    let japanese = b"\x93\xfa\x96{\x8c\xea\x82\xcc\x83e\x83L\x83X\x83g\x82\xc5\x82\xb7\x81B";
    assert_eq!(read(japanese).text, "日本語のテキストです。");
}

#[test]
fn form_feeds_part_pages() {
    let parsed = read(b"one\x0ctwo\n\nthree\x0c");
    assert_eq!(parsed.pages, Some(2));
    let pages: Vec<_> = parsed.blocks.iter().map(|block| block.page).collect();
    assert_eq!(pages, [Some(1), Some(2), Some(2)]);
}

#[test]
fn headings_need_a_clear_layout() {
    let heading = |level| BlockKind::Heading { level };
    assert_eq!(kinds("Title\n=====\n\nText."), [heading(1), BlockKind::Paragraph]);
    assert_eq!(kinds("2.1 Methods\n\nText."), [heading(2), BlockKind::Paragraph]);
    assert_eq!(kinds("INTRODUCTION\n\nText."), [heading(2), BlockKind::Paragraph]);
    assert_eq!(kinds("A short line\n\nText."), [BlockKind::Paragraph, BlockKind::Paragraph]);
    assert_eq!(kinds("2.1 litres of milk\n\nText.")[0], BlockKind::Paragraph);
}

#[test]
fn lists_are_found() {
    let item = |depth, ordered| BlockKind::ListItem { depth, ordered };
    assert_eq!(kinds("- a\n  - b\n- c"), [item(0, false), item(1, false), item(0, false)]);
    let got = kinds("Steps:\n1. a\n2. b\n   more");
    assert_eq!(got, [BlockKind::Paragraph, item(0, true), item(0, true)]);
    assert_eq!(kinds("It was in\n1984. That year"), [BlockKind::Paragraph]);
}

#[test]
fn what_is_no_text_is_refused() {
    let parse = |bytes: &[u8]| parse(bytes, &FileHint::default(), &ParseLimits::default());
    assert_eq!(parse(b""), Err(ParseError::Empty));
    let unsupported = |name: &str| Err(ParseError::Unsupported { media_type: name.to_owned() });
    assert_eq!(parse(b"7z\xbc\xaf\x27\x1c..."), unsupported("application/x-7z-compressed"));
    assert_eq!(parse(b"ab\0\x01\x02\x03cd"), unsupported("application/octet-stream"));
}

#[test]
fn the_limits_cut_the_text() {
    let limits = ParseLimits { text_bytes: 10, ..ParseLimits::default() };
    let parsed = crate::parse("ä".repeat(20).as_bytes(), &FileHint::default(), &limits).unwrap();
    assert_eq!(parsed.text, "äääää");
    assert_eq!(parsed.problems.len(), 1);
    let limits = ParseLimits { file_bytes: 3, ..ParseLimits::default() };
    let refused = crate::parse(b"four", &FileHint::default(), &limits);
    assert_eq!(refused, Err(ParseError::TooLarge { bytes: 4, limit: 3 }));
}

#[test]
fn blocks_know_their_bytes() {
    let file = "\u{feff}Title\r\n=====\r\n\r\nFirst é\r\nline.\r\rBuy:\r\n- a\r\n  b\r\n- c\r\n";
    let parsed = read(file.as_bytes());
    assert_eq!(parsed.text, "Title\n\nFirst é\nline.\n\nBuy:\n\na\nb\nc");
    let sources = parsed.blocks.iter().map(|block| match block.origin {
        Some(Origin::Bytes { start, end }) => &file[start as usize..end as usize],
        _ => panic!("no origin"),
    });
    let expected = ["Title\r\n=====", "First é\r\nline.", "Buy:", "- a\r\n  b", "- c"];
    assert_eq!(sources.collect::<Vec<_>>(), expected);
}
