//! XLSX: cells, merged cells, regions, what floats over them.

use super::*;

const STYLES: &str = "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='0.0%'/></numFmts>\
    <cellStyleXfs><xf numFmtId='9'/></cellStyleXfs>\
    <cellXfs><xf/><xf numFmtId='14'/><xf numFmtId='170'/><xf numFmtId='46'/></cellXfs>\
    </styleSheet>";

#[test]
fn cells_of_all_types() {
    let rows = "<row r='1'><c r='A1' t='s'><v>0</v></c><c t='s'><v>1</v></c></row>\
        <row><c t='b'><v>1</v></c><c t='e'><v>#SPILL!</v></c></row>\
        <row><c t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>\
        <c t='str'><f>A1&amp;B1</f><v>a &amp; b</v></c></row>\
        <row><c s='1'><v>45292</v></c><c s='2'><v>0.255</v></c></row>\
        <row><c s='3'><v>1.25</v></c><c><f>0.1+0.2</f><v>0.30000000000000004</v></c></row>\
        <row><c t='s'><v>99</v></c><c t='d'><v>2024-05-06T00:00:00</v></c></row>";
    let strings = "<sst uniqueCount='99999999999999'><si><t>x_x000A_y _x41 _x</t></si>\
        <si><r><t>漢字</t></r><rPh><t>kanji</t></rPh></si></sst>";
    let more = [("xl/styles.xml", STYLES), ("xl/sharedStrings.xml", strings)];
    check(
        &workbook(rows, "", &more),
        "| x y _x41 _x | 漢字 |\n| - | - |\n| TRUE | #SPILL! |\n| inline | a & b |\n\
         | 2024-01-01 | 25.5% |\n| 30:00:00 | 0.3 |\n|  | 2024-05-06 |",
    );
}

fn number(place: &str) -> String {
    format!("<c r='{place}'><v>1</v></c>")
}

#[test]
fn regions_part_at_blank_rows_and_columns() {
    let cells = ["A1", "B1", "D1", "A2", "B2", "D2", "C3", "A5", "C6"].map(number).concat();
    let parsed = read(&workbook(&cells, "", &[]));
    assert_eq!(areas(&parsed), ["One!A1:B2", "One!D1:D2", "One!C3", "One!A5", "One!C6"]);
    // A blank cell inside parts nothing, and neither do rectangles that overlap.
    let cells = ["A1", "B1", "C1", "A2", "A3", "C3", "E2", "E3", "F3"].map(number).concat();
    assert_eq!(areas(&read(&workbook(&cells, "", &[]))), ["One!A1:C3", "One!E2:F3"]);
}

#[test]
fn the_last_cell_of_a_sheet_costs_nothing() {
    let cells = number("XFD1048576") + &number("A1") + &number("XFE1") + &number("A1048577");
    assert_eq!(areas(&read(&workbook(&cells, "", &[]))), ["One!A1", "One!XFD1048576"]);
}

#[test]
fn merged_cells_are_repeated() {
    let text = |place: &str| format!("<c r='{place}' t='str'><v>{place}</v></c>");
    let cells = ["A1", "B1", "B2", "C2", "A3", "B3", "C3"].map(text).concat();
    let after = "<mergeCells><mergeCell ref='A1:A2'/><mergeCell ref='B1:C1'/>\
        <mergeCell ref='C3:XFD1048576'/><mergeCell ref='Q9:R9'/></mergeCells>";
    let bytes = workbook(&cells, after, &[]);
    check(&bytes, "| A1 | B1 | B1 |\n| - | - | - |\n| A1 | B2 | C2 |\n| A3 | B3 | C3 |");
    assert_eq!(tables(&read(&bytes))[0].header_rows, 2);
}

#[test]
fn links_and_comments_and_titles() {
    let rows = "<c r='B2' t='str'><v>site</v></c><c r='C2' t='str'><v>here</v></c>";
    let after = "<hyperlinks><hyperlink ref='B2' r:id='l1'/><hyperlink ref='C2' location='A1'/>\
        </hyperlinks>";
    let more = [
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            "<Relationships><Relationship Id='l1' Type='x/hyperlink' TargetMode='External' \
             Target='https://example.org/?a&amp;b'/>\
             <Relationship Id='c1' Type='x/comments' Target='../comments1.xml'/></Relationships>",
        ),
        (
            "xl/comments1.xml",
            "<comments><commentList><comment ref='B2'><text><r><t>Look </t></r><r><t>there</t></r>\
             </text></comment></commentList></comments>",
        ),
        ("docProps/core.xml", "<p><dc:title>The title</dc:title></p>"),
    ];
    let bytes = workbook(rows, after, &more);
    check(&bytes, "| [site](https://example.org/?a&b) | here |\n| - | - |\n\nLook there");
    let parsed = read(&bytes);
    assert_eq!(parsed.media_type, MediaType::Xlsx);
    assert_eq!(parsed.title.as_deref(), Some("The title"));
    let origin = Origin::Cells { sheet: "One".into(), range: "B2".into() };
    assert_eq!(parsed.blocks.last().unwrap().origin, Some(origin));
}

#[test]
fn charts_stand_between_the_tables() {
    let rows = number("A1") + &number("A9");
    let more = [
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            "<Relationships><Relationship Id='d' Type='x/drawing' Target='../drawings/d.xml'/>\
             </Relationships>",
        ),
        (
            "xl/drawings/_rels/d.xml.rels",
            "<Relationships><Relationship Id='c' Type='x/chart' Target='/xl/charts/c.xml'/>\
             </Relationships>",
        ),
        (
            "xl/drawings/d.xml",
            "<wsDr><oneCellAnchor><from><col>1</col><row>4</row></from><graphicFrame>\
             <c:chart r:id='c'/></graphicFrame></oneCellAnchor><xdr:twoCellAnchor><xdr:from>\
             <xdr:col>0</xdr:col><xdr:row>20</xdr:row></xdr:from><xdr:sp><a:p><a:r><a:t>In a box\
             </a:t></a:r></a:p></xdr:sp></xdr:twoCellAnchor></wsDr>",
        ),
        (
            "xl/charts/c.xml",
            "<chartSpace><chart><title><a:t>Ducks</a:t></title><pieChart><ser><tx><pt idx='0'><v>n</v></pt></tx>\
             <cat><pt idx='0'><v>wild</v></pt></cat><val><pt idx='0'><v>7</v></pt></val></ser>\
             </pieChart></chart></chartSpace>",
        ),
    ];
    let expected = "| 1 |\n| - |\n\nDucks\n\nPie chart\n\n|  | n |\n| - | - |\n| wild | 7 |\n\n\
        <!-- image -->\n\n| 1 |\n| - |\n\nIn a box";
    check(&workbook(&rows, "", &more), expected);
}

#[test]
fn hidden_sheets_are_left_out() {
    let book = "<x:workbook><x:sheets><x:sheet name='A' state='hidden' r:id='r1'/>\
        <x:sheet name='B' r:id='r1'/></x:sheets></x:workbook>";
    let bytes = workbook(&number("A1"), "", &[("xl/workbook.xml", book)]);
    assert_eq!(to_markdown(&read(&bytes)), "## B\n\n| 1 |\n| - |");
}
