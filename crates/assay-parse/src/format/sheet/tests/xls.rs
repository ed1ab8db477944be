//! XLS, its records written by hand.

use cfb::CompoundFile;

use super::*;

fn record(kind: u16, data: &[&[u8]]) -> Vec<u8> {
    let data = data.concat();
    let size = u16::try_from(data.len()).unwrap();
    [&kind.to_le_bytes()[..], &size.to_le_bytes(), &data].concat()
}

fn bof(kind: u16) -> Vec<u8> {
    record(0x0809, &[&0x0600_u16.to_le_bytes(), &kind.to_le_bytes(), &[0; 12]])
}

fn place(row: u16, column: u16, format: u16) -> Vec<u8> {
    [row, column, format].into_iter().flat_map(u16::to_le_bytes).collect()
}

fn number(row: u16, column: u16, format: u16, value: f64) -> Vec<u8> {
    record(0x0203, &[&place(row, column, format), &value.to_le_bytes()])
}

pub(super) fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
    let size = u16::try_from(text.len()).unwrap().to_le_bytes();
    record(0x0204, &[&place(row, column, 0), &size, &[0], text.as_bytes()])
}

/// A file with sheets of some records; each has a name and whether it is hidden.
pub(super) fn file(sheets: &[(&str, bool, Vec<u8>)]) -> Vec<u8> {
    let formats =
        [0_u16, 14].map(|format| record(0x00e0, &[&[0; 2], &format.to_le_bytes(), &[0; 16]]));
    let head = [bof(5), formats.concat()].concat();
    let bound_size: usize = sheets.iter().map(|(name, ..)| 12 + name.len()).sum();
    let mut start = head.len() + bound_size + 4;
    let (mut bound, mut bodies) = (Vec::new(), Vec::new());
    for (name, is_hidden, records) in sheets {
        let at = u32::try_from(start).unwrap().to_le_bytes();
        let size = u8::try_from(name.len()).unwrap();
        bound.extend(record(0x0085, &[&at, &[u8::from(*is_hidden), 0, size, 0], name.as_bytes()]));
        let body = [bof(0x10), records.clone(), record(0x000a, &[])].concat();
        start += body.len();
        bodies.extend(body);
    }
    let stream = [head, bound, record(0x000a, &[]), bodies].concat();
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

#[test]
fn cells_of_all_types() {
    let records = [
        label(1, 1, "Name"),
        label(1, 2, "Value"),
        label(2, 1, "sum"),
        number(2, 2, 0, 0.1 + 0.2),
        label(3, 1, "day"),
        number(3, 2, 1, 45_292.0),
        label(4, 1, "yes"),
        record(0x0205, &[&place(4, 2, 0), &[1, 0]]),
        record(0x0205, &[&place(5, 2, 0), &[7, 1]]),
        // Rows 5 to 6 of column 1 are merged.
        label(5, 1, "both"),
        number(6, 2, 0, 3.0),
        record(0x00e5, &[&[1, 0], &[5, 0, 6, 0, 1, 0, 1, 0]]),
    ];
    let hidden = label(0, 0, "x");
    let bytes = file(&[("Two", true, hidden), ("One", false, records.concat())]);
    check(
        &bytes,
        "| Name | Value |\n| - | - |\n| sum | 0.3 |\n| day | 2024-01-01 |\n| yes | TRUE |\n\
         | both | #DIV/0! |\n| both | 3 |",
    );
    let parsed = read(&bytes);
    assert_eq!((parsed.media_type, parsed.pages), (MediaType::Xls, None));
    assert_eq!(areas(&parsed), ["One!B2:C7"]);
}

#[test]
fn sheets_that_would_fill_the_memory_are_refused() {
    let far = |_| ("x", false, [label(0, 0, "a"), label(65_535, 255, "b")].concat());
    let bytes = file(&[0; 20].map(far));
    let refused = parse(&bytes, &FileHint::default(), &ParseLimits::default());
    assert!(matches!(refused, Err(ParseError::TooLarge { .. })), "{refused:?}");
    let stated = record(0x0200, &[&[0; 4], &[0xff; 4], &[0, 0, 0xff, 0, 0, 0]]);
    let refused =
        parse(&file(&[("x", false, stated)]), &FileHint::default(), &ParseLimits::default());
    assert!(matches!(refused, Err(ParseError::Malformed { .. })), "{refused:?}");
}
