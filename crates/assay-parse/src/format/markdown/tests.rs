//! Markdown to blocks.

use assay_core::ParseLimits;

use crate::{BlockKind, FileHint, Parsed, parse};

fn read(text: &str) -> Parsed {
    let hint = FileHint { name: Some("a.md"), media_type: None };
    parse(text.as_bytes(), &hint, &ParseLimits::default()).unwrap()
}

#[test]
fn the_text_has_no_markup() {
    let parsed = read("# A *b*\n\nSome **bold** `code` and [link](http://x).\n\n> quoted\n");
    assert_eq!(parsed.text, "A b\n\nSome bold code and link.\n\nquoted");
    assert_eq!(parsed.blocks[0].kind, BlockKind::Heading { level: 1 });
    assert_eq!(parsed.blocks[2].kind, BlockKind::Quote);
    assert_eq!(parsed.links[0].url, "http://x");
}

#[test]
fn front_matter_gives_the_title() {
    let parsed = read("---\ntitle: \"My title\"\nauthor: x\n---\n\nBody");
    assert_eq!(parsed.title.as_deref(), Some("My title"));
    assert_eq!(parsed.text, "Body");
}

#[test]
fn task_lists_and_tables() {
    let parsed = read("- [x] done\n- [ ] open\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");
    assert_eq!(parsed.text, "[x] done\n[ ] open\n\na | b\n1 | 2");
    let BlockKind::Table(table) = &parsed.blocks[2].kind else { panic!("no table") };
    assert_eq!(table.header_rows, 1);
}

#[test]
fn amounts_are_not_formulas() {
    assert_eq!(read("It costs $5 or $6.").text, "It costs $5 or $6.");
}
