//! Recognised lines beside the text of other pages.

use assay_core::{PageBox, TextRange};
use proptest::prelude::*;

use super::*;
use crate::{MediaType, Table};

/// A line whose text runs at this angle.
fn line(text: &str, x: f32, y: f32, degrees: f32) -> ReadLine {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let place = |u: f32, v: f32| [x + u * cos - v * sin, y + u * sin + v * cos];
    let width = 6.0 * text.len() as f32;
    let corners = [place(0.0, 0.0), place(width, 0.0), place(width, 14.0), place(0.0, 14.0)];
    ReadLine { text: text.to_owned(), corners, confidence: 0.97 }
}

fn block(parsed: &mut Parsed, kind: BlockKind, text: &str, page: u32) {
    if !parsed.text.is_empty() && !text.is_empty() {
        parsed.text.push_str("\n\n");
    }
    let start = parsed.text.len();
    parsed.text.push_str(text);
    let range = TextRange::new(start, parsed.text.len());
    parsed.blocks.push(Block { kind, range, page: Some(page), bbox: None, origin: None });
}

/// Three pages, of which the second is a picture.
fn document() -> Parsed {
    let mut parsed = Parsed {
        media_type: MediaType::Pdf,
        title: None,
        metadata: Default::default(),
        text: String::new(),
        blocks: Vec::new(),
        links: Vec::new(),
        pages: Some(3),
        problems: vec![
            Problem { code: ProblemCode::NoText, message: String::new(), page: Some(2) },
            Problem { code: ProblemCode::Damaged, message: String::new(), page: Some(2) },
        ],
    };
    block(&mut parsed, BlockKind::Paragraph, "Öne.", 1);
    block(&mut parsed, BlockKind::Picture, "", 2);
    block(&mut parsed, BlockKind::Paragraph, "stamp", 2);
    block(&mut parsed, BlockKind::Paragraph, "Three, linked.", 3);
    let start = parsed.blocks.last().unwrap().range.start as usize;
    let range = TextRange::new(start + 7, start + 13);
    parsed.links.push(Link { range, url: "x".to_owned() });
    let cells =
        vec![vec![TextRange::new(start + 16, start + 17), TextRange::new(start + 20, start + 21)]];
    let table = Table { header_rows: 1, rows: cells, ..Table::default() };
    block(&mut parsed, BlockKind::Table(table), "a | b", 3);
    block(&mut parsed, BlockKind::PageFurniture, "1", 1);
    parsed
}

fn texts(parsed: &Parsed) -> Vec<&str> {
    parsed.blocks.iter().map(|block| block.range.of(&parsed.text)).collect()
}

#[test]
fn lines_become_blocks_at_the_place_of_their_page() {
    let parsed = document();
    assert_eq!(parsed.pages_to_read(), [2]);
    let lines =
        [line("A scanned line of text", 50.0, 100.0, 0.0), line("goes on here.", 50.0, 117.0, 0.0)];
    let parsed = add_read_lines(parsed, 2, &lines);
    let expected =
        ["Öne.", "", "A scanned line of text goes on here.", "Three, linked.", "a | b", "1"];
    assert_eq!(texts(&parsed), expected);
    assert_eq!(parsed.links[0].range.of(&parsed.text), "linked");
    let BlockKind::Table(table) = &parsed.blocks[4].kind else { panic!("no table") };
    let cells: Vec<&str> = table.rows[0].iter().map(|cell| cell.of(&parsed.text)).collect();
    assert_eq!(cells, ["a", "b"]);
    let read = &parsed.blocks[2];
    assert_eq!(read.page, Some(2));
    let PageBox { x0, y0, x1, y1 } = read.bbox.unwrap();
    assert!((45.0..60.0).contains(&x0) && (95.0..110.0).contains(&y0), "{x0} {y0}");
    assert!((170.0..190.0).contains(&x1) && (120.0..135.0).contains(&y1), "{x1} {y1}");
    assert_eq!(parsed.pages_to_read(), Vec::<u32>::new());
    assert_eq!(parsed.problems.len(), 1, "the other problem of the page stays");
}

