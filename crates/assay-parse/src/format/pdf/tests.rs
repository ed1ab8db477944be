//! Lines from glyphs, order of reading, and roles, on pages made for the test.

use std::ops::ControlFlow;

use assay_core::ParseLimits;

use super::{bidi, paragraph::push_line};
use crate::{
    BlockKind, FileHint, ParseError, Parsed, ProblemCode, page_images, parse, parse_watched,
};

/// A PDF of pages with text operators; `F1` is Helvetica.
fn pdf(pages: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|n| format!("{} 0 R", 4 + 2 * n)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for (number, page) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * number
        ));
        objects.push(format!("<< /Length {} >> stream\n{page}\nendstream", page.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let start = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for offset in offsets {
        file.push_str(&format!("{offset:010} 00000 n \n"));
    }
    file.push_str(&format!(
        "trailer << /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF",
        objects.len() + 1
    ));
    file.into_bytes()
}

/// Lines of text of one size, down from a place.
fn lines(x: u32, y: u32, size: u32, lines: &[&str]) -> String {
    let step = size + size / 5;
    let shown: Vec<String> = lines
        .iter()
        .zip(0..)
        .map(|(line, n)| format!("BT /F1 {size} Tf {x} {} Td ({line}) Tj ET", y - n * step))
        .collect();
    shown.join("\n")
}

fn read(bytes: &[u8]) -> Parsed {
    parse(bytes, &FileHint::default(), &ParseLimits::default()).unwrap()
}

fn texts(parsed: &Parsed) -> Vec<&str> {
    parsed.blocks.iter().map(|block| block.range.of(&parsed.text)).collect()
}

const LEFT: [&str; 4] = [
    "The left column has several full lines of",
    "text that are to be read one after another",
    "before anything of the other column, which",
    "stands beside it on the same base-",
];
const RIGHT: [&str; 4] = [
    "lines. The right column follows when all of",
    "the left one has been read, however near the",
    "lines of the two stand to each other on this",
    "page, and it ends here.",
];

#[test]
fn columns_are_read_one_after_the_other() {
    let page = format!("{}\n{}", lines(50, 700, 10, &LEFT), lines(320, 700, 10, &RIGHT));
    let parsed = read(&pdf(&[&page]));
    let text = texts(&parsed).join(" ");
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("read one after another before anything"), "{flat}");
    assert!(flat.contains("on the same baselines. The right column"), "{flat}");
    assert_eq!(parsed.pages, Some(1));
}

#[test]
fn size_makes_headings_and_boxes_have_their_origin_above() {
    let page = format!("{}\n{}", lines(50, 740, 20, &["A Heading"]), lines(50, 700, 10, &LEFT));
    let parsed = read(&pdf(&[&page]));
    assert_eq!(parsed.blocks[0].kind, BlockKind::Heading { level: 1 });
    assert_eq!(texts(&parsed)[0], "A Heading");
    let bbox = parsed.blocks[0].bbox.unwrap();
    assert!((bbox.x0 - 50.0).abs() < 1.0 && (40.0..60.0).contains(&bbox.y0), "{bbox:?}");
}

#[test]
fn repeated_heads_and_page_numbers_are_furniture() {
    let pages: Vec<String> = (1..=4)
        .map(|n| {
            let head = lines(50, 770, 8, &["Annual Report"]);
            let foot = lines(300, 20, 8, &[&format!("Page {n}")]);
            format!("{head}\n{}\n{foot}", lines(50, 600, 10, &RIGHT))
        })
        .collect();
    let parsed = read(&pdf(&pages.iter().map(String::as_str).collect::<Vec<_>>()));
    let furniture = parsed.blocks.iter().filter(|b| b.kind == BlockKind::PageFurniture);
    assert_eq!(furniture.count(), 8);
    // All of it stands behind the content, so that it parts no passage.
    assert!(parsed.blocks[..4].iter().all(|block| block.kind.is_content()));
}

#[test]
fn aligned_cells_are_a_table() {
    let column = |x, cells: &[&str]| lines(x, 500, 10, cells);
    let page = [
        column(50, &["Name", "Anna", "Bert"]),
        column(200, &["Age", "31", "45"]),
        column(350, &["Town", "Bern", "Rome"]),
    ]
    .join("\n");
    let parsed = read(&pdf(&[&page]));
    assert_eq!(texts(&parsed), ["Name | Age | Town\nAnna | 31 | Bern\nBert | 45 | Rome"]);
}

