//! Zip archives: lists, limits, names, and what is left out.

use std::io::{Cursor, Write};

use ::zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};
use assay_core::{Origin, ParseLimits};

use crate::{
    MediaType, ParseError, ProblemCode,
    format::archive::tests::{read, text, texts, unpacked},
};

/// An archive of files.
pub(crate) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        if name.ends_with('/') {
            writer.add_directory(*name, SimpleFileOptions::default()).unwrap();
            continue;
        }
        let is_small = content.len() < 16;
        let method = if is_small { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        let options = SimpleFileOptions::default().compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

pub(crate) fn sample() -> Vec<u8> {
    let long = "a line of text\n".repeat(20);
    zip(&[("a/", b""), ("a/one.txt", long.as_bytes()), ("two.md", b"# Two"), (".hidden", b"x")])
}

fn replaced(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    for at in 0..bytes.len() - from.len() {
        if bytes[at..].starts_with(from) {
            bytes[at..at + to.len()].copy_from_slice(to);
        }
    }
    bytes
}

#[test]
fn files_are_listed_and_unpacked() {
    let parsed = read(&sample(), "a.zip");
    assert_eq!(parsed.media_type, MediaType::Zip);
    assert_eq!(parsed.text, "a/one.txt\ntwo.md");
    assert_eq!(parsed.blocks[1].origin, Some(Origin::Part { path: "two.md".into() }));
    let files = texts(&sample(), "a.zip");
    assert_eq!(files[0], ("a/one.txt".into(), "a line of text\n".repeat(20)));
    assert_eq!(files[1], ("two.md".into(), "# Two".into()));
    assert_eq!(files.len(), 2);
}

#[test]
fn files_before_the_damage_are_kept() {
    let mut bytes = sample();
    let directory = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    bytes.truncate(directory - 3);
    let (list, problems) = text(&bytes, "a.zip");
    assert_eq!(list, "a/one.txt\ntwo.md");
    assert!(problems[0].starts_with("what follows was not read"), "{problems:?}");
    let members = unpacked(&bytes, "a.zip", &ParseLimits::default());
    assert_eq!(members[0].as_ref().unwrap().path, "a/one.txt");
    assert_eq!(members[1].as_ref().unwrap().bytes, b"# Two");
    assert!(matches!(members[2..], [Err(ParseError::Malformed { .. })]));
}

#[test]
fn an_office_file_inside_does_not_make_it_one() {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    writer.start_file("report.docx", stored).unwrap();
    writer.write_all(&zip(&[("word/document.xml", b"<w:document/>")])).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    assert_eq!(read(&bytes, "a.zip").text, "report.docx");
}

#[test]
fn unpacking_stops_at_the_limit() {
    let zeros = vec![0; 300_000];
    let bytes = zip(&[("a", b"x"), ("b", &zeros), ("c", &zeros), ("d", b"y")]);
    let limits = ParseLimits { unpacked_bytes: 400_000, ..ParseLimits::default() };
    let members = unpacked(&bytes, "a.zip", &limits);
    assert_eq!(members.len(), 3);
    assert!(matches!(members[2], Err(ParseError::TooLarge { limit: 400_000, .. })));
}

/// A small file is not let to unpack to hundreds of megabytes, whatever the limit.
#[test]
fn bombs_are_stopped_by_their_ratio() {
    let zeros = vec![0; 80 << 20];
    let bytes = zip(&[("bomb", &zeros)]);
    assert!(bytes.len() < 200_000);
    let members = unpacked(&bytes, "a.zip", &ParseLimits::default());
    assert!(matches!(members[0], Err(ParseError::TooLarge { .. })));
}

/// Entries that share one block of data, as in the bombs of Fifield: every entry of the directory
/// points to the first file.
#[test]
fn entries_that_overlap_count_each() {
    let zeros = vec![0; 100_000];
    let names: Vec<String> = (0..40).map(|number| format!("f{number:02}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &zeros[..])).collect();
    let mut bytes = zip(&files);
    let starts: Vec<usize> =
        (0..bytes.len() - 4).filter(|at| bytes[*at..].starts_with(b"PK\x01\x02")).collect();
    for start in starts {
        bytes[start + 42..start + 46].fill(0);
    }
    let limits = ParseLimits { unpacked_bytes: 1_000_000, ..ParseLimits::default() };
    let members = unpacked(&bytes, "a.zip", &limits);
    let total: usize = members.iter().flatten().map(|member| member.bytes.len()).sum();
    assert!(total <= 1_000_000, "{total}");
}

#[test]
fn encrypted_and_damaged_entries_are_told() {
    let mut bytes = zip(&[("a.txt", b"secret"), ("b.txt", b"open")]);
    for magic in [&b"PK\x03\x04"[..], b"PK\x01\x02"] {
        let at = bytes.windows(4).position(|window| window == magic).unwrap();
        let flags = if magic == b"PK\x03\x04" { 6 } else { 8 };
        bytes[at + flags] |= 1;
    }
    let members = unpacked(&bytes, "a.zip", &ParseLimits::default());
    assert_eq!(members[0], Err(ParseError::Encrypted));
    assert_eq!(members[1].as_ref().unwrap().bytes, b"open");
    let (list, problems) = text(&bytes, "a.zip");
    assert_eq!(list, "a.txt\nb.txt");
    assert_eq!(problems, ["`a.txt`: the file is encrypted"]);
    assert_eq!(read(&bytes, "a.zip").problems[0].code, ProblemCode::Damaged);

    let bytes = replaced(zip(&[("a.txt", b"first one"), ("b.txt", b"x")]), b"first", b"FIRST");
    let members = unpacked(&bytes, "a.zip", &ParseLimits::default());
    assert!(
        matches!(&members[0], Err(ParseError::Malformed { reason }) if reason.contains("a.txt"))
    );
    assert!(members[1].is_ok());
}

#[test]
fn names_of_other_encodings_are_read() {
    let check = |raw: &[u8], expected: &str| {
        let placeholder = "x".repeat(raw.len());
        let bytes = zip(&[(&placeholder, b"1")]);
        let bytes = replaced(bytes, placeholder.as_bytes(), raw);
        assert_eq!(read(&bytes, "a.zip").text, expected);
    };
    check("日本.txt".as_bytes(), "日本.txt");
    // Shift-JIS.
    check(b"\x93\xfa\x96{\x8c\xea\x82\xcc\x8e\x91\x97\xbf.txt", "日本語の資料.txt");
    // The code page of DOS.
    check(b"\x81bersicht.txt", "übersicht.txt");
}
