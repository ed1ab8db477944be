//! Delimited text of several dialects.

use assay_core::{Origin, ParseLimits};

use crate::{
    BlockKind, FileHint, MediaType, ParseError, Parsed, ProblemCode, Table, parse, passages,
    to_markdown,
};

fn read_as(name: &str, bytes: &[u8]) -> Parsed {
    let hint = FileHint { name: Some(name), media_type: None };
    parse(bytes, &hint, &ParseLimits::default()).unwrap()
}

fn read(text: &str) -> Parsed {
    read_as("a.csv", text.as_bytes())
}

fn table(parsed: &Parsed) -> &Table {
    match parsed.blocks.as_slice() {
        [block] => match &block.kind {
            BlockKind::Table(table) => table,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_delimiter_is_found() {
    let expected = "a | b\nc, d | 1,5\ne | 2,5";
    assert_eq!(read("a;b\nc, d;1,5\ne;2,5\n").text, expected);
    assert_eq!(read("a\tb\nc, d\t1,5\ne\t2,5").text, expected);
    assert_eq!(read("a|b\r\nc, d|1,5\r\ne|2,5\r\n").text, expected);
    assert_eq!(read("sep=;\na;b\nc, d;1,5\ne;2,5\n").text, expected);
    assert_eq!(read("a,b\n\"c, d\",\"1,5\"\ne,\"2,5\"\n").text, expected);
    let parsed = read_as("a.tsv", b"a\tb\n1\t2\n");
    assert_eq!((parsed.media_type, parsed.text.as_str()), (MediaType::Tsv, "a | b\n1 | 2"));
    assert_eq!(parsed.pages, None);
}

#[test]
fn quotes_hold_breaks_and_quotes() {
    let parsed = read("name,note\nx,\"one\ntwo, \"\"three\"\"\"\ny,'z'\n");
    assert_eq!(parsed.text, "name | note\nx | one two, \"three\"\ny | 'z'");
    assert_eq!(table(&parsed).rows.len(), 3);
}

#[test]
fn ragged_rows_are_filled_and_kept() {
    let parsed = read("a,b\n1\n1,2,3\n\n,,\n4,5\n");
    assert_eq!(
        to_markdown(&parsed),
        "| a | b |  |\n| - | - | - |\n| 1 |  |  |\n| 1 | 2 | 3 |\n| 4 | 5 |  |"
    );
    // Columns without any text are left out.
    assert_eq!(read("a,,b,,\n1,,2,,\n").text, "a | b\n1 | 2");
}

#[test]
fn a_header_has_no_values() {
    let headers = |text| table(&read(text)).header_rows;
    assert_eq!(headers("name,2023,2024\nx,1,2\n"), 1);
    assert_eq!(headers("1,2\n3,4\n"), 0);
    assert_eq!(headers("x,2024-01-01\ny,2024-01-02\n"), 0);
    assert_eq!(headers("alone,here\n"), 0);
}

#[test]
fn rows_know_their_bytes() {
    let text = "\u{feff}näme,n\nä,1\n\"b\nb\",2\n";
    let parsed = read(text);
    let table = table(&parsed);
    let bytes = |row: usize| {
        let Some(Origin::Bytes { start, end }) = table.origin(row, row) else { panic!() };
        text.get(start as usize..end as usize).unwrap().trim()
    };
    assert_eq!([bytes(0), bytes(1), bytes(2)], ["näme,n", "ä,1", "\"b\nb\",2"]);
    let passages = passages(&parsed, &Default::default(), &|text| text.len());
    assert_eq!(passages[0].origin, table.origin(0, 2));
    // Which bytes made a character of another encoding is not known.
    let parsed = read_as("a.csv", b"caf\xe9;cr\xe8me\nbr\xfbl\xe9e;na\xefve\n");
    assert_eq!(parsed.text, "café | crème\nbrûlée | naïve");
    assert_eq!(self::table(&parsed).origin(0, 0), None);
}

#[test]
fn a_quote_that_never_ends_costs_nothing_else() {
    let rows = "\"broken,1\n".to_owned() + &"some words,2\n".repeat(330_000);
    let parsed = read(&rows);
    assert_eq!(table(&parsed).rows.len(), 330_001);
    assert!(parsed.text.starts_with("\"broken | 1\nsome words | 2\n"));
}

#[test]
fn limits_hold() {
    let wide = read(&("a,b\n".to_owned() + &",".repeat(1 << 20)));
    assert_eq!(wide.text, "a | b");
    assert_eq!(wide.problems[0].code, ProblemCode::Limit);
    let hint = FileHint { name: Some("a.csv"), media_type: None };
    let limits = ParseLimits { text_bytes: 20, ..ParseLimits::default() };
    let cut = parse("aa,bb\n".repeat(100).as_bytes(), &hint, &limits).unwrap();
    assert_eq!((cut.text.as_str(), cut.problems[0].code), ("aa | bb\naa | bb", ProblemCode::Limit));
    assert_eq!(parse(b"", &hint, &limits), Err(ParseError::Empty));
    assert!(read("\n\n").blocks.is_empty());
}
