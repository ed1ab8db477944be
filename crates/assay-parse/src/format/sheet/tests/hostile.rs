//! Damage and bombs: an error or a part of the text, within the limits.

use std::time::Duration;

use super::*;

fn sample() -> Vec<u8> {
    let row = |at: usize| {
        format!("<row r='{at}'><c r='A{at}'><v>{at}</v></c><c r='B{at}' t='s'><v>0</v></c></row>")
    };
    let rows: String = (1..200).map(row).collect();
    let strings = "<sst><si><t>some words</t></si></sst>";
    workbook(
        &rows,
        "<mergeCells><mergeCell ref='A1:A2'/></mergeCells>",
        &[("xl/sharedStrings.xml", strings)],
    )
}

fn survives(bytes: &[u8]) {
    let limits = ParseLimits { time: Duration::from_secs(20), ..ParseLimits::default() };
    let hint = FileHint { name: Some("a.xlsx"), media_type: None };
    let result = parse(bytes, &hint, &limits);
    assert!(!matches!(result, Err(ParseError::TimedOut { .. })));
}

fn damage(bytes: &[u8]) {
    for part in 1..12 {
        survives(&bytes[..bytes.len() * part / 12]);
    }
    let mut state = 7_u64;
    for _ in 0..60 {
        let mut bytes = bytes.to_vec();
        for _ in 0..3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695);
            let at = usize::try_from(state >> 33).unwrap() % bytes.len();
            bytes[at] = state.to_le_bytes()[2];
        }
        survives(&bytes);
    }
}

#[test]
fn damaged_files_never_panic_or_hang() {
    damage(&sample());
    let row = format!("<table:table-row>{}</table:table-row>", ods::text("x"));
    damage(&ods::table(&row.repeat(9)));
    let labels = |row| xls::label(row, row % 3, "some words");
    damage(&xls::file(&[("One", false, (0..200).flat_map(labels).collect())]));
}

#[test]
fn a_sheet_cut_short_keeps_its_rows() {
    let sheet = "<worksheet><sheetData><row><c><v>1</v></c></row><row><c><v>2";
    let parsed = read(&workbook("", "", &[("xl/worksheets/sheet1.xml", sheet)]));
    assert_eq!(parsed.text, "One\n\n1");
    assert_eq!(parsed.problems.len(), 1);
    let parsed = read(&workbook("", "", &[("xl/worksheets/sheet1.xml", "")]));
    assert!(parsed.blocks.is_empty());
}

#[test]
fn bombs_stop_at_the_limit() {
    let rows = "<row><c t='str'><v>bomb</v></c></row>".repeat(50_000);
    let bytes = workbook(&rows, "", &[]);
    let limits = ParseLimits { unpacked_bytes: 1 << 20, ..ParseLimits::default() };
    let refused = parse(&bytes, &FileHint::default(), &limits);
    assert!(matches!(refused, Err(ParseError::TooLarge { .. })), "{refused:?}");
    let limits = ParseLimits { text_bytes: 1_000, ..ParseLimits::default() };
    let parsed = parse(&bytes, &FileHint::default(), &limits).unwrap();
    assert!(parsed.text.len() <= 1_000);
    assert_eq!(parsed.problems.len(), 1);
}

/// No cell touches another: as many regions as cells.
#[test]
fn a_chequered_sheet_is_bounded() {
    let cell = |row: usize, column: usize| {
        let letters = ["A", "B", "C", "D", "E", "F", "G", "H"];
        format!("<c r='{}{}'><v>1</v></c>", letters[column * 2 + row % 2], row + 1)
    };
    let rows: String = (0..5_100).flat_map(|row| (0..4).map(move |at| cell(row, at))).collect();
    let parsed = read(&workbook(&rows, "", &[]));
    assert_eq!(tables(&parsed).len(), crate::format::sheet::region::REGIONS_MAX);
    assert_eq!(parsed.problems.len(), 1);
}
