//! ODT and ODP made for the test.

use std::io::{Cursor, Write};

use assay_core::ParseLimits;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{BlockKind, FileHint, ParseError, Parsed, ProblemCode, parse, to_markdown};

const STYLES: &str = "\
    <style:style style:name='Text_20_body' style:family='paragraph'/>\
    <style:style style:name='Mine' style:family='paragraph' style:parent-style-name='Title'/>\
    <style:style style:name='Preformatted_20_Text' style:family='paragraph'/>\
    <style:style style:name='Up' style:family='text'><style:text-properties \
    style:text-position='super 58%'/></style:style>\
    <text:list-style style:name='N'>\
    <text:list-level-style-number text:level='1' style:num-format='1' style:num-suffix='.'/>\
    <text:list-level-style-number text:level='2' style:num-format='a' style:num-suffix=')' \
    text:display-levels='2'/></text:list-style>\
    <text:list-style style:name='B'><text:list-level-style-bullet text:level='1'/>\
    <text:list-level-style-bullet text:level='2'/></text:list-style>\
    <text:list-style style:name='None'><text:list-level-style-number text:level='1' \
    style:num-format=''/></text:list-style>";

/// A package of a kind such as `text`, with this content of its body, and further parts.
fn package(kind: &str, body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("mimetype", stored).unwrap();
    zip.write_all(format!("application/vnd.oasis.opendocument.{kind}").as_bytes()).unwrap();
    let content = format!(
        "<office:document-content><office:automatic-styles>{STYLES}</office:automatic-styles>\
         <office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    );
    for (name, content) in [("content.xml", content.as_str())].iter().chain(more) {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn open(bytes: &[u8]) -> Parsed {
    parse(bytes, &FileHint::default(), &ParseLimits::default()).unwrap()
}

fn read(body: &str) -> Parsed {
    open(&package("text", body, &[]))
}

#[track_caller]
fn check(body: &str, expected: &str) {
    assert_eq!(to_markdown(&read(body)), expected);
}

fn p(text: &str) -> String {
    format!("<text:p>{text}</text:p>")
}

fn list(style: &str, items: &[&str]) -> String {
    let items: String =
        items.iter().map(|item| format!("<text:list-item>{item}</text:list-item>")).collect();
    format!("<text:list text:style-name='{style}'>{items}</text:list>")
}

#[test]
fn headings_titles_and_code_come_from_levels_and_styles() {
    let body = "<text:p text:style-name='Mine'>Title</text:p>\
        <text:h text:outline-level='2'>Head</text:h>\
        <text:p text:style-name='Preformatted_20_Text'>if x:</text:p>\
        <text:p text:style-name='Preformatted_20_Text'><text:s text:c='2'/>y</text:p>";
    check(body, "# Title\n\n### Head\n\n```\nif x:\n  y\n```");
}

#[test]
fn headings_are_numbered_by_the_outline() {
    let styles = "<office:document-styles><office:styles><text:outline-style>\
        <text:outline-level-style text:level='1' style:num-format='1'/>\
        <text:outline-level-style text:level='2' style:num-format='1' text:display-levels='2'/>\
        </text:outline-style></office:styles><office:master-styles><style:master-page>\
        <style:header><text:p>Head</text:p></style:header><style:footer><text:p>Foot</text:p>\
        </style:footer></style:master-page></office:master-styles></office:document-styles>";
    let head =
        |level: u8, text: &str| format!("<text:h text:outline-level='{level}'>{text}</text:h>");
    let body = [head(1, "A"), head(2, "B"), head(1, "C"), head(2, "D")].concat();
    let parsed = open(&package("text", &body, &[("styles.xml", styles)]));
    assert_eq!(parsed.text, "1 A\n\n1.1 B\n\n2 C\n\n2.1 D\n\nHead\n\nFoot");
    assert_eq!(parsed.blocks[5].kind, BlockKind::PageFurniture);
}

#[test]
fn lists_are_nested_and_counted() {
    let inner = format!("{}{}", p("two"), list("N", &[&p("inner"), &p("inner too")]));
    let bullets = format!("{}{}", p("three"), list("B", &[&p("bullet")]));
    let first = list("N", &[&p("one"), &inner, &bullets]);
    let resumed =
        list("N", &[&p("four")]).replace("<text:list ", "<text:list text:continue-list='x' ");
    let anew = list("N", &[&format!("{}{}", p("anew"), p("more of it"))]);
    let plain = list("None", &[&p("plain")]);
    let expected = "1. one\n2. two\n    2.a) inner\n    2.b) inner too\n3. three\n    - bullet\n\n\
                    between\n\n4. four\n1. anew\n\nmore of it\n\nplain";
    check(&[first, p("between"), resumed, anew, plain].concat(), expected);
}

#[test]
fn spanned_and_repeated_cells_are_written_out() {
    let cell = |attributes: &str, text: &str| {
        format!("<table:table-cell {attributes}>{}</table:table-cell>", p(text))
    };
    let covered = "<table:covered-table-cell/>";
    let row = |attributes: &str, cells: &str| {
        format!("<table:table-row {attributes}>{cells}</table:table-row>")
    };
    let spanned = "table:number-columns-spanned='2' table:number-rows-spanned='2'";
    let rows = [
        row("", &[&cell(spanned, "a"), covered, &cell("", "b")].concat()),
        row("", &format!("{}{}", covered.repeat(2), cell("", "c"))),
        row("table:number-rows-repeated='2'", &cell("table:number-columns-repeated='3'", "d")),
    ];
    let table = format!("<table:table>{}</table:table>", rows.concat());
    let expected = "| a | a | b |\n| - | - | - |\n| a | a | c |\n| d | d | d |\n| d | d | d |";
    check(&table, expected);
}

/// Covered cells have to be written, but some programs leave them out.
#[test]
fn covered_cells_may_be_left_out() {
    let rows = "<table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>a\
        </text:p></table:table-cell><table:table-cell table:number-rows-spanned='2'><text:p>b\
        </text:p></table:table-cell></table:table-row><table:table-row><table:table-cell>\
        <text:p>c</text:p></table:table-cell><table:table-cell><text:p>d</text:p>\
        </table:table-cell></table:table-row>";
    let expected = "| a | a | b |\n| - | - | - |\n| c | d | b |";
    check(&format!("<table:table>{rows}</table:table>"), expected);
}

#[test]
fn notes_links_and_raised_numbers_are_kept_and_deletions_are_not() {
    let body = "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone<text:note>\
        <text:note-citation>9</text:note-citation><text:note-body><text:p>gone</text:p>\
        </text:note-body></text:note></text:p></text:deletion></text:changed-region>\
        </text:tracked-changes><text:p>See  <text:a xlink:href='https://example.org/'>x</text:a>\
        <text:span text:style-name='Up'>2</text:span><text:note><text:note-citation>1\
        </text:note-citation><text:note-body><text:p>The note.</text:p></text:note-body>\
        </text:note> end<office:annotation><text:p>comment</text:p></office:annotation>.</text:p>";
    let parsed = read(body);
    assert_eq!(parsed.text, "See x^2[1] end.\n\n[1] The note.");
    assert_eq!(parsed.blocks[1].kind, BlockKind::Footnote);
    assert_eq!(parsed.links[0].range.of(&parsed.text), "x");
    assert_eq!(parsed.links[0].url, "https://example.org/");
}

#[test]
fn frames_hold_boxes_pictures_charts_and_formulas() {
    let frame = |content: &str| format!("<draw:frame>{content}</draw:frame>");
    let image = |name: &str, alt: &str| {
        frame(&format!("<draw:image xlink:href='{name}'/><svg:desc>{alt}</svg:desc>"))
    };
    let frames = [
        frame("<draw:text-box><text:p>boxed</text:p></draw:text-box>"),
        image("Pictures/a.png", "A duck"),
        image("Pictures/b.png", "b.png"),
        frame("<draw:object xlink:href='./O1'/><draw:image xlink:href='./Replacement'/>"),
        frame("<draw:object xlink:href='./O2'/>"),
    ];
    let chart = "<office:document-content><chart:chart><chart:title><text:p>Ducks</text:p>\
        </chart:title><table:table><table:table-row><table:table-cell><text:p>2020</text:p>\
        </table:table-cell><table:table-cell><text:p>5</text:p></table:table-cell>\
        </table:table-row></table:table></chart:chart></office:document-content>";
    let formula = "<math><semantics><mrow><mi>E</mi><mo>=</mo><msup><mi>c</mi><mn>2</mn></msup>\
        </mrow><annotation>E = c^2</annotation></semantics></math>";
    let more = [("Pictures/a.png", "x"), ("O1/content.xml", chart), ("O2/content.xml", formula)];
    let body = format!("<text:p>line{}</text:p>", frames.concat());
    let parsed = open(&package("text", &body, &more));
    let expected = "line\n\nboxed\n\nA duck\n\n<!-- image -->\n\nDucks\n\n| 2020 | 5 |\n| - | - |\n\n\
                    <!-- image -->\n\n$$E = c^{2}$$";
    assert_eq!(to_markdown(&parsed), expected);
    assert_eq!(parsed.problems[0].message, "the picture `Pictures/b.png` is missing");
}

#[test]
fn indexes_are_for_navigation() {
    let body = "<text:table-of-content><text:table-of-content-source><text:p>x</text:p>\
        </text:table-of-content-source><text:index-body><text:p>Chapter 1</text:p>\
        </text:index-body></text:table-of-content><text:p>text</text:p>";
    let parsed = read(body);
    assert_eq!(parsed.text, "Chapter 1\n\ntext");
    assert_eq!(parsed.blocks[0].kind, BlockKind::Navigation);
}

#[test]
fn slides_are_pages_with_notes() {
    let shape = |class: &str, y: u32, text: &str| {
        format!(
            "<draw:frame presentation:class='{class}' svg:x='1cm' svg:y='{y}cm' svg:width='9cm' \
             svg:height='1cm'><draw:text-box>{}</draw:text-box></draw:frame>",
            p(text)
        )
    };
    let notes = format!(
        "<presentation:notes><draw:page-thumbnail/>{}</presentation:notes>",
        shape("notes", 9, "said")
    );
    let shapes = [
        shape("page-number", 12, "1"),
        shape("", 8, "low"),
        shape("", 4, "high"),
        shape("title", 5, "Title"),
        notes,
    ];
    let page = |content: &str| format!("<draw:page>{content}</draw:page>");
    let body = page(&shapes.concat()) + &page("<draw:rect><text:p>second</text:p></draw:rect>");
    let meta = "<office:document-meta><office:meta><dc:title>Deck</dc:title></office:meta>\
        </office:document-meta>";
    let parsed = open(&package("presentation", &body, &[("meta.xml", meta)]));
    assert_eq!(parsed.text, "Title\n\nhigh\n\nlow\n\n1\n\nsaid\n\nsecond");
    assert_eq!(parsed.title.as_deref(), Some("Deck"));
    assert_eq!((parsed.pages, parsed.blocks[5].page), (Some(2), Some(2)));
    assert_eq!(parsed.blocks[0].kind, BlockKind::Heading { level: 1 });
    assert_eq!(parsed.blocks[3].kind, BlockKind::PageFurniture);
    assert_eq!(parsed.blocks[4].kind, BlockKind::Quote);
}

#[test]
fn encrypted_files_are_refused() {
    let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path='content.xml'>\
        <manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let bytes = package("text", "", &[("META-INF/manifest.xml", manifest)]);
    let refused = parse(&bytes, &FileHint::default(), &ParseLimits::default());
    assert_eq!(refused.err(), Some(ParseError::Encrypted));
}

#[test]
fn hostile_documents_are_bounded() {
    let parsed = read(&format!("{}{}", p("before"), "<text:section>".repeat(100_000)));
    assert_eq!(parsed.text, "before");
    assert_eq!(parsed.problems[0].code, ProblemCode::Damaged);

    let many = "table:number-columns-repeated='1000000' table:number-columns-spanned='1000000' \
        table:number-rows-spanned='1000000'";
    let row = format!(
        "<table:table-row table:number-rows-repeated='1000000'><table:table-cell {many}>{}\
         </table:table-cell></table:table-row>",
        p(&"x".repeat(100))
    );
    let table = format!("<table:table>{}</table:table>", row.repeat(50));
    let limits = ParseLimits { text_bytes: 1_000_000, ..ParseLimits::default() };
    let bytes = package("text", &table, &[]);
    let parsed = parse(&bytes, &FileHint::default(), &limits).unwrap();
    assert!(parsed.text.len() <= 1_000_000);

    let limits = ParseLimits { unpacked_bytes: 1 << 16, ..ParseLimits::default() };
    let bomb = package("text", &" ".repeat(1 << 20), &[]);
    let refused = parse(&bomb, &FileHint::default(), &limits);
    assert!(matches!(refused, Err(ParseError::TooLarge { .. })), "{refused:?}");

    let itself = "<text:p><draw:frame><draw:object xlink:href='.'/></draw:frame></text:p>";
    assert_eq!(read(itself).text, "");
}

#[test]
fn damage_never_panics() {
    let body = list("N", &[&p("one"), &p("two")]) + &p("text").repeat(20);
    let whole = package("text", &body, &[]);
    let read = |bytes: &[u8]| {
        let _ = parse(bytes, &FileHint::default(), &ParseLimits::default());
    };
    for cut in 1..20 {
        read(&whole[..whole.len() * cut / 20]);
    }
    let mut state = 7_u32;
    for _ in 0..200 {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let at = state as usize % bytes.len();
            bytes[at] = (state >> 24) as u8;
        }
        read(&bytes);
    }
}

#[test]
fn the_package_tells_of_the_document() {
    let meta = "<office:document-meta><office:meta><dc:title>T</dc:title>\
        <meta:initial-creator>Ann</meta:initial-creator><dc:creator>Bob</dc:creator>\
        <meta:creation-date>2020-01-02T03:04:05</meta:creation-date><dc:date>2021-01-02</dc:date>\
        <dc:language>de-AT</dc:language><meta:keyword>x</meta:keyword><meta:keyword>y</meta:keyword>\
        <meta:user-defined meta:name='Client'>C</meta:user-defined></office:meta>\
        </office:document-meta>";
    let parsed = open(&package("text", &p("Text."), &[("meta.xml", meta)]));
    assert_eq!(parsed.title.as_deref(), Some("T"));
    let metadata = parsed.metadata;
    assert_eq!(metadata.authors, ["Ann"]);
    assert_eq!(metadata.created.as_deref(), Some("2020-01-02T03:04:05"));
    assert_eq!(metadata.modified.as_deref(), Some("2021-01-02"));
    assert_eq!(metadata.language.as_deref(), Some("de"));
    assert_eq!(metadata.keywords, ["x", "y"]);
    let custom: Vec<_> = metadata.custom.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(custom, [("Client", "C"), ("lastModifiedBy", "Bob")]);
}