#[test]
fn ruling_lines_part_the_rows_of_a_table() {
    let column = |x, cells: &[&str]| lines(x, 500, 10, cells);
    let rules: String = [512, 497, 473, 449].map(|y| format!("50 {y} m 440 {y} l S ")).concat();
    let page = [
        column(50, &["Model", "OTSL", "HTML", "OTSL", "HTML"]),
        // Nearer than the columns of text may stand to each other.
        column(90, &["Score", "0.965", "0.969", "0.938", "0.952"]),
        column(400, &["Time", "2.73", "5.39", "1.97", "3.77"]),
        rules,
    ]
    .join("\n");
    let rows = "Model | Score | Time\nOTSL HTML | 0.965 0.969 | 2.73 5.39\n\
        OTSL HTML | 0.938 0.952 | 1.97 3.77";
    assert_eq!(texts(&read(&pdf(&[&page]))), [rows]);
}

/// Lines from point to point.
fn strokes(lines: &[[u32; 4]]) -> String {
    lines.iter().map(|[x0, y0, x1, y1]| format!("{x0} {y0} m {x1} {y1} l S\n")).collect()
}

#[test]
fn lines_around_cells_make_a_table() {
    // The first cell of the second row is two columns wide and holds two lines of text.
    let frame = [[50, 700, 350, 700], [50, 680, 350, 680], [50, 640, 350, 640]];
    let columns = [[50, 640, 50, 700], [350, 640, 350, 700], [150, 680, 150, 700]];
    // Drawn in pieces, one for each row.
    let pieces = [[250, 640, 250, 680], [250, 680, 250, 700]];
    let cells = [(60, 685, "A"), (160, 685, "B"), (260, 685, "C"), (260, 660, "D")];
    let cells: Vec<String> = cells.iter().map(|(x, y, text)| lines(*x, *y, 10, &[text])).collect();
    let page = format!(
        "{}{}{}{}\n{}\n{}",
        strokes(&frame),
        strokes(&columns),
        strokes(&pieces),
        lines(50, 750, 10, &["Before the table."]),
        cells.join("\n"),
        lines(60, 668, 10, &["One long", "text"])
    );
    let markdown = crate::to_markdown(&read(&pdf(&[&page])));
    assert_eq!(
        markdown,
        "Before the table.\n\n| A | B | C |\n| - | - | - |\n\
         | One long text | One long text | D |"
    );
}

#[test]
fn a_frame_around_text_is_no_table() {
    let frame =
        [[40, 720, 300, 720], [40, 640, 300, 640], [40, 640, 40, 720], [300, 640, 300, 720]];
    let page = format!("{}{}", strokes(&frame), lines(50, 700, 10, &LEFT));
    let parsed = read(&pdf(&[&page]));
    assert!(parsed.blocks.iter().all(|block| block.kind == BlockKind::Paragraph));
}

#[test]
fn numbers_are_neither_glued_nor_split() {
    let page = [
        lines(50, 700, 10, &["The total of 1 234,56 EUR and 3.5 % grew."]),
        lines(50, 600, 10, &["3960", "12", "7"]),
        lines(78, 600, 10, &["704", "5", "1 000,50"]),
    ]
    .join("\n");
    let parsed = read(&pdf(&[&page]));
    assert!(parsed.text.contains("The total of 1 234,56 EUR and 3.5 % grew."), "{}", parsed.text);
    let words: Vec<&str> = parsed.text.split([' ', '|', '\n']).collect();
    for word in ["3960", "704", "12", "5", "7", "000,50"] {
        assert!(words.contains(&word), "{word} in {}", parsed.text);
    }
}

#[test]
fn turned_pages_and_turned_text_are_read() {
    let whole = String::from_utf8(pdf(&[&lines(50, 700, 10, &LEFT)])).unwrap();
    let upright = texts(&read(whole.as_bytes())).concat();
    let turned = whole.replace("/Type /Page /Parent", "/Type /Page /Rotate 90 /Parent");
    assert_eq!(texts(&read(turned.as_bytes())).concat(), upright);
    let stamp = "BT /F1 10 Tf 0 1 -1 0 20 100 Tm (Stamped in March) Tj ET";
    let parsed = read(&pdf(&[&format!("{}\n{stamp}", lines(50, 700, 10, &LEFT))]));
    assert_eq!(*texts(&parsed).last().unwrap(), "Stamped in March");
}

