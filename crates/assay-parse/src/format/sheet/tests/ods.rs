//! ODS.

use super::*;

const MIME: (&str, &str) = ("mimetype", "application/vnd.oasis.opendocument.spreadsheet");

fn document(tables: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:automatic-styles><style:style style:name='h'>\
         <style:table-properties table:display='false'/></style:style></office:automatic-styles>\
         <office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>\
         </office:document-content>"
    );
    let meta = "<office:meta><dc:title>Costs</dc:title></office:meta>";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in [MIME, ("meta.xml", meta), ("content.xml", content.as_str())] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub(super) fn table(rows: &str) -> Vec<u8> {
    document(&format!("<table:table table:name='One'>{rows}</table:table>"))
}

pub(super) fn text(text: &str) -> String {
    format!(
        "<table:table-cell office:value-type='string'><text:p>{text}</text:p></table:table-cell>"
    )
}

#[test]
fn cells_of_all_types() {
    let value = |kind: &str, name: &str, value: &str, shown: &str| {
        format!(
            "<table:table-cell office:value-type='{kind}' office:{name}='{value}'>\
             <text:p>{shown}</text:p></table:table-cell>"
        )
    };
    let rows = [
        text("a &amp; b<text:s text:c='3'/><text:span>c</text:span></text:p><text:p>d"),
        value("float", "value", "0.30000000000000004", "0,3"),
        value("percentage", "value", "0.5", "50 %"),
        value("currency", "value", "12.5", "12,50 €"),
        value("date", "date-value", "2024-01-01", "01.01.24"),
        value("time", "time-value", "PT01H02M03S", "01:02"),
        value("boolean", "boolean-value", "true", "WAHR"),
        value("float", "value", "0", "#DIV/0!"),
    ];
    let rows = rows.map(|cell| format!("<table:table-row>{cell}</table:table-row>")).concat();
    let bytes = table(&rows);
    let expected = ["a & b   c d", "0.3", "50 %", "12,50 €", "2024-01-01", "1:02:03", "TRUE"];
    assert_eq!(read(&bytes).text, format!("One\n\n{}\n#DIV/0!", expected.join("\n")));
    assert_eq!(read(&bytes).media_type, MediaType::Ods);
    assert_eq!(read(&bytes).title.as_deref(), Some("Costs"));
}

#[test]
fn repeated_and_merged_cells() {
    let rows = format!(
        "<table:table-row table:number-rows-repeated='2'><table:table-cell \
         table:number-columns-repeated='2'/>{}<table:table-cell table:number-columns-repeated='2' \
         office:value-type='float' office:value='7'/><table:table-cell \
         table:number-columns-repeated='16379'/></table:table-row>\
         <table:table-row><table:table-cell table:number-columns-repeated='2'/>\
         <table:table-cell table:number-columns-spanned='2' office:value-type='string'>\
         <text:p>wide</text:p></table:table-cell><table:covered-table-cell/>{}</table:table-row>\
         <table:table-row table:number-rows-repeated='1048573'><table:table-cell \
         table:number-columns-repeated='16384'/></table:table-row>",
        text("x"),
        text("y"),
    );
    let bytes = table(&rows);
    check(&bytes, "| x | 7 | 7 |\n| - | - | - |\n| x | 7 | 7 |\n| wide | wide | y |");
    assert_eq!(areas(&read(&bytes)), ["One!C1:E3"]);
}

#[test]
fn links_notes_and_hidden_sheets() {
    let cell = "<table:table-cell office:value-type='string'><office:annotation><text:p>A note\
        </text:p></office:annotation><text:p><text:a xlink:href='https://example.org/'>site\
        </text:a></text:p></table:table-cell>";
    let sheet = |name: &str, style: &str| {
        format!(
            "<table:table table:name='{name}' table:style-name='{style}'>\
             <table:table-row>{cell}</table:table-row></table:table>"
        )
    };
    let bytes = document(&(sheet("Two", "h") + &sheet("One", "o")));
    check(&bytes, "| [site](https://example.org/) |\n| - |\n\nA note");
}

#[test]
fn encrypted_files_say_so() {
    let manifest = "<m><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></m>";
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in [MIME, ("META-INF/manifest.xml", manifest), ("content.xml", "x")] {
        zip.start_file(name, stored).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    let refused = parse(&bytes, &FileHint::default(), &ParseLimits::default());
    assert_eq!(refused, Err(ParseError::Encrypted));
}

#[test]
fn a_few_words_do_not_become_millions_of_cells() {
    let cell = "<table:table-cell table:number-columns-repeated='16384' \
        office:value-type='string'><text:p>x<text:s text:c='4000000000'/>y</text:p>\
        </table:table-cell>";
    let row =
        format!("<table:table-row table:number-rows-repeated='1048576'>{cell}</table:table-row>");
    let limits = ParseLimits { text_bytes: 1 << 20, ..ParseLimits::default() };
    let parsed = parse(&table(&row), &FileHint::default(), &limits).unwrap();
    assert!(parsed.text.len() <= 1 << 20);
    assert_eq!(parsed.problems.len(), 1);
}
