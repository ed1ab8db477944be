//! DOCX made for the test.

use std::io::{Cursor, Write};

use assay_core::ParseLimits;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{BlockKind, FileHint, ParseError, Parsed, parse, to_markdown};

const NAMESPACE: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

fn package(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(
            *name,
            SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored),
        )
        .unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn document(body: &str) -> String {
    format!("<w:document xmlns:w='{NAMESPACE}'><w:body>{body}</w:body></w:document>")
}

fn read(body: &str) -> Parsed {
    let bytes = package(&[("word/document.xml", &document(body))]);
    parse(&bytes, &FileHint::default(), &ParseLimits::default()).unwrap()
}

#[track_caller]
fn check(body: &str, expected: &str) {
    assert_eq!(to_markdown(&read(body)), expected);
}

fn run(text: &str) -> String {
    format!("<w:r><w:t>{text}</w:t></w:r>")
}

#[test]
fn deleted_text_is_gone_and_inserted_text_stays() {
    let deleted = "<w:del><w:r><w:delText>x</w:delText></w:r></w:del>";
    let inserted = format!("<w:ins>{}</w:ins>", run("new"));
    check(&format!("<w:p>{}{deleted}{inserted}</w:p>", run("old ")), "old new");
}

#[test]
fn one_branch_of_alternate_content_is_read() {
    let text_box = |text: &str| format!("<w:txbxContent><w:p>{}</w:p></w:txbxContent>", run(text));
    let body = format!(
        "<w:p>{}<w:r><mc:AlternateContent><mc:Choice>{}</mc:Choice><mc:Fallback>{}</mc:Fallback>\
         </mc:AlternateContent></w:r></w:p>",
        run("line"),
        text_box("box"),
        text_box("old box"),
    );
    check(&body, "line\n\nbox");
}

#[test]
fn merged_cells_are_repeated() {
    let cell = |properties: &str, text: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr><w:p>{}</w:p></w:tc>", run(text))
    };
    let row = |cells: &[String]| format!("<w:tr>{}</w:tr>", cells.concat());
    let rows = [
        row(&[cell("<w:gridSpan w:val='2'/>", "a"), cell("", "b")]),
        row(&[cell("<w:vMerge w:val='restart'/>", "c"), cell("", "d"), cell("", "e")]),
        row(&[cell("<w:vMerge/>", ""), cell("", "f"), cell("", "g")]),
    ];
    let expected = "| a | a | b |\n| - | - | - |\n| c | d | e |\n| c | f | g |";
    check(&format!("<w:tbl>{}</w:tbl>", rows.concat()), expected);
}

#[test]
fn headings_come_through_inherited_outlines() {
    let styles = "<w:styles><w:style w:styleId='A'><w:name w:val='Mine'/><w:basedOn w:val='B'/>\
        </w:style><w:style w:styleId='B'><w:name w:val='Base'/><w:pPr><w:outlineLvl w:val='1'/>\
        </w:pPr></w:style><w:style w:styleId='L'><w:basedOn w:val='L'/></w:style></w:styles>";
    let relationships = "<Relationships><Relationship Id='r1' Type='x/styles' Target='styles.xml'/>\
        </Relationships>";
    let styled = |id: &str, text: &str| {
        format!("<w:p><w:pPr><w:pStyle w:val='{id}'/></w:pPr>{}</w:p>", run(text))
    };
    let body = document(&[styled("A", "Head"), styled("L", "Text")].concat());
    let bytes = package(&[
        ("word/document.xml", &body),
        ("word/styles.xml", styles),
        ("word/_rels/document.xml.rels", relationships),
    ]);
    let parsed = parse(&bytes, &FileHint::default(), &ParseLimits::default()).unwrap();
    assert_eq!(parsed.blocks[0].kind, BlockKind::Heading { level: 3 });
    assert_eq!(parsed.blocks[1].kind, BlockKind::Paragraph);
}

#[test]
fn a_bomb_is_refused() {
    let bytes = package(&[("word/document.xml", &document(&" ".repeat(1 << 20)))]);
    let limits = ParseLimits { unpacked_bytes: 1 << 16, ..ParseLimits::default() };
    let refused = parse(&bytes, &FileHint::default(), &limits);
    assert!(matches!(refused, Err(ParseError::TooLarge { .. })), "{refused:?}");
}

#[test]
fn deep_nesting_is_cut_and_said() {
    let parsed = read(&format!("<w:p>{}</w:p>{}", run("before"), "<w:sdt>".repeat(100_000)));
    assert_eq!(parsed.text, "before");
    assert_eq!(parsed.problems.len(), 1);
}

#[test]
fn a_package_without_its_document_is_malformed() {
    let refused =
        parse(&package(&[("word/x.xml", "<a/>")]), &FileHint::default(), &ParseLimits::default());
    assert!(matches!(refused, Err(ParseError::Malformed { .. })));
}

#[test]
fn the_core_properties_are_metadata() {
    let core = "<cp:coreProperties><dc:title>A title</dc:title><dc:creator>Ann</dc:creator>\
         <cp:keywords>owl; tit</cp:keywords><dcterms:created>2024-05-06T07:08:09Z</dcterms:created>\
         <dc:subject>Birds</dc:subject><cp:lastModifiedBy>Bob</cp:lastModifiedBy>\
         </cp:coreProperties>";
    let document = document(&format!("<w:p>{}</w:p>", run("x")));
    let bytes = package(&[("word/document.xml", &document), ("docProps/core.xml", core)]);
    let parsed = parse(&bytes, &FileHint::default(), &ParseLimits::default()).unwrap();
    assert_eq!(parsed.title.as_deref(), Some("A title"));
    let metadata = parsed.metadata;
    assert_eq!(metadata.authors, ["Ann"]);
    assert_eq!(metadata.keywords, ["owl", "tit"]);
    assert_eq!(metadata.created.as_deref(), Some("2024-05-06T07:08:09Z"));
    assert_eq!(metadata.custom["lastModifiedBy"], "Bob");
    assert_eq!(metadata.custom["subject"], "Birds");
}
