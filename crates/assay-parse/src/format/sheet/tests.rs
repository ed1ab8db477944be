//! Spreadsheets made for the test.

use std::io::{Cursor, Write};

use assay_core::{Origin, ParseLimits};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{BlockKind, FileHint, MediaType, ParseError, Parsed, Table, parse, to_markdown};

mod hostile;
mod ods;
mod values;
mod xls;
mod xlsx;

/// A zip archive of some parts.
fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        zip.start_file(*name, options).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook with one sheet, further elements after its rows, and further parts.
fn workbook(rows: &str, after: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData>{after}</worksheet>");
    let book = "<workbook><sheets><sheet name='One' r:id='r1'/></sheets></workbook>";
    let relationships = "<Relationships>\
        <Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/>\
        <Relationship Id='r2' Type='x/styles' Target='styles.xml'/>\
        <Relationship Id='r3' Type='x/sharedStrings' Target='sharedStrings.xml'/>\
        </Relationships>";
    let mut parts = vec![
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", relationships),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    parts.retain(|(name, _)| more.iter().all(|(own, _)| own != name));
    parts.extend(more);
    package(&parts)
}

fn read(bytes: &[u8]) -> Parsed {
    parse(bytes, &FileHint::default(), &ParseLimits::default()).unwrap()
}

/// The text of all blocks but the first heading, as Markdown.
#[track_caller]
fn check(bytes: &[u8], expected: &str) {
    let markdown = to_markdown(&read(bytes));
    assert_eq!(markdown.strip_prefix("## One\n\n").unwrap_or(&markdown), expected);
}

fn tables(parsed: &Parsed) -> Vec<&Table> {
    let tables = parsed.blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Table(table) => Some(table),
        _ => None,
    });
    tables.collect()
}

/// The cells that each table stands in.
fn areas(parsed: &Parsed) -> Vec<String> {
    let range = |table: &Table| match table.origin(0, table.rows.len() - 1) {
        Some(Origin::Cells { sheet, range }) => format!("{sheet}!{range}"),
        other => panic!("{other:?}"),
    };
    tables(parsed).into_iter().map(range).collect()
}
