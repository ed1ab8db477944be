//! PPTX made for the test.

use std::io::{Cursor, Write};

use assay_core::ParseLimits;
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{BlockKind, FileHint, MediaType, ParseError, Parsed, ProblemCode, parse, to_markdown};

const LAYOUT: &str = "<p:sldLayout><p:cSld><p:spTree>\
    <p:sp><p:nvSpPr><p:nvPr><p:ph idx='1'/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm>\
    <a:off x='0' y='500'/><a:ext cx='900' cy='300'/></a:xfrm></p:spPr></p:sp>\
    </p:spTree></p:cSld></p:sldLayout>";
const MASTER: &str = "<p:sldMaster><p:cSld><p:spTree/></p:cSld><p:txStyles><p:bodyStyle>\
    <a:lvl1pPr><a:buChar char='x'/></a:lvl1pPr><a:lvl2pPr><a:buChar char='y'/></a:lvl2pPr>\
    </p:bodyStyle></p:txStyles></p:sldMaster>";

fn zip(parts: &[(String, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn relationships(entries: &[(&str, &str, &str)]) -> String {
    let entry = |(id, kind, target): &(&str, &str, &str)| {
        let mode = if target.contains("://") { " TargetMode='External'" } else { "" };
        format!("<Relationship Id='{id}' Type='http://x/{kind}' Target='{target}'{mode}/>")
    };
    format!("<Relationships>{}</Relationships>", entries.iter().map(entry).collect::<String>())
}

/// A deck of slides with these shapes, presented in the opposite order of their file names; `more`
/// adds parts.
fn deck(slides: &[&str], more: &[(&str, String)]) -> Vec<u8> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let count = slides.len();
    let ids: String = (0..count).map(|at| format!("<p:sldId r:id='s{at}'/>")).collect();
    let presentation = format!("<p:presentation><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>");
    parts.push(("ppt/presentation.xml".to_owned(), presentation));
    let names: Vec<(String, String)> = (0..count)
        .map(|at| (format!("s{at}"), format!("slides/slide{}.xml", count - at)))
        .collect();
    let entries: Vec<(&str, &str, &str)> =
        names.iter().map(|(id, name)| (id.as_str(), "slide", name.as_str())).collect();
    parts.push(("ppt/_rels/presentation.xml.rels".to_owned(), relationships(&entries)));
    for ((_, name), shapes) in names.iter().zip(slides) {
        let slide =
            format!("<p:sld show='0'><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>");
        parts.push((format!("ppt/{name}"), slide));
        let rels = format!("ppt/{}.rels", name.replace("slides/", "slides/_rels/"));
        let entries = [
            ("l", "slideLayout", "../slideLayouts/l.xml"),
            ("n", "notesSlide", "../notesSlides/n.xml"),
            ("c", "chart", "../charts/c.xml"),
            ("d", "diagramData", "../diagrams/d.xml"),
            ("i", "image", "../media/i.png"),
            ("u", "hyperlink", "https://example.org/"),
        ];
        parts.push((rels, relationships(&entries)));
    }
    parts.push(("ppt/slideLayouts/l.xml".to_owned(), LAYOUT.to_owned()));
    let to_master = relationships(&[("m", "slideMaster", "../slideMasters/m.xml")]);
    parts.push(("ppt/slideLayouts/_rels/l.xml.rels".to_owned(), to_master));
    parts.push(("ppt/slideMasters/m.xml".to_owned(), MASTER.to_owned()));
    parts.extend(more.iter().map(|(name, content)| ((*name).to_owned(), content.clone())));
    zip(&parts)
}

fn open(bytes: &[u8]) -> Parsed {
    parse(bytes, &FileHint::default(), &ParseLimits::default()).unwrap()
}

#[track_caller]
fn check(shapes: &str, expected: &str) {
    assert_eq!(to_markdown(&open(&deck(&[shapes], &[]))), expected);
}

fn paragraph(properties: &str, text: &str) -> String {
    format!("<a:p>{properties}<a:r><a:t>{text}</a:t></a:r></a:p>")
}

fn shape(placeholder: &str, place: &str, paragraphs: &str) -> String {
    format!(
        "<p:sp><p:nvSpPr><p:cNvPr/><p:nvPr>{placeholder}</p:nvPr></p:nvSpPr><p:spPr>{place}</p:spPr>\
         <p:txBody><a:lstStyle/>{paragraphs}</p:txBody></p:sp>"
    )
}

fn at(x: u32, y: u32) -> String {
    format!("<a:xfrm><a:off x='{x}' y='{y}'/><a:ext cx='100' cy='100'/></a:xfrm>")
}

fn frame(content: &str) -> String {
    format!(
        "<p:graphicFrame><p:nvGraphicFramePr><p:nvPr/></p:nvGraphicFramePr><a:graphic>\
         <a:graphicData>{content}</a:graphicData></a:graphic></p:graphicFrame>"
    )
}

#[test]
fn slides_come_in_the_order_of_the_presentation() {
    let title = |text| shape("<p:ph type='title'/>", "", &paragraph("", text));
    let core = "<cp:coreProperties><dc:title>Deck</dc:title></cp:coreProperties>".to_owned();
    let parsed = open(&deck(&[&title("One"), &title("Two")], &[("docProps/core.xml", core)]));
    assert_eq!(parsed.text, "One\n\nTwo");
    assert_eq!(parsed.blocks[1].kind, BlockKind::Heading { level: 1 });
    assert_eq!((parsed.blocks[1].page, parsed.pages), (Some(2), Some(2)));
    assert_eq!(parsed.title.as_deref(), Some("Deck"));
    assert_eq!(parsed.problems, []);
}

/// Charts hold their data as a workbook, at times without compression.
#[test]
fn a_workbook_inside_does_not_make_the_file_one() {
    let slide = shape("", "", &paragraph("", "xl/workbook.xml"));
    let mut parts = vec![("xl/inside".to_owned(), "PK xl/workbook.xml".to_owned())];
    parts.push(("ppt/presentation.xml".to_owned(), "<p:presentation/>".to_owned()));
    parts.push(("ppt/slides/slide1.xml".to_owned(), slide));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, content) in parts {
        zip.start_file(name, stored).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    let bytes = zip.finish().unwrap().into_inner();
    assert_eq!(open(&bytes).media_type, MediaType::Pptx);
}

#[test]
fn bullets_are_inherited_and_numbers_are_counted() {
    let number = |level| {
        format!("<a:pPr lvl='{level}'><a:buAutoNum type='alphaLcParenR' startAt='2'/></a:pPr>")
    };
    let paragraphs = [
        paragraph("", "bullet"),
        paragraph("<a:pPr lvl='1'/>", "deeper"),
        paragraph("<a:pPr><a:buNone/></a:pPr>", "plain"),
        paragraph(&number(0), "first"),
        paragraph(&number(1), "inner"),
        paragraph(&number(0), "second"),
        paragraph(&number(1), "inner anew"),
    ];
    let expected = "- bullet\n    - deeper\n\nplain\n\nb) first\n    b) inner\nc) second\n    \
                    b) inner anew";
    check(&shape("<p:ph idx='1'/>", "", &paragraphs.concat()), expected);
}

#[test]
fn shapes_are_read_by_their_place_and_titles_first() {
    let text = |text| paragraph("", text);
    let group = format!(
        "<p:grpSp><p:nvGrpSpPr><p:nvPr/></p:nvGrpSpPr><p:grpSpPr>{}</p:grpSpPr>{}{}</p:grpSp>",
        at(0, 900),
        shape("", &at(0, 700), &text("low in the group")),
        shape("", &at(0, 100), &text("high in the group")),
    );
    let shapes = [
        group,
        shape("<p:ph idx='1'/>", "", &text("middle, by its layout")),
        shape("", &at(0, 200), &text("top")),
        shape("<p:ph type='ctrTitle'/>", &at(0, 2000), &text("title")),
        shape("<p:ph type='sldNum'/>", &at(0, 3000), &text("7")),
    ];
    let parsed = open(&deck(&[&shapes.concat()], &[]));
    let expected = "title\n\ntop\n\nmiddle, by its layout\n\nhigh in the group\n\n\
                    low in the group\n\n7";
    assert_eq!(parsed.text, expected);
    assert_eq!(parsed.blocks[5].kind, BlockKind::PageFurniture);
}

#[test]
fn merged_cells_are_repeated() {
    let cell = |attributes: &str, text: &str| {
        format!("<a:tc {attributes}><a:txBody>{}</a:txBody></a:tc>", paragraph("", text))
    };
    let row = |cells: &[String]| format!("<a:tr>{}</a:tr>", cells.concat());
    let rows = [
        row(&[cell("gridSpan='2'", "a"), cell("hMerge='1'", ""), cell("", "b")]),
        row(&[cell("rowSpan='2'", "c"), cell("", "d"), cell("", "e")]),
        row(&[cell("vMerge='1'", ""), cell("", "f"), cell("", "g")]),
    ];
    let table = frame(&format!("<a:tbl>{}</a:tbl>", rows.concat()));
    check(&table, "| a | a | b |\n| - | - | - |\n| c | d | e |\n| c | f | g |");
}

#[test]
fn charts_diagrams_and_pictures_give_their_text() {
    let chart = "<c:chartSpace><c:title><a:t>Ducks</a:t></c:title><c:ser><c:tx><c:pt idx='0'><c:v>\
        n</c:v></c:pt></c:tx><c:cat><c:pt idx='0'><c:v>2020</c:v></c:pt></c:cat><c:val>\
        <c:pt idx='0'><c:v>5</c:v></c:pt></c:val></c:ser></c:chartSpace>";
    let point = |id: &str, text: &str| {
        format!("<dgm:pt modelId='{id}'><dgm:t>{}</dgm:t></dgm:pt>", paragraph("", text))
    };
    let link = |from: &str, to: &str, order: u32| {
        format!("<dgm:cxn srcId='{from}' destId='{to}' srcOrd='{order}'/>")
    };
    let diagram = format!(
        "<dgm:dataModel><dgm:ptLst><dgm:pt modelId='0' type='doc'/>{}{}{}</dgm:ptLst><dgm:cxnLst>\
         {}{}{}{}</dgm:cxnLst></dgm:dataModel>",
        point("1", "second"),
        point("2", "first"),
        point("3", "below"),
        link("0", "1", 1),
        link("0", "2", 0),
        link("2", "3", 0),
        link("3", "2", 0),
    );
    let picture = |alt: &str, id: &str| {
        format!(
            "<p:pic><p:nvPicPr><p:cNvPr descr='{alt}'/><p:nvPr/></p:nvPicPr><p:blipFill>\
             <a:blip r:embed='{id}'/></p:blipFill></p:pic>"
        )
    };
    let shapes = [
        frame("<c:chart r:id='c'/>"),
        frame("<dgm:relIds r:dm='d'/>"),
        picture("A duck", "i"),
        picture("duck.png", "i"),
        picture("duck.png", "gone"),
    ];
    let more = [
        ("ppt/charts/c.xml", chart.to_owned()),
        ("ppt/diagrams/d.xml", diagram),
        ("ppt/media/i.png", "x".to_owned()),
    ];
    let parsed = open(&deck(&[&shapes.concat()], &more));
    let expected = "Ducks\n\n|  | n |\n| - | - |\n| 2020 | 5 |\n\n<!-- image -->\n\n- first\n    \
                    - below\n- second\n\nA duck\n\n<!-- image -->\n\n<!-- image -->";
    assert_eq!(to_markdown(&parsed), expected);
    let problems: Vec<&str> = parsed.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(problems, ["a picture of slide 1 is missing"]);
}

#[test]
fn links_and_line_breaks_are_kept() {
    let run = "<a:r><a:rPr><a:hlinkClick r:id='u'/></a:rPr><a:t>here</a:t></a:r>";
    let shapes = shape("", "", &format!("<a:p><a:r><a:t>See </a:t></a:r>{run}<a:br/>{run}</a:p>"));
    let parsed = open(&deck(&[&shapes], &[]));
    assert_eq!(parsed.text, "See here\nhere");
    assert_eq!(parsed.links[0].range.of(&parsed.text), "here\nhere");
    assert_eq!(parsed.links[0].url, "https://example.org/");
}

#[test]
fn notes_are_quotes_behind_their_slide() {
    let note = shape("<p:ph type='body' idx='1'/>", "", &paragraph("", "said"));
    let number = shape("<p:ph type='sldNum'/>", "", &paragraph("", "1"));
    let notes = format!("<p:notes><p:cSld><p:spTree>{number}{note}</p:spTree></p:cSld></p:notes>");
    let slide = shape("", "", &paragraph("", "shown"));
    let parsed = open(&deck(&[&slide], &[("ppt/notesSlides/n.xml", notes)]));
    assert_eq!(parsed.text, "shown\n\nsaid");
    assert_eq!((&parsed.blocks[1].kind, parsed.blocks[1].page), (&BlockKind::Quote, Some(1)));
}

#[test]
fn a_missing_slide_and_a_limit_on_slides_are_problems() {
    let slide = shape("", "", &paragraph("", "text"));
    let parts = deck(&[&slide, &slide, &slide], &[]);
    let limits = ParseLimits { pages: 2, ..ParseLimits::default() };
    let parsed = parse(&parts, &FileHint::default(), &limits).unwrap();
    assert_eq!((parsed.text.as_str(), parsed.pages), ("text\n\ntext", Some(3)));
    assert_eq!(parsed.problems[0].code, ProblemCode::Limit);

    let ids = "<p:presentation><p:sldIdLst><p:sldId r:id='s'/></p:sldIdLst></p:presentation>";
    let rels = relationships(&[("s", "slide", "slides/slide1.xml")]);
    let parts = [
        ("ppt/presentation.xml".to_owned(), ids.to_owned()),
        ("ppt/_rels/presentation.xml.rels".to_owned(), rels),
    ];
    let parsed = open(&zip(&parts));
    assert_eq!(parsed.problems[0].message, "slide 1 is missing");
}

#[test]
fn hostile_decks_are_bounded() {
    let deep = open(&deck(&[&"<p:grpSp>".repeat(100_000)], &[]));
    assert_eq!(deep.problems[0].code, ProblemCode::Damaged);

    let limits = ParseLimits { unpacked_bytes: 1 << 16, ..ParseLimits::default() };
    let bomb = parse(&deck(&[&" ".repeat(1 << 20)], &[]), &FileHint::default(), &limits);
    assert!(matches!(bomb, Err(ParseError::TooLarge { .. })), "{bomb:?}");

    let cells = format!("<a:tc>{}</a:tc>", shape("", "", "")) + &"<a:tc hMerge='1'/>".repeat(2_000);
    let long = format!("<a:tc><a:txBody>{}</a:txBody></a:tc>", paragraph("", &"x".repeat(9_999)));
    let table = frame(&format!("<a:tbl><a:tr>{long}{cells}</a:tr></a:tbl>"));
    let limits = ParseLimits { text_bytes: 100_000, ..ParseLimits::default() };
    let parsed = parse(&deck(&[&table], &[]), &FileHint::default(), &limits).unwrap();
    assert!(parsed.text.len() <= 100_000);
}

#[test]
fn damage_never_panics() {
    let shapes = shape("<p:ph idx='1'/>", "", &paragraph("", "text").repeat(20));
    let whole = deck(&[&shapes, &shapes], &[]);
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
