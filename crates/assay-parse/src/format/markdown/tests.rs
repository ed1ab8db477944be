//! Markdown to blocks.

use assay_core::{Origin, ParseLimits};

use crate::{Block, BlockKind, FileHint, Parsed, parse};

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

#[test]
fn front_matter_is_metadata() {
    let check = |front_matter: &str| {
        let parsed = read(front_matter);
        assert_eq!(parsed.title.as_deref(), Some("A: title"));
        assert_eq!(parsed.text, "Body");
        let metadata = parsed.metadata;
        assert_eq!(metadata.authors, ["Ann", "Bob"]);
        assert_eq!(metadata.created.as_deref(), Some("2024-05-06"));
        assert_eq!(metadata.keywords, ["x", "y"]);
        let custom: Vec<_> = metadata.custom.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(custom, ["draft=false", "menu.weight=1.50", "parts=1, 2"]);
        assert_eq!(parsed.problems, []);
    };
    check(
        "---\ntitle: 'A: title'\nauthors:\n  - Ann\n  - name: Bob\n    mail: b@x\ndate: 2024-05-06\n\
         tags: [x, y]\ndraft: false\nmenu:\n  weight: 1.50\nparts: [1, 2]\n---\nBody",
    );
    check(
        "+++\ntitle = 'A: title'\nauthors = ['Ann', { name = 'Bob' }]\ndate = 2024-05-06\n\
         tags = ['x', 'y']\ndraft = false\nparts = [1, 2]\n[menu]\nweight = '1.50'\n+++\nBody",
    );
}

#[test]
fn broken_front_matter_is_a_problem() {
    for text in ["---\na: b\nc: [x\n---\nBody", "+++\na = \n+++\nBody"] {
        let parsed = read(text);
        assert_eq!(parsed.text, "Body");
        assert_eq!(parsed.problems.len(), 1);
    }
}

/// The text of each block with the part of the file that it comes from.
fn sources(file: &str) -> Vec<(String, String)> {
    let parsed = read(file);
    let source = |block: &Block| match block.origin {
        Some(Origin::Bytes { start, end }) => {
            file[start as usize..end as usize].trim_end().to_owned()
        }
        _ => "-".to_owned(),
    };
    let blocks = parsed.blocks.iter();
    blocks.map(|block| (block.range.of(&parsed.text).to_owned(), source(block))).collect()
}

#[test]
fn blocks_know_their_bytes() {
    let file = "\u{feff}---\ntitle: x\n---\n# É *b*\n\nSome **bold**\ntext.\n\n- one\n- two\n\n  more\n  - deep\n\n\
                > quoted\n\n```rust\nfn a() {}\n```\n\n| a |\n|---|\n| 1 |\n\n<div>\nraw\n</div>\n\nTerm\n: means\n";
    let expected = [
        ("É b", "# É *b*"),
        ("Some bold text.", "Some **bold**\ntext."),
        ("one", "one"),
        ("two\nmore", "two\n\n  more"),
        ("deep", "- deep"),
        ("quoted", "quoted"),
        ("fn a() {}", "```rust\nfn a() {}\n```"),
        ("a\n1", "| a |\n|---|\n| 1 |"),
        ("raw", "<div>\nraw\n</div>"),
        ("Term", "Term"),
        ("means", ": means"),
    ];
    let expected: Vec<_> = expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    assert_eq!(sources(file), expected);
}

#[test]
fn marks_cannot_be_forged() {
    let file = "a\n\n<x-from-0 start=0 end=1></x-from-0>\n\nb <x-from-1 start=0 end=1></x-from-1>";
    let own = [("a", "a"), ("b", "b <x-from-1 start=0 end=1></x-from-1>")];
    assert_eq!(sources(file), own.map(|(a, b)| (a.to_owned(), b.to_owned())));
}
