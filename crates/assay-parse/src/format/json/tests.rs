//! JSON and JSON Lines: lines, tables, origins, damage and bounds.

use assay_core::{Origin, ParseLimits};

use crate::{BlockKind, FileHint, ParseError, Parsed, ProblemCode, parse, to_markdown};

fn read_as(name: &str, bytes: &[u8]) -> Parsed {
    let hint = FileHint { name: Some(name), media_type: None };
    parse(bytes, &hint, &ParseLimits::default()).unwrap()
}

fn read(text: &str) -> Parsed {
    read_as("a.json", text.as_bytes())
}

/// The bytes of the file that a block stands for.
fn source<'a>(file: &'a str, parsed: &Parsed, block: usize) -> &'a str {
    let Some(Origin::Bytes { start, end }) = parsed.blocks[block].origin else { panic!("none") };
    &file[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()]
}

#[test]
fn values_become_lines_with_their_paths() {
    let file = r#" {"a": 1.50, "big": 12345678901234567890.10e-7, "b": {"c": [1, 2], "d": {"e": null}},
        "a": "twice", "none": {}}"#;
    let parsed = read(file);
    let expected =
        "a: 1.50\nbig: 12345678901234567890.10e-7\nb.c: 1, 2\nb.d.e: null\na: twice\nnone:";
    assert_eq!(parsed.text, expected);
    assert_eq!(source(file, &parsed, 0), file.trim().trim_matches(['{', '}']).to_owned() + "{}");
    assert_eq!(parsed.problems, []);
}

#[test]
fn lists_of_records_are_tables() {
    let file =
        r#"{"name": "x", "readings": [{"t": "a", "v": 1.0}, {"t": "b"}, {"v": 2.50, "t": "c|d"}]}"#;
    let parsed = read(file);
    let expected =
        "name: x\n\n# readings\n\n| t | v |\n| - | - |\n| a | 1.0 |\n| b |  |\n| c&#124;d | 2.50 |";
    assert_eq!(to_markdown(&parsed), expected);
    let BlockKind::Table(table) = &parsed.blocks[2].kind else { panic!("no table") };
    assert_eq!(table.header_rows, 1);
    assert!(source(file, &parsed, 2).starts_with(r#""readings": [{"t""#));
    assert_eq!(to_markdown(&read("[[1, 2], [3, 4]]")), "| 1 | 2 |\n| - | - |\n| 3 | 4 |");
}

#[test]
fn long_texts_are_paragraphs_below_the_names_of_their_records() {
    let long = "Long sentence. ".repeat(40);
    let parsed = read(&format!(
        r#"{{"items": [{{"title": "One", "text": "{long}"}}, {{"title": "Two", "text": "a\n\nb"}}], "z": 1}}"#
    ));
    let expected = format!(
        "z: 1\n\n# items\n\n## One\n\ntitle: One\n\ntext: {}\n\n## Two\n\ntitle: Two\n\ntext: a\n\nb",
        long.trim()
    );
    assert_eq!(to_markdown(&parsed), expected);
}

#[test]
fn lines_are_records() {
    let file = "{\"id\": 1, \"text\": \"one\"}\n\n{\"id\": 2, bad}\n[]\n\"just text\"\n";
    let parsed = read_as("a.jsonl", file.as_bytes());
    assert_eq!(parsed.text, "id: 1\ntext: one\n\nid: 2\n\njust text");
    assert_eq!(source(file, &parsed, 0), "\"id\": 1, \"text\": \"one\"");
    assert_eq!(source(file, &parsed, 2), "\"just text\"");
    assert_eq!(parsed.problems.len(), 1);
    assert!(parsed.problems[0].message.starts_with("line 3 "));
}

#[test]
fn what_comes_before_damage_is_kept() {
    let file = r#"{"a": 1, "b": {"c": "text", "d": [1, 2, 3"#;
    for cut in 0..=file.len() {
        if cut > 0 {
            let parsed = read(&file[..cut]);
            assert_eq!(parsed.problems.len(), 1, "{cut}");
            assert_eq!(parsed.problems[0].code, ProblemCode::Damaged);
        }
    }
    assert_eq!(read(&file[..file.len() - 5]).text, "a: 1\nb.c: text\nb.d: 1");
    let parsed = read("// a comment\n{\"a\": 1}");
    assert_eq!(parsed.text, "// a comment\n{\"a\": 1}");
    assert_eq!(parsed.blocks[0].kind, BlockKind::Code { language: Some("json".to_owned()) });
}

#[test]
fn nesting_is_bounded() {
    for depth in [50, 5_000, 200_000] {
        let lists = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let maps = format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        for file in
            [format!("{{\"x\": {lists}, \"y\": 2}}"), format!("{{\"x\": {maps}, \"y\": 2}}")]
        {
            let parsed = read(&file);
            assert!(parsed.text.contains("y: 2"), "{depth}");
            let expected = usize::from(depth > 256);
            assert_eq!(parsed.problems.len(), expected, "{depth}");
        }
    }
    let limits = ParseLimits { nesting: 10_000, ..ParseLimits::default() };
    let file = format!("{}1{}", "{\"a\":".repeat(5_000), "}".repeat(5_000));
    let hint = FileHint { name: Some("a.json"), media_type: None };
    assert!(parse(file.as_bytes(), &hint, &limits).unwrap().text.ends_with(": 1"));
}

#[test]
fn flipped_bytes_never_panic() {
    let file =
        r#"{"a": [1, {"b": "c\u00e9\ud83d\ude00"}, true], "d": "é", "e": [{"x": 1}, {"x": 2}]}"#;
    let mut state = 11_u64;
    for _ in 0..2_000 {
        let mut bytes = file.as_bytes().to_vec();
        for _ in 0..3 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap() % bytes.len();
            bytes[at] = state.to_be_bytes()[3];
        }
        for name in ["a.json", "a.jsonl", "a.yaml"] {
            let hint = FileHint { name: Some(name), media_type: None };
            let result = parse(&bytes, &hint, &ParseLimits::default());
            assert!(!matches!(result, Err(ParseError::Malformed { .. })), "{bytes:?}");
        }
    }
}