#[test]
fn ligatures_are_spelled_out() {
    let page = "BT /F1 12 Tf 50 700 Td (o\\001ce and e\\002ort) Tj ET";
    let font = "/BaseFont /Helvetica /Encoding << /Type /Encoding /Differences [1 /ffi /ff] >>";
    let file = String::from_utf8(pdf(&[page])).unwrap().replace("/BaseFont /Helvetica", font);
    assert_eq!(texts(&read(file.as_bytes())), ["office and effort"]);
}

#[test]
fn damage_is_an_error_and_not_a_hang() {
    let loops = b"%PDF-1.4\n1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n\
        2 0 obj << /Type /Pages /Kids [2 0 R] /Count 1 >> endobj\ntrailer << /Root 1 0 R >>";
    let whole = pdf(&[&lines(50, 700, 10, &LEFT)]);
    for bytes in [&loops[..], b"%PDF-1.4\n", &whole[..150]] {
        let result = parse(bytes, &FileHint::default(), &ParseLimits::default());
        assert!(matches!(result, Err(ParseError::Malformed { .. })), "{result:?}");
    }
}

#[test]
fn a_page_without_its_content_is_a_problem() {
    let whole = String::from_utf8(pdf(&[&lines(50, 700, 10, &LEFT)])).unwrap();
    let broken = whole.replace("/Contents 5 0 R", "/Contents 9 0 R");
    let parsed = read(broken.as_bytes());
    assert!(parsed.text.is_empty());
    assert_eq!(parsed.problems[0].code, ProblemCode::Damaged);
    assert_eq!(parsed.problems[0].page, Some(1));
}

#[test]
fn pages_beyond_the_limit_are_a_problem() {
    let page = lines(50, 700, 10, &LEFT);
    let limits = ParseLimits { pages: 1, ..ParseLimits::default() };
    let parsed = parse(&pdf(&[&page, &page]), &FileHint::default(), &limits).unwrap();
    assert_eq!(parsed.pages, Some(2));
    assert_eq!(parsed.problems.len(), 1);
    assert!(parsed.blocks.iter().all(|block| block.page == Some(1)));
}

#[test]
fn words_parted_at_the_line_end_become_whole() {
    let check = |first: &str, second, expected| {
        let mut text = first.to_owned();
        push_line(&mut text, second);
        assert_eq!(text, expected);
    };
    check("infor-", "mation", "infor\u{ad}mation");
    check("state-of-the-", "art", "state-of-the-art");
    check("COVID-", "19", "COVID-19");
    check("one", "two", "one two");
    check("漢字", "仮名", "漢字仮名");
}

#[test]
fn a_hyphen_stays_where_the_document_writes_it_elsewhere() {
    let body = [
        "This is a well-",
        "known kind of infor-",
        "mation. Such a well-known",
        "thing is often found here.",
    ];
    let parsed = read(&pdf(&[&lines(50, 700, 10, &body)]));
    assert_eq!(
        texts(&parsed).concat(),
        "This is a well-known kind of information. Such a well-known thing is often found here."
    );
}

#[test]
fn notes_at_the_foot_do_not_part_a_paragraph() {
    let first = ["The measure was taken in the spring and then", "repeated every week until the"];
    let second = ["end of the year, when it had to stop.", "It has not been taken up since."];
    let pages = [
        format!(
            "{}\n{}",
            lines(50, 700, 10, &first),
            lines(50, 80, 7, &["1 See the report of the year before."])
        ),
        lines(50, 700, 10, &second),
    ];
    let parsed = read(&pdf(&[&pages[0], &pages[1]]));
    assert!(parsed.text.contains("every week until the end of the year"), "{}", parsed.text);
    let note = parsed.blocks.iter().find(|block| block.kind == BlockKind::Footnote).unwrap();
    assert_eq!(note.range.of(&parsed.text), "1 See the report of the year before.");
}

#[test]
fn right_to_left_lines_come_in_logical_order() {
    let check = |visual: &str, expected| {
        let glyphs: Vec<&str> = visual.split("").filter(|text| !text.is_empty()).collect();
        assert_eq!(bidi::logical(glyphs, false).concat(), expected);
    };
    check("plain", "plain");
    check("םולש", "שלום");
    check("2024 תנש", "שנת 2024");
    check("Rust תפשב", "בשפת Rust");
    check("the word םולש here", "the word שלום here");
}