#[test]
fn skewed_and_turned_pages_read_alike() {
    let text = [
        "First line of the scan with words",
        "second line of the same paragraph",
        "and the third one ends it here.",
    ];
    for degrees in [0.0_f32, 2.0, -2.0, 90.0, 180.0, 270.0, 91.5] {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let lines: Vec<ReadLine> = text
            .iter()
            .zip([0_u8, 1, 2])
            .map(|(text, n)| {
                let down = 17.0 * f32::from(n);
                line(text, 400.0 - down * sin, 400.0 + down * cos, degrees)
            })
            .rev()
            .collect();
        let parsed = add_read_lines(document(), 2, &lines);
        assert_eq!(texts(&parsed)[2], text.join(" "), "at {degrees}");
        let bbox = parsed.blocks[2].bbox.unwrap();
        let (width, height) = (bbox.x1 - bbox.x0, bbox.y1 - bbox.y0);
        let is_turned = (45.0..135.0).contains(&(degrees % 180.0));
        assert_eq!(width < height, is_turned, "{width} {height} at {degrees}");
    }
}

#[test]
fn columns_are_read_one_after_the_other() {
    let left = [
        "the left column has words in",
        "full lines that stand beside",
        "those of the right column on",
        "every row of the whole page",
    ];
    let right = [
        "and the right column has its",
        "own lines which are to follow",
        "when the left one is read all",
        "the way down to its very end",
    ];
    let mut lines = Vec::new();
    for ((l, r), n) in left.iter().zip(right).zip(0_u8..) {
        let y = 100.0 + 17.0 * f32::from(n);
        lines.extend([line(l, 50.0, y, 0.0), line(r, 300.0, y, 0.0)]);
    }
    let parsed = add_read_lines(document(), 2, &lines);
    let text = format!("{} {}", left.join(" "), right.join(" "));
    assert_eq!(texts(&parsed)[2], text);
}

#[test]
fn little_confidence_is_a_problem_and_nothing_read_changes_nothing() {
    let doubtful = ReadLine { confidence: 0.6, ..line("smudged", 0.0, 0.0, 0.0) };
    let parsed = add_read_lines(document(), 2, &[doubtful]);
    let problem = parsed.problems.last().unwrap();
    assert_eq!((problem.code, problem.page), (ProblemCode::Doubtful, Some(2)));
    assert!(problem.message.contains("60 %"), "{}", problem.message);
    assert_eq!(add_read_lines(document(), 2, &[]), document());
}

proptest! {
    #[test]
    fn ranges_hold_for_any_lines(
        lines in prop::collection::vec(
            ("[a-zä•1. ]{0,20}", prop::array::uniform4(prop::array::uniform2(any::<f32>())), any::<f32>()),
            0..12,
        ),
        near in prop::collection::vec(("[a-zä•1. ]{0,20}", 0.0..600_f32, 0.0..800_f32, 0.0..360_f32), 0..12),
        pages in prop::collection::vec(0..5_u32, 1..4),
    ) {
        let wild = lines.into_iter().map(|(text, corners, confidence)| ReadLine { text, corners, confidence });
        let near = near.iter().map(|(text, x, y, degrees)| line(text, *x, *y, *degrees));
        let lines: Vec<ReadLine> = wild.chain(near).collect();
        let mut parsed = document();
        for page in pages {
            parsed = add_read_lines(parsed, page, &lines);
            let mut end = 0;
            for block in &parsed.blocks {
                prop_assert!(end <= block.range.start);
                prop_assert!(parsed.text.get(std::ops::Range::from(block.range)).is_some());
                let is_blank = block.range.of(&parsed.text).trim().is_empty();
                prop_assert!(!is_blank || block.kind == BlockKind::Picture);
                if let BlockKind::Table(table) = &block.kind {
                    for cell in table.rows.iter().flatten() {
                        prop_assert!(block.range.contains(*cell));
                    }
                }
                end = block.range.end;
            }
            for link in &parsed.links {
                prop_assert_eq!(link.range.of(&parsed.text), "linked");
            }
        }
    }
}