#[test]
fn the_info_dictionary_is_metadata() {
    let file = String::from_utf8(pdf(&["BT /F1 12 Tf 50 700 Td (Text) Tj ET"])).unwrap();
    let info = "<< /Title (A title) /Author (Ann) /Subject (Birds) /Keywords (owl, tit) \
         /CreationDate (D:20240506070809+02'00') /ModDate (D:20240230) /Producer (Press) >>";
    let parsed = read(file.replace("/Root 1 0 R", &format!("/Root 1 0 R /Info {info}")).as_bytes());
    assert_eq!(parsed.title.as_deref(), Some("A title"));
    let metadata = parsed.metadata;
    assert_eq!(metadata.authors, ["Ann"]);
    assert_eq!(metadata.keywords, ["owl", "tit"]);
    assert_eq!(metadata.created.as_deref(), Some("2024-05-06T07:08:09+02:00"));
    assert_eq!(metadata.modified, None);
    assert_eq!(metadata.custom["subject"], "Birds");
    assert_eq!(metadata.custom["producer"], "Press");
}

#[test]
fn a_long_file_is_watched_and_stopped() {
    let text = ["Words of a page that takes its time to be read."; 60];
    let page = lines(50, 780, 10, &text);
    let file = pdf(&vec![page.as_str(); 1_000]);
    let mut seen = Vec::new();
    let stopped =
        parse_watched(&file, &FileHint::default(), &ParseLimits::default(), &mut |pages| {
            seen.extend(pages);
            if seen.len() < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
    assert_eq!(stopped.err(), Some(ParseError::Stopped));
    assert!(seen.iter().all(|pages| pages.total == 1_000 && pages.done < 1_000), "{seen:?}");
    assert!(seen[0].done <= seen[1].done, "{seen:?}");
}

#[test]
fn the_stated_language_of_a_short_file_is_taken() {
    let whole = String::from_utf8(pdf(&[&lines(50, 700, 10, &["Hamburg"])])).unwrap();
    let stated = whole.replace("/Type /Catalog", "/Type /Catalog /Lang (nl-BE)");
    assert_eq!(read(whole.as_bytes()).metadata.language, None);
    assert_eq!(read(stated.as_bytes()).metadata.language.as_deref(), Some("nl"));
}

#[test]
fn pages_are_drawn_as_pictures_one_by_one() {
    let file = pdf(&["", &lines(50, 700, 40, &["Words"])]);
    let limits = ParseLimits::default();
    let images = page_images(&file, &FileHint::default(), &limits, &[2, 1, 3]).unwrap();
    let images: Vec<_> = images.collect();
    let drawn = images[0].as_ref().unwrap();
    assert_eq!((drawn.page, drawn.width, drawn.height), (2, 1666, 2222));
    let dark: Vec<usize> = (0..drawn.pixels.len()).filter(|at| drawn.pixels[*at] < 100).collect();
    let rows: Vec<usize> = dark.iter().map(|at| at / 1666).collect();
    // The text stands 100 points below the upper edge: at 200 dots per inch, 278 pixels.
    let (first, last) = (rows[0], rows[rows.len() - 1]);
    assert!((180..280).contains(&first) && (270..300).contains(&last), "{first} {last}");
    assert!(images[1].as_ref().unwrap().pixels.iter().all(|pixel| *pixel == 255));
    assert!(images[2].is_err(), "there are two pages");
    assert!(page_images(b"text", &FileHint::default(), &limits, &[1]).is_err());
}

#[test]
fn pages_of_shapes_or_pictures_with_a_stamp_are_to_be_read() {
    let shapes = "10 10 5 5 re f ".repeat(60);
    let picture = "q 600 0 0 800 0 0 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \u{1} EI Q";
    let stamp = format!("{picture} {}", lines(50, 20, 8, &["Received 3 May"]));
    let text = format!("{picture} {}", lines(50, 700, 10, &LEFT));
    let blank = "10 10 m 50 10 l S";
    let parsed = read(&pdf(&[&shapes, &stamp, &text, blank]));
    assert_eq!(parsed.pages_to_read(), [1, 2]);
    let problems: Vec<_> = parsed.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(problems, [ProblemCode::NoText, ProblemCode::NoText]);
}
